//! `trainer export`: writes a checkpoint as an ONNX file with its card, or checks that a file can be rebuilt.

use std::collections::HashMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candle_core::Device;
use candle_onnx::onnx::ModelProto;
use clap::{Args, ValueEnum};
use digits::contract::metadata as key;
use files::Places;
use mnist::{Mnist, Protocol};
use nets::export::{Provenance, export};
use nets::network::Comparator;
use nets::onnx::{Storage, rounded_to_8_bits, text_form};
use nets::training::{Checkpoint, Evaluation, Round, Scope, Training, TrainingConfig, instructions};
use prost::Message;
use study::model::{Card, is_card, judged, judged_on_test_pairs, sizes};

use super::follow::{EpochProgress, interrupt_on_ctrl_c};
use super::{Data, NotTheSame, Stopped, Usage, check, check_data, find};
use crate::say::{self, say};

/// Largest card that is read, in bytes.
const MAX_CARD_BYTES: u64 = 1 << 24;
/// Largest model that is read, in bytes: the largest network's weights and graph.
const MAX_MODEL_BYTES: u64 = 1 << 29;

/// Points of accuracy on test pairs by which one training may differ from itself where sums are rounded otherwise: more than
/// seeds differ.
const OF_ROUNDING: f64 = 3.0;

/// Arguments of `trainer export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Checkpoint of a finished training
    #[arg(required_unless_present = "check")]
    checkpoint: Option<PathBuf>,
    /// The ONNX file to write; its card is written beside it, ending in .md
    #[arg(long, value_name = "FILE", required_unless_present = "check")]
    out: Option<PathBuf>,
    /// Temperature that divides the digit logits, from `trainer calibrate`
    #[arg(long, value_name = "T", default_value_t = 1.0, value_parser = above_zero)]
    temperature: f32,
    /// What to add to the logit of "no digit", as `trainer calibrate` found
    #[arg(long, value_name = "SHIFT", default_value_t = 0.0, allow_negative_numbers = true, value_parser = finite)]
    no_digit_shift: f32,
    /// How to store weights
    #[arg(long, value_name = "FORM", default_value = "float32")]
    weights: Weights,
    /// Also measure the network on all test images and transformed digits, and write the results to this file
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Print the graph in readable form
    #[arg(long)]
    text: bool,
    /// Train the network of this model file again, as its metadata say, and fail with exit code 1 unless every byte is the
    /// same; on a machine that rounds otherwise, unless it is about as accurate
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["checkpoint", "out", "text", "temperature", "no_digit_shift", "weights", "record"])]
    check: Option<PathBuf>,
    /// Experiment to rebuild, if the model's metadata name none that exists
    #[arg(long, value_name = "NAME|FILE", requires = "check")]
    experiment: Option<String>,
    #[command(flatten)]
    data: Data,
}

fn above_zero(text: &str) -> Result<f32, String> {
    finite(text).ok().filter(|number| *number > 0.0).ok_or_else(|| "it must be a number above 0".to_owned())
}

fn finite(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number: &f32| number.is_finite());
    number.ok_or_else(|| "it must be a finite number".to_owned())
}

/// Forms of stored weights.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Weights {
    /// float32, as trained
    Float32,
    /// 8 bits per weight and a scale per output channel
    Uint8,
}

impl Export {
    /// Writes model, card and record, or checks a model.
    pub fn run(self) -> Result<()> {
        match (&self.check, &self.checkpoint, &self.out) {
            (Some(model), ..) => rebuild(model, self.experiment.as_deref(), &self.data.load()?),
            (None, Some(path), Some(out)) => {
                self.check_places(path, out)?;
                let checkpoint = Checkpoint::read(path)?;
                self.check_fit(&checkpoint, path)?;
                let mnist = self.data.load()?;
                check_data(path, checkpoint.data_sha256(), &mnist)?;
                self.write(&checkpoint, out, &mnist)
            }
            _ => bail!("name a checkpoint and --out, or a model with --check"),
        }
    }

