//! A model in a process of its own: an engine that ends its process, by a signal or for lack of memory, ends no other.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use digits::contract::CLASSES;

use super::library::LibraryError;
use super::worker::{ANSWERED, Greeting, Order, floats, receive, send};
use super::{Device, Engine, EngineError, EngineKind, Outputs, PAIR_PIXELS, Session};
use crate::model::{Heads, Model};

/// Argument of the program that makes it call [`super::worker::serve`].
pub const ARGUMENT: &str = "engine-worker";

/// How long an answer may take. The work of a call is bounded, so this is many times what any takes.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// A session in another process.
pub(super) struct Isolated {
    child: Child,
    to: Option<ChildStdin>,
    replies: Receiver<io::Result<Vec<u8>>>,
    kind: EngineKind,
    version: String,
    library: Option<PathBuf>,
    heads: Heads,
    model: String,
}

impl Isolated {
    /// Starts `worker` and loads the model into its engine.
    pub fn open(model: &Model, engine: &Engine, kind: EngineKind, worker: &Path) -> Result<Self, EngineError> {
        let mut command = Command::new(worker);
        command.arg(ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let not_started =
            |error: io::Error| EngineError::Worker(format!("the engine's process does not start: {error}"));
        let mut child = command.spawn().map_err(not_started)?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let (sender, replies) = channel();
        if let Some(from) = from {
            let mut from = BufReader::new(from);
            // Ends when the process does.
            std::thread::Builder::new()
                .spawn(move || {
                    while let reply = receive(&mut from)
                        && sender.send(reply).is_ok()
                    {}
                })
                .map_err(not_started)?;
        }
        let (version, library) = (String::new(), None);
        let mut isolated =
            Self { child, to, replies, kind, version, library, heads: model.heads, model: model.name.clone() };
        isolated.load(model, engine)?;
        Ok(isolated)
    }

    fn load(&mut self, model: &Model, engine: &Engine) -> Result<(), EngineError> {
        let order = Order {
            name: model.name.clone(),
            kind: Some(self.kind),
            device: engine.device,
            library: engine.library.clone(),
            threads: engine.threads,
        };
        let order = serde_json::to_vec(&order).map_err(|error| EngineError::Worker(error.to_string()))?;
        let greeting = self.ask(&[&order, &model.bytes]).and_then(|greeting| {
            serde_json::from_slice(&greeting)
                .map_err(|error| format!("its process does not answer in its form: {error}"))
        });
        let (engine, model) = (self.kind.name(), model.name.clone());
        let unloadable = |fault: String| EngineError::Unloadable { engine, model, fault };
        match greeting.map_err(unloadable.clone())? {
            Greeting::Loaded { kind, version, library } => {
                (self.kind, self.version, self.library) = (kind, version, library);
            }
            Greeting::NoLibrary { looked_for } => return Err(LibraryError::NotFound { looked_for }.into()),
            Greeting::Unloadable(fault) => return Err(unloadable(fault)),
            Greeting::Failed(sentence) => return Err(EngineError::Worker(sentence)),
        }
        Ok(())
    }

    /// Sends messages and waits for one back, or says what became of the process.
    fn ask(&mut self, messages: &[&[u8]]) -> Result<Vec<u8>, String> {
        let sent = match &mut self.to {
            Some(to) => messages.iter().try_for_each(|message| send(to, message)),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        let reply = match sent {
            Ok(()) => self.replies.recv_timeout(LONGEST_WAIT),
            Err(_) => Ok(Err(io::ErrorKind::BrokenPipe.into())),
        };
        match reply {
            Ok(Ok(reply)) => Ok(reply),
            Err(RecvTimeoutError::Timeout) => {
                self.end();
                Err(format!("it did not answer within {} s and was ended", LONGEST_WAIT.as_secs()))
            }
            _ => Err(self.end()),
        }
    }

    /// Ends the process, if it has not ended, and says how it did.
    fn end(&mut self) -> String {
        self.to = None;
        let grace = Duration::from_millis(20);
        for _ in 0..50 {
            if let Ok(Some(status)) = self.child.try_wait() {
                return format!("the engine's process broke off ({status}); this model cannot be run");
            }
            std::thread::sleep(grace);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        "the engine's process stopped answering".to_owned()
    }

    fn outputs(&self, reply: &[u8], pairs: usize) -> Result<Outputs, String> {
        let (&status, payload) = reply.split_first().ok_or("an empty answer")?;
        if status != ANSWERED {
            return Err(String::from_utf8_lossy(payload).into_owned());
        }
        let mut values = floats(payload).into_iter();
        let mut take = |of_each: usize| {
            let taken: Vec<f32> = values.by_ref().take(pairs * of_each).collect();
            if taken.len() == pairs * of_each { Ok(taken) } else { Err("an answer that is too short".to_owned()) }
        };
        let (p_leq, leq_logit) = (take(1)?, take(1)?);
        let digit_probs = self.heads.has_digits().then(|| take(2 * CLASSES)).transpose()?;
        let no_digit = self.heads.tells_no_digit().then(|| take(2)).transpose()?;
        Ok(Outputs { p_leq, leq_logit, digit_probs, no_digit })
    }
}

impl Session for Isolated {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn version(&self) -> String {
        self.version.clone()
    }

    fn library(&self) -> Option<PathBuf> {
        self.library.clone()
    }

    fn infer(&mut self, pixels: &[f32]) -> Result<Outputs, EngineError> {
        let bytes: Vec<u8> = pixels.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
        let reply = self.ask(&[&bytes]);
        let outputs = reply.and_then(|reply| self.outputs(&reply, pixels.len() / PAIR_PIXELS));
        let (engine, model) = (self.kind.name(), self.model.clone());
        outputs.map_err(|fault| EngineError::Run { engine, model, fault })
    }
}

impl Drop for Isolated {
    fn drop(&mut self) {
        self.to = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a device needs more memory mapped than a worker may have.
pub(super) fn is_for(device: Device) -> bool {
    device == Device::Cpu
}

#[cfg(test)]
#[cfg(all(unix, feature = "built-in"))]
mod tests {
    use super::*;

    /// What becomes of a model whose worker is this shell script.
    fn opened(script: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let worker = folder.path().join("worker");
        std::fs::write(&worker, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&worker, std::fs::Permissions::from_mode(0o700)).unwrap();
        let session = Isolated::open(&Model::built_in(), &Engine::rten(), EngineKind::Rten, &worker);
        session.err().unwrap().to_string()
    }

    #[test]
    fn a_process_that_ends_is_a_sentence() {
        for (script, part) in
            [("kill -SEGV $$", "signal: 11"), ("kill -FPE $$", "signal: 8"), ("exit 3", "exit status: 3")]
        {
            let sentence = opened(script);
            assert!(sentence.contains("process broke off") && sentence.contains(part), "{sentence}");
        }
        assert!(
            opened("printf '\\001\\0\\0\\0\\0\\0\\0\\0x'; cat > /dev/null").contains("does not answer in its form")
        );
    }
}
