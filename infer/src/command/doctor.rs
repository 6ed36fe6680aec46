//! `infer doctor`: checks whether this machine can run models.

use std::path::PathBuf;

use clap::Args;

use crate::exit::{self, Exit};
use infer::engine::{self, Engine, EngineError, EngineKind, Providers};
use infer::model::Model;

/// Arguments of `infer doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Check this ONNX Runtime library
    #[arg(long, value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
}

/// Checks everything that comparing needs and suggests what to do about missing parts. Exit code 1 if ONNX Runtime cannot
/// be used, 3 if no engine can.
pub fn command(request: &Doctor) -> Exit {
    let mut text =
        format!("infer {} on {} {}\n", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH, std::env::consts::OS);
    text += &format!("cores: {}\n", files::cores());
    let runtime = Providers::of(request.onnxruntime.clone());
    match &runtime {
        Ok(Providers { library, version, names }) => {
            text += &format!(
                "ONNX Runtime: version {version}\n  library: {}\n  execution providers: {}\n",
                library.display(),
                names.join(", ")
            );
        }
        Err(error) => text += &format!("ONNX Runtime: cannot be used\n  {}\n", error.to_string().replace('\n', "\n  ")),
    }
    let engines: Vec<&str> = engine::built_in().iter().map(|kind| kind.name()).collect();
    text += &format!("engines of this program: {}\n", engines.join(", "));
    let answers = engine::built_in().iter().filter(|kind| match answer(request, **kind) {
        Ok(()) => {
            text += &format!("{}: answers with the built-in model\n", kind.name());
            true
        }
        Err(error) => {
            if runtime.is_ok() || **kind != EngineKind::Ort {
                text += &format!("{}: does not answer: {error}\n", kind.name());
            }
            false
        }
    });
    let answers: Vec<EngineKind> = answers.copied().collect();
    let printed = exit::print(&text);
    match answers.as_slice() {
        [] => exit::complain(Exit::CannotWork, &"no engine answers; see above"),
        answers if answers.contains(&EngineKind::Ort) => printed,
        [instead, ..] => {
            let what = format!("ONNX Runtime cannot be used; {} is used instead", instead.name());
            exit::complain(Exit::SomeInputsFailed, &what)
        }
    }
}

/// Whether an engine can answer a pair of blank pictures.
fn answer(request: &Doctor, kind: EngineKind) -> Result<(), EngineError> {
    let engine = Engine { kind: Some(kind), library: request.onnxruntime.clone(), ..Engine::best() };
    let mut session = engine::open_one(&Model::built_in(), &engine)?;
    session.infer(&[0.0; engine::PAIR_PIXELS])?.verdicts()?;
    Ok(())
}
