//! What was typed. What it means is in [`crate::compare`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::compare::Request;

/// Exit codes, as every `--help` shows them.
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  an image could not be used; each one is named on stderr
  2  wrong usage
  3  cannot work at all: no usable model, no ONNX Runtime, nowhere to write";

/// Compares handwritten digits.
#[derive(Debug, Parser)]
#[command(name = "infer", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `infer` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the first of two digits is less than or equal to the second
    #[command(after_help = EXIT_CODES)]
    Compare(Compare),
}

/// `infer compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Image of the first digit: PNG, JPEG, BMP or PNM, of one digit, dark on light or light on dark
    #[arg(value_name = "A")]
    first: PathBuf,

    /// Image of the second digit
    #[arg(value_name = "B")]
    second: PathBuf,

    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,

    /// Use this ONNX model instead of the built-in one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Use this ONNX Runtime library
    ///
    /// Without it, the library is looked for at the path in the environment variable ORT_DYLIB_PATH, beside the program,
    /// in .setup/onnxruntime/ in the folders above the program, and where the system looks for libraries.
    #[arg(long, value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
}

impl From<Compare> for Request {
    fn from(typed: Compare) -> Self {
        Self {
            pictures: [typed.first, typed.second],
            json: typed.json,
            model: typed.model,
            onnxruntime: typed.onnxruntime,
        }
    }
}
