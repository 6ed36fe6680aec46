//! Where the parts of the project are on this machine.

use std::path::{Path, PathBuf};

/// A checkout of leq.
pub struct Project {
    /// The folder that holds the workspace.
    pub root: PathBuf,
}

impl Project {
    /// The checkout that this program was built from.
    pub fn here() -> Self {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: xtask.parent().unwrap_or(xtask).to_path_buf() }
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
}
