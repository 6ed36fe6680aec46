//! Drawing with pointers, the tools, and what is shown of a drawing.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{EMPTY, become_a_phone, fits_in_width, is_said, open_all_parts, wait_for_answer};
use crate::test::Stage;
use crate::test::gestures::{ALL_OVER, ONE, Pointer, SEVEN, ZERO, drag, draw, draw_pair, key, press_with_control};
use crate::webdriver::Session;

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
    ensure!(sentence.starts_with("1 ≤ 7, "), "the page says {sentence:?}");
    browser
        .wait_for("the spoken answer", "return document.getElementById('announcement').textContent.startsWith('1 ≤ 7')")
}

pub fn touch(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    become_a_phone(&browser, 390, 700)?;
    stage.open_in(&browser)?;
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
    browser.click("#undo")?;
    wait_for_answer(&browser, "7 > 1")?;
    browser.click("#redo")?;
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
        .wait_for("labels", "return document.getElementById('truth').textContent.startsWith('MNIST’s own labels')")?;
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
    ensure!(!numbers.contains(" 0.0"), "a time of nothing: {numbers:?}");
    Ok(())
}

/// A pen that presses harder draws a wider stroke.
pub fn pen(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw(&browser, 0, ONE, Pointer::Pen { pressure: 0.2 })?;
    draw(&browser, 1, ONE, Pointer::Pen { pressure: 0.9 })?;
    wait_for_answer(&browser, "1 ≤ 1, ")?;
    let script = "const { pads } = await import(document.querySelector('script[src*=page]').src); \
         return pads.map((pad) => Math.max(...pad.state.strokes[0].points.filter((_, at) => at % 3 === 2)));";
    let widths = browser.run_async(script, &json!(null))?;
    let width = |side: usize| widths[side].as_f64().context("a stroke has a width");
    let (light, heavy) = (width(0)?, width(1)?);
    ensure!(heavy > 1.8 * light, "pressed lightly {light}, hard {heavy}");
    Ok(())
}

/// Swapping is one step for both drawings: undone, each is where it was.
pub fn undo_after_swap(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    browser.click("#swap")?;
    wait_for_answer(&browser, "7 > 1")?;
    browser.click("#undo")?;
    wait_for_answer(&browser, "1 ≤ 7")?;
    browser.click("#clear-both")?;
    browser.wait_for("both pads to be empty", EMPTY)?;
    press_with_control(&browser, &['z'])?;
    wait_for_answer(&browser, "1 ≤ 7")?;
    press_with_control(&browser, &['z'])?;
    browser.wait_for("the second pad to be empty", EMPTY)?;
    press_with_control(&browser, &[key::SHIFT, 'z'])?;
    wait_for_answer(&browser, "1 ≤ 7")
}

/// A tap leaves a dot that the network sees.
pub fn tap(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    browser.run("document.getElementById('brush').value = 640; return true")?;
    draw(&browser, 0, &[&[(0.5, 0.5)]], Pointer::Mouse)?;
    let lit = "const canvas = document.querySelector('.board canvas'); \
         const { data } = canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1); return data[0] > 200";
    browser.wait_for("ink where the pad was tapped", lit)
}

/// Strokes that no longer fit are refused in words.
pub fn full_drawing(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let fill = "const { pads } = await import(document.querySelector('script[src*=page]').src); \
         const points = Array.from({ length: 3999 }, (_, at) => [at, 2000, 300]).flat(); \
         pads[0].load({ base: null, strokes: [{ erases: false, points }] });";
    browser.run_async(fill, &json!(null))?;
    draw(&browser, 0, ONE, Pointer::Mouse)?;
    is_said(&browser, "The first drawing is full")?;
    browser.click("#notice-close")?;
    draw(&browser, 0, ONE, Pointer::Mouse)?;
    is_said(&browser, "The first drawing is full")
}

/// Dragging over cells paints them, in one step.
pub fn cells_by_dragging(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    for pad in [0, 1] {
        browser.click(&format!("#pads > :nth-child({}) [data-tool=cells]", 2 * pad + 1))?;
        drag(&browser, ".cells", pad, ONE[0], Pointer::Mouse)?;
    }
    wait_for_answer(&browser, "1 ≤ 1")?;
    browser.click("#undo")?;
    browser.wait_for("the second pad to be empty", EMPTY)
}

