//! Options shared by several commands.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueEnum};
use files::Places;
use infer::batch::source::Format;
use infer::engine::library::{self, Candidate};
use infer::engine::{Device, Engine, EngineKind};

use crate::exit::{self, Exit};
use crate::terminal::quoted;

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

/// A number from 0 to `most`.
pub fn amount_up_to(most: f64) -> impl Fn(&str) -> Result<f64, String> + Clone + Send + Sync + 'static {
    move |text| match amount(text)? {
        number if number <= most => Ok(number),
        _ => Err(format!("{text} is more than {most}")),
    }
}

/// A folder to write to; stdout is none.
pub fn folder() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path == Path::new("-") {
        true => Err("several files are written, so stdout will not do; name a folder"),
        false => Ok(path),
    })
}

/// Adds ONNX Runtime's library to what a command reads: the one that is named, or the one that is found.
pub fn add_library(named: Option<&Path>, places: &mut Places) {
    match library::find(named.map(Path::to_owned)) {
        // Nobody knows where the system's loader finds it.
        Candidate::System(_) => {}
        found => places.reads("ONNX Runtime's library", found.path()),
    }
}

/// The engine and its options.
#[derive(Debug, Clone, Default, Args)]
pub struct EngineOptions {
    /// Run the model with this engine
    ///
    /// By default leq for the built-in model, and ONNX Runtime if available for others. `compare` uses leq for both, since
    /// it starts at once. Naming a library, here or in ORT_DYLIB_PATH, names ONNX Runtime.
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
    /// Refuses a library that no engine would load.
    ///
    /// # Errors
    /// The exit code, after what is wrong was told.
    pub fn check(&self) -> Result<(), Exit> {
        let without_library = self.engine.filter(|engine| !engine.loads_library());
        match without_library.filter(|_| self.onnxruntime.is_some()) {
            Some(engine) => {
                let name = EngineKind::from(engine).name();
                let what = format!("--engine {name} loads no library; leave --onnxruntime out, or say --engine ort");
                Err(exit::complain(Exit::WrongUsage, &what))
            }
            None => Ok(()),
        }
    }

    /// Adds the library to what a command reads.
    pub fn add_to(&self, places: &mut Places) {
        if self.engine.is_none_or(EngineName::loads_library) {
            add_library(self.onnxruntime.as_deref(), places);
        }
    }

    /// What was typed, for a command that is recorded; empty or after a space.
    pub fn arguments(&self) -> String {
        let name = |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
        let device = Some(self.device).filter(|&device| device != DeviceName::Cpu);
        let options = [
            ("engine", self.engine.and_then(|engine| name(engine.to_possible_value()))),
            ("device", device.and_then(|device| name(device.to_possible_value()))),
            ("onnxruntime", self.onnxruntime.as_deref().map(quoted)),
        ];
        options.into_iter().filter_map(|(option, value)| Some(format!(" --{option} {}", value?))).collect()
    }

    /// The engine that they name, of `threads` threads.
    pub fn engine(&self, threads: usize) -> Engine {
        Engine {
            kind: self.engine.map(EngineKind::from),
            device: self.device.into(),
            library: self.onnxruntime.clone(),
            threads,
            worker: None,
        }
    }
}

/// [`EngineKind`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// ONNX Runtime, from its library
    Ort,
    /// leq's own, in pure Rust inside this program
    Leq,
    /// rten, in pure Rust inside this program
    Rten,
}

impl EngineName {
    /// Whether it is a library's file.
    pub fn loads_library(self) -> bool {
        self == Self::Ort
    }
}

impl From<EngineName> for EngineKind {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Ort => Self::Ort,
            EngineName::Leq => Self::Leq,
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
        assert_eq!(amount_up_to(0.5)("0.5"), Ok(0.5));
        for wrong in ["0.6", "1e39", "-1", "nan"] {
            assert!(amount_up_to(0.5)(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_recorded_command_has_what_was_typed() {
        let options = EngineOptions {
            engine: Some(EngineName::Ort),
            device: DeviceName::Cuda,
            onnxruntime: Some("it's here/lib.so".into()),
        };
        assert_eq!(options.arguments(), r" --engine ort --device cuda --onnxruntime 'it'\''s here/lib.so'");
        assert_eq!(EngineOptions::default().arguments(), "");
    }
}
