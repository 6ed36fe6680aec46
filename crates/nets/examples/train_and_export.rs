//! Trains a small network on 300 pairs of MNIST and writes it as an ONNX file, in seconds.
//!
//! ```sh
//! cargo run --release -p leq-nets --example train_and_export -- small.onnx
//! target/release/infer compare a.png b.png --model small.onnx
//! ```

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use candle_core::Device;
use mnist::{Mnist, PairSets};
use nets::export::{Provenance, export};
use nets::network::ConvNet;
use nets::onnx::Storage;
use nets::training::{Evaluation, Interrupt, Training, TrainingConfig, evaluate, instructions};
use prost::Message;

/// Number of training pairs and of test pairs.
const PAIRS: usize = 300;

/// Weight sharing and digit labels: the two ideas that help most.
fn config() -> Result<TrainingConfig> {
    let network =
        ConvNet { channels: [16, 32, 16], hidden: 64, weight_sharing: true, auxiliary: true, ..ConvNet::default() };
    let config = serde_json::json!({
        "name": "small",
        "network": network.spec(),
        "recipe": {
            "epochs": 10,
            "batch_size": 20,
            "shuffle": "each_epoch",
            "loss": { "leq": 1.0, "digits": 1.0 },
            "adam": { "learning_rate": 2e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8 },
        },
        "protocol": { "fixed": { "data_seed": 0 } },
        "pairs": PAIRS,
        "seed": 0,
    });
    Ok(serde_json::from_value(config)?)
}

/// Trains on pairs of the MNIST files in `data`, writes the network to `model`, and returns its accuracy on test pairs.
///
/// # Errors
/// If MNIST cannot be read or the file cannot be written.
pub fn train_and_export(data: &Path, model: &Path) -> Result<Evaluation> {
    let mnist = Mnist::load(data)?;
    let pairs = PairSets::draw(&mnist, PAIRS, 0)?;
    let mut training = Training::start(&config()?, &pairs.training, &Device::Cpu)?;
    training.run(&Interrupt::never(), |epoch| {
        println!("epoch {:2}: loss {:.3}, accuracy {:.1} %", epoch.epoch, epoch.loss, 100.0 * epoch.accuracy);
    })?;

    let comparator = training.comparator();
    let test = evaluate(comparator, &pairs.test)?;
    let provenance = Provenance {
        config: training.config().clone(),
        data_sha256: mnist.data_sha256(),
        test_is_mnist: mnist.sums.test_is_mnist(),
        data_folder: Some(data.to_owned()),
        revision: "an example".to_owned(),
        instructions: instructions().to_owned(),
        parameters: comparator.spec().parameter_count()?,
        storage: Storage::default(),
        temperature: comparator.temperature(),
        no_digit_shift: 0.0,
        test,
    };
    let exported = export(comparator, provenance.storage, &provenance.metadata()?)?;
    files::write(model, exported.encode_to_vec())?;
    Ok(test)
}

/// Runs the example; the model's path is the only argument.
///
/// # Errors
/// As [`train_and_export`], and if the argument is missing.
pub fn main() -> Result<()> {
    let model: PathBuf = std::env::args_os().nth(1).context("give the path of the file to write")?.into();
    let test = train_and_export(&mnist::default_folder(), &model)?;
    for (what, accuracy) in test.readings() {
        println!("{what}: {accuracy}");
    }
    println!("wrote {}", model.display());
    Ok(())
}
