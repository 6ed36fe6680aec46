//! Training: same seed, same bits; checkpoints that resume to the same bits; numbers that stay finite.

use std::path::Path;
use std::sync::LazyLock;

use augmentation::Augmentation;
use candle_core::Device;
use digits::drawn::DEVELOPMENT_SEED;
use metrics::Accuracy;
use mnist::{Mnist, PairSet, PairSets, default_folder};
use nets::export::Provenance;
use nets::network::DigitTower;
use nets::onnx::Storage;
use nets::training::{
    Checkpoint, EarlyStopping, Evaluation, Interrupt, NonFinite, Schedule, Shuffle, Training, TrainingConfig,
    no_digit_probabilities, outputs,
};
use study::experiment::named;
use study::model::non_digits::judged;

fn pairs(count: usize) -> PairSet {
    static MNIST: LazyLock<Mnist> = LazyLock::new(|| Mnist::load(&default_folder()).unwrap());
    PairSets::draw(&MNIST, count, 0).unwrap().training
}

fn short(name: &str, epochs: u32) -> TrainingConfig {
    let mut config = named(name).unwrap();
    config.recipe.epochs = epochs;
    config.pairs = 200;
    if let Some(drawn) = &mut config.recipe.drawn {
        (drawn.non_digits, drawn.forms, drawn.photos) = (300, 100, drawn.photos.min(52));
    }
    config.recipe.validation_pairs = config.recipe.validation_pairs.min(50);
    config
}

fn train(config: &TrainingConfig, pairs: &PairSet) -> Training {
    let mut training = Training::start(config, pairs, &Device::Cpu).unwrap();
    training.run(&Interrupt::never(), |_| {}).unwrap();
    training
}

/// Every parameter and buffer, bit by bit.
fn bits(training: &Training) -> Vec<(String, Vec<u32>)> {
    let parameters = training.comparator().parameters().iter();
    let values = parameters.map(|parameter| {
        let values: Vec<f32> = parameter.var.flatten_all().unwrap().to_vec1().unwrap();
        (parameter.name.clone(), values.into_iter().map(f32::to_bits).collect())
    });
    values.collect()
}

#[test]
fn the_same_seed_gives_the_same_bits_alone_and_beside_another_training() {
    let pairs = pairs(200);
    let config = short("report-a-headline", 2);
    let alone = bits(&train(&config, &pairs));
    let beside = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(|| bits(&train(&config, &pairs)))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(beside, [alone.clone(), alone.clone()]);
    assert_ne!(bits(&train(&TrainingConfig { seed: 1, ..config }, &pairs)), alone);
}

/// Trains four epochs at once, and two and two: several steps each, the last of an epoch with fewer pairs.
fn resumes_to_the_same_bits(name: &str) {
    let pairs = pairs(60);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let mut config = short(name, 4);
    (config.pairs, config.recipe.batch_size) = (pairs.len(), 25);
    config.recipe.validation_pairs = config.recipe.validation_pairs.min(20);
    config.recipe.swap_pairs = name == "target-only-score";
    let whole = train(&config, &pairs);
    let mut first_half = Training::start(&config, &pairs, &Device::Cpu).unwrap();
    (0..2).for_each(|_| _ = first_half.run_epoch().unwrap());
    Checkpoint::write(&first_half, "none", &path).unwrap();
    let mut resumed = Training::resume(&Checkpoint::read(&path).unwrap(), &pairs, &Device::Cpu).unwrap();
    resumed.run(&Interrupt::never(), |_| {}).unwrap();
    assert_eq!(bits(&resumed), bits(&whole), "{name}");
    assert_eq!(resumed.epochs(), whole.epochs(), "{name}");
}

#[test]
fn a_training_of_a_report_resumed_from_its_checkpoint_ends_with_the_same_bits() {
    ["report-a-headline", "report-a-mlp", "report-b-dropout"].into_iter().for_each(resumes_to_the_same_bits);
}

#[test]
fn a_training_of_leq_1000_resumed_from_its_checkpoint_ends_with_the_same_bits() {
    resumes_to_the_same_bits("leq-1000");
}

#[test]
fn a_training_of_leq_resumed_from_its_checkpoint_ends_with_the_same_bits() {
    resumes_to_the_same_bits("leq");
}

#[test]
fn a_training_of_scores_resumed_from_its_checkpoint_ends_with_the_same_bits() {
    resumes_to_the_same_bits("target-only-score");
}

