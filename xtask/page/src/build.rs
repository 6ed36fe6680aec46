//! From the crate `web-demo` and its files to the page's folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use setup::Project;
use setup::run::{cargo, program, run};

use crate::bundle;
use crate::marks;
use crate::models::Models;
use crate::modules::Modules;
use crate::offline::{HARD, PAIRS};
use crate::parts::Parts;
use crate::publication::{Addresses, Publication};
use crate::records;
use crate::remap::{self, TRIPLE};

/// Cargo's profile for the page; not called `web`, since Cargo keeps a folder of each profile's name beside the page's.
const PROFILE: &str = "page";

/// Builds the page and returns its folder, `web` in Cargo's target folder.
///
/// # Errors
/// The command that failed, or the file that is missing.
pub fn build(project: &Project) -> Result<PathBuf> {
    build_for(project, &Addresses::default(), None)
}

/// As [`build`], for a host that is known, and with the model in `file`, if there is one, as the one that answers.
///
/// # Errors
/// As [`build`].
pub fn build_for(project: &Project, addresses: &Addresses, file: Option<&Path>) -> Result<PathBuf> {
    let mut models = Models::of(project)?;
    let file = match file {
        Some(file) => {
            let name = file.file_stem().with_context(|| format!("{} is no file", file.display()))?;
            models.default = name.to_string_lossy().into_owned();
            std::path::absolute(file).with_context(|| format!("cannot read {}", file.display()))?
        }
        None => model_file(project, &models.default),
    };
    assemble(project, models, file, Publication::of(project, addresses))
}

fn assemble(project: &Project, models: Models, default_file: PathBuf, publication: Publication) -> Result<PathBuf> {
    let target = project.target_dir();
    let glue = target.join("web-parts");
    std::fs::create_dir_all(&glue).with_context(|| format!("cannot make the folder {}", glue.display()))?;
    let page = project.root.join("web-demo");
    compile(project, &target, &glue)?;
    let digits = ["samples.bin", PAIRS, HARD].map(|name| glue.join(name));
    for (what, path) in ["samples", "pairs", "hard"].into_iter().zip(&digits) {
        cut_mnist_file(project, what, &default_file, path)?;
    }
    let folder = target.join("web");
    let records = records::of(&project.root.join("results/models"), &models.ablation)?;
    let models_folder = project.root.join("models");
    let results = project.root.join("results/index.html");
    let page = page.join("www");
    let parts = Parts { page, glue, digits, models_folder, models, records, default_file, results, publication };
    files::write(&parts.glue.join(marks::LIST), marks::list_for_the_page(&parts)?)?;
    let modules = Modules::bundle(project, [&parts.page, &parts.glue])?;
    bundle::write(&parts, &modules, &folder)?;
    Ok(folder)
}

/// Compiles the crate to WebAssembly and writes the JavaScript that loads it beside.
fn compile(project: &Project, target: &Path, glue: &Path) -> Result<()> {
    let arguments = ["build", "--locked", "--package", "web-demo", "--lib", "--profile", PROFILE, "--target", TRIPLE];
    let setting = remap::setting(&remap::folders(&project.root, target)?);
    run(project, cargo(project, &arguments).args(["--config", &setting]))?;
    let compiled = target.join(TRIPLE).join(PROFILE).join("web_demo.wasm");
    build_tools(project)?;
    let mut bindgen = program(project, target.join("debug/web-bindgen"));
    run(project, bindgen.arg(compiled).arg(glue))
}

/// Builds this machine's own programs that make the page. Of the workspace as a whole: for a package by itself, Cargo chooses
/// other features of the dependencies than for the tests, and compiles most of them again.
fn build_tools(project: &Project) -> Result<()> {
    let tools = ["--bin", "web-bindgen", "--example", "mnist_files"];
    run(project, cargo(project, &["build", "--quiet", "--locked", "--workspace"]).args(tools))
}

/// Cuts one of the files that the example `mnist_files` knows out of MNIST's test split; [`build`] has built it.
///
/// # Errors
/// The command, if it failed.
pub fn write_mnist_file(project: &Project, what: &str, model: &str, to: &Path) -> Result<()> {
    cut_mnist_file(project, what, &model_file(project, model), to)
}

fn model_file(project: &Project, name: &str) -> PathBuf {
    project.root.join("models").join(format!("{name}.onnx"))
}

fn cut_mnist_file(project: &Project, what: &str, model: &Path, to: &Path) -> Result<()> {
    let mut command = program(project, project.target_dir().join("debug/examples/mnist_files"));
    command.arg(what);
    run(project, command.arg(model).arg(to))
}
