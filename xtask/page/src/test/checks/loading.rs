//! What the page loads, and what it says when that is damaged or missing.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::drawing::ABLATION_IS_FILLED;
use super::links::open_shared;
use super::{no_faults, open_all_parts, wait_for_answer};
use crate::server::Server;
use crate::site::File;
use crate::test::gestures::{ONE, Pointer, SEVEN, draw, draw_pair};
use crate::test::words::{Means, activate};
use crate::test::{PREFIX, Stage};
use crate::webdriver::Session;

pub fn network_and_policy(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    for selector in ["#samples", "#mistakes", "#share", "#download", ".pad [data-tool=cells]"] {
        browser.click(selector)?;
    }
    browser.click("#notice-close")?;
    browser.click("#ablation-part summary")?;
    browser.wait_for("the service worker", CONTROLLED)?;
    let mut requests = 0;
    for message in browser.log("performance")? {
        let event: Value = serde_json::from_str(&message)?;
        let address = event["message"]["params"]["request"]["url"].as_str().unwrap_or_default();
        if event["message"]["method"] == json!("Network.requestWillBeSent") && !address.is_empty() {
            let ours =
                address.starts_with(&stage.page()) || address.starts_with("blob:") || address.starts_with("data:");
            ensure!(ours, "the page asked for {address}");
            requests += 1;
        }
    }
    ensure!(requests > 10, "only {requests} requests were seen");
    no_faults(&browser)?;
    ensure!(stage.server.origin().starts_with("http://127.0.0.1:"), "served from elsewhere");
    Ok(())
}

/// Most bytes of a first visit, with gzip, its default model included.
const MOST_BYTES: usize = 700_000;

pub const CONTROLLED: &str = "return navigator.serviceWorker.controller !== null";

/// True once the service worker has kept all of its lists.
pub const EVERYTHING_IS_KEPT: &str = "window.missing ??= ['all']; \
     (async () => { \
         const lists = (await (await fetch('sw.js')).text()).match(/JSON.parse\\('.*?'\\)/g); \
         const paths = lists.flatMap((list) => JSON.parse(list.slice(12, -2))).map(([path]) => path); \
         const found = await Promise.all(paths.map((path) => caches.match(new URL(path, location.href)))); \
         window.missing = paths.filter((_, at) => found[at] === undefined); \
     })(); return window.missing.length === 0";

pub fn offline(stage: &Stage<'_>) -> Result<()> {
    let server = Server::start(0)?;
    server.mount(PREFIX, stage.site);
    let browser = stage.browser()?;
    browser.open(&format!("{}{PREFIX}", server.origin()))?;
    browser.wait_for("the service worker", CONTROLLED)?;
    browser.wait_for("all networks to be kept", EVERYTHING_IS_KEPT)?;
    browser.wait_for(
        "word that it works offline",
        "return document.querySelector('footer').textContent.includes('The page works offline from now on.')",
    )?;
    drop(server);
    browser.reload()?;
    stage.clear(&browser)?;
    let sentence = draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    ensure!(sentence.starts_with("1 ≤ 7, "), "offline the page says {sentence:?}");
    browser.click("#samples")?;
    browser.wait_for("samples", "return document.getElementById('truth').textContent !== ''")?;
    open_all_parts(&browser)?;
    browser.wait_for("every network's answer", ABLATION_IS_FILLED)
}

/// What was not kept before the network went is said, and comes when the network is back.
pub fn offline_too_soon(stage: &Stage<'_>) -> Result<()> {
    let server = Server::start(0)?;
    server.mount(PREFIX, stage.site);
    let browser = stage.browser()?;
    browser.open(&format!("{}{PREFIX}", server.origin()))?;
    browser.wait_for("all networks to be kept", EVERYTHING_IS_KEPT)?;
    let forget = "for (const name of await caches.keys()) { const cache = await caches.open(name); \
         for (const request of await cache.keys()) if (/report-.*onnx/.test(request.url)) await cache.delete(request); } \
         performance.clearResourceTimings(); return true";
    browser.run_async(forget, &Value::Null)?;
    browser.devtools("Network.enable", &json!({}))?;
    browser.devtools("Network.setCacheDisabled", &json!({ "cacheDisabled": true }))?;
    let port = server.port();
    drop(server);
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    open_all_parts(&browser)?;
    browser.wait_for(
        "the missing networks to be said",
        "return [...document.querySelectorAll('#ablation td')].filter((it) => it.textContent.startsWith('Not on this device')).length === 4",
    )?;
    let back = Server::start(port)?;
    back.mount(PREFIX, stage.site);
    browser.run("window.dispatchEvent(new Event('online')); return true")?;
    browser.wait_for("every network's answer", ABLATION_IS_FILLED)
}

