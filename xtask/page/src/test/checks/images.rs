//! Pictures that come from outside: dropped, pasted, chosen.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{EMPTY, wait_for_answer};
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, SEVEN, draw};

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
    let drop_it = "document.querySelector('.board').dispatchEvent(\
         new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })); return true";
    browser.run_async(&format!("{PHOTO} {drop_it}"), &json!(ONE))?;
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
