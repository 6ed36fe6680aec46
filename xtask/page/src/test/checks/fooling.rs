//! Fool the network: what it got wrong, named by who drew it.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{catch_what_goes_out, wait_for_answer};
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, SEVEN, Stroke, THREE, ZERO, draw_pair, key, press};
use crate::test::words::{Means, activate};
use crate::webdriver::Session;

/// Draws a pair and says that other digits were meant.
pub fn name_pair(browser: &Session, digits: [&[Stroke]; 2], meant: [u8; 2]) -> Result<()> {
    browser.run(
        "document.getElementById('clear-both').click(); document.getElementById('fool-part').open = true; return true",
    )?;
    browser.wait_for("the part", "return document.querySelectorAll('#fool select').length === 2")?;
    draw_pair(browser, digits, Pointer::Mouse)?;
    browser.wait_for("its answer", "return /says: .\\d/.test(document.querySelector('#fool .said').textContent)")?;
    let choose = format!(
        "document.querySelectorAll('#fool select').forEach((it, side) => (it.value = {}[side])); return true",
        json!(meant)
    );
    browser.run(&choose)?;
    activate(browser, Means::Mouse, "Judge it")
}

/// Three cards for a gallery.
pub fn fool_three_times(browser: &Session) -> Result<()> {
    name_pair(browser, [THREE, SEVEN], [9, 7])?;
    name_pair(browser, [ZERO, SEVEN], [6, 1])?;
    name_pair(browser, [ONE, SEVEN], [7, 4])?;
    browser.wait_for("the coloured maps", IS_COLOURED)
}

/// True once every map in the gallery has another colour than grey.
const IS_COLOURED: &str = "const maps = [...document.querySelectorAll('.gallery .maps')]; \
     const isColoured = (canvas) => { \
         const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height); \
         return data.some((value, at) => at % 4 === 0 && value !== data[at + 2]); }; \
     return maps.length > 0 && maps.every((both) => [...both.children].some(isColoured))";

/// What the network gets wrong comes into the gallery with the ink that decided, and out as a PNG and a link; it stays over
/// a reload, until it is removed. What it gets right is said.
pub fn gallery(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    catch_what_goes_out(&browser)?;
    name_pair(&browser, [THREE, SEVEN], [3, 7])?;
    let verdict = browser.text("#fool .verdict")?;
    ensure!(verdict.starts_with("Not this time"), "of a right answer the page says {verdict:?}");
    name_pair(&browser, [THREE, SEVEN], [9, 7])?;
    let verdict = browser.text("#fool .verdict")?;
    ensure!(
        verdict.starts_with("Fooled: 9 > 7, but it says the opposite; it takes your 9 for a 3"),
        "the page says {verdict:?}"
    );
    browser.wait_for("the coloured maps", IS_COLOURED)?;
    activate(&browser, Means::Mouse, "Save PNG: 9 and 7")?;
    browser.wait_for("the PNG", "return window.saved.length === 1 && window.saved[0].type === 'image/png'")?;
    let size = browser.run_async(
        "const bitmap = await createImageBitmap(window.saved[0]); return [bitmap.width, bitmap.height]",
        &Value::Null,
    )?;
    ensure!(size[0] == json!(744), "the PNG's size is {size}");
    activate(&browser, Means::Mouse, "Copy link: 9 and 7")?;
    let link = "return window.copied ?? ''";
    browser.wait_for("the link", "return (window.copied ?? '').includes('#1.')")?;
    let other = stage.browser()?;
    other.open(browser.run(link)?.as_str().context("a link is text")?)?;
    wait_for_answer(&other, "3 ≤ 7, ")?;
    browser.reload()?;
    stage.clear(&browser)?;
    browser.run("document.getElementById('fool-part').open = true; return true")?;
    browser.wait_for("the gallery again", IS_COLOURED)?;
    activate(&browser, Means::Mouse, "Show in the pads: 9 and 7")?;
    wait_for_answer(&browser, "3 ≤ 7, ")?;
    activate(&browser, Means::Mouse, "Remove: 9 and 7")?;
    browser.wait_for("an empty gallery", "return document.querySelector('.gallery').children.length === 0")
}

/// A pair that was named, right or wrong, comes up among the ten.
pub fn own_in_the_round(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    name_pair(&browser, [ZERO, SEVEN], [0, 7])?;
    super::game::start(&browser, 0)?;
    let mut own = Vec::new();
    for _ in 0..10 {
        let task = browser.text("#game .task")?;
        press(&browser, &[key::RIGHT])?;
        super::game::is_in(&browser, "told")?;
        if task.contains("drawn by hand") {
            own.push(browser.text("#game .told")?);
        }
        press(&browser, &[key::ENTER])?;
    }
    let is_mine = |told: &String| told.starts_with("0 ≤ 7. You are right. The network says “0 ≤ 7, ");
    ensure!(own.len() == 1 && own.iter().all(is_mine), "of the drawn pair the game says {own:?}");
    Ok(())
}
