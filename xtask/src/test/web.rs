//! The step `web`: the page, built, served below a path on loopback, and used in a real browser.

mod checks;
mod gestures;
mod parity;

use anyhow::{Context, Result};

use super::tally::Tally;
use crate::project::Project;
use crate::run::say;
use crate::setup;
use crate::web::server::Server;
use crate::web::site::{File, Site};
use crate::web::webdriver::{Driver, Session};
use crate::web::{Models, build, write_mnist_file};
use checks::{drawing, images, keyboard, links, loading, looks};

/// Where the page is mounted: a sub-path, as on GitHub Pages.
const PREFIX: &str = "/leq/";

/// What every check gets.
pub struct Stage<'a> {
    project: &'a Project,
    server: &'a Server,
    site: &'a Site,
    models: &'a Models,
    driver: &'a Driver,
}

impl Stage<'_> {
    /// The page's address.
    fn page(&self) -> String {
        format!("{}{PREFIX}", self.server.origin())
    }

    /// A new browser, with nothing kept from before.
    fn browser(&self) -> Result<Session> {
        self.driver.session()
    }

    /// A new browser with the page in it, ready to answer.
    fn open_page(&self) -> Result<Session> {
        let browser = self.browser()?;
        browser.open(&self.page())?;
        browser.wait_for("the network", "return document.getElementById('answer').dataset.reading !== undefined")?;
        Ok(browser)
    }
}

type Check = fn(&Stage<'_>) -> Result<()>;

const CHECKS: [(&str, Check); 24] = [
    ("a first visit is small", loading::size),
    ("digits drawn with the mouse are read and compared", drawing::mouse),
    ("digits drawn with a finger are too, and the page does not scroll", drawing::touch),
    ("a pen that presses harder draws wider", drawing::pen),
    ("undo, redo, eraser, swap and clear do what they say", drawing::tools),
    ("empty pads and drawings that are no digits are said", drawing::honest_states),
    ("MNIST's samples come with their labels, mistakes among them", drawing::samples),
    ("the parts under 'why' add up", drawing::why),
    ("photos are dropped and pasted", images::dropped_and_pasted),
    ("a file that is no picture is refused", images::refused),
    ("all is done with the keyboard alone", keyboard::keyboard),
    ("axe finds nothing serious", keyboard::accessibility),
    ("a shared link brings the same drawings", links::link),
    ("cut, huge and hostile links do no harm", links::hostile_links),
    ("nothing is asked of others, and the policy has nothing to report", loading::network_and_policy),
    ("it works offline after the first visit", loading::offline),
    ("it can be installed", loading::installable),
    ("a damaged or missing file is said in words", loading::damaged_files),
    ("a browser without WebAssembly is told", loading::no_webassembly),
    ("a trap in WebAssembly is said, and the drawings are kept", loading::trap),
    ("100 pairs agree with infer compare on the saved PNGs", parity::with_infer),
    ("1,000 pairs agree with native evaluation", parity::with_native_evaluation),
    ("it fits on every screen", looks::every_width),
    ("pictures of the page are taken for people to look at", looks::pictures),
];

/// Builds and serves the page, and runs every check in a browser of its own.
pub fn check(project: &Project) -> Result<Tally> {
    let folder = build(project)?;
    let site = Site::read(&folder)?;
    say(&site.size_table());
    let server = Server::start(0).context("cannot listen on loopback")?;
    server.mount(PREFIX, &site);
    let reference = project.target_dir().join("web-parts/reference.bin");
    let models = Models::of(project)?;
    write_mnist_file(project, "reference", &models.default, &reference)?;
    let contents = std::fs::read(&reference).with_context(|| format!("cannot read {}", reference.display()))?;
    server.add(&format!("{PREFIX}test/reference.bin"), File::new("reference.bin", contents));
    let driver = Driver::start(&setup::browser(project)?)?;
    let stage = Stage { project, server: &server, site: &site, models: &models, driver: &driver };
    let mut tally = Tally::default();
    for (name, check) in CHECKS {
        match check(&stage) {
            Ok(()) => {
                say(&format!("{name} ... ok"));
                tally += Tally::PASSED;
            }
            Err(fault) => {
                say(&format!("{name} ... FAILED: {fault:#}"));
                tally += Tally::FAILED;
            }
        }
    }
    Ok(tally)
}
