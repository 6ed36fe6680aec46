//! What the measurements ran on.

use std::fmt;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Serialize;
use setup::{Project, run};

use super::proc::read;

/// The machine, and what built the programs.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor by its maker's name.
    pub processor: String,
    /// The cores that this process may use, by number.
    pub cores: Vec<usize>,
    /// Main memory in GB of 10^9 bytes.
    pub memory_gb: f64,
    /// The kernel's release.
    pub kernel: String,
    /// The compiler's version.
    pub rustc: String,
    /// The source revision, `unknown` outside a git checkout.
    pub revision: String,
}

impl Machine {
    /// This machine.
    ///
    /// # Errors
    /// What of `/proc` is missing.
    pub fn here(project: &Project) -> Result<Self> {
        let field = |path: &str, name: &str| -> Result<String> {
            let text = read(path)?;
            let found = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
            Ok(found.with_context(|| format!("{path} has no field {name}"))?.trim().to_owned())
        };
        let memory = field("/proc/meminfo", "MemTotal")?;
        let kibibytes: f64 = memory.trim_end_matches("kB").trim().parse().context("MemTotal is a number of kB")?;
        Ok(Self {
            processor: files::processor().unwrap_or_else(|| "unknown".into()),
            cores: core_list(&field("/proc/self/status", "Cpus_allowed_list")?).context("a list of cores")?,
            memory_gb: kibibytes * 1024.0 / 1e9,
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            rustc: printed(run::program(project, "rustc").arg("--version")),
            revision: project.revision(40),
        })
    }

    /// The core to measure on: the last one, since the first often serves interrupts.
    pub fn core(&self) -> usize {
        self.cores.last().copied().unwrap_or(0)
    }
}

/// In words, as the head of a page has it.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, memory_gb, kernel, rustc, revision } = self;
        let cores = cores.len();
        write!(
            f,
            "{processor}, {cores} cores, {memory_gb:.1} GB of memory, Linux {kernel}; {rustc}; revision {revision}"
        )
    }
}

/// Core numbers from a list like `0-2,5`.
fn core_list(text: &str) -> Option<Vec<usize>> {
    let mut cores = Vec::new();
    for range in text.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        cores.extend(first.trim().parse::<usize>().ok()?..=last.trim().parse().ok()?);
    }
    Some(cores)
}

fn printed(command: &mut Command) -> String {
    match command.output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => "unknown".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_cores_may_have_ranges() {
        assert_eq!(core_list("0-2,5"), Some(vec![0, 1, 2, 5]));
        assert_eq!(core_list("7"), Some(vec![7]));
        assert_eq!(core_list("a"), None);
    }
}
