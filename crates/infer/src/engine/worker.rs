//! The process that runs a foreign model: it reads a model and pairs on stdin and writes answers on stdout.
//!
//! Messages are a length of eight bytes and that many bytes. The first two from the other side are an `Order` and the
//! model's file; the first back is a `Greeting`. Then pixels go in, and come back as replies.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Device, Engine, EngineError, EngineKind, Outputs, library, open};
use crate::model::{Heads, Model};

/// Bytes of memory that the process may have of its own, at most.
const MOST_MEMORY: u64 = 2 << 30;

/// Longest message that is read.
const LONGEST: u64 = 1 << 30;

/// What is to be loaded.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub name: String,
    pub kind: Option<EngineKind>,
    pub device: Device,
    pub library: Option<PathBuf>,
    pub threads: usize,
}

/// Whether it was loaded.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Greeting {
    /// It was.
    Loaded { kind: EngineKind, version: String, library: Option<PathBuf> },
    /// ONNX Runtime is neither named nor found.
    NoLibrary { looked_for: Vec<String> },
    /// The engine cannot load this model; why.
    Unloadable(String),
    /// It was not loaded for another reason; the sentence says it.
    Failed(String),
}

/// First byte of an answer.
pub(super) const ANSWERED: u8 = 0;

/// Serves until stdin ends. Nothing is printed; what goes wrong goes to the other side as a sentence.
///
/// # Errors
/// When stdin or stdout breaks.
pub fn serve() -> io::Result<()> {
    // It ends with the process that started it, which says what became of the run.
    terminal::ignore_interrupts();
    limit_memory();
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    let order: Order = serde_json::from_slice(&receive(&mut from)?)?;
    let bytes = receive(&mut from)?;
    let (greeting, opened) = match load(order, bytes) {
        Ok((greeting, session, heads)) => (greeting, Some((session, heads))),
        Err(EngineError::Library(library::LibraryError::NotFound { looked_for })) => {
            (Greeting::NoLibrary { looked_for }, None)
        }
        Err(EngineError::Unloadable { fault, .. }) => (Greeting::Unloadable(fault), None),
        Err(error) => (Greeting::Failed(error.to_string()), None),
    };
    send(&mut to, &serde_json::to_vec(&greeting)?)?;
    let Some((mut session, heads)) = opened else { return Ok(()) };
    loop {
        let Ok(message) = receive(&mut from) else { return Ok(()) };
        let pixels: Vec<f32> = floats(&message);
        let reply = match session.infer(&pixels) {
            Ok(outputs) => written(&outputs, heads),
            Err(EngineError::Run { fault, .. }) => [&[1], fault.as_bytes()].concat(),
            Err(error) => [&[1], error.to_string().as_bytes()].concat(),
        };
        send(&mut to, &reply)?;
    }
}

type Loaded = (Greeting, Box<dyn super::Session>, Heads);

fn load(order: Order, bytes: Vec<u8>) -> Result<Loaded, EngineError> {
    let unusable = |error: crate::model::ModelError| EngineError::Worker(error.to_string());
    let model = Model::from_bytes(order.name, Cow::Owned(bytes)).map_err(unusable)?;
    let engine = Engine {
        kind: Some(order.kind.unwrap_or(EngineKind::Ort)),
        device: order.device,
        library: order.library,
        threads: order.threads,
        worker: None,
    };
    let kind = engine.kind.unwrap_or(EngineKind::Ort);
    let session = open(&model, &engine, 1)?.sessions.remove(0);
    let greeting = Greeting::Loaded { kind, version: session.version(), library: session.library() };
    Ok((greeting, session, model.heads))
}

/// An answer's bytes: what a model of these heads puts out, one after the other.
fn written(outputs: &Outputs, heads: Heads) -> Vec<u8> {
    let optional = [(&outputs.digit_probs, heads.has_digits()), (&outputs.no_digit, heads.tells_no_digit())];
    let optional = optional.into_iter().filter(|(_, wanted)| *wanted).filter_map(|(values, _)| values.as_ref());
    let all = [&outputs.p_leq, &outputs.leq_logit].into_iter().chain(optional).flatten();
    std::iter::once(ANSWERED).chain(all.flat_map(|value| value.to_le_bytes())).collect()
}

pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

pub(super) fn send(to: &mut impl Write, message: &[u8]) -> io::Result<()> {
    to.write_all(&(message.len() as u64).to_le_bytes())?;
    to.write_all(message)?;
    to.flush()
}

pub(super) fn receive(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::other("a message that is too long"));
    }
    let mut message = Vec::new();
    from.take(length).read_to_end(&mut message)?;
    if message.len() as u64 == length { Ok(message) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Limits the memory that this process may write to, and leaves no image of it when it is ended.
#[cfg(unix)]
fn limit_memory() {
    for (resource, limit) in [(libc::RLIMIT_DATA, MOST_MEMORY), (libc::RLIMIT_CORE, 0)] {
        let limit = libc::rlimit { rlim_cur: limit as libc::rlim_t, rlim_max: limit as libc::rlim_t };
        // SAFETY: the structure is whole, lives through the call, and is only read. A system that refuses has no limit.
        let _ = unsafe { libc::setrlimit(resource, &raw const limit) };
    }
}

#[cfg(not(unix))]
fn limit_memory() {
    let _ = MOST_MEMORY;
}
