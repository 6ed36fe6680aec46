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
use crate::test::gestures::{ONE, Pointer, SEVEN, draw_pair, key, press};
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
    offer_stands(&browser)?;
    browser.click("#notice-action")?;
    browser.wait_for("the new version", &format!("{FOLDER} === 'v-0000000000000000'"))?;
    wait_for_answer(&browser, "1 ≤ 7, ")
}

/// Other notices only cover the offer. Escape closes a notice, and who was in it is where they were before.
fn offer_stands(browser: &Session) -> Result<()> {
    browser.click("#share")?;
    is_said(browser, "The link to these two drawings")?;
    is_said(browser, "A new version of this page is available.")?;
    browser.click("#share")?;
    is_said(browser, "The link to these two drawings")?;
    browser
        .run("document.getElementById('swap').focus(); document.getElementById('notice-close').focus(); return true")?;
    press(browser, &[key::ESCAPE])?;
    is_said(browser, "A new version of this page is available.")?;
    let focused = browser.run("return document.activeElement.id")?;
    ensure!(focused == json!("swap"), "after Escape the focus is on {focused}");
    Ok(())
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

/// Opens the page of `site` in a browser without service workers, in which `script` runs first, draws, and replaces the page
/// by its next version.
fn replaced(stage: &Stage<'_>, server: &Server, site: &Site, script: &str) -> Result<Session> {
    server.mount(PREFIX, site);
    let browser = stage.browser()?;
    let script = json!({ "source": format!("delete Navigator.prototype.serviceWorker; {script}") });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &script)?;
    browser.open(&format!("{}{PREFIX}", server.origin()))?;
    stage.clear(&browser)?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    browser
        .run("for (const id of ['game-part', 'ablation-part']) document.getElementById(id).open = true; return true")?;
    let are_there =
        "return document.getElementById('run-pairs') !== null && document.querySelector('#game .start') !== null";
    browser.wait_for("the parts", are_there)?;
    server.unmount(PREFIX);
    server.mount(PREFIX, &next_version(stage.site)?);
    Ok(browser)
}

/// Takes the new version that is offered; what was drawn is there again.
fn reload(browser: &Session) -> Result<()> {
    ensure!(browser.text("#notice-action")? == "Reload", "no way to reload is offered");
    browser.click("#notice-action")?;
    browser.wait_for("the new version", &format!("{FOLDER} === 'v-0000000000000000'"))?;
    wait_for_answer(browser, "1 ≤ 7, ")
}

/// A page that never had a service worker, and whose files are gone, is told to reload, by every part that asks for one,
/// and keeps its drawings.
pub fn gone(stage: &Stage<'_>) -> Result<()> {
    let server = Server::start(0)?;
    let mut site = stage.site.clone();
    site.files.retain(|path, _| !path.contains("report-a-"));
    let browser = replaced(stage, &server, &site, "")?;
    let told = "This page was replaced by a new version";
    is_said(&browser, told)?;
    let rows = "return [...document.querySelectorAll('#ablation td')].filter((it) => it.textContent.startsWith('Gone: ')).length === 4";
    browser.wait_for("the networks that are gone", rows)?;
    for selector in ["#samples", "#run-pairs", "#game .start"] {
        browser.click("#notice-close")?;
        browser.click(selector)?;
        is_said(&browser, told).map_err(|fault| fault.context(selector))?;
    }
    let promised = browser.text("footer")?.contains("works offline");
    ensure!(!promised, "offline use is promised without a service worker");
    reload(&browser)
}

/// Where the browser's storage is full, the address keeps the drawings over a reload.
pub fn storage_is_full(stage: &Stage<'_>) -> Result<()> {
    let server = Server::start(0)?;
    let full = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };";
    let browser = replaced(stage, &server, stage.site, full)?;
    browser.click("#samples")?;
    is_said(&browser, "This page was replaced by a new version")?;
    reload(&browser)
}
