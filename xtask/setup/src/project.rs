//! Where the parts of the project are on this machine, and which revision it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A checkout of leq.
pub struct Project {
    /// The folder that holds the workspace.
    pub root: PathBuf,
}

impl Project {
    /// The checkout that this program was built from.
    pub fn here() -> Self {
        let this_crate = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: this_crate.ancestors().nth(2).unwrap_or(this_crate).to_path_buf() }
    }

    /// The folder that holds all that set-up makes.
    pub fn setup_dir(&self) -> PathBuf {
        self.root.join(".setup")
    }

    /// Whichever target folder Cargo was told to use: two folders up from where this program was built.
    pub fn target_dir(&self) -> PathBuf {
        let default = self.root.join("target/debug/xtask");
        let this_program = std::env::current_exe().unwrap_or(default);
        this_program.ancestors().nth(2).unwrap_or(&self.root).to_path_buf()
    }

    /// The release build of one of the workspace's programs.
    pub fn release_program(&self, name: &str) -> PathBuf {
        self.target_dir().join("release").join(name)
    }

    /// `path` as somebody in the project's root would write it.
    pub fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    /// The commit in `digits` hexadecimal digits, with `-dirty` where files have changed since; `unknown` outside a git
    /// checkout.
    pub fn revision(&self, digits: usize) -> String {
        let mut describe = Command::new("git");
        describe.current_dir(&self.root).stdin(Stdio::null());
        describe.args(["describe", "--always", "--dirty", "--exclude=*", &format!("--abbrev={digits}")]);
        match describe.output() {
            Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            _ => "unknown".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_folder_of_the_workspace() {
        assert!(Project::here().root.join("xtask/setup/src/project.rs").is_file());
    }

    #[test]
    fn outside_a_git_checkout_the_revision_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Project { root: folder.path().to_owned() }.revision(12), "unknown");
    }
}
