//! The commands, one file each: arguments and implementation.

use std::path::PathBuf;

use clap::Args;

use infer::engine::{self, Engine, Session};
use infer::{Comparer, Model};

use crate::exit::{self, Exit};
use crate::terminal;
use options::EngineOptions;

pub mod batch;
pub mod bench;
pub mod compare;
pub mod doctor;
pub mod eval;
pub mod inspect;
pub mod merge;
mod options;
mod places;
pub mod prepare;
pub mod robustness;
pub mod shell;
mod summary;
pub mod verify;

/// The model and its engine.
#[derive(Debug, Clone, Default, Args)]
pub struct ModelChoice {
    /// Use this ONNX model instead of the built-in one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Run the engine for --model in this process: faster, but an engine crash ends infer
    #[arg(long, requires = "model")]
    trust: bool,

    #[command(flatten)]
    engine: EngineOptions,
}

impl ModelChoice {
    /// Refuses options that do not fit together.
    ///
    /// # Errors
    /// The exit code, after what is wrong was told.
    pub fn check(&self) -> Result<(), Exit> {
        self.engine.check()
    }

    /// Adds the model and the engine's library to what a command reads.
    pub fn add_to(&self, places: &mut files::Places) {
        if let Some(model) = &self.model {
            places.reads("the model", model);
        }
        self.engine.add_to(places);
    }

    /// What was typed, for a command that is recorded; empty or after a space.
    pub fn arguments(&self) -> String {
        let model =
            self.model.as_deref().map_or(String::new(), |model| format!(" --model {}", terminal::quoted(model)));
        let trust = if self.trust { " --trust" } else { "" };
        format!("{model}{trust}{}", self.engine.arguments())
    }

    /// Reads the model and loads it `count` times, into engines of `threads` threads each. Says on stderr where ONNX Runtime
    /// was looked for in vain.
    ///
    /// # Errors
    /// The exit code, after what is wrong was told.
    pub fn open(&self, threads: usize, count: usize) -> Result<(Model, Vec<Box<dyn Session>>), Exit> {
        let model = self.read()?;
        let sessions = self.load(&model, &self.engine(threads), count)?;
        Ok((model, sessions))
    }

    fn engine(&self, threads: usize) -> Engine {
        Engine { worker: worker(self.trust), ..self.engine.engine(threads) }
    }

    fn load(&self, model: &Model, engine: &Engine, count: usize) -> Result<Vec<Box<dyn Session>>, Exit> {
        let opened = engine::open(model, engine, count).map_err(|error| exit::complain(Exit::CannotWork, &error))?;
        if let (Some(_), Some(session)) = (&opened.fallback, opened.sessions.first()) {
            let instead = session.name();
            terminal::note(&format_args!(
                "ONNX Runtime was not found, using {instead} instead; run `infer doctor` for details"
            ));
        }
        Ok(opened.sessions)
    }

    fn read(&self) -> Result<Model, Exit> {
        Model::choose(self.model.as_deref()).map_err(|error| exit::complain(Exit::CannotWork, &error))
    }

    /// A comparer with the engine that answers a single pair soonest.
    ///
    /// # Errors
    /// The exit code, after what is wrong was told.
    pub fn open_for_one_pair(&self) -> Result<Comparer, Exit> {
        let model = self.read()?;
        let engine = self.engine(1);
        let quickest = engine.for_one_pair().and_then(|engine| engine::open_one(&model, &engine).ok());
        let session = match quickest {
            Some(session) => session,
            // Some models only other engines can run.
            None => only(self.load(&model, &engine, 1)?)?,
        };
        Ok(Comparer::over(model, session))
    }

    /// As [`ModelChoice::open`], once.
    ///
    /// # Errors
    /// The exit code, after what is wrong was told.
    pub fn open_one(&self, threads: usize) -> Result<(Model, Box<dyn Session>), Exit> {
        let (model, sessions) = self.open(threads, 1)?;
        Ok((model, only(sessions)?))
    }
}

fn only(sessions: Vec<Box<dyn Session>>) -> Result<Box<dyn Session>, Exit> {
    sessions.into_iter().next().ok_or(Exit::CannotWork)
}

/// The program that runs models which are not built in, unless the user trusts them: this one.
pub fn worker(trust: bool) -> Option<PathBuf> {
    std::env::current_exe().ok().filter(|_| !trust)
}
