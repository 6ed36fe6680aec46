//! Where the page cannot run, it says what it is and what to do.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{is_said, wait_for_answer};
use crate::site::{File, Site};
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, SEVEN, draw_pair};
use crate::webdriver::Session;

/// Heading, explanation and advice are seen.
fn explains_itself(browser: &Session, what: &str) -> Result<()> {
    let seen = "const text = document.body.innerText; \
         return ['Is the first digit ≤ the second?', 'Draw two digits', 'Reload', 'cargo xtask web --serve', 'a tab of its own'] \
         .every((part) => text.includes(part))";
    browser.wait_for(&format!("the explanation {what}"), seen)
}

/// The page with one file changed; without it for `None`.
fn with_file(site: &Site, name: &str, change: impl Fn(String) -> Option<String>) -> Result<Site> {
    let mut changed = site.clone();
    let path = if name == "index.html" { name.to_owned() } else { site.asset(name)?.to_owned() };
    let file = changed.files.remove(&path).context("the page has the file")?;
    if let Some(text) = change(String::from_utf8_lossy(&file.contents).into_owned()) {
        changed.files.insert(path.clone(), File::new(&path, text.into_bytes()));
    }
    Ok(changed)
}

/// Opened from a disk, browsers load no modules.
pub fn from_a_file(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    let path = stage.project.target_dir().join("web/index.html");
    browser.open(&format!("file://{}", path.display()))?;
    explains_itself(&browser, "of a page opened as a file")
}

/// One module that does not arrive leaves no blank page, whichever it is.
pub fn missing_module(stage: &Stage<'_>) -> Result<()> {
    for name in ["files.js", "engine.js", "page.js"] {
        let prefix = format!("/without-{name}/");
        stage.server.mount(&prefix, &with_file(stage.site, name, |_| None)?);
        let browser = stage.browser()?;
        browser.open(&format!("{}{prefix}", stage.server.origin()))?;
        explains_itself(&browser, &format!("without {name}"))?;
    }
    Ok(())
}

/// In a frame without an origin nothing runs; in a frame of the same origin all does; where a host's policy forbids
/// WebAssembly, it is that which is said.
pub fn frames_and_policies(stage: &Stage<'_>) -> Result<()> {
    let frame = |attributes: &str| {
        let page = format!(
            "<!doctype html><title>host</title><iframe {attributes} width=900 height=900 src='{}'></iframe>",
            stage.page()
        );
        File::new("index.html", page.into_bytes())
    };
    stage.server.add("/host/index.html", frame(""));
    stage.server.add("/strict-host/index.html", frame("sandbox='allow-scripts'"));
    let browser = stage.browser()?;
    browser.open(&format!("{}/host/", stage.server.origin()))?;
    browser.enter_frame()?;
    let answers = "return document.getElementById('sentence').textContent.startsWith('3 ≤ 7')";
    browser.wait_for("an answer in a frame", answers)?;
    browser.open(&format!("{}/strict-host/", stage.server.origin()))?;
    browser.enter_frame()?;
    explains_itself(&browser, "in a frame without an origin")?;
    let forbidding = with_file(stage.site, "index.html", |text| Some(text.replace(" 'wasm-unsafe-eval'", "")))?;
    stage.server.mount("/no-wasm-policy/", &forbidding);
    browser.open(&format!("{}/no-wasm-policy/", stage.server.origin()))?;
    browser.wait_for(
        "the policy to be named",
        "return document.getElementById('notice-text').textContent.startsWith('The policy of the site')",
    )
}

/// On a slow connection the page explains itself while it loads, and says no wrong thing.
pub fn slow_connection(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    browser.devtools("Network.enable", &json!({}))?;
    let conditions =
        json!({ "offline": false, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000 });
    browser.devtools("Network.emulateNetworkConditions", &conditions)?;
    browser.start_opening(&stage.page())?;
    browser.wait_for(
        "heading and what is going on",
        "return document.body.innerText.includes('Is the first digit ≤ the second?') \
         && document.getElementById('sentence').textContent === 'Loading the network…'",
    )?;
    ensure!(browser.run("return document.getElementById('notice').hidden")? == json!(true), "something wrong is said");
    explains_itself(&browser, "while it loads")?;
    let fast = json!({ "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    browser.devtools("Network.emulateNetworkConditions", &fast)?;
    browser.wait_for("the answer", "return document.getElementById('sentence').textContent.startsWith('3 ≤ 7')")
}

/// A part whose module does not come says so in its own place, with the way to get it; until then it says that it loads.
pub fn missing_part(stage: &Stage<'_>) -> Result<()> {
    for (module, part, place) in [
        ("game.js", "game-part", "game"),
        ("numbers.js", "numbers-part", "numbers"),
        ("strings-why.js", "network-part", "network-view"),
    ] {
        let prefix = format!("/without-the-part-{module}/");
        stage.server.mount(&prefix, &with_file(stage.site, module, |_| None)?);
        let browser = stage.browser()?;
        let watch = "window.said = []; new MutationObserver((changes) => changes.forEach(({ addedNodes }) => \
             addedNodes.forEach((node) => node.role === 'status' && window.said.push(node.textContent)))) \
             .observe(document, { childList: true, subtree: true });";
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": watch }))?;
        browser.open(&format!("{}{prefix}", stage.server.origin()))?;
        stage.clear(&browser)?;
        let open = "const [part, place] = argument.map((id) => document.getElementById(id)); \
             part.open = true; place.scrollIntoView(); return true";
        browser.run_async(open, &json!([part, place]))?;
        is_said(&browser, "This part of the page could not be loaded.")?;
        ensure!(browser.text("#notice-action")? == "Reload", "no way to reload is offered");
        let said = browser.run("return window.said")?;
        ensure!(said.to_string().contains("Loading…"), "while {module} comes the page says {said}");
        let stands =
            browser.run(&format!("return document.getElementById('{place}').previousElementSibling.textContent"))?;
        let is_told = stands.as_str().is_some_and(|it| it.starts_with("This part of the page could not be loaded."));
        ensure!(is_told, "without {module} its part says {stands}");
        draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
        wait_for_answer(&browser, "1 ≤ 7")?;
        browser.click("#notice-action")?;
        wait_for_answer(&browser, "1 ≤ 7")?;
    }
    Ok(())
}