    /// Refuses to replace the checkpoint, the data, an output by another, or a page that is no card.
    fn check_places(&self, checkpoint: &Path, out: &Path) -> Result<()> {
        let card = out.with_extension("md");
        let mut places = Places::default();
        places.reads("the checkpoint", checkpoint);
        self.data.add_to(&mut places);
        places.writes_with_folders("--out", out);
        places.writes_with_folders("the card of --out", &card);
        if let Some(record) = &self.record {
            places.writes_with_folders("--record", record);
        }
        check(&places)?;
        match files::read(&card, MAX_CARD_BYTES) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Ok(page) if std::str::from_utf8(&page).is_ok_and(is_card) => Ok(()),
            _ => {
                let what =
                    format!("{} is no model card, and exporting would replace it; name another --out", card.display());
                Err(Usage(what).into())
            }
        }
    }

    /// Refuses a training that is not finished, and options that do not fit its network.
    fn check_fit(&self, checkpoint: &Checkpoint, path: &Path) -> Result<()> {
        let config = checkpoint.config();
        if !checkpoint.is_finished() {
            let (done, all) = (checkpoint.epochs().len(), config.recipe.epochs);
            bail!("{} is at epoch {done} of {all}; finish it with `trainer train --resume`", path.display());
        }
        if config.scope == Scope::HeldOut {
            bail!(
                "{} was judged on held-out training images, to choose by; train it with another scope",
                path.display()
            );
        }
        if self.temperature != 1.0 && !config.network.can_be_calibrated() {
            let what = "a temperature only calibrates networks that compare digit posteriors; omit --temperature";
            return Err(Usage(what.to_owned()).into());
        }
        if self.no_digit_shift != 0.0 && !config.network.no_digit {
            let what = "the network does not tell \"no digit\"; omit --no-digit-shift";
            return Err(Usage(what.to_owned()).into());
        }
        Ok(())
    }

    fn write(&self, checkpoint: &Checkpoint, out: &Path, mnist: &Mnist) -> Result<()> {
        let form = ModelForm {
            storage: self.weights.into(),
            temperature: self.temperature,
            no_digit_shift: self.no_digit_shift,
        };
        let comparator = form.shape(checkpoint.comparator(&Device::Cpu)?)?;
        let trained = [checkpoint.revision(), checkpoint.instructions()];
        let provenance = form.provenance(&comparator, checkpoint.config(), trained, mnist)?;
        let provenance = Provenance { data_folder: self.data.folder.clone(), ..provenance };
        let model = export(&comparator, form.storage, &provenance.metadata()?)?;
        let bytes = model.encode_to_vec();
        let name = out.file_stem().unwrap_or_default().to_string_lossy();
        let command = Card(&provenance).commands(&name, self.record.as_deref()).replace('\n', " && ");
        let rows = match &self.record {
            Some(_) => {
                let sizes = sizes(checkpoint.config(), bytes.len(), &command)?;
                [judged(&comparator, checkpoint.config(), mnist, &command)?, sizes].concat()
            }
            None => judged_on_test_pairs(&comparator, checkpoint.config(), mnist, &command)?,
        };
        files::write_with_folders(out, &bytes)?;
        let page = Card(&provenance).page(out, &bytes, &rows, self.record.as_deref())?;
        files::write_with_folders(&out.with_extension("md"), page.as_bytes())?;
        if let Some(record) = &self.record {
            files::write_with_folders(record, (serde_json::to_string_pretty(&rows)? + "\n").as_bytes())?;
            say!("wrote {}", record.display());
        }
        if self.text {
            say::stdout().write_all(text_form(&model).as_bytes())?;
        }
        say!("wrote {} ({} bytes) and its card", out.display(), bytes.len());
        Ok(())
    }
}

impl From<Weights> for Storage {
    fn from(weights: Weights) -> Self {
        match weights {
            Weights::Float32 => Self::Float32,
            Weights::Uint8 => Self::Uint8,
        }
    }
}

/// How a trained network is written to a model file.
#[derive(Debug, Clone, Copy)]
struct ModelForm {
    storage: Storage,
    temperature: f32,
    no_digit_shift: f32,
}

impl ModelForm {
    /// The network as stored in the file.
    fn shape(self, mut comparator: Comparator) -> Result<Comparator> {
        if self.storage == Storage::Uint8 {
            let weights = comparator.parameters().trained.iter().filter(|parameter| parameter.var.rank() > 1);
            for weight in weights {
                weight.var.set(&rounded_to_8_bits(&weight.var)?)?;
            }
        }
        comparator.calibrate(self.temperature);
        comparator.shift_no_digit(self.no_digit_shift);
        Ok(comparator)
    }

    /// What the file says of itself; `trained` is the revision and the vector instructions that trained it.
    fn provenance(
        self,
        comparator: &Comparator,
        config: &TrainingConfig,
        [revision, instructions]: [&str; 2],
        mnist: &Mnist,
    ) -> Result<Provenance> {
        Ok(Provenance {
            config: config.clone(),
            data_sha256: mnist.data_sha256(),
            test_is_mnist: mnist.sums.test_is_mnist(),
            data_folder: None,
            revision: revision.to_owned(),
            instructions: instructions.to_owned(),
            parameters: comparator.parameters().trained_count(),
            storage: self.storage,
            temperature: self.temperature,
            no_digit_shift: self.no_digit_shift,
            test: Round::draw(config, mnist)?.judge(comparator)?.test,
        })
    }
}

