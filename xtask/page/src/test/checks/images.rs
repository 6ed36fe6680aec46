//! Pictures that come from outside: dropped, pasted, chosen.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{EMPTY, is_said, wait_for_answer};
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, SEVEN, draw};
use crate::webdriver::Session;

/// Makes `argument`'s strokes, shares of a sheet, into a photo of dark ink on paper whose light falls off, as a PNG file.
const PHOTO: &str = "
    const strokes = argument;
    const canvas = Object.assign(document.createElement('canvas'), { width: 900, height: 1200 });
    const context = canvas.getContext('2d');
    const paper = context.createLinearGradient(0, 0, 900, 1200);
    paper.addColorStop(0, '#f4efe2');
    paper.addColorStop(1, '#a8a294');
    context.fillStyle = paper;
    context.fillRect(0, 0, 900, 1200);
    Object.assign(context, { strokeStyle: '#20305c', lineWidth: 45, lineCap: 'round', lineJoin: 'round' });
    for (const stroke of strokes) {
        context.beginPath();
        stroke.forEach(([x, y]) => context.lineTo(200 + 500 * x, 300 + 600 * y));
        context.stroke();
    }
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], 'sheet.png', { type: 'image/png' }));
";

/// A photo that is dropped on one pad and one that is pasted into the other are compared.
pub fn dropped_and_pasted(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    drop_on_the_first(&browser, &json!(ONE))?;
    browser.wait_for(
        "the dropped photo",
        "return document.getElementById('sentence').textContent === 'Now draw the second digit.'",
    )?;
    let paste_it = "document.dispatchEvent(\
         new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })); return true";
    browser.run_async(&format!("{PHOTO} {paste_it}"), &json!(SEVEN))?;
    wait_for_answer(&browser, "1 ≤ 7, ")?;
    draw(&browser, 0, &[&[(0.1, 0.1), (0.11, 0.1)]], Pointer::Mouse)?;
    browser.click("#undo")?;
    wait_for_answer(&browser, "1 ≤ 7, ")
}

