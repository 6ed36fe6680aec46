//! Tells the program which compiler and which Candle it is built with; every trial of a study notes both.

use std::path::Path;
use std::process::Command;

/// In the repository; the crate as packaged is built without.
const WORKSPACE_LOCK: &str = "../../Cargo.lock";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if Path::new(WORKSPACE_LOCK).exists() {
        println!("cargo::rerun-if-changed={WORKSPACE_LOCK}");
    }
    println!("cargo::rustc-env=LEQ_RUSTC={}", compiler().unwrap_or_else(|| "unknown".to_owned()));
    println!("cargo::rustc-env=LEQ_CANDLE={}", candle().unwrap_or_else(|| "unknown".to_owned()));
}

fn compiler() -> Option<String> {
    let output = Command::new(std::env::var_os("RUSTC")?).arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().trim_start_matches("rustc ").to_owned())
}

/// Candle's version as the workspace locks it.
fn candle() -> Option<String> {
    let text = std::fs::read_to_string(WORKSPACE_LOCK).ok()?;
    let mut lines = text.lines().skip_while(|line| *line != "name = \"candle-core\"");
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"').map(str::to_owned)
}
