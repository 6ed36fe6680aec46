//! Progress of a training: a bar on a terminal, otherwise a line per epoch.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use nets::training::{EpochReport, Interrupt};

use crate::say::say;

/// Shows the progress of a training on stderr.
#[derive(Debug)]
pub enum EpochProgress {
    /// One line per epoch.
    Lines {
        /// Epochs of the training.
        epochs: u32,
    },
    /// A bar with loss, accuracy and time left.
    Bar(ProgressBar),
}

impl EpochProgress {
    /// A bar if stderr is a terminal, else lines.
    pub fn on_stderr(epochs: u32) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines { epochs };
        }
        let style = ProgressStyle::with_template("epoch {pos}/{len} {bar:30} {msg}  {elapsed} (left {eta})");
        let bar = ProgressBar::new(u64::from(epochs)).with_style(style.expect("the template is sound"));
        bar.set_message("loss -      accuracy -");
        Self::Bar(bar)
    }

    /// Shows a finished epoch.
    pub fn show(&self, report: &EpochReport) {
        match self {
            Self::Lines { epochs } => say!("epoch {}/{epochs}  {}", report.epoch, figures(report)),
            Self::Bar(bar) => {
                bar.set_message(figures(report));
                bar.set_position(u64::from(report.epoch));
            }
        }
    }

    /// Leaves the bar as it stands.
    pub fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.abandon();
        }
    }
}

fn figures(report: &EpochReport) -> String {
    let validation = match report.validation_loss {
        Some(loss) => format!("  validation loss {loss:.4}"),
        None => String::new(),
    };
    format!("loss {:.4}  accuracy {:5.1} %{validation}", report.loss, 100.0 * report.accuracy)
}

/// Exit code after a second Ctrl-C, as shells have it for SIGINT.
const INTERRUPTED: i32 = 130;

/// Handles Ctrl-C, SIGTERM and SIGHUP, but for what whoever started the program has ignored, as `nohup` does. The first
/// prints `message` to stderr and requests a stop; the second stops immediately.
///
/// # Errors
/// If the process already handles them.
pub fn interrupt_on_ctrl_c(message: &'static str) -> anyhow::Result<Interrupt> {
    let interrupt = Interrupt::never();
    let asked = interrupt.clone();
    let stop = move || {
        if asked.ask() > 0 {
            std::process::exit(INTERRUPTED);
        }
        say!("\n{message}; press Ctrl-C again to stop immediately");
    };
    terminal::keeping_ignored(|| ctrlc::set_handler(stop))?;
    Ok(interrupt)
}
