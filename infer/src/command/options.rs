//! Options shared by several commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use infer::batch::source::Format;
use infer::engine::{Device, Engine, Kind};

/// The engine and its options.
#[derive(Debug, Clone, Default, Args)]
pub struct EngineOptions {
    /// Run the model with this engine
    ///
    /// By default ONNX Runtime if available, else rten. `compare` uses rten, which starts five times faster, unless an
    /// ONNX Runtime library is given.
    #[arg(long, value_enum, value_name = "NAME")]
    engine: Option<EngineName>,

    /// Run on this device
    #[arg(long, value_enum, default_value = "cpu", value_name = "DEVICE")]
    device: DeviceName,

    /// Use this ONNX Runtime library
    ///
    /// By default the library is searched at the path in the environment variable ORT_DYLIB_PATH, beside the program,
    /// in .setup/onnxruntime/ in the folders above the program, and in the system's library folders.
    #[arg(long, value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
}

impl EngineOptions {
    /// The engine that they name, of `threads` threads.
    pub fn engine(&self, threads: usize) -> Engine {
        Engine {
            kind: self.engine.map(Kind::from),
            device: self.device.into(),
            library: self.onnxruntime.clone(),
            threads,
        }
    }
}

/// [`Kind`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// ONNX Runtime, from its library
    Ort,
    /// rten, in pure Rust inside this program
    Rten,
}

impl From<EngineName> for Kind {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Ort => Self::Ort,
            EngineName::Rten => Self::Rten,
        }
    }
}

/// [`Device`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DeviceName {
    /// The processor
    #[default]
    Cpu,
    /// An NVIDIA GPU, with an ONNX Runtime built for CUDA
    Cuda,
}

impl From<DeviceName> for Device {
    fn from(name: DeviceName) -> Self {
        match name {
            DeviceName::Cpu => Self::Cpu,
            DeviceName::Cuda => Self::Cuda,
        }
    }
}

/// [`Format`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// Comma-separated: left,right and optionally label, left_digit, right_digit, named in a header line or in this order
    Csv,
    /// The same, separated by tabs
    Tsv,
    /// One JSON object a line, with the same names
    Jsonl,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Csv => Self::Csv,
            FormatName::Tsv => Self::Tsv,
            FormatName::Jsonl => Self::Jsonl,
        }
    }
}