#[test]
fn a_network_learns_to_tell_non_digits_and_still_reads_digits() {
    let pairs = pairs(1000);
    let mut config = short("front-teacher", 6);
    config.network = DigitTower { channels: [16, 16, 32, 32, 64], no_digit: true, ..DigitTower::default() }.spec();
    if let Some(drawn) = &mut config.recipe.drawn {
        drawn.non_digits = 2000;
    }
    config.recipe.batch_size = 25;
    let training = train(&config, &pairs);
    let kinds = judged(training.comparator(), &pairs, DEVELOPMENT_SEED, 4).unwrap();
    let refused: usize = kinds.iter().map(|kind| kind.refused).sum();
    let told = no_digit_probabilities(&outputs(training.comparator(), &pairs).unwrap()).unwrap().unwrap();
    let called = told.into_iter().filter(|&probability| digits::is_no_digit(probability)).count();
    assert!(refused > 2 * kinds.len() && called < 400, "{refused} of {} refused, {called} digits", 4 * kinds.len());
}

#[test]
fn no_digit_takes_the_output_the_drawings_and_the_loss() {
    for change in [
        (|config: &mut TrainingConfig| config.network.no_digit = false) as fn(&mut TrainingConfig),
        |config| config.recipe.drawn = None,
        |config| config.recipe.loss.no_digit = 0.0,
    ] {
        let mut config = short("front-teacher", 1);
        change(&mut config);
        assert!(config.check().is_err());
    }
}

#[test]
fn two_checkpoints_of_one_training_are_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let training = train(&short("report-a-mlp", 1), &pairs(200));
    let written = ["a", "b"].map(|name| {
        let path = folder.path().join(name);
        Checkpoint::write(&training, "none", &path).unwrap();
        std::fs::read(path).unwrap()
    });
    assert_eq!(written[0], written[1]);
}

