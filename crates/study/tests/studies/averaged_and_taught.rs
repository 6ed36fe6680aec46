//! Averaged weights, and networks that teach others: what they change, and trainings that resume to the same bits.

use std::path::Path;
use std::sync::LazyLock;

use candle_core::{Device, Var};
use mnist::{Mnist, PairSet, PairSets, default_folder};
use nets::network::DigitTower;
use nets::training::{Checkpoint, EmaSettings, Interrupt, Scope, TeacherSettings, Training, TrainingConfig};
use study::experiment::named;

fn pairs(count: usize) -> PairSet {
    static MNIST: LazyLock<Mnist> = LazyLock::new(|| Mnist::load(&default_folder()).unwrap());
    PairSets::draw(&MNIST, count, 0).unwrap().training
}

fn short(name: &str, epochs: u32) -> TrainingConfig {
    let mut config = named(name).unwrap();
    (config.recipe.epochs, config.pairs) = (epochs, 200);
    config.recipe.validation_pairs = config.recipe.validation_pairs.min(50);
    config
}

fn train(config: &TrainingConfig, pairs: &PairSet) -> Training {
    let mut training = Training::start(config, pairs, &Device::Cpu).unwrap();
    training.run(&Interrupt::never(), |_| {}).unwrap();
    training
}

fn bits(var: &Var) -> Vec<u32> {
    var.flatten_all().unwrap().to_vec1::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
}

/// Every trained parameter, bit by bit.
fn trained(training: &Training) -> Vec<Vec<u32>> {
    training.comparator().parameters().trained.iter().map(|parameter| bits(&parameter.var)).collect()
}

/// Every running statistic, bit by bit.
fn statistics(training: &Training) -> Vec<Vec<u32>> {
    training.comparator().parameters().buffers.iter().map(|buffer| bits(&buffer.var)).collect()
}

/// Trains in one go, and with a break after half of the epochs; both end with the same bits.
fn trained_with_a_break(config: &TrainingConfig, pairs: &PairSet, path: &Path) -> Training {
    let whole = train(config, pairs);
    let mut first_half = Training::start(config, pairs, &Device::Cpu).unwrap();
    (0..config.recipe.epochs / 2).for_each(|_| _ = first_half.run_epoch().unwrap());
    Checkpoint::write(&first_half, "none", path).unwrap();
    let mut resumed = Training::resume(&Checkpoint::read(path).unwrap(), pairs, &Device::Cpu).unwrap();
    resumed.run(&Interrupt::never(), |_| {}).unwrap();
    assert_eq!(trained(&resumed), trained(&whole), "{}", config.name);
    assert_eq!(statistics(&resumed), statistics(&whole), "{}", config.name);
    assert_eq!(resumed.epochs(), whole.epochs(), "{}", config.name);
    whole
}

#[test]
fn a_finished_training_holds_averaged_weights_as_its_checkpoint_does() {
    let (pairs, folder) = (pairs(200), tempfile::tempdir().unwrap());
    let path = folder.path().join("checkpoint.safetensors");
    // Report B's watches a validation loss, which is that of the averaged weights.
    for name in ["leq-1000", "report-b-dropout"] {
        let mut config = short(name, 4);
        config.recipe.ema = Some(EmaSettings { half_life: 0.5 });
        let whole = trained_with_a_break(&config, &pairs, &path);
        Checkpoint::write(&whole, "none", &path).unwrap();
        let kept = Checkpoint::read(&path).unwrap().comparator(&Device::Cpu).unwrap();
        for (kept, trained) in kept.parameters().iter().zip(whole.comparator().parameters().iter()) {
            assert_eq!(bits(&kept.var), bits(&trained.var), "{}", kept.name);
        }
    }
}

#[test]
fn averaging_changes_no_step() {
    let pairs = pairs(200);
    let mut config = short("leq-1000", 3);
    let last = train(&config, &pairs);
    config.recipe.ema = Some(EmaSettings { half_life: 1.0 });
    let long = train(&config, &pairs);
    assert_eq!(long.epochs(), last.epochs());
    assert_ne!(trained(&long), trained(&last));
    config.recipe.ema = Some(EmaSettings { half_life: 1e-9 });
    let none = train(&config, &pairs);
    assert_eq!(trained(&none), trained(&last));
    assert_ne!(statistics(&none), statistics(&last), "they are computed anew");
}