/// A file that is no picture is refused by its name, and nothing is drawn.
pub fn refused(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let script = "
        const transfer = new DataTransfer();
        transfer.items.add(new File(['<svg onload=alert(1)>'], 'report.pdf', { type: 'application/pdf' }));
        document.querySelector('.board').dispatchEvent(
            new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        return true";
    browser.run(script)?;
    browser.wait_for(
        "the refusal",
        "return document.getElementById('notice-text').textContent.startsWith('report.pdf cannot be read as an image')",
    )?;
    ensure!(browser.run(EMPTY)? == json!(true), "something was drawn");
    Ok(())
}

/// A photo of two digits fills both pads, wherever it is dropped; one undo takes both out.
pub fn two_in_one(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let both: Vec<Vec<(f64, f64)>> = [(ONE, -0.15), (SEVEN, 0.65)]
        .into_iter()
        .flat_map(|(digit, right)| digit.iter().map(move |stroke| (stroke, right)))
        .map(|(stroke, right)| stroke.iter().map(|(x, y)| (0.6 * x + right, 0.6 * y)).collect())
        .collect();
    for target in ["document.querySelector('h1')", "document.querySelectorAll('.board')[1]"] {
        let drop_it = format!(
            "{target}.dispatchEvent(new DragEvent('drop', {{ dataTransfer: transfer, bubbles: true, cancelable: true }})); \
             return true"
        );
        browser.run_async(&format!("{PHOTO} {drop_it}"), &json!(both))?;
        wait_for_answer(&browser, "1 ≤ 7, ")?;
        browser.click("#undo")?;
        browser.wait_for("both pads to be empty", EMPTY)?;
    }
    Ok(())
}

/// A photo that comes while the example is being drawn is not erased by it.
pub fn during_the_example(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    let slow = "const every = setInterval; window.setInterval = (work, time) => every(work, 5 * time);";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": slow }))?;
    browser.open(&stage.page())?;
    browser.wait_for("the example", "return !document.getElementById('skip').hidden")?;
    std::thread::sleep(Duration::from_millis(500));
    drop_on_the_first(&browser, &json!(ONE))?;
    wait_for_answer(&browser, "1 ≤ 7, ")?;
    std::thread::sleep(Duration::from_secs(3));
    wait_for_answer(&browser, "1 ≤ 7, ")
}

/// A photo that is dropped before the network is there is waited for.
pub fn before_the_network(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    let watch = "window.slow = fetch; window.fetch = async (...asked) => { const response = await window.slow(...asked); \
         await new Promise((resolve) => setTimeout(resolve, 1500)); return response; };";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": watch }))?;
    browser.open(&stage.page())?;
    browser.wait_for("the tools", "return document.getElementById('swap') !== null")?;
    drop_on_the_first(&browser, &json!(SEVEN))?;
    browser.wait_for(
        "the photo alone",
        "return document.getElementById('sentence').textContent === 'Now draw the second digit.' \
         || document.getElementById('sentence').textContent.startsWith('7 ≤ 7')",
    )?;
    std::thread::sleep(Duration::from_secs(3));
    let first = browser.run("return document.querySelector('.board canvas').getAttribute('aria-label')")?;
    ensure!(first.as_str().is_some_and(|it| it.contains("reads as 7")), "the first pad is {first}");
    Ok(())
}

/// A pasted photo goes where it replaces nothing; of two dropped photos each pad gets one.
pub fn none_is_lost(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw(&browser, 1, SEVEN, Pointer::Mouse)?;
    let paste_it = "document.dispatchEvent(\
         new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })); return true";
    browser.run_async(&format!("{PHOTO} {paste_it}"), &json!(ONE))?;
    wait_for_answer(&browser, "1 ≤ 7, ")?;
    browser.click("#clear-both")?;
    browser.wait_for("both pads to be empty", EMPTY)?;
    browser.run_async(&format!("{PHOTO} window.other = transfer.files[0]; return true"), &json!(SEVEN))?;
    let drop_both = "transfer.items.add(window.other); document.querySelector('h1').dispatchEvent(\
         new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })); return true";
    browser.run_async(&format!("{PHOTO} {drop_both}"), &json!(ONE))?;
    wait_for_answer(&browser, "1 ≤ 7, ")
}

/// Who draws while a photo or samples are on their way keeps the drawing.
pub fn too_late(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    browser.run(
        "const [decode, ask] = [createImageBitmap, fetch]; window.held = []; \
         const hold = (work) => (...given) => new Promise((resolve) => window.held.push(() => resolve(work(...given)))); \
         window.createImageBitmap = hold(decode); window.fetch = hold(ask); return true",
    )?;
    drop_on_the_first(&browser, &json!(ONE))?;
    draw(&browser, 0, SEVEN, Pointer::Mouse)?;
    let release = "for (let turn = 0; turn < 5; turn += 1) { \
         for (const go of window.held.splice(0)) go(); await new Promise((resolve) => setTimeout(resolve, 200)); } return true";
    browser.run_async(release, &json!(null))?;
    is_said(&browser, "You drew while it was loading")?;
    browser.click("#notice-close")?;
    browser.click("#samples")?;
    draw(&browser, 1, SEVEN, Pointer::Mouse)?;
    browser.run_async(release, &json!(null))?;
    is_said(&browser, "You drew while it was loading")?;
    wait_for_answer(&browser, "7 ≤ 7, ")
}

/// Drops a photo of `strokes` on the first pad.
fn drop_on_the_first(browser: &Session, strokes: &Value) -> Result<()> {
    let drop_it = "document.querySelector('.board').dispatchEvent(\
         new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })); return true";
    browser.run_async(&format!("{PHOTO} {drop_it}"), strokes).map(drop)
}
