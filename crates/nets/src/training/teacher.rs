//! Distillation (Hinton et al., 2015): a training that also learns what trained networks say of its images.

use candle_core::{D, Result, Tensor, bail};
use candle_nn::ops::{log_softmax, softmax};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::layer::Pass;
use crate::network::{Batch, Comparator, Outputs};

/// Which networks teach a training, and how much their word counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TeacherSettings {
    /// Checkpoints, or model files ending in `.onnx`, seen from the working folder; `{seed}` stands for the training's seed.
    /// The posteriors of several networks are averaged.
    pub files: Vec<String>,
    /// Weight of the cross-entropy of each of the two digits with the teachers' posteriors.
    #[schemars(extend("unit" = "weight"))]
    pub weight: f32,
    /// What the logits of teachers and student are divided by; the loss is multiplied by its square.
    #[schemars(extend("unit" = "factor"))]
    pub temperature: f32,
}

impl Default for TeacherSettings {
    fn default() -> Self {
        Self { files: Vec::new(), weight: 0.5, temperature: 2.0 }
    }
}

impl TeacherSettings {
    /// The files for a training with this seed.
    pub fn files_of(&self, seed: u64) -> impl Iterator<Item = String> + '_ {
        self.files.iter().map(move |file| file.replace("{seed}", &seed.to_string()))
    }
}

/// The networks that teach a training.
#[derive(Debug)]
pub(super) struct Teacher {
    settings: TeacherSettings,
    /// Networks that compare digits by their posteriors, with SHA-256 of their files.
    networks: Vec<(Comparator, String)>,
}

impl Teacher {
    pub fn new(settings: &TeacherSettings, networks: Vec<(Comparator, String)>) -> Self {
        Self { settings: settings.clone(), networks }
    }

    /// SHA-256 of the networks' files.
    pub fn checksums(&self) -> Vec<String> {
        self.networks.iter().map(|(_, sum)| sum.clone()).collect()
    }

    /// The weighted cross-entropy of what the student says of the digits of `batch`, which is laid out and normalised for it.
    ///
    /// # Errors
    /// A student without digit heads; candle's, when the device has no room.
    pub fn loss(&self, student: &Comparator, outputs: &Outputs, batch: &Batch) -> Result<Tensor> {
        let Some(logits) = &outputs.digit_logits else { bail!("a teacher needs digit heads to teach") };
        let temperature = f64::from(self.settings.temperature);
        let posteriors = self.posteriors(student, batch)?;
        let logarithms = log_softmax(&(logits.flatten_to(1)? / temperature)?, D::Minus1)?;
        let mean = (logarithms.mul(&posteriors)?.sum_all()? / posteriors.dim(0)? as f64)?;
        // The mean over both digits of every pair is half the sum of the two means.
        mean * (-2.0 * f64::from(self.settings.weight) * temperature * temperature)
    }

    /// The mean of the teachers' posteriors at the settings' temperature, `[2 B, 10]`.
    fn posteriors(&self, student: &Comparator, batch: &Batch) -> Result<Tensor> {
        let temperature = f64::from(self.settings.temperature);
        let of = |(network, _): &(Comparator, String)| -> Result<Tensor> {
            let batch = batch.renormalised(student.normalisation(), network.normalisation())?;
            let outputs = network.forward(&batch, &mut Pass::evaluation(network.kernels()))?;
            let Some(logits) = outputs.digit_logits else { bail!("a teacher has no digit heads") };
            softmax(&(logits.detach().flatten_to(1)? / temperature)?, D::Minus1)
        };
        let posteriors = self.networks.iter().map(of).collect::<Result<Vec<_>>>()?;
        Tensor::stack(&posteriors, 0)?.mean(0)
    }
}
