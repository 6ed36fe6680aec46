//! Ctrl-C: once ends the work in good order, twice stops at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Exit code after a second Ctrl-C, as shells have it for SIGINT.
const INTERRUPTED: i32 = 130;

/// Whether the user asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Never interrupted, unless [`Interrupt::ask`] is called.
    pub fn never() -> Self {
        Self::default()
    }

    /// Watches Ctrl-C and SIGTERM; the first one is answered with `message` on stderr, which says what happens now.
    ///
    /// # Errors
    /// When the process watches them already.
    pub fn on_ctrl_c(message: &'static str) -> anyhow::Result<Self> {
        let interrupt = Self::default();
        let asked = interrupt.clone();
        ctrlc::set_handler(move || {
            if asked.0.fetch_add(1, Ordering::SeqCst) > 0 {
                std::process::exit(INTERRUPTED);
            }
            eprintln!("\n{message}; Ctrl-C again stops at once");
        })?;
        Ok(interrupt)
    }

    /// Asks to stop.
    pub fn ask(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether the user asked to stop.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}
