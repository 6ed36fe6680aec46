//! The network in a model file of this project, built again to compute with it here.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use candle_core::{Device, Tensor, Var};
use candle_onnx::onnx::{ModelProto, TensorProto, tensor_proto::DataType};
use digits::contract::metadata as key;
use prost::Message;
use random::{Purpose, Stream};

use super::{Comparator, NetworkSpec, Normalisation};
use crate::layer::LayerSpec;
use crate::onnx::dequantised;

impl Comparator {
    /// The network in a model file that this crate exported; of those that compare digit posteriors, which can be
    /// calibrated. Batch normalisation is part of its convolutions, as in the file.
    ///
    /// # Errors
    /// When the file is no such model, and candle's when the device has no room.
    pub fn from_model_file(bytes: &[u8], device: &Device) -> Result<Self> {
        let model = ModelProto::decode(bytes).context("it is not an ONNX file")?;
        let metadata = |key: &str| {
            let entry = model.metadata_props.iter().find(|entry| entry.key == key);
            entry.map(|entry| entry.value.as_str())
        };
        let network =
            metadata(key::NETWORK).context("its metadata describe no network: it is no model of this project")?;
        let network: NetworkSpec = serde_json::from_str(network).context("its metadata describe no network")?;
        ensure!(network.can_be_calibrated(), "its network does not compare trained digit posteriors");
        let (tower, digit_head) = (folded(&network.tower), folded(&network.digit_head));
        let network = NetworkSpec { tower, digit_head, ..network };
        let stored = Stored::of(&model);
        let normalisation = Normalisation {
            mean: stored.number("normalise_mean")?,
            standard_deviation: stored.number("normalise_deviation")?,
        };
        let mut weights = Stream::new(0, Purpose::Weights);
        let mut comparator = Self::build(&network, normalisation, &mut weights, device)?;
        for parameter in comparator.parameters().iter() {
            stored.give(&parameter.name, &parameter.var)?;
        }
        comparator.calibrate(metadata(key::TEMPERATURE).map_or(Ok(1.0), |text| text.parse())?);
        comparator.shift_no_digit(metadata(key::NO_DIGIT_SHIFT).map_or(Ok(0.0), |text| text.parse())?);
        Ok(comparator)
    }
}

/// The same layers with batch normalisation as part of the convolutions, which have a bias then.
fn folded(layers: &[LayerSpec]) -> Vec<LayerSpec> {
    let fold = |layer: &LayerSpec| match layer.clone() {
        LayerSpec::Conv(mut conv) => {
            (conv.bias, conv.batch_norm) = (true, false);
            LayerSpec::Conv(conv)
        }
        LayerSpec::Depthwise(mut depthwise) => {
            (depthwise.bias, depthwise.batch_norm) = (true, false);
            LayerSpec::Depthwise(depthwise)
        }
        LayerSpec::Residual { layers } => LayerSpec::Residual { layers: folded(&layers) },
        other => other,
    };
    layers.iter().map(fold).collect()
}

/// The tensors that a model file stores, by name.
struct Stored<'a>(BTreeMap<&'a str, &'a TensorProto>);

impl<'a> Stored<'a> {
    fn of(model: &'a ModelProto) -> Self {
        let tensors = model.graph.iter().flat_map(|graph| &graph.initializer);
        Self(tensors.map(|tensor| (tensor.name.as_str(), tensor)).collect())
    }

    fn tensor(&self, name: &str) -> Result<&'a TensorProto> {
        self.0.get(name).copied().with_context(|| format!("it stores no tensor {name}"))
    }

    fn floats(&self, name: &str) -> Result<Vec<f32>> {
        let tensor = self.tensor(name)?;
        let (numbers, rest) = tensor.raw_data.as_chunks::<4>();
        if tensor.data_type != DataType::Float as i32 || !rest.is_empty() {
            bail!("its tensor {name} is not float32");
        }
        Ok(numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
    }

    fn number(&self, name: &str) -> Result<f32> {
        self.floats(name)?.first().copied().with_context(|| format!("its tensor {name} is empty"))
    }

    /// The values of a tensor, those in 8 bits with the scale of their output channel.
    fn weights(&self, name: &str) -> Result<Vec<f32>> {
        let tensor = self.tensor(name)?;
        if tensor.data_type != DataType::Uint8 as i32 {
            return self.floats(name);
        }
        let scales = self.floats(&format!("{name}_scale"))?;
        let steps = &tensor.raw_data;
        ensure!(
            !steps.is_empty() && !scales.is_empty() && steps.len().is_multiple_of(scales.len()),
            "its tensor {name} does not fit its {} scales",
            scales.len()
        );
        Ok(dequantised(steps, &scales))
    }

    /// Sets the parameter of this path to what the file stores of it.
    fn give(&self, path: &str, parameter: &Var) -> Result<()> {
        let name = path.replace('.', "_");
        let values = self.weights(&name)?;
        ensure!(values.len() == parameter.elem_count(), "its tensor {name} is of another size than its network's");
        Ok(parameter.set(&Tensor::from_vec(values, parameter.shape(), parameter.device())?)?)
    }
}
