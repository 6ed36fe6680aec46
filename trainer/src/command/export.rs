//! `trainer export`: from a checkpoint to an ONNX file and its card.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use candle_core::Device;
use clap::Args;
use prost::Message;
use trainer::durable_file;
use trainer::export::{Card, export, text_form};
use trainer::training::{Checkpoint, Round};

use super::Data;

/// Arguments of `trainer export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Checkpoint of a finished training
    checkpoint: PathBuf,
    /// The ONNX file to write; its card is written beside it, ending in .md
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print the graph in readable form
    #[arg(long)]
    text: bool,
    #[command(flatten)]
    data: Data,
}

impl Export {
    /// Evaluates the network on its round's test pairs and writes model and card.
    pub fn run(self) -> Result<()> {
        let checkpoint = Checkpoint::read(&self.checkpoint)?;
        if !checkpoint.is_finished() {
            let (done, all) = (checkpoint.epochs().len(), checkpoint.config().recipe.epochs);
            bail!(
                "{} stands at epoch {done} of {all}; finish it with `trainer train --resume`",
                self.checkpoint.display()
            );
        }
        let mnist = self.data.load()?;
        if mnist.training_images_sha256 != checkpoint.data_sha256() {
            bail!("{} was trained on other data; name them with --data", self.checkpoint.display());
        }
        let config = checkpoint.config();
        let comparator = checkpoint.comparator(&Device::Cpu)?;
        let card = Card::new(&checkpoint, Round::draw(config, &mnist)?.judge(&comparator)?);
        let model = export(&comparator, &card.metadata()?)?;
        let bytes = model.encode_to_vec();
        durable_file::write(&self.out, &bytes)?;
        durable_file::write(&self.out.with_extension("md"), card.page(&self.out, &bytes)?.as_bytes())?;
        if self.text {
            std::io::stdout().write_all(text_form(&model).as_bytes())?;
        }
        eprintln!("wrote {} ({} bytes) and its card", self.out.display(), bytes.len());
        Ok(())
    }
}
