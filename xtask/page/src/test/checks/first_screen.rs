//! What a newcomer sees first.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{EMPTY, become_a_phone, wait_for_answer};
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, SEVEN, draw, draw_pair};

/// Pads, answer and tools are on the screen together, on a small desktop and on a phone.
pub fn fits(stage: &Stage<'_>) -> Result<()> {
    for (width, height) in [(1280, 720), (390, 844)] {
        let browser = stage.open_page()?;
        become_a_phone(&browser, width, height)?;
        draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
        browser.run("window.scrollTo(0, 0); return true")?;
        let outside = browser.run(
            "return [...document.querySelectorAll('.board, #answer, #tools > *, .pad-tools > button')] \
             .filter((part) => part.getBoundingClientRect().bottom > innerHeight).map((part) => part.outerHTML.slice(0, 60))",
        )?;
        ensure!(outside == json!([]), "below the first screen of {width}x{height}: {outside}");
    }
    Ok(())
}

/// A pair is drawn by itself and answered; it can be skipped, and drawn over.
pub fn example(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    browser.open(&stage.page())?;
    browser.wait_for("a way to skip", "return !document.getElementById('skip').hidden")?;
    wait_for_answer(&browser, "3 ≤ 7, ")?;
    browser.wait_for("the example to end", "return document.getElementById('skip').hidden")?;
    draw(&browser, 0, ONE, Pointer::Mouse)?;
    wait_for_answer(&browser, "1 ≤ 7, ")?;
    let other = stage.browser()?;
    other.open(&stage.page())?;
    other.wait_for("a way to skip", "return !document.getElementById('skip').hidden")?;
    other.click("#skip")?;
    let answered = "return document.getElementById('skip').hidden \
         && document.getElementById('sentence').textContent.startsWith('3 ≤ 7')";
    other.wait_for("the whole example at once", answered)
}

/// Who wants no motion sees the example whole and still.
pub fn example_without_motion(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    let features = json!([{ "name": "prefers-reduced-motion", "value": "reduce" }]);
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }))?;
    let watch = "window.shown = []; new MutationObserver(() => \
         shown.push(document.getElementById('sentence').textContent)).observe(document, { subtree: true, childList: true });";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": watch }))?;
    browser.open(&stage.page())?;
    wait_for_answer(&browser, "3 ≤ 7, ")?;
    let between = browser.run("return shown.filter((text) => text.startsWith('Now draw'))")?;
    ensure!(between == json!([]), "the example was drawn bit by bit");
    Ok(())
}

/// Drawings survive a reload; so does having cleared them.
pub fn survives_a_reload(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    let p_leq = "return document.getElementById('answer').dataset.pLeq";
    let before = browser.run(p_leq)?;
    browser.reload()?;
    wait_for_answer(&browser, "1 ≤ 7, ")?;
    ensure!(browser.run(p_leq)? == before, "the reloaded drawings answer otherwise");
    browser.click("#clear-both")?;
    browser.wait_for("both pads to be empty", EMPTY)?;
    browser.reload()?;
    browser.wait_for("the network, and nothing drawn", EMPTY)?;
    let hash = browser.run_async("return location.hash", &Value::Null)?;
    ensure!(hash == json!(""), "the address holds {hash}");
    Ok(())
}

/// A link to a part of the page leaves what was drawn and its history alone.
pub fn links_to_parts(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    browser.click("#clear-both")?;
    browser.wait_for("both pads to be empty", EMPTY)?;
    browser.click("nav a[href='#why']")?;
    std::thread::sleep(std::time::Duration::from_secs(1));
    ensure!(browser.run(EMPTY)? == json!(true), "the link draws the example");
    browser.click("#undo")?;
    wait_for_answer(&browser, "1 ≤ 7, ")
}
