//! Drawing with pointers, the tools, and what is shown of a drawing.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{EMPTY, become_a_phone, fits_in_width, open_all_parts, wait_for_answer};
use crate::test::web::Stage;
use crate::test::web::gestures::{ALL_OVER, BLOT, ONE, Pointer, SEVEN, ZERO, draw, draw_pair};

/// True once a cell of the occlusion map has another colour than grey.
pub const OCCLUSION_IS_COLOURED: &str = "const canvas = document.querySelector('#occlusion canvas'); \
     const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height); \
     for (let at = 0; at < data.length; at += 4) if (data[at] !== data[at + 2]) return true; return false";
/// True once every network of the ablation has answered.
pub const ABLATION_IS_FILLED: &str = "const rows = [...document.querySelectorAll('#ablation tbody tr')]; \
     return rows.length > 0 && rows.every((row) => row.children[1].textContent !== '')";

pub fn mouse(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let sentence = draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    ensure!(sentence.starts_with("1 <= 7, "), "the page says {sentence:?}");
    browser.wait_for(
        "the spoken answer",
        "return document.getElementById('announcement').textContent.startsWith('1 <= 7')",
    )
}

pub fn touch(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    become_a_phone(&browser, 390, 700)?;
    browser.open(&stage.page())?;
    browser.wait_for("the network", EMPTY)?;
    draw(&browser, 0, SEVEN, Pointer::Finger)?;
    let before = browser.run("return window.scrollY")?;
    draw(&browser, 1, ONE, Pointer::Finger)?;
    browser.wait_for("an answer", "return document.getElementById('answer').dataset.pLeq !== ''")?;
    let sentence = browser.text("#sentence")?;
    ensure!(sentence.starts_with("7 > 1, "), "the page says {sentence:?}");
    ensure!(browser.run("return window.scrollY")? == before, "the page scrolled while a finger drew");
    fits_in_width(&browser)
}

pub fn tools(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    browser.click("#swap")?;
    wait_for_answer(&browser, "7 > 1")?;
    browser.click(".pad [data-tool=clear]")?;
    browser.wait_for("the first pad to be empty", EMPTY)?;
    browser.click(".pad [data-tool=undo]")?;
    wait_for_answer(&browser, "7 > 1")?;
    browser.click(".pad [data-tool=redo]")?;
    browser.wait_for("the first pad to be empty again", EMPTY)?;
    browser.click("#eraser")?;
    browser.run("document.getElementById('brush').value = 640; return true")?;
    draw(&browser, 1, ALL_OVER, Pointer::Mouse)?;
    browser.wait_for(
        "the erased pad to be empty",
        "return document.getElementById('sentence').textContent === 'Draw a digit in each box.'",
    )
}

pub fn samples(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    browser.click("#samples")?;
    browser
        .wait_for("labels", "return document.getElementById('truth').textContent.startsWith(\"MNIST's own labels\")")?;
    browser.click("#mistakes")?;
    browser
        .wait_for("a mistake", "return document.getElementById('truth').textContent.includes('The network is wrong')")
}

pub fn why(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ZERO, SEVEN], Pointer::Mouse)?;
    let sum = browser.text("#table-sum")?;
    ensure!(sum.starts_with("The outlined half adds up to "), "the table says {sum:?}");
    let shown = browser.run("return document.querySelectorAll('#product tbody td.leq').length")?;
    ensure!(shown == json!(55), "{shown} cells are outlined");
    open_all_parts(&browser)?;
    browser.wait_for("every network's answer", ABLATION_IS_FILLED)?;
    browser.wait_for("the occlusion map", OCCLUSION_IS_COLOURED)?;
    let numbers = browser.text("#numbers")?;
    ensure!(numbers.contains("median ") && numbers.contains("KB"), "the numbers are {numbers:?}");
    Ok(())
}

/// A pen that presses harder draws a wider stroke.
pub fn pen(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw(&browser, 0, ONE, Pointer::Pen { pressure: 0.2 })?;
    draw(&browser, 1, ONE, Pointer::Pen { pressure: 0.9 })?;
    wait_for_answer(&browser, "1 <= 1, ")?;
    let script = "const { pads } = await import(document.querySelector('script[src*=page]').src); \
         return pads.map((pad) => Math.max(...pad.state.strokes[0].points.filter((_, at) => at % 3 === 2)));";
    let widths = browser.run_async(script, &json!(null))?;
    let width = |side: usize| widths[side].as_f64().context("a stroke has a width");
    let (light, heavy) = (width(0)?, width(1)?);
    ensure!(heavy > 1.8 * light, "pressed lightly {light}, hard {heavy}");
    Ok(())
}

/// The states in which there is no answer to rely on are said as what they are.
pub fn honest_states(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    ensure!(browser.text("#sentence")? == "Draw a digit in each box.", "{}", browser.text("#sentence")?);
    draw(&browser, 0, SEVEN, Pointer::Mouse)?;
    browser.wait_for(
        "the half-empty state",
        "return document.getElementById('sentence').textContent === 'Now draw the second digit.'",
    )?;
    browser.run("document.getElementById('brush').value = 640; return true")?;
    draw(&browser, 1, BLOT, Pointer::Mouse)?;
    browser.wait_for(
        "doubt about a blot",
        "return document.getElementById('advice').textContent.startsWith('The second drawing does not look like a digit')",
    )
}
