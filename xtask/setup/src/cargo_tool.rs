//! Programs that Cargo compiles from their sources into `.setup`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::run::{self, cargo, program};
use crate::say;

/// A program, pinned; its lock file pins what it depends on.
pub struct CargoTool {
    name: &'static str,
    /// What Cargo calls it by.
    subcommand: &'static str,
    version: &'static str,
}

/// cargo-mutants, which changes one thing at a time and runs the tests.
pub const MUTANTS: CargoTool = CargoTool { name: "cargo-mutants", subcommand: "mutants", version: "27.1.0" };

/// cargo-fuzz, which builds and runs the fuzz targets.
pub const FUZZ: CargoTool = CargoTool { name: "cargo-fuzz", subcommand: "fuzz", version: "0.13.2" };

impl CargoTool {
    /// The program.
    pub fn path(&self, project: &Project) -> PathBuf {
        self.folder(project).join("bin").join(self.name)
    }

    fn folder(&self, project: &Project) -> PathBuf {
        project.setup_dir().join(self.name)
    }

    /// Compiles it unless it is there in this version.
    ///
    /// # Errors
    /// The command that failed.
    pub fn ensure(&self, project: &Project) -> Result<()> {
        let Self { name, subcommand, version } = self;
        let found = program(project, self.path(project)).args([subcommand, "--version"]).output();
        if found.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim().ends_with(version)) {
            return Ok(());
        }
        say(&format!("compiling {name} {version}"));
        let mut install = cargo(project, &["install", "--locked", "--quiet", "--version", version, name, "--root"]);
        // Not into the folder where the project is built.
        install.arg(self.folder(project)).env_remove("CARGO_TARGET_DIR");
        run::run(project, &mut install).with_context(|| format!("{name} could not be installed"))
    }
}