/// Trains a shipped model's network again and compares the files, or what both get right where this machine rounds otherwise than
/// the one that trained it.
fn rebuild(path: &Path, experiment: Option<&str>, mnist: &Mnist) -> Result<()> {
    let shipped = files::read(path, MAX_MODEL_BYTES).with_context(|| format!("cannot read {}", path.display()))?;
    let model =
        ModelProto::decode(shipped.as_slice()).with_context(|| format!("{} is not an ONNX file", path.display()))?;
    let metadata: HashMap<&str, &str> =
        model.metadata_props.iter().map(|entry| (entry.key.as_str(), entry.value.as_str())).collect();
    let entry = |key: &str| {
        metadata
            .get(key)
            .copied()
            .with_context(|| format!("{} has no metadata {key:?}: not a model of this trainer", path.display()))
    };
    let config = config_of(&entry, experiment)?;
    check_data(path, entry(key::DATA_SHA256)?, mnist)?;
    let trained_with = entry(key::INSTRUCTIONS)?;
    let storage = if metadata.get(key::WEIGHTS) == Some(&"uint8") { Storage::Uint8 } else { Storage::Float32 };
    let temperature = metadata.get(key::TEMPERATURE).map_or(Ok(1.0), |text| text.parse())?;
    let no_digit_shift = metadata.get(key::NO_DIGIT_SHIFT).map_or(Ok(0.0), |text| text.parse())?;
    let interrupt = interrupt_on_ctrl_c("stopping; nothing was checked")?;
    let mut training = Training::start(&config, &Round::draw(&config, mnist)?.training, &Device::Cpu)?;
    let progress = EpochProgress::on_stderr(config.recipe.epochs);
    training.run(&interrupt, |report| progress.show(report))?;
    progress.finish();
    if !training.is_finished() {
        return Err(Stopped("nothing was checked".to_owned()).into());
    }
    let form = ModelForm { storage, temperature, no_digit_shift };
    let comparator = form.shape(training.into_comparator())?;
    let provenance = form.provenance(&comparator, &config, [entry(key::COMMIT)?, trained_with], mnist)?;
    let rebuilt = export(&comparator, storage, &provenance.metadata()?)?.encode_to_vec();
    let name = path.display();
    if rebuilt == shipped {
        return Ok(writeln!(say::stdout(), "{name}: rebuilt to the same {} bytes", shipped.len())?);
    }
    let here = instructions();
    if trained_with == here {
        let differing = rebuilt.iter().zip(&shipped).filter(|(rebuilt, shipped)| rebuilt != shipped).count();
        let lengths = format!("{} bytes instead of {}", rebuilt.len(), shipped.len());
        return Err(NotTheSame(format!("{name} was not rebuilt: {lengths}, {differing} of them different")).into());
    }
    let test: Evaluation = serde_json::from_str(entry(key::ACCURACY)?)
        .with_context(|| format!("{name}'s metadata {:?} are not this trainer's", key::ACCURACY))?;
    let [ours, its] = [provenance.test, test].map(|test| 100.0 * test.learned_head.value());
    let said = format!(
        "{name} was trained with {trained_with}; this machine has {here} and rounds otherwise. Trained again, {ours:.1} % of its \
         test pairs are right, {its:.1} % by the file"
    );
    if (ours - its).abs() > OF_ROUNDING {
        return Err(NotTheSame(said).into());
    }
    Ok(writeln!(say::stdout(), "{said}")?)
}

/// What a model's metadata say that was trained.
fn config_of<'a>(entry: &impl Fn(&str) -> Result<&'a str>, experiment: Option<&str>) -> Result<TrainingConfig> {
    let study = entry(key::STUDY)?;
    let (name, protocol) = study.split_once(" (").context("the metadata \"study\" name no protocol")?;
    let mut config = find(experiment.unwrap_or(name))?.config();
    name.clone_into(&mut config.name);
    config.protocol = match protocol.trim_end_matches(')') {
        "redrawn" => Protocol::Redrawn,
        _ => match config.protocol {
            Protocol::Redrawn => Protocol::Fixed { data_seed: 0 },
            fixed => fixed,
        },
    };
    config.seed = entry(key::SEED)?.parse()?;
    config.network = serde_json::from_str(entry(key::NETWORK)?)?;
    config.recipe = serde_json::from_str(entry(key::RECIPE)?)?;
    Ok(config)
}
