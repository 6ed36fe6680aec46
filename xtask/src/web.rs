//! `cargo xtask web`: the page, built into a folder that any static host can serve, and shown on this machine.

mod build;
mod bundle;
mod offline;
mod records;
pub mod remap;
pub mod server;
pub mod site;
pub mod webdriver;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::Outcome;
use crate::project::Project;
use crate::run::say;
use crate::setup::{self, Need};
use server::Server;
use site::Site;

pub use build::{build, write_mnist_file};
pub use bundle::Models;

/// The port that `--serve` asks for first.
const PORT: u16 = 8000;

/// What `cargo xtask web` can be asked for.
#[derive(Args)]
pub struct Arguments {
    /// Show the page on this machine until Ctrl-C
    #[arg(long)]
    serve: bool,
    /// The model that answers: an ONNX file of your own [default: the one that web-demo/models.json names]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// Builds the page, and serves it if that is asked for.
pub fn command(project: &Project, arguments: &Arguments) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler, Need::RustTarget(setup::WASM)])?;
    let folder = match &arguments.model {
        Some(file) => build::build_with(project, file)?,
        None => build(project)?,
    };
    let site = Site::read(&folder)?;
    say(&format!("\n{}", site.size_table()));
    say(&format!("the page is in {}", project.relative(&folder).display()));
    if arguments.serve {
        let server = Server::start(PORT).or_else(|_| Server::start(0)).context("cannot listen on loopback")?;
        server.mount("/", &site);
        say(&format!("serving it at {}/ until Ctrl-C", server.origin()));
        server.wait();
    }
    Ok(Outcome::Done)
}