/// A file of the page, how it is damaged, and what the page then says.
type Damage<'a> = (&'a str, &'a str, fn(&mut Vec<u8>), &'a str);

pub fn damaged_files(stage: &Stage<'_>) -> Result<()> {
    let model = format!("{}.onnx", stage.models.default);
    let cases: [Damage<'_>; 6] = [
        ("bit", &model, |bytes| bytes[20_000] ^= 1, "arrived damaged (its checksum is wrong)"),
        ("cut", &model, |bytes| bytes.truncate(1000), "arrived damaged"),
        ("none", &model, Vec::clear, "could not be loaded (HTTP 404)"),
        ("wasm", "web_demo_bg.wasm", |bytes| bytes.truncate(1000), "WebAssembly file arrived damaged"),
        ("wasm-bit", "web_demo_bg.wasm", |bytes| bytes[4] ^= 1, "WebAssembly file arrived damaged"),
        ("no-wasm", "web_demo_bg.wasm", Vec::clear, "WebAssembly file could not be loaded (HTTP 404)"),
    ];
    for (name, file, damage, expected) in cases {
        let prefix = format!("/damaged-{name}/");
        let mut site = stage.site.clone();
        let path = site.asset(file)?.to_owned();
        let mut contents = site.files.remove(&path).context("the page has the file")?.contents;
        damage(&mut contents);
        if !contents.is_empty() {
            site.files.insert(path.clone(), File::new(&path, contents));
        }
        stage.server.mount(&prefix, &site);
        let browser = stage.browser()?;
        browser.open(&format!("{}{prefix}", stage.server.origin()))?;
        is_told(&browser, expected)?;
    }
    Ok(())
}

/// Without its network the page says so beside the pads for as long as it is so, still takes drawings, and no part of it lies.
pub fn network_failed(stage: &Stage<'_>) -> Result<()> {
    let model = stage.site.asset(&format!("{}.onnx", stage.models.default))?;
    let mut site = stage.site.clone();
    let mut contents = site.files[model].contents.clone();
    contents[20_000] ^= 1;
    site.files.insert(model.to_owned(), File::new(model, contents));
    stage.server.mount("/failed/", &site);
    let browser = stage.browser()?;
    browser.open(&format!("{}/failed/", stage.server.origin()))?;
    is_told(&browser, "arrived damaged (its checksum is wrong)")?;
    browser.click("#notice-close")?;
    draw(&browser, 0, ONE, Pointer::Mouse)?;
    draw(&browser, 1, SEVEN, Pointer::Mouse)?;
    let stands = "const help = document.getElementById('help'); \
         return document.getElementById('sentence').textContent === 'The network did not load.' \
         && help.checkVisibility({ visibilityProperty: true }) && help.textContent.includes('its checksum is wrong')";
    browser.wait_for("what went wrong, beside the pads", stands)?;
    browser.run("for (const id of ['game-part', 'fool-part']) document.getElementById(id).open = true; return true")?;
    browser.wait_for(
        "the part that has no network",
        "return document.querySelector('#fool .said')?.textContent === 'No network answers, so there is none to fool.'",
    )?;
    activate(&browser, Means::Mouse, "Start the round")?;
    is_told(&browser, "arrived damaged (its checksum is wrong)")?;
    let state = browser.run("return document.getElementById('game').dataset.state")?;
    ensure!(state == json!("ready"), "the game is in the state {state}");
    browser.click("#notice-close")?;
    super::pick(&browser, "report-a-headline")?;
    wait_for_answer(&browser, "1 ≤ 7")?;
    ensure!(browser.run("return document.getElementById('help').checkVisibility()")? == json!(false), "the help stays");
    Ok(())
}

