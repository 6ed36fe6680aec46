//! A training on disk: a safetensors file with every tensor, and the rest as JSON in its metadata.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::{Context, Result, bail};
use candle_core::{Device, Tensor};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};

use super::run::Progression;
use super::teacher::Teacher;
use super::{EpochReport, Scope, Training, TrainingConfig, instructions, source_revision};
use crate::network::{Comparator, Normalisation};
use random::{Purpose, Stream};

/// The metadata's one key; one key keeps the bytes free of a hash map's order.
const METADATA: &str = "leq";
/// Largest checkpoint that is read, in bytes: the largest network's weights and what its optimiser keeps of each.
const MAX_FILE_BYTES: u64 = 1 << 31;
/// Hexadecimal digits of the revision: all of them.
const REVISION_DIGITS: usize = 40;

/// A training as it stood at the end of an epoch.
#[derive(Debug)]
pub struct Checkpoint {
    header: Header,
    tensors: HashMap<String, Tensor>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    config: TrainingConfig,
    normalisation: Normalisation,
    /// Checksum of the training data that the pairs were drawn from, [`mnist::Mnist::data_sha256`].
    data_sha256: String,
    /// Source revision of the trainer.
    revision: String,
    /// [`instructions`] of the machine; `unknown` in checkpoints from before they were noted.
    #[serde(default = "unknown")]
    instructions: String,
    steps: u64,
    progression: Progression,
    /// SHA-256 of the files of the networks that teach it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    teachers_sha256: Vec<String>,
    /// SHA-256 of each tensor's shape and bytes.
    tensors_sha256: BTreeMap<String, String>,
}

fn unknown() -> String {
    "unknown".to_owned()
}

impl Checkpoint {
    /// Writes `training` to `path`, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(training: &Training, data_sha256: &str, path: &Path) -> Result<()> {
        let mut tensors = training.optimiser.state()?;
        if let Some(average) = &training.average {
            tensors.extend(average.state()?);
        }
        let parameters = training.comparator.parameters().iter();
        tensors.extend(parameters.map(|parameter| (parameter.name.clone(), parameter.var.as_tensor().clone())));
        let contents = contents(&tensors)?;
        let header = Header {
            config: training.config.clone(),
            normalisation: training.comparator.normalisation(),
            data_sha256: data_sha256.to_owned(),
            revision: source_revision(REVISION_DIGITS),
            instructions: instructions().to_owned(),
            steps: training.optimiser.steps(),
            progression: training.progression.clone(),
            teachers_sha256: training.teachers_sha256(),
            tensors_sha256: contents.iter().map(|(name, dims, bytes)| (name.clone(), checksum(dims, bytes))).collect(),
        };
        let header = serde_json::to_string(&header)?;
        // The first line is the checksum of the rest.
        let metadata = HashMap::from([(METADATA.to_owned(), format!("{}\n{header}", files::sha256(&header)))]);
        Ok(files::write_with_folders(path, serialise(&contents, metadata)?)?)
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// When the file cannot be read, is no checkpoint of this trainer, is damaged, or holds numbers that are not finite.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = files::read(path, MAX_FILE_BYTES).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&bytes).with_context(|| {
            format!(
                "{} is not a checkpoint that this trainer can read; train again with `trainer train`",
                path.display()
            )
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let text = metadata.metadata().as_ref().and_then(|entries| entries.get(METADATA));
        let text = text.context("it has no leq metadata")?;
        let (sum, text) = text.split_once('\n').context("it was written by another version")?;
        if files::sha256(text) != sum {
            bail!("it is damaged: its description does not have the checksum that was written with it");
        }
        let header: Header = serde_json::from_str(text)?;
        check_tensors(&SafeTensors::deserialize(bytes)?, &header.tensors_sha256)?;
        let tensors = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)?;
        Ok(Self { header, tensors })
    }

    /// What was trained, and how.
    pub fn config(&self) -> &TrainingConfig {
        &self.header.config
    }

    /// Checksum of the training data that the pairs were drawn from, [`mnist::Mnist::data_sha256`].
    pub fn data_sha256(&self) -> &str {
        &self.header.data_sha256
    }

    /// Source revision of the trainer that wrote the checkpoint.
    pub fn revision(&self) -> &str {
        &self.header.revision
    }

    /// [`instructions`] of the machine that trained it.
    pub fn instructions(&self) -> &str {
        &self.header.instructions
    }

    /// Number of trained values.
    pub fn trained_parameters(&self) -> usize {
        let of_trained = |name: &str| name.starts_with("adam.first.") || name.starts_with("muon.momentum.");
        let moments = self.tensors.iter().filter(|(name, _)| of_trained(name));
        moments.map(|(_, tensor)| tensor.elem_count()).sum()
    }

    /// What each epoch did.
    pub fn epochs(&self) -> &[EpochReport] {
        &self.header.progression.epochs
    }

    /// Whether the training had ended.
    pub fn is_finished(&self) -> bool {
        self.header.progression.stopped_early || self.epochs().len() >= self.config().recipe.epochs as usize
    }

    /// The network with the checkpoint's weights.
    ///
    /// # Errors
    /// When the tensors do not fit the description.
    pub fn comparator(&self, device: &Device) -> Result<Comparator> {
        let mut weights = Stream::new(self.config().seed, Purpose::Weights);
        let comparator = Comparator::build(&self.config().network, self.header.normalisation, &mut weights, device)?;
        self.restore_parameters(&comparator)?;
        Ok(comparator)
    }

    pub(super) fn progression(&self) -> &Progression {
        &self.header.progression
    }

    /// Gives a training that has just started the weights, averages and moments of this one.
    pub(super) fn restore(&self, training: &mut Training) -> Result<()> {
        let comparator = &training.comparator;
        if comparator.normalisation() != self.header.normalisation {
            bail!("the checkpoint was made with other training pairs; give the same --data");
        }
        if training.teachers_sha256() != self.header.teachers_sha256 {
            bail!("the files of its teachers are others than when it started");
        }
        self.restore_parameters(comparator)?;
        let tensor = |name: &str| self.tensor(name, comparator.device());
        if let Some(average) = &mut training.average {
            average.restore(tensor)?;
        }
        training.optimiser.restore(self.header.steps, tensor)
    }

    fn restore_parameters(&self, comparator: &Comparator) -> Result<()> {
        for parameter in comparator.parameters().iter() {
            let tensor = self.tensor(&parameter.name, comparator.device())?;
            parameter.var.set(&tensor).with_context(|| format!("{} does not fit the network", parameter.name))?;
        }
        Ok(())
    }

    fn tensor(&self, name: &str, device: &Device) -> Result<Tensor> {
        let tensor = self.tensors.get(name).with_context(|| format!("the checkpoint lacks the tensor {name}"))?;
        Ok(tensor.to_device(device)?)
    }
}

