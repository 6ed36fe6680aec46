//! PyTorch in an environment of its own, with what its compiler needs.

use anyhow::{Result, bail};

use crate::project::Project;
use crate::{python, run, system};

/// Succeeds where the headers of the environment's Python are, which compiled networks include.
const HAS_HEADERS: &str =
    "import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path('include'), 'Python.h')))";

/// Makes the environment with PyTorch, a C++ compiler and Python's headers, unless they are there.
///
/// # Errors
/// What is missing and could not be made, with the command to run.
pub fn ensure(project: &Project) -> Result<()> {
    system::ensure_cxx_compiler(project)?;
    python::TORCH.ensure(project)?;
    let has_headers = || run::works(run::program(project, python::TORCH.program(project)).args(["-c", HAS_HEADERS]));
    if has_headers() {
        return Ok(());
    }
    let missing = "Python's headers (Python.h)";
    system::install(project, missing, &["python3-dev"], "brew install python@3.13")?;
    if !has_headers() {
        bail!("{missing} are missing for this Python; install those of its own version");
    }
    Ok(())
}