/// A browser without WebAssembly is told what is missing.
pub fn no_webassembly(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    let script = json!({ "source": "delete globalThis.WebAssembly;" });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &script)?;
    browser.open(&stage.page())?;
    let told =
        "return document.getElementById('notice-text').textContent.startsWith('This browser has no WebAssembly')";
    browser.wait_for("the notice about WebAssembly", told)
}

/// A panic in Rust ends as a trap in WebAssembly: the page says so, stops, and keeps the drawings in its address.
pub fn trap(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    // The module (module (func (export "f") unreachable)).
    let script = "
        const folder = document.querySelector('script[src*=page]').src;
        const { Network } = await import(new URL('web_demo.js', folder));
        const trap = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0,
            10, 5, 1, 3, 0, 0, 11]);
        const { instance } = await WebAssembly.instantiate(trap);
        Network.prototype.compare = instance.exports.f;
        return true";
    browser.run_async(script, &Value::Null)?;
    browser.click("#swap")?;
    is_told(&browser, "The network stopped working (unreachable)")?;
    let sentence = browser.text("#sentence")?;
    ensure!(sentence == "Stopped. Reload the page.", "beside other drawings stands {sentence:?}");
    super::pick(&browser, "report-a-headline")?;
    super::is_said(&browser, "The network has stopped.")?;
    let address = browser.run("return location.href")?;
    let other = stage.browser()?;
    other.open(address.as_str().context("an address is text")?)?;
    wait_for_answer(&other, "7 > 1")
}

/// The notice says `what`, and what to do.
fn is_told(browser: &Session, what: &str) -> Result<()> {
    let told = format!("return document.getElementById('notice-text').textContent.includes({})", json!(what));
    browser.wait_for(&format!("'{what}'"), &told)?;
    let notice = browser.text("#notice-text")?;
    ensure!(notice.contains("eload the page"), "{notice:?} does not say what to do");
    Ok(())
}

/// Chromium finds nothing that keeps the page from being installed.
pub fn installable(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    browser.wait_for("the service worker", CONTROLLED)?;
    let found = browser.devtools("Page.getInstallabilityErrors", &json!({}))?;
    let errors = found["installabilityErrors"].as_array().context("a list of errors")?;
    ensure!(errors.is_empty(), "{errors:?}");
    let manifest = browser.devtools("Page.getAppManifest", &json!({}))?;
    ensure!(manifest["errors"] == json!([]), "the manifest: {}", manifest["errors"]);
    Ok(())
}

/// A first visit downloads no more than it may.
pub fn size(stage: &Stage<'_>) -> Result<()> {
    let (_, packed) = stage.site.first_visit();
    ensure!(packed <= MOST_BYTES, "a first visit is {packed} bytes with gzip, more than {MOST_BYTES}");
    Ok(())
}

/// Most files of the page that are asked for on the way to its first answer.
const MOST_FILES: usize = 6;

/// On the way to its first answer the page asks for few files, and only for those that a first visit is said to download.
pub fn requests(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    let other = open_shared(stage, &browser)?;
    other.wait_for("the first answer", "return performance.getEntriesByName('first-answer').length > 0")?;
    let asked = other.run(
        "const [{ startTime: end }] = performance.getEntriesByName('first-answer'); \
         const entries = performance.getEntriesByType('resource').filter(({ startTime }) => startTime < end); \
         return [...new Set(entries.map(({ name }) => name))]",
    )?;
    let asked: Vec<&str> = asked.as_array().context("a list of files")?.iter().filter_map(Value::as_str).collect();
    let downloads: Vec<String> = stage.site.downloads().map(|(path, ..)| stage.page() + path).collect();
    let other: Vec<&&str> = asked.iter().filter(|name| !downloads.contains(&(**name).to_owned())).collect();
    ensure!(other.is_empty(), "a first visit is not said to download {other:?}");
    let of_page = asked.iter().filter(|name| name.contains("/v-")).count();
    ensure!((1..=MOST_FILES).contains(&of_page), "{of_page} files before the first answer: {asked:?}");
    Ok(())
}
