//! Using the page by what it says: things are found by their names, as people read or hear them.

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use super::gestures::{key, press};
use crate::webdriver::Session;

/// What somebody uses the page with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Means {
    Keyboard,
    Finger,
    Mouse,
}

/// A function that gives an element's name, and the first element that can be used and is called so.
const NAMED: &str = "
    const nameOf = (element) => (element.getAttribute('aria-label') ?? element.textContent).trim().replace(/\\s+/g, ' ');
    const named = (words) => [...document.querySelectorAll('a, button, summary, select, [tabindex], canvas[role=img]')]
        .find((element) => element.checkVisibility() && nameOf(element) === words);
";
/// Most presses of Tab from anywhere to anything.
const MOST_TABS: usize = 200;

/// Uses what is called so: presses it.
pub fn activate(browser: &Session, means: Means, words: &str) -> Result<()> {
    let is_there = format!("{NAMED} return named({}) !== undefined", json!(words));
    browser.wait_for(&format!("something called {words:?}"), &is_there)?;
    match means {
        Means::Keyboard => {
            tab_to(browser, words)?;
            press(browser, &[key::ENTER])
        }
        Means::Finger => tap(browser, words, "touch"),
        Means::Mouse => tap(browser, words, "mouse"),
    }
}

/// Goes on from one thing to the next until the one that is called so has the focus.
fn tab_to(browser: &Session, words: &str) -> Result<()> {
    let is_there = format!("{NAMED} return nameOf(document.activeElement) === {}", json!(words));
    for _ in 0..MOST_TABS {
        if browser.run(&is_there)? == json!(true) {
            return Ok(());
        }
        press(browser, &[key::TAB])?;
    }
    bail!("Tab does not reach {words:?}")
}

/// Scrolls to what is called so, as people do without thinking, and taps its middle.
fn tap(browser: &Session, words: &str, pointer: &str) -> Result<()> {
    let place = browser.run(&format!(
        "{NAMED} const found = named({}); found.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
         const {{ left, top, width, height }} = found.getBoundingClientRect(); \
         const [x, y] = [left + width / 2, top + height / 2]; \
         const hit = document.elementFromPoint(x, y); \
         return [Math.round(x), Math.round(y), found === hit || found.contains(hit)]",
        json!(words)
    ))?;
    ensure!(place[2] == json!(true), "something lies over {words:?}");
    let x = place[0].as_i64().context("what is tapped has a place")?;
    let actions = json!([
        { "type": "pointerMove", "duration": 0, "x": x, "y": place[1], "origin": "viewport" },
        { "type": "pointerDown", "button": 0 },
        { "type": "pointerUp", "button": 0 },
    ]);
    let parameters = json!({ "pointerType": pointer });
    browser.perform(&json!([{ "type": "pointer", "id": pointer, "parameters": parameters, "actions": actions }]))
}
