//! How `leq`'s network and recipe were chosen: trains on 50,000 of MNIST's training images, judges on the other 10,000 and
//! on non-digits of development seeds. Prints one JSON object a run. MNIST's test split is not looked at.
//!
//! `cargo run --release -p leq-study --example choose_leq -- '{"channels": [16, 24, 48, 64, 128], "epochs": 10}'`

use anyhow::{Context, Result};
use augmentation::Artefacts;
use augmentation::DrawnSettings;
use candle_core::Device;
use digits::drawn::DEVELOPMENT_SEED;
use metrics::Reliability;
use mnist::{Mnist, default_folder};
use nets::network::{Comparator, DigitTower};
use nets::training::{
    Checkpoint, Interrupt, Round, Training, answers, evaluate, every_ordered_pair, no_digit_probabilities, outputs,
};
use serde::{Deserialize, Serialize};
use study::model::non_digits;
use study::model::{Drawing, drawn_accuracy};

/// Training pairs: 50,000 images. The other 10,000 are held out.
const PAIRS: usize = 25_000;

/// What a run changes of the experiment `leq`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    channels: Option<[usize; 5]>,
    dropout: Option<f32>,
    epochs: Option<u32>,
    batch_size: Option<usize>,
    learning_rate: Option<f64>,
    muon_learning_rate: Option<f64>,
    label_smoothing: Option<f32>,
    every_pair: Option<f32>,
    no_digit: Option<f32>,
    drawn: Option<DrawnSettings>,
    artefacts: Option<Artefacts>,
    last_strength: Option<f32>,
    wind_down: Option<f32>,
    seed: Option<u64>,
}

fn main() -> Result<()> {
    // SAFETY: no other thread has started.
    unsafe { std::env::set_var("RAYON_NUM_THREADS", "1") };
    let text = std::env::args().nth(1).context("name the changes, as JSON")?;
    let changes: Changes = serde_json::from_str(&text)?;
    let mut config = study::experiment::named("leq-no-digit")?;
    config.pairs = PAIRS;
    if changes.channels.is_some() || changes.dropout.is_some() {
        let channels = changes.channels.context("name channels with dropout")?;
        let dropout = changes.dropout.context("name dropout with channels")?;
        config.network = DigitTower { channels, dropout, no_digit: true, ..DigitTower::default() }.spec();
    }
    let recipe = &mut config.recipe;
    recipe.epochs = changes.epochs.unwrap_or(recipe.epochs);
    recipe.batch_size = changes.batch_size.unwrap_or(recipe.batch_size);
    recipe.adam.learning_rate = changes.learning_rate.unwrap_or(recipe.adam.learning_rate);
    if let (Some(muon), Some(rate)) = (&mut recipe.muon, changes.muon_learning_rate) {
        muon.learning_rate = rate;
    }
    recipe.loss.label_smoothing = changes.label_smoothing.unwrap_or(recipe.loss.label_smoothing);
    recipe.loss.every_pair = changes.every_pair.unwrap_or(recipe.loss.every_pair);
    recipe.loss.no_digit = changes.no_digit.unwrap_or(recipe.loss.no_digit);
    recipe.drawn = changes.drawn.or(recipe.drawn);
    if let Some(augmentation) = &mut recipe.augmentation {
        augmentation.artefacts = changes.artefacts.or(augmentation.artefacts);
        augmentation.last_strength = changes.last_strength.unwrap_or(augmentation.last_strength);
        augmentation.wind_down = changes.wind_down.unwrap_or(augmentation.wind_down);
    }
    config.seed = changes.seed.unwrap_or(0);
    let mnist = Mnist::load(&default_folder())?;
    let round = Round::draw(&config, &mnist)?;
    let start = std::time::Instant::now();
    let mut training = Training::start(&config, &round.training, &Device::Cpu)?;
    training.run(&Interrupt::never(), |report| eprintln!("epoch {}: loss {:.5}", report.epoch, report.loss))?;
    let seconds = start.elapsed().as_secs_f64();
    if let Some(path) = std::env::args().nth(2) {
        Checkpoint::write(&training, &mnist.data_sha256(), path.as_ref())?;
    }
    judge(training.comparator(), &round, &mnist, &text, seconds)
}

fn judge(comparator: &Comparator, round: &Round, mnist: &Mnist, text: &str, seconds: f64) -> Result<()> {
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
        "changes": serde_json::from_str::<serde_json::Value>(text)?,
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
