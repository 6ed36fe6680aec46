//! What has to hold in the browser, one function a check.

pub mod anchors;
pub mod builds;
pub mod drawing;
pub mod embedding;
pub mod firefox;
pub mod first_screen;
pub mod fooling;
pub mod game;
pub mod hosts;
pub mod images;
pub mod inside;
pub mod keyboard;
pub mod links;
pub mod loading;
pub mod looks;
pub mod own_network;
pub mod painting;
pub mod states;
pub mod stillness;
pub mod table;
pub mod tasks;
pub mod updates;

use anyhow::{Result, ensure};
use serde_json::json;

use crate::webdriver::Session;

/// The page is ready and nothing is drawn yet.
pub const EMPTY: &str = "return document.getElementById('answer').dataset.reading === 'empty'";

/// Waits until the answer begins with `start`.
fn wait_for_answer(browser: &Session, start: &str) -> Result<()> {
    let condition = format!("return document.getElementById('sentence').textContent.startsWith({})", json!(start));
    browser.wait_for(&format!("the answer {start:?}"), &condition)
}

/// Waits until a notice that begins so is shown.
fn is_said(browser: &Session, start: &str) -> Result<()> {
    let condition = format!(
        "return !document.getElementById('notice').hidden \
         && document.getElementById('notice-text').textContent.startsWith({})",
        json!(start)
    );
    browser.wait_for(&format!("the notice {start:?}"), &condition)
}

/// Neither the policy nor anything else wrote an error to the console.
fn no_faults(browser: &Session) -> Result<()> {
    let faults: Vec<String> = browser.log("browser")?.into_iter().filter(|line| is_fault(line)).collect();
    ensure!(faults.is_empty(), "the console says {faults:?}");
    Ok(())
}

/// Whether a line of the console tells of a fault. Any line may hold any number: that of the port.
fn is_fault(line: &str) -> bool {
    ["Content Security Policy", "Error", "status of 404"].iter().any(|sign| line.contains(sign))
}

/// Makes the browser ask pages for a light or a dark scheme.
fn prefer(browser: &Session, scheme: &str) -> Result<()> {
    let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": features })).map(drop)
}

/// Gives the browser the screen of a phone, `width` wide.
fn become_a_phone(browser: &Session, width: u32, height: u32) -> Result<()> {
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": true });
    browser.devtools("Emulation.setDeviceMetricsOverride", &metrics)?;
    browser.devtools("Emulation.setTouchEmulationEnabled", &json!({ "enabled": true })).map(drop)
}

/// Keeps what the page copies and saves for checks to read: `window.copied`, and `window.saved`, blobs.
fn catch_what_goes_out(browser: &Session) -> Result<()> {
    let script = "Object.defineProperty(navigator.clipboard, 'writeText', { value: async (text) => { window.copied = text; } }); \
         window.saved = []; const make = URL.createObjectURL; \
         URL.createObjectURL = (blob) => { window.saved.push(blob); return make(blob); }; return true";
    browser.run(script).map(drop)
}

/// Opens every part of the page, with something drawn, and waits for the network at work, which comes when it is on the screen.
fn open_all_parts(browser: &Session) -> Result<()> {
    browser.run(
        "document.querySelectorAll('details').forEach((part) => (part.open = true)); \
         document.getElementById('network-view').scrollIntoView(); return true",
    )?;
    browser.wait_for("the network at work", "return document.querySelectorAll('.layer canvas').length >= 8")
}

/// Picks another network of the page's, and waits until it answers.
fn pick(browser: &Session, name: &str) -> Result<()> {
    browser.run(&format!(
        "const choice = document.getElementById('network-choice'); choice.value = {}; \
         choice.dispatchEvent(new Event('change')); return true",
        json!(name)
    ))?;
    let answers = "const { lastChild } = document.getElementById('picker'); return lastChild.textContent === ''";
    browser.wait_for(&format!("{name} to answer"), answers)
}

/// No part of the page is wider than the screen.
fn fits_in_width(browser: &Session) -> Result<()> {
    let wide = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")?;
    ensure!(wide == json!(0), "the page is {wide} pixels wider than the screen");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_fault_and_a_missing_file_is_one() {
        let at = "http://127.0.0.1:40491/";
        assert!(!is_fault(&format!("javascript 2 Unsafe attempt to initiate navigation for frame with URL '{at}'")));
        assert!(is_fault(&format!(
            "{at}gone.js - Failed to load resource: the server responded with a status of 404 (Not Found)"
        )));
    }
}
