//! Options shared by several commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use infer::batch::source::Format;
use infer::engine::{Device, Engine, Kind};

/// Most threads that may be asked for: more than any machine has cores.
pub const MOST_THREADS: i64 = 1024;

/// A fraction from `85%` or `0.85`, from 0 to 1.
///
/// # Errors
/// Text that is not such a fraction.
pub fn fraction(text: &str) -> Result<f64, String> {
    let fraction = infer::bench::baseline::fraction(text)?;
    if fraction <= 1.0 { Ok(fraction) } else { Err(format!("{text} is more than 100 %; write 85% or 0.85")) }
}

/// A finite number that is not negative.
///
/// # Errors
/// Text that is not such a number.
pub fn amount(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => Err(format!("{text:?} is not a finite number of at least 0")),
    }
}

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
    /// in .setup/onnxruntime/ of a clone of leq above the program, and in the system's library folders.
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
            worker: None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_and_amounts_are_finite_and_in_range() {
        assert_eq!((fraction("85%"), fraction("0.85"), amount("2")), (Ok(0.85), Ok(0.85), Ok(2.0)));
        for wrong in ["nan", "inf", "-5", "-inf", "", "1e999"] {
            assert!(fraction(wrong).is_err() && amount(wrong).is_err(), "{wrong}");
        }
        assert!(fraction("85").unwrap_err().contains("85%"));
    }
}