#[test]
fn a_file_that_is_no_checkpoint_is_named() {
    let error = format!("{:#}", Checkpoint::read(Path::new(file!()).file_name().unwrap().as_ref()).unwrap_err());
    assert!(error.contains("training.rs"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    std::fs::write(&path, b"not a checkpoint").unwrap();
    let error = format!("{:#}", Checkpoint::read(&path).unwrap_err());
    assert!(error.contains("is not a checkpoint"), "{error}");
}

#[test]
fn a_training_that_leaves_the_finite_numbers_stops_and_names_step_and_layer() {
    let mut config = short("report-a-headline", 3);
    config.recipe.adam.learning_rate = 1e37;
    let mut training = Training::start(&config, &pairs(200), &Device::Cpu).unwrap();
    let error = training.run(&Interrupt::never(), |_| {}).unwrap_err();
    let found = error.downcast_ref::<NonFinite>().unwrap();
    assert!(found.step <= 3 && found.epoch <= 2, "{found}");
    let layers = ["tower.", "leq_head.", "digit_head."];
    assert!(layers.iter().any(|layer| found.culprit.contains(layer)), "{found}");
}

#[test]
fn an_interrupt_ends_the_training_after_the_epoch() {
    let interrupt = Interrupt::never();
    let mut training = Training::start(&short("report-a-mlp", 5), &pairs(200), &Device::Cpu).unwrap();
    training.run_epoch().unwrap();
    interrupt.ask();
    training.run(&interrupt, |_| {}).unwrap();
    assert_eq!(training.epochs().len(), 1);
    assert!(!training.is_finished());
}

#[test]
fn early_stopping_keeps_the_last_weights() {
    let mut config = short("report-b", 80);
    config.recipe.adam.learning_rate = 0.02;
    let pairs = pairs(200);
    let mut without = Training::start(&config, &pairs, &Device::Cpu).unwrap();
    config.recipe.early_stopping = Some(EarlyStopping { patience: 1 });
    let stopped = train(&config, &pairs);
    let losses: Vec<f64> = stopped.epochs().iter().map(|epoch| epoch.validation_loss.unwrap()).collect();
    let (last, falling) = losses.split_last().unwrap();
    assert!(losses.len() < 80, "the validation loss fell 80 times in a row");
    assert!(falling.is_sorted_by(|before, after| after < before) && last >= falling.last().unwrap(), "{losses:?}");
    // The same epochs without early stopping.
    (0..falling.len()).for_each(|_| _ = without.run_epoch().unwrap());
    let best = bits(&without);
    without.run_epoch().unwrap();
    assert_eq!(bits(&stopped), bits(&without));
    assert_ne!(bits(&stopped), best);
}

#[test]
fn schedules_change_the_learning_rate() {
    let mut config = short("report-a-mlp", 4);
    config.recipe.schedule = Schedule::Cosine { warm_up: 0.25, start: 0.1, end: 0.0 };
    let training = train(&config, &pairs(200));
    let rates: Vec<f64> = training.epochs().iter().map(|epoch| epoch.learning_rate).collect();
    assert!(rates[0] > rates[1] || rates[1] > rates[2], "{rates:?}");
    assert!(rates[3].abs() < 1e-9, "{rates:?}");
}

#[test]
fn recipes_that_do_not_fit_are_refused_before_any_work() {
    let refuse = |change: &dyn Fn(&mut TrainingConfig)| {
        let mut config = named("report-a-headline").unwrap();
        change(&mut config);
        config.check().unwrap_err().to_string()
    };
    assert!(refuse(&|config| config.recipe.batch_size = 0).contains("batch_size is 0"));
    assert!(refuse(&|config| config.recipe.validation_pairs = 1000).contains("none is left to train on"));
    assert!(
        refuse(&|config| config.recipe.early_stopping = Some(EarlyStopping { patience: 3 })).contains("validation")
    );
    assert!(refuse(&|config| config.recipe.loss.digits = 0.0).contains("set both or neither"));
    assert!(refuse(&|config| config.recipe.adam.learning_rate = f64::NAN).contains("learning_rate is NaN"));
    assert!(refuse(&|config| config.recipe.adam.weight_decay = -1.0).contains("weight_decay is -1"));
    let wide = Augmentation { thickness: 3.0, ..Augmentation::DIGITS };
    assert!(refuse(&|config| config.recipe.augmentation = Some(wide)).contains("augmentation.thickness is 3"));
    assert!(
        refuse(&|config| config.recipe.loss.leq = -1.0)
            .contains("loss.leq is -1, but it must be finite and at least 0")
    );
    assert!(refuse(&|config| config.recipe.loss.digits = f32::INFINITY).contains("loss.digits is inf"));
    let up = Schedule::Cosine { warm_up: 0.1, start: -5.0, end: 7.0 };
    assert!(refuse(&|config| config.recipe.schedule = up).contains("schedule.cosine.start is -5"));
    let over = Schedule::OneCycle { rise: 0.1, start: 0.1, end: f64::INFINITY };
    assert!(refuse(&|config| config.recipe.schedule = over).contains("schedule.one_cycle.end is inf"));
    assert!(refuse(&|config| config.recipe.batch_size = usize::MAX).contains("batch_size is"));
    assert!(refuse(&|config| config.pairs = usize::MAX).contains("pairs is"));
    let mut idle = named("target-only").unwrap();
    idle.recipe.loss.leq = 0.0;
    assert!(idle.check().unwrap_err().to_string().contains("nothing would be learned"));
    let mut unlabelled = named("target-only").unwrap();
    unlabelled.recipe.shuffle = Shuffle::DigitsEachEpoch;
    assert!(unlabelled.check().unwrap_err().to_string().contains("takes their labels"));
}

#[test]
fn validation_pairs_that_leave_none_of_a_smaller_set_are_refused() {
    let mut config = short("report-b", 1);
    config.recipe.validation_pairs = 50;
    let refused = Training::start(&config, &pairs(40), &Device::Cpu).unwrap_err().to_string();
    assert!(refused.contains("50 of 40 pairs are set aside for validation"), "{refused}");
}

/// Files written by one training are the same bytes whatever readings studies have come to add.
#[test]
fn a_model_file_says_what_its_outputs_get_right_and_no_reading_of_a_study() {
    let right = Accuracy { right: 9, all: 10 };
    let provenance = Provenance {
        config: named("report-a-headline").unwrap(),
        data_sha256: "0".repeat(64),
        test_is_mnist: true,
        data_folder: None,
        revision: "none".to_owned(),
        instructions: "none".to_owned(),
        parameters: 1,
        storage: Storage::Float32,
        temperature: 1.0,
        no_digit_shift: 0.0,
        test: Evaluation {
            learned_head: right,
            digit_posteriors: Some(right),
            most_likely_digits: Some(right),
            digits: Some(right),
            learned_head_digits_right: Some(right),
        },
    };
    let mnists = mnist::MNIST_SHA256SUMS.lines().find_map(|line| line.strip_suffix("  train-images-idx3-ubyte"));
    let of_mnist = Provenance { data_sha256: mnists.unwrap().to_owned(), ..provenance.clone() };
    let tested_elsewhere = Provenance { test_is_mnist: false, ..of_mnist.clone() };
    assert!(of_mnist.is_of_mnist() && of_mnist.data_author().ends_with("(MNIST)"));
    assert!(!tested_elsewhere.is_of_mnist() && tested_elsewhere.data_author().ends_with("tested on other data"));
    assert_eq!(tested_elsewhere.license(), of_mnist.license());
    assert!(provenance.data_author().starts_with("unknown data"));
    let metadata = provenance.metadata().unwrap();
    let (_, accuracy) = metadata.iter().find(|(key, _)| *key == digits::contract::metadata::ACCURACY).unwrap();
    let one = r#"{"right":9,"all":10}"#;
    assert_eq!(
        *accuracy,
        format!(r#"{{"learned_head":{one},"digit_posteriors":{one},"most_likely_digits":{one},"digits":{one}}}"#)
    );
}