/// The cell editor shows what the network sees of every drawing, whatever changed it, and an edit goes on from there.
pub fn cells_follow(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    browser.click(".pad [data-tool=cells]")?;
    let follows = "const { pads } = await import(document.querySelector('script[src*=page]').src); \
         await new Promise((resolve) => setTimeout(resolve, 200)); \
         const shown = [...document.querySelectorAll('.cells [role=gridcell]')].slice(0, 196); \
         const { base } = pads[0].state; \
         const seen = base?.side === 14 ? base.pixels : pads[0].digit?.pixels ?? new Float32Array(196); \
         return shown.every((cell, at) => \
             Math.abs(Number(cell.style.getPropertyValue('--ink')) * 255 - Math.round(seen[at])) < 0.01)";
    let check = |after: &str| -> Result<()> {
        let is_there = browser.run_async(follows, &json!(null))?;
        ensure!(is_there == json!(true), "after {after} the editor shows another digit");
        Ok(())
    };
    for (selector, after) in [
        ("#samples", "an MNIST pair"),
        ("#mistakes", "a hard pair"),
        ("#undo", "undoing"),
        ("#redo", "redoing"),
        ("#swap", "swapping"),
    ] {
        browser.click(selector)?;
        check(after)?;
    }
    drag(&browser, ".cells", 0, ONE[0], Pointer::Mouse)?;
    check("an edit")?;
    let inked = "const { pads } = await import(document.querySelector('script[src*=page]').src); \
         return pads[0].state.base.pixels.filter((ink) => ink > 0).length";
    let inked = browser.run_async(inked, &json!(null))?;
    ensure!(inked.as_u64().is_some_and(|inked| inked > 15), "the edit left {inked} cells: it began from nothing");
    browser.click("#clear-both")?;
    check("clearing")
}

/// Ctrl+Z goes back through nothing while a stroke, or a drag over cells, is under way.
pub fn history_waits(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    let steps = "const { pads } = await import(document.querySelector('script[src*=page]').src); \
         return pads[0].state.strokes.length + pads[0].state.strokes.at(-1).points.length / 1000";
    undo_in_the_middle(&browser, ".board canvas")?;
    let strokes = browser.run_async(steps, &json!(null))?;
    ensure!(strokes.as_f64().is_some_and(|it| it > 2.005), "a stroke under the pen was taken away: {strokes}");
    browser.click("#undo")?;
    wait_for_answer(&browser, "1 ≤ 7")?;
    browser.click(".pad [data-tool=cells]")?;
    undo_in_the_middle(&browser, ".cells")?;
    browser.click("#undo")?;
    wait_for_answer(&browser, "1 ≤ 7")
}

/// Begins to draw, presses Ctrl+Z, and goes on drawing.
fn undo_in_the_middle(browser: &Session, selector: &str) -> Result<()> {
    let area = browser.run(&format!(
        "const {{ left, top, width }} = document.querySelector({}).getBoundingClientRect(); return [left, top, width]",
        json!(selector)
    ))?;
    let length = |at: usize| area[at].as_f64().context("a pad has a place");
    let (left, top, width) = (length(0)?, length(1)?, length(2)?);
    let to = |across: f64, down: f64| {
        let (x, y) = ((left + across * width) as i64, (top + down * width) as i64);
        json!({ "type": "pointerMove", "duration": 50, "x": x, "y": y, "origin": "viewport" })
    };
    let pause = json!({ "type": "pause", "duration": 50 });
    let (down, up) = (json!({ "type": "pointerDown", "button": 0 }), json!({ "type": "pointerUp", "button": 0 }));
    let pointer = [
        to(0.2, 0.2),
        down,
        to(0.2, 0.4),
        pause.clone(),
        pause.clone(),
        pause.clone(),
        pause.clone(),
        to(0.3, 0.6),
        to(0.3, 0.8),
        up,
    ];
    let (control, letter) = (key::CONTROL, 'z');
    let pressed = |kind: &str, value: char| json!({ "type": kind, "value": value });
    let keys = [
        pause.clone(),
        pause.clone(),
        pause,
        pressed("keyDown", control),
        pressed("keyDown", letter),
        pressed("keyUp", letter),
        pressed("keyUp", control),
    ];
    browser.perform(&json!([
        { "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": pointer },
        { "type": "key", "id": "keys", "actions": keys },
    ]))
}
