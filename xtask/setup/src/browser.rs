//! The browsers in which the page is tested as people use it: Chromium with ChromeDriver, and Firefox, which is driven
//! without a driver.

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::{run, system};

/// Names under which Chromium and Chrome are installed.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const DRIVER: &str = "chromedriver";

/// Names under which Firefox is installed.
const FIREFOXES: [&str; 2] = ["firefox-esr", "firefox"];

/// A browser and the program that drives it.
pub struct Browser {
    /// The browser's name or path.
    pub program: &'static str,
    /// Its driver's.
    pub driver: &'static str,
}

/// Makes sure that both are there.
///
/// # Errors
/// What is missing and could not be installed, with the command to run.
pub fn ensure(project: &Project) -> Result<()> {
    if find(project).is_ok() {
        return Ok(());
    }
    let packages = ["chromium", "chromium-driver", "fonts-dejavu-core"];
    system::install(project, "Chromium with ChromeDriver", &packages, "brew install chromium chromedriver")?;
    find(project).map(|_| ())
}

/// The browser that is installed.
///
/// # Errors
/// Which of the two is missing.
pub fn find(project: &Project) -> Result<Browser> {
    let works = |name: &&str| run::works(run::program(project, name).arg("--version"));
    let program = BROWSERS.into_iter().find(|name| works(name)).context("there is no Chromium or Chrome")?;
    if !works(&DRIVER) {
        bail!("there is no {DRIVER} for {program}");
    }
    Ok(Browser { program, driver: DRIVER })
}

/// Makes sure that Firefox is there.
///
/// # Errors
/// That it is missing and could not be installed, with the command to run.
pub fn ensure_firefox(project: &Project) -> Result<()> {
    if find_firefox(project).is_ok() {
        return Ok(());
    }
    system::install(project, "Firefox", &["firefox-esr", "fonts-dejavu-core"], "brew install --cask firefox")?;
    find_firefox(project).map(|_| ())
}

/// The Firefox that is installed.
///
/// # Errors
/// That there is none.
pub fn find_firefox(project: &Project) -> Result<&'static str> {
    let works = |name: &&str| run::works(run::program(project, name).arg("--version"));
    FIREFOXES.into_iter().find(works).context("there is no Firefox")
}
