//! Asking a training to stop in good order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether somebody asked to stop. Clones share the answer, so another thread or a signal handler can ask.
///
/// ```
/// let interrupt = nets::training::Interrupt::never();
/// let handler = interrupt.clone();
/// assert!(!interrupt.asked());
/// handler.ask();
/// assert!(interrupt.asked());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Not asked to stop yet.
    pub fn never() -> Self {
        Self::default()
    }

    /// Asks to stop, and returns how often that was asked before.
    pub fn ask(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst)
    }

    /// Whether somebody asked to stop.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}
