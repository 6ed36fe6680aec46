//! How `leq`'s recipe was tried out: trains an experiment with changed settings on 50,000 of MNIST's training images, judges it
//! by the other 10,000 and by non-digits of development seeds. Prints one JSON object. MNIST's test split is not looked at.
//!
//! `cargo run --release -p leq-study --example choose_leq -- leq recipe.epochs=10 recipe.drawn.non_digits=8000`; a checkpoint in place
//! of an experiment's name is judged as it is.

use anyhow::{Context, Result};
use candle_core::Device;
use digits::drawn::DEVELOPMENT_SEED;
use metrics::Reliability;
use mnist::{Mnist, default_folder};
use nets::network::Comparator;
use nets::training::{
    Checkpoint, Interrupt, Round, Scope, Training, TrainingConfig, answers, evaluate, every_ordered_pair,
    no_digit_probabilities, outputs,
};
use study::experiment::Experiments;
use study::model::non_digits;
use study::model::{Drawing, drawn_accuracy};

fn main() -> Result<()> {
    // SAFETY: no other thread has started.
    unsafe { std::env::set_var("RAYON_NUM_THREADS", "1") };
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().context("name an experiment or a checkpoint")?;
    let settings: Vec<String> = arguments.collect();
    let mnist = Mnist::load(&default_folder())?;
    if name.ends_with(".safetensors") {
        let checkpoint = Checkpoint::read(name.as_ref())?;
        return judge(&checkpoint.comparator(&Device::Cpu)?, checkpoint.config(), &mnist, (&name, 0.0));
    }
    let start = std::time::Instant::now();
    let (training, config) = trained(&name, &settings, &mnist)?;
    let seconds = start.elapsed().as_secs_f64();
    judge(training.comparator(), &config, &mnist, (&format!("{name} {}", settings.join(" ")), seconds))
}

fn trained(name: &str, settings: &[String], mnist: &Mnist) -> Result<(Training, TrainingConfig)> {
    let mut experiment = Experiments::nearest().find(name)?;
    for setting in settings {
        let (key, value) = setting.split_once('=').context("settings are KEY=VALUE")?;
        experiment = experiment.with(key, value)?;
    }
    let config = experiment.config();
    let mut training = Training::start(&config, &Round::draw(&config, mnist)?.training, &Device::Cpu)?;
    training.run(&Interrupt::never(), |report| eprintln!("epoch {}: loss {:.5}", report.epoch, report.loss))?;
    Ok((training, config))
}

fn judge(comparator: &Comparator, config: &TrainingConfig, mnist: &Mnist, (text, seconds): (&str, f64)) -> Result<()> {
    let round = Round::draw(&TrainingConfig { scope: Scope::AllImages, ..config.clone() }, mnist)?;
    let outside = round.outside.as_ref().context("no image is left outside the training")?;
    let evaluation = evaluate(comparator, outside)?;
    let held_out = outputs(comparator, outside)?;
    let called: Vec<f32> = no_digit_probabilities(&held_out)?.context("the network does not tell non-digits")?;
    let above = |threshold: f32| called.iter().filter(|&&p| p >= threshold).count();
    let kinds = non_digits::judged(comparator, outside, DEVELOPMENT_SEED, 40)?;
    let sum = |of: &dyn Fn(&non_digits::KindJudgement) -> usize, unseen: bool| -> f64 {
        let kinds: Vec<_> = kinds.iter().filter(|kind| !unseen || !kind.in_training).collect();
        100.0 * kinds.iter().map(|kind| of(kind)).sum::<usize>() as f64
            / kinds.iter().map(|kind| kind.pairs).sum::<usize>() as f64
    };
    let drawn: Vec<(String, f64)> = Drawing::ALL
        .into_iter()
        .map(|drawing| {
            let few = outside.select(&(0..1000).collect::<Vec<_>>());
            let accuracy = drawn_accuracy(comparator, drawing, &few, &mnist.training)?;
            Ok((drawing.name(), 100.0 * accuracy.value()))
        })
        .collect::<Result<_>>()?;
    let worst: Vec<String> =
        kinds.iter().filter(|kind| kind.sure > 1).map(|kind| format!("{} {}", kind.kind, kind.sure)).collect();
    let row = serde_json::json!({
        "changes": text,
        "train_s": seconds.round(),
        "all_pairs": every_ordered_pair(comparator, outside)?.map(|pairs| 100.0 * pairs.value()),
        "pairs": 100.0 * evaluation.learned_head.value(),
        "digits": evaluation.digits.map(|accuracy| 100.0 * accuracy.value()),
        "ece": Reliability::of(&answers(comparator, outside)?).expected_calibration_error,
        "digits_called_no_digit": 100.0 * above(0.5) as f64 / called.len() as f64,
        "digits_at": [above(0.2), above(0.8), above(0.95)],
        "refused": sum(&|kind| kind.refused, false),
        "sure": sum(&|kind| kind.sure, false),
        "sure_unseen_kinds": sum(&|kind| kind.sure, true),
        "worst_kinds_of_40": worst,
        "drawn": drawn,
    });
    println!("{row}");
    Ok(())
}
