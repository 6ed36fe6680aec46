//! New versions of the page, while the old one is open.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::drawing::ABLATION_IS_FILLED;
use super::loading::{CONTROLLED, EVERYTHING_IS_KEPT};
use super::{is_said, open_all_parts, wait_for_answer};
use crate::server::Server;
use crate::site::{File, Site};
use crate::test::gestures::{ONE, Pointer, SEVEN, draw_pair};
use crate::test::{PREFIX, Stage};
use crate::webdriver::Session;

/// The folder of the page that is open.
const FOLDER: &str = "return document.querySelector('script[src*=page]').src.split('/').at(-2)";

/// The same page under another version.
fn next_version(site: &Site) -> Result<Site> {
    let page = site.asset("page.js")?;
    let old = page.split('/').next().context("the page has a folder")?;
    let new = "v-0000000000000000";
    let index = |site: &Site| site.files["index.html"].contents.clone();
    let integrity = |contents: &[u8]| STANDARD.encode(Sha256::digest(contents));
    let mut next = Site::default();
    for (path, file) in &site.files {
        let path = path.replace(old, new);
        let contents = match path.as_str() {
            "index.html" | "sw.js" => String::from_utf8_lossy(&file.contents).replace(old, new).into_bytes(),
            _ => file.contents.clone(),
        };
        next.files.insert(path.clone(), File::new(&path, contents));
    }
    let worker = String::from_utf8_lossy(&next.files["sw.js"].contents)
        .replace(&integrity(&index(site)), &integrity(&index(&next)));
    next.files.insert("sw.js".to_owned(), File::new("sw.js", worker.into_bytes()));
    Ok(next)
}

fn look_for_updates(browser: &Session) -> Result<()> {
    let script = "navigator.serviceWorker.getRegistration().then((it) => it.update()); return true";
    browser.run(script).map(drop)
}

/// A new version is offered; until it is taken, the old page works to its last part, and then the drawings are still there.
pub fn offered(stage: &Stage<'_>) -> Result<()> {
    let server = Server::start(0)?;
    server.mount(PREFIX, stage.site);
    let browser = stage.browser()?;
    browser.open(&format!("{}{PREFIX}", server.origin()))?;
    browser.wait_for("the service worker", CONTROLLED)?;
    stage.clear(&browser)?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    browser.wait_for("all networks to be kept", EVERYTHING_IS_KEPT)?;
    server.unmount(PREFIX);
    server.mount(PREFIX, &next_version(stage.site)?);
    look_for_updates(&browser)?;
    is_said(&browser, "A new version of this page is available.")?;
    open_all_parts(&browser)?;
    browser.wait_for("every network of the old page", ABLATION_IS_FILLED)?;
    browser.click("#notice-action")?;
    browser.wait_for("the new version", &format!("{FOLDER} === 'v-0000000000000000'"))?;
    wait_for_answer(&browser, "1 ≤ 7, ")
}

/// With two tabs open, taking the new version in one leaves the other at work, and tells it.
pub fn other_tabs(stage: &Stage<'_>) -> Result<()> {
    let server = Server::start(0)?;
    server.mount(PREFIX, stage.site);
    let browser = stage.browser()?;
    let address = format!("{}{PREFIX}", server.origin());
    browser.open(&address)?;
    browser.wait_for("the service worker", CONTROLLED)?;
    browser.wait_for("all networks to be kept", EVERYTHING_IS_KEPT)?;
    browser.reload()?;
    browser.wait_for("the service worker", CONTROLLED)?;
    let first = browser.window()?;
    let second = browser.new_window()?;
    browser.switch_to(&second)?;
    browser.open(&address)?;
    browser.wait_for("the service worker", CONTROLLED)?;
    server.unmount(PREFIX);
    server.mount(PREFIX, &next_version(stage.site)?);
    look_for_updates(&browser)?;
    is_said(&browser, "A new version of this page is available.")?;
    browser.click("#notice-action")?;
    browser.wait_for("the new version", &format!("{FOLDER} === 'v-0000000000000000'"))?;
    browser.switch_to(&first)?;
    is_said(&browser, "A new version of this page is available.")?;
    stage.clear(&browser)?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    browser.click("#samples")?;
    browser.wait_for("samples of the old page", "return document.getElementById('truth').textContent !== ''")
}

/// A page that never had a service worker, and whose files are gone, is told to reload and keeps its drawings.
pub fn gone(stage: &Stage<'_>) -> Result<()> {
    let server = Server::start(0)?;
    server.mount(PREFIX, stage.site);
    let browser = stage.browser()?;
    let script = json!({ "source": "delete Navigator.prototype.serviceWorker;" });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &script)?;
    browser.open(&format!("{}{PREFIX}", server.origin()))?;
    stage.clear(&browser)?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    server.unmount(PREFIX);
    server.mount(PREFIX, &next_version(stage.site)?);
    browser.click("#samples")?;
    is_said(&browser, "This page was replaced by a new version")?;
    ensure!(browser.text("#notice-action")? == "Reload", "no way to reload is offered");
    browser.click("#notice-action")?;
    browser.wait_for("the new version", &format!("{FOLDER} === 'v-0000000000000000'"))?;
    wait_for_answer(&browser, "1 ≤ 7, ")
}
