//! `cargo xtask web`: the page, built into a folder that any static host can serve, and shown on this machine.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use page::{Addresses, Server, Site};
use setup::run::say;
use setup::{Need, Project};

use crate::Outcome;

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
    /// Where the page will be, for the picture in previews of links [default: a relative address]
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// Where its repository is shown, for links to the source [default: no such links]
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// Take the page's picture for previews of links and draw its icons anew, in Chromium, into web-demo/www
    #[arg(long)]
    pictures: bool,
}

/// Builds the page, and serves it if that is asked for.
pub fn command(project: &Project, arguments: &Arguments) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler, Need::RustTarget(setup::WASM), Need::Rollup])?;
    let addresses = Addresses { address: arguments.address.clone(), source: arguments.source.clone() };
    let folder = page::build_for(project, &addresses, arguments.model.as_deref())?;
    let site = Site::read(&folder)?;
    say(&format!("\n{}", site.size_table()));
    say(&format!("the page is in {}", project.relative(&folder).display()));
    if arguments.pictures {
        setup::ensure(project, &[Need::Browser])?;
        page::take_pictures(project, &site)?;
    }
    if arguments.serve {
        let server = Server::start(PORT).or_else(|_| Server::start(0)).context("cannot listen on loopback")?;
        server.mount("/", &site);
        say(&format!("serving it at {}/ until Ctrl-C", server.origin()));
        server.wait();
    }
    Ok(Outcome::Done)
}
