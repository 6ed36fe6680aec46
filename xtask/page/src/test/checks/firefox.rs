//! The central checks, in Firefox.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::loading::{CONTROLLED, EVERYTHING_IS_KEPT};
use super::{drawing, images, inside, links, loading};
use crate::test::gestures::{ONE, Pointer, SEVEN, draw_pair};
use crate::test::{Check, PREFIX, Stage};
use crate::webdriver::Driver;

fn in_firefox(stage: &Stage<'_>, check: Check) -> Result<()> {
    let driver = Driver::of_firefox(setup::firefox(stage.project)?, &stage.project.target_dir().join("web-parts"));
    check(&Stage { driver: &driver, ..*stage })
}

/// Digits that are drawn with the mouse are read and compared.
pub fn draws(stage: &Stage<'_>) -> Result<()> {
    in_firefox(stage, drawing::mouse)
}

/// All networks answer, and 200 pairs tell the finding.
pub fn compares(stage: &Stage<'_>) -> Result<()> {
    in_firefox(stage, inside::finding)
}

/// The page works without a network after the first visit.
pub fn offline(stage: &Stage<'_>) -> Result<()> {
    in_firefox(stage, loading::offline)
}

/// A link brings the same drawings.
pub fn link(stage: &Stage<'_>) -> Result<()> {
    in_firefox(stage, links::link)
}

/// A dropped photo of two digits fills both pads.
pub fn photo(stage: &Stage<'_>) -> Result<()> {
    in_firefox(stage, images::two_in_one)
}

/// A first visit is offered no new version.
pub fn first_visit(stage: &Stage<'_>) -> Result<()> {
    in_firefox(stage, nothing_is_offered)
}

fn nothing_is_offered(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    // While the page is at work Firefox tells it late what has become of its worker.
    browser.run("document.getElementById('ablation-part').open = true; return true")?;
    browser.wait_for("the service worker", CONTROLLED)?;
    browser.wait_for("everything to be kept", EVERYTHING_IS_KEPT)?;
    let said = browser.text("#notice-text")?;
    ensure!(said.is_empty(), "a first visit is told {said:?}");
    Ok(())
}

/// Nothing is asked of others, and the policy has nothing to report.
pub fn policy(stage: &Stage<'_>) -> Result<()> {
    in_firefox(stage, nothing_is_asked_of_others)
}

fn nothing_is_asked_of_others(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    browser.run(
        "window.breaches = []; \
         document.addEventListener('securitypolicyviolation', ({ blockedURI }) => breaches.push(blockedURI)); return true",
    )?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    for selector in ["#samples", "#share", "#download", ".pad [data-tool=cells]"] {
        browser.click(selector)?;
    }
    browser.wait_for("the service worker", CONTROLLED)?;
    let asked = browser.run("return performance.getEntriesByType('resource').map(({ name }) => name)")?;
    let asked = asked.as_array().map(Vec::as_slice).unwrap_or_default();
    let page = format!("{}{PREFIX}", stage.server.origin());
    let is_ours = |name: &&Value| name.as_str().is_some_and(|name| name.starts_with(&page));
    let versioned = stage.site.downloads().map(|(path, ..)| stage.page() + path).filter(|path| path.contains("/v-"));
    let unseen: Vec<String> = versioned.filter(|path| !asked.contains(&json!(path))).collect();
    ensure!(unseen.is_empty(), "the page needs {unseen:?}, but they were not seen to be asked for");
    let others: Vec<&Value> = asked.iter().filter(|name| !is_ours(name)).collect();
    ensure!(others.is_empty(), "the page asked for {others:?}");
    let breaches = browser.run("return window.breaches")?;
    ensure!(breaches == json!([]), "the policy was broken: {breaches}");
    let fetched = browser
        .run_async("try { await fetch('http://localhost:9/'); return true; } catch { return false; }", &Value::Null)?;
    ensure!(fetched == json!(false), "the page may ask others");
    let told = "return window.breaches.length > 0";
    browser.wait_for("the breach to be reported", told)
}