#[test]
fn a_teacher_is_heard_and_stays_the_same_when_the_training_goes_on() {
    let (pairs, folder) = (pairs(200), tempfile::tempdir().unwrap());
    let [path, teacher] = ["checkpoint.safetensors", "teacher-0.safetensors"].map(|name| folder.path().join(name));
    Checkpoint::write(&train(&short("leq-1000", 2), &pairs), "none", &teacher).unwrap();
    let mut config = short("leq-1000", 4);
    config.network = DigitTower { channels: [8, 8, 16, 16, 32], ..DigitTower::default() }.spec();
    let alone = train(&config, &pairs);
    let files = vec![folder.path().join("teacher-{seed}.safetensors").display().to_string()];
    config.recipe.teacher = Some(TeacherSettings { files, ..TeacherSettings::default() });
    let taught = trained_with_a_break(&config, &pairs, &path);
    assert_ne!(trained(&taught), trained(&alone));
    Checkpoint::write(&train(&short("leq-1000", 1), &pairs), "none", &teacher).unwrap();
    let error = Training::resume(&Checkpoint::read(&path).unwrap(), &pairs, &Device::Cpu).unwrap_err();
    assert!(error.to_string().contains("the files of its teachers"), "{error}");
}

#[test]
fn who_may_have_seen_the_held_out_images_does_not_teach() {
    let (pairs, folder) = (pairs(200), tempfile::tempdir().unwrap());
    let [teacher, model] = ["teacher.safetensors", "model.onnx"].map(|name| folder.path().join(name));
    let taught_by = |path: &Path| {
        let mut config = short("leq-1000", 2);
        config.scope = Scope::HeldOut;
        let files = vec![path.display().to_string()];
        config.recipe.teacher = Some(TeacherSettings { files, ..TeacherSettings::default() });
        Training::start(&config, &pairs, &Device::Cpu).map_err(|error| format!("{error:#}"))
    };
    for (seed, seen, is_taught) in [(0, 200, true), (1, 200, false), (0, 300, false)] {
        let config = TrainingConfig { seed, pairs: seen, ..short("leq-1000", 1) };
        Checkpoint::write(&train(&config, &pairs), "none", &teacher).unwrap();
        match taught_by(&teacher) {
            Ok(_) => assert!(is_taught, "seed {seed}, {seen} pairs"),
            Err(error) => assert!(!is_taught && error.contains("held out here"), "{error}"),
        }
    }
    // What it knows of them by its own teacher counts too.
    let first = folder.path().join("first.safetensors");
    Checkpoint::write(&train(&short("leq-1000", 1), &pairs), "none", &first).unwrap();
    for (scope, is_taught) in [(Scope::AllImages, false), (Scope::HeldOut, true)] {
        let mut config = TrainingConfig { scope, ..short("leq-1000", 1) };
        let files = vec![first.display().to_string()];
        config.recipe.teacher = Some(TeacherSettings { files, ..TeacherSettings::default() });
        Checkpoint::write(&train(&config, &pairs), "none", &teacher).unwrap();
        match taught_by(&teacher) {
            Ok(_) => assert!(is_taught, "{scope:?}"),
            Err(error) => assert!(!is_taught && error.contains("its own teachers"), "{error}"),
        }
    }
    std::fs::write(&model, b"").unwrap();
    assert!(taught_by(&model).unwrap_err().contains("name a checkpoint"));
    assert!(taught_by(Path::new("nobody.safetensors")).unwrap_err().contains("cannot read the teacher"));
}

#[test]
fn a_teacher_of_nothing_is_refused() {
    let mut config = short("leq-1000", 1);
    config.recipe.teacher = Some(TeacherSettings::default());
    assert!(config.check().unwrap_err().to_string().contains("teacher.files is empty"));
    let mut config = short("report-a-headline", 1);
    config.recipe.teacher = Some(TeacherSettings { files: vec!["a".to_owned()], ..TeacherSettings::default() });
    assert!(config.check().unwrap_err().to_string().contains("teacher has no effect"));
    let mut config = short("leq-1000", 1);
    config.recipe.ema = Some(EmaSettings { half_life: 0.0 });
    assert!(config.check().unwrap_err().to_string().contains("ema.half_life is 0"));
}
