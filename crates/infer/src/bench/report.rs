//! What a benchmark measured, as it is kept.

use serde::{Deserialize, Serialize};

use metrics::Distribution;

/// A whole benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// This program's version.
    pub infer: String,
    /// Name of the model.
    pub model: String,
    /// SHA-256 of the model.
    pub model_sha256: String,
    /// Cores that the process may use.
    pub cores: usize,
    /// The processor's name, where the system tells.
    #[serde(default)]
    pub processor: Option<String>,
    /// Peak memory of the whole process in MB of 10^6 bytes.
    pub peak_memory_mb: Option<f64>,
    /// One entry a case.
    pub cases: Vec<Case>,
    /// What may be wrong with the figures.
    pub warnings: Vec<String>,
}

/// One thing that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// What was done.
    pub stage: Stage,
    /// Name and version of the engine; empty for stages before it.
    pub engine: String,
    /// Threads inside the engine.
    pub threads: usize,
    /// Pairs of each run.
    pub batch: usize,
    /// Milliseconds to load library and model.
    pub load_ms: Option<f64>,
    /// Milliseconds of the very first run.
    pub first_ms: f64,
    /// Milliseconds of a run.
    pub summary: Distribution,
    /// Pairs a second, by the median run.
    pub pairs_per_second: f64,
    /// Every counted run in milliseconds, in order.
    pub samples_ms: Vec<f64>,
}

/// What a case does with its pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// From PNG bytes to pixels.
    Decode,
    /// From pixels to 14x14.
    Prepare,
    /// From 14x14 to answers.
    Infer,
}

impl Stage {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Prepare => "prepare",
            Self::Infer => "infer",
        }
    }
}

impl Case {
    /// What tells this case from the others of a benchmark.
    pub fn name(&self) -> String {
        match self.stage {
            Stage::Infer => format!("infer, {}, threads {}, batch {}", self.engine, self.threads, self.batch),
            stage => format!("{}, batch {}", stage.name(), self.batch),
        }
    }
}
