//! Files of networks that the reader brings: taken, refused, and survived.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{is_said, pick, wait_for_answer};
use crate::test::Stage;
use crate::test::gestures::{Pointer, SEVEN, THREE, draw_pair};
use crate::test::words::{Means, activate};
use crate::webdriver::Session;

/// Makes a file called `argument.name`: a shipped model whose description is replaced by `argument.description`, if that is
/// given; or as many bytes as `argument.bytes` says.
const FILE: &str = "
    const folder = new URL(document.querySelector('script[src*=page]').src);
    const { name, description, bytes } = argument;
    let contents = new Uint8Array(bytes ?? 0);
    if (bytes === undefined) {
        contents = new Uint8Array(await (await fetch(new URL('report-a-headline.onnx', folder))).arrayBuffer());
        const text = new TextDecoder('latin1').decode(contents);
        const start = text.indexOf('{\"scaling\"');
        let end = start;
        for (let depth = 0; end === start || depth > 0; end += 1) depth += { '{': 1, '}': -1 }[text[end]] ?? 0;
        if (description !== undefined) contents.set(new TextEncoder().encode(description.padEnd(end - start)), start);
    }
    const transfer = new DataTransfer();
    transfer.items.add(new File([contents], name));
";

fn drop_file(browser: &Session, file: &Value) -> Result<()> {
    let drop_it = "document.body.dispatchEvent(\
         new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })); return true";
    browser.run_async(&format!("{FILE} {drop_it}"), file).map(drop)
}

fn page_with_a_pair(stage: &Stage<'_>) -> Result<Session> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [THREE, SEVEN], Pointer::Mouse)?;
    browser.run("document.getElementById('network-view').scrollIntoView(); return true")?;
    browser.wait_for("the layers", "return document.querySelectorAll('.layer canvas').length >= 8")?;
    Ok(browser)
}

/// What a file says about itself may be anything: the network answers, and the page says what it does not know.
pub fn odd_descriptions(stage: &Stage<'_>) -> Result<()> {
    let browser = page_with_a_pair(stage)?;
    for description in
        ["no JSON", "null", "7", r#"{"arrangement":"shared","digit_head":7}"#, r#"{"digit_head":[null]}"#]
    {
        let name = format!("{}.onnx", description.len());
        drop_file(&browser, &json!({ "name": name, "description": description }))?;
        is_said(&browser, &format!("Now answering: {name}."))?;
        wait_for_answer(&browser, "3 ≤ 7")?;
        let told = "return document.querySelector('.heads .weights').textContent === 'The file does not say how its heads are made.'";
        browser.wait_for(&format!("the description {description} to be passed over"), told)?;
        pick(&browser, "leq")?;
        is_said(&browser, "Now answering: this page’s own.")?;
    }
    Ok(())
}

/// Files that cannot be taken are refused in words, and the network before goes on.
pub fn refused(stage: &Stage<'_>) -> Result<()> {
    let browser = page_with_a_pair(stage)?;
    drop_file(&browser, &json!({ "name": "broken.onnx", "bytes": 100 }))?;
    is_said(&browser, "This page cannot run broken.onnx")?;
    drop_file(&browser, &json!({ "name": "LARGE.ONNX", "bytes": (64 << 20) + 1 }))?;
    is_said(&browser, "LARGE.ONNX is larger than 64 MiB")?;
    let unreadable = "window.arrayBuffer = Blob.prototype.arrayBuffer; Blob.prototype.arrayBuffer = () => \
         Promise.reject(new DOMException('gone', 'NotReadableError')); return true";
    browser.run(unreadable)?;
    drop_file(&browser, &json!({ "name": "moved.onnx", "bytes": 100 }))?;
    is_said(&browser, "The browser cannot read moved.onnx.")?;
    browser.run("Blob.prototype.arrayBuffer = window.arrayBuffer; return true")?;
    browser.click("#swap")?;
    wait_for_answer(&browser, "7 > 3")
}

/// A file is opened with a button too; the same one twice is one choice.
pub fn opened(stage: &Stage<'_>) -> Result<()> {
    let browser = page_with_a_pair(stage)?;
    browser.run(
        "HTMLInputElement.prototype.click = function () { window.chosen = this; }; \
         window.chosen = null; return true",
    )?;
    for _ in 0..2 {
        activate(&browser, Means::Keyboard, "Open a model file")?;
        let choose =
            "window.chosen.files = transfer.files; window.chosen.dispatchEvent(new Event('change')); return true";
        browser.run_async(&format!("{FILE} {choose}"), &json!({ "name": "Mine.ONNX" }))?;
        is_said(&browser, "Now answering: Mine.ONNX.")?;
        browser.click("#notice-close")?;
    }
    let options = browser.run(
        "return [...document.querySelectorAll('#network-choice option')].filter(({ value }) => value === 'Mine.ONNX').length",
    )?;
    ensure!(options == json!(1), "the choice has {options} equal entries");
    let named = browser.text("#answering")?;
    ensure!(named == "Network: Mine.ONNX", "beside the answer stands {named:?}");
    Ok(())
}

/// A network that answers nonsense does not end the page: its own network answers again.
pub fn nonsense(stage: &Stage<'_>) -> Result<()> {
    let browser = page_with_a_pair(stage)?;
    let only_the_first = "
        const folder = new URL(document.querySelector('script[src*=page]').src);
        const { Network } = await import(new URL('web_demo.js', folder));
        const first = await (await import(new URL('engine.js', folder))).firstNetwork;
        const { compare } = Network.prototype;
        Network.prototype.compare = function (...digits) {
            if (this !== first) throw new Error('the network answered NaN for p_leq, which is no probability from 0 to 1');
            return compare.apply(this, digits);
        };
        return true";
    browser.run_async(only_the_first, &Value::Null)?;
    for _ in 0..2 {
        drop_file(&browser, &json!({ "name": "mine.onnx" }))?;
        is_said(&browser, "mine.onnx failed (the network answered NaN for p_leq")?;
        wait_for_answer(&browser, "3 ≤ 7")?;
        browser.click("#swap")?;
        wait_for_answer(&browser, "7 > 3")?;
        browser.click("#swap")?;
        browser.click("#notice-close")?;
    }
    let chosen = browser.run("return document.getElementById('network-choice').value")?;
    ensure!(chosen == json!("leq"), "{chosen} is shown as chosen");
    Ok(())
}
