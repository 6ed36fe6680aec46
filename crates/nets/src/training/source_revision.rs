//! The sources of this program.

use std::process::{Command, Stdio};

/// The commit of the checkout that this program was built in, shortened to `digits` hexadecimal digits, with `-dirty` behind
/// it where sources are uncommitted; `unknown` where the checkout is gone or was none.
pub fn source_revision(digits: usize) -> String {
    let mut git = Command::new("git");
    git.args(["-C", env!("CARGO_MANIFEST_DIR"), "describe", "--always", "--dirty", "--exclude=*"]);
    let output = git.arg(format!("--abbrev={digits}")).stdin(Stdio::null()).stderr(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => "unknown".to_owned(),
    }
}
