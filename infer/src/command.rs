//! The commands, one file each: what was typed, and what is done about it.

use std::path::PathBuf;

use clap::Args;

use infer::engine::{self, Engine};
use infer::model::Model;

use crate::exit::{self, Exit};
use crate::terminal;
use options::EngineOptions;

pub mod batch;
pub mod bench;
pub mod compare;
pub mod doctor;
pub mod eval;
pub mod inspect;
mod options;
pub mod prepare;
pub mod robustness;
pub mod shell;
pub mod verify;

/// Which model, and what runs it.
#[derive(Debug, Clone, Default, Args)]
pub struct ModelChoice {
    /// Use this ONNX model instead of the built-in one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineOptions,
}

impl ModelChoice {
    /// Reads the model and loads it into `count` engines of `threads` threads each. Says on stderr when another engine
    /// than ONNX Runtime answers although nobody asked for it.
    ///
    /// # Errors
    /// The exit code, after what is wrong was told.
    pub fn open(&self, threads: usize, count: usize) -> Result<(Model, Vec<Box<dyn Engine>>), Exit> {
        let model = self.read()?;
        let engines = self.load(&model, threads, count)?;
        Ok((model, engines))
    }

    fn load(&self, model: &Model, threads: usize, count: usize) -> Result<Vec<Box<dyn Engine>>, Exit> {
        let opened = engine::open(model, &self.engine.choice(), threads, count)
            .map_err(|error| exit::complain(Exit::CannotWork, &error))?;
        if opened.fallback.is_some() {
            terminal::note(&"ONNX Runtime was not found, rten answers in its place; `infer doctor` says more");
        }
        Ok(opened.engines)
    }

    fn read(&self) -> Result<Model, Exit> {
        Model::choose(self.model.as_deref()).map_err(|error| exit::complain(Exit::CannotWork, &error))
    }

    /// As [`ModelChoice::open_one`], with the engine that answers a single pair soonest.
    ///
    /// # Errors
    /// The exit code, after what is wrong was told.
    pub fn open_for_one_pair(&self) -> Result<(Model, Box<dyn Engine>), Exit> {
        let model = self.read()?;
        let quickest = self.engine.choice().for_one_pair().and_then(|choice| engine::open(&model, &choice, 1, 1).ok());
        let engines = match quickest {
            Some(opened) => opened.engines,
            // Some models only ONNX Runtime can run.
            None => self.load(&model, 1, 1)?,
        };
        Ok((model, only(engines)?))
    }

    /// As [`ModelChoice::open`], one engine.
    ///
    /// # Errors
    /// The exit code, after what is wrong was told.
    pub fn open_one(&self, threads: usize) -> Result<(Model, Box<dyn Engine>), Exit> {
        let (model, engines) = self.open(threads, 1)?;
        Ok((model, only(engines)?))
    }
}

fn only(engines: Vec<Box<dyn Engine>>) -> Result<Box<dyn Engine>, Exit> {
    engines.into_iter().next().ok_or(Exit::CannotWork)
}

/// The cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
