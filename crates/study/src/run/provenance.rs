//! Versions and host of a trial.

use std::process::{Command, Stdio};

use super::trial::{Host, Versions};

/// Number of the program's numerics: kernels, recipes, and the order of their sums. Trials of one revision and one kind of
/// machine agree bit for bit. A change that gives other bits counts it up; a test trains networks and compares.
pub const NUMERICAL_REVISION: u32 = 2;

impl Versions {
    /// The versions of this program.
    pub fn here() -> Self {
        Self {
            leq: revision().unwrap_or_else(|| "unknown".to_owned()),
            numerics: Some(NUMERICAL_REVISION),
            candle: env!("LEQ_CANDLE").to_owned(),
            rustc: env!("LEQ_RUSTC").to_owned(),
            instructions: instructions().to_owned(),
        }
    }
}

impl Host {
    /// This machine.
    pub fn here() -> Self {
        Self {
            processor: processor().unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        }
    }
}

/// The revision of the checkout that this program was built in, if it still exists.
fn revision() -> Option<String> {
    let mut git = Command::new("git");
    git.args(["-C", env!("CARGO_MANIFEST_DIR"), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]);
    let output = git.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.trim_start().strip_prefix(':'))?;
    Some(model.trim().to_owned())
}

#[cfg(target_arch = "x86_64")]
fn instructions() -> &'static str {
    if is_x86_feature_detected!("avx512f") {
        "AVX-512"
    } else if is_x86_feature_detected!("avx2") {
        "AVX2"
    } else {
        "SSE2"
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn instructions() -> &'static str {
    std::env::consts::ARCH
}