/// The networks that teach a training with `config`; `None` where nothing does.
///
/// # Errors
/// A file that cannot be read or holds no network that can teach, and one that may have seen images that the training is to
/// be judged on.
pub(super) fn teacher(config: &TrainingConfig, device: &Device) -> Result<Option<Teacher>> {
    let Some(settings) = &config.recipe.teacher else { return Ok(None) };
    let network = |file: String| -> Result<(Comparator, String)> {
        let path = Path::new(&file);
        let bytes = files::read(path, MAX_FILE_BYTES).with_context(|| format!("cannot read the teacher {file}"))?;
        let network = taught_by(path, &bytes, config, device);
        Ok((network.with_context(|| format!("{file} cannot teach"))?, files::sha256(&bytes)))
    };
    let networks = settings.files_of(config.seed).map(network).collect::<Result<_>>()?;
    Ok(Some(Teacher::new(settings, networks)))
}

fn taught_by(path: &Path, bytes: &[u8], config: &TrainingConfig, device: &Device) -> Result<Comparator> {
    let is_held_out = config.scope == Scope::HeldOut;
    if path.extension().is_some_and(|ending| ending == "onnx") {
        if is_held_out {
            bail!(
                "a model file does not say which images it was trained on, and some are held out here; name a checkpoint"
            );
        }
        return Comparator::from_model_file(bytes, device);
    }
    let checkpoint = Checkpoint::parse(bytes)?;
    if !checkpoint.is_finished() {
        bail!("its training is not finished");
    }
    if !checkpoint.config().network.can_be_calibrated() {
        bail!("its network does not compare trained digit posteriors");
    }
    let own = checkpoint.config();
    let is_of_the_same_order = own.protocol.data_seed(own.seed)? == config.protocol.data_seed(config.seed)?;
    if is_held_out && !(is_of_the_same_order && own.pairs <= config.pairs) {
        bail!("it was trained on other pairs, so that it has seen images that are held out here");
    }
    if is_held_out && own.recipe.teacher.is_some() && own.scope != Scope::HeldOut {
        bail!("its own teachers may have seen images that are held out here; train it with the scope held_out");
    }
    checkpoint.comparator(device)
}

/// A tensor's name, shape and bytes.
type Content = (String, Vec<usize>, Vec<u8>);

fn contents(tensors: &[(String, Tensor)]) -> Result<Vec<Content>> {
    let content = |(name, tensor): &(String, Tensor)| -> Result<Content> {
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Ok((name.clone(), tensor.dims().to_vec(), bytes))
    };
    tensors.iter().map(content).collect()
}

fn serialise(contents: &[Content], metadata: HashMap<String, String>) -> Result<Vec<u8>> {
    let mut views = Vec::with_capacity(contents.len());
    for (name, dims, bytes) in contents {
        views.push((name, TensorView::new(Dtype::F32, dims.clone(), bytes)?));
    }
    Ok(safetensors::serialize(views, Some(metadata))?)
}

fn checksum(dims: &[usize], bytes: &[u8]) -> String {
    files::sha256([format!("{dims:?}").as_bytes(), bytes].concat())
}

/// Every tensor is there, is what was written, and holds finite numbers.
fn check_tensors(tensors: &SafeTensors, sums: &BTreeMap<String, String>) -> Result<()> {
    if tensors.len() != sums.len() {
        bail!("it is damaged: it holds {} tensors instead of {}", tensors.len(), sums.len());
    }
    for (name, sum) in sums {
        let tensor = tensors.tensor(name)?;
        if tensor.dtype() != Dtype::F32 || checksum(tensor.shape(), tensor.data()) != *sum {
            bail!("it is damaged: the tensor {name} does not have the checksum that was written with it");
        }
        let numbers = tensor.data().as_chunks::<4>().0;
        if !numbers.iter().all(|bytes| f32::from_le_bytes(*bytes).is_finite()) {
            bail!("the tensor {name} holds a number that is not finite (NaN or infinite)");
        }
    }
    Ok(())
}
