//! The network at work, other networks, and what each of them gets right.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::loading::EVERYTHING_IS_KEPT;
use super::{become_a_phone, is_said, wait_for_answer};
use crate::server::Server;
use crate::test::gestures::{Pointer, SEVEN, THREE, draw_pair, key, press};
use crate::test::{PREFIX, Stage};
use crate::webdriver::Session;

/// Shows the network at work on a drawn 3 and 7.
fn show(stage: &Stage<'_>) -> Result<Session> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [THREE, SEVEN], Pointer::Mouse)?;
    browser.run("document.getElementById('network-view').scrollIntoView(); return true")?;
    browser.wait_for("the layers", "return document.querySelectorAll('.layer canvas').length >= 8")?;
    Ok(browser)
}

/// Every layer's maps are there for both digits and change with the drawing; any value is taken apart, with keys too.
pub fn at_work(stage: &Stage<'_>) -> Result<()> {
    let browser = show(stage)?;
    let pictures = "return [...document.querySelectorAll('.layer canvas')].map((canvas) => canvas.toDataURL())";
    let before = browser.run(pictures)?;
    let all = before.as_array().context("a list of pictures")?;
    let different: BTreeSet<&str> = all.iter().filter_map(Value::as_str).collect();
    ensure!(different.len() == all.len(), "two canvases show the same");
    browser.run("document.getElementById('swap').click(); return true")?;
    browser.wait_for(
        "the other pictures",
        &format!("return document.querySelectorAll('.layer canvas')[1].toDataURL() === {}", all[0]),
    )?;
    browser.run("document.querySelectorAll('.layer canvas')[2].focus(); return true")?;
    press(&browser, &[key::DOWN, key::DOWN])?;
    let taken_apart = r"return /^Second digit|^First digit, layer 1, map 1, row 3, column 1/.test(document.querySelector('.cell').innerText)
         && /Sum: -?\d+\.\d\d \+ bias -?\d+\.\d\d; after ReLU \d+\.\d\d\./.test(document.querySelector('.cell').innerText)
         && document.querySelectorAll('.cell .numbers span').length === 27";
    browser.wait_for("a value taken apart", taken_apart)
}

/// On a phone one layer is shown at a time.
pub fn on_a_phone(stage: &Stage<'_>) -> Result<()> {
    let browser = show(stage)?;
    become_a_phone(&browser, 390, 844)?;
    let shown =
        "return [...document.querySelectorAll('.layers .layer')].filter((row) => row.offsetHeight > 0).length === 1";
    browser.wait_for("one layer", shown)?;
    browser.click(".steps button:nth-child(3)")?;
    let third = "return document.querySelector('.layers .layer:nth-child(3)').offsetHeight > 0";
    browser.wait_for("the third", third)?;
    browser.wait_for("nothing else", shown)
}

/// Another network answers when it is picked, or when its file is dropped; other files are refused.
pub fn picked_and_dropped(stage: &Stage<'_>) -> Result<()> {
    let browser = show(stage)?;
    let pick = "const choice = document.getElementById('network-choice'); choice.value = 'report-a-convnet'; \
         choice.dispatchEvent(new Event('change')); return true";
    browser.run(pick)?;
    is_said(&browser, "Now answering: plain.")?;
    browser.wait_for(
        "an answer without digits",
        "return document.getElementById('sentence').textContent.startsWith('first ≤ second') \
         && document.getElementById('network-view').dataset.arrangement === 'stacked'",
    )?;
    let drop_it = "
        const folder = document.querySelector('script[src*=page]').src;
        const bytes = argument === 'mine.onnx' ? await (await fetch(new URL('report-a-headline.onnx', folder))).blob() : 'no';
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], argument));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        return true";
    browser.run_async(drop_it, &json!("broken.onnx"))?;
    is_said(&browser, "This page cannot run broken.onnx")?;
    browser.run_async(drop_it, &json!("mine.onnx"))?;
    is_said(&browser, "Now answering: mine.onnx.")?;
    browser.wait_for("its answer", "return document.getElementById('sentence').textContent.startsWith('3 ≤ 7')")
}

const CHOOSE_LEQ_1000: &str = "const choice = document.getElementById('network-choice'); choice.value = 'leq-1000'; \
     choice.dispatchEvent(new Event('change')); return true";

/// A network that no part of the page needs comes when it is chosen, not before, and stays. Where it does not come, that is
/// said, and the one before answers.
pub fn fetched_when_chosen(stage: &Stage<'_>) -> Result<()> {
    let server = Server::start(0)?;
    server.mount(PREFIX, stage.site);
    let browser = stage.browser()?;
    browser.open(&format!("{}{PREFIX}", server.origin()))?;
    browser.wait_for("all other networks to be kept", EVERYTHING_IS_KEPT)?;
    let is_kept = "return (await Promise.all((await caches.keys()).map(async (name) => \
         (await (await caches.open(name)).keys()).some(({ url }) => url.includes('leq-1000'))))).includes(true)";
    ensure!(browser.run_async(is_kept, &Value::Null)? == json!(false), "leq-1000 was fetched unasked");
    stage.clear(&browser)?;
    draw_pair(&browser, [THREE, SEVEN], Pointer::Mouse)?;
    let port = server.port();
    drop(server);
    browser.run(CHOOSE_LEQ_1000)?;
    is_said(&browser, "The model leq-1000 could not be loaded")?;
    let chosen = "return document.getElementById('network-choice').value";
    ensure!(browser.run(chosen)? == json!("leq"), "{} is shown as chosen", browser.run(chosen)?);
    let back = Server::start(port)?;
    back.mount(PREFIX, stage.site);
    browser.run(CHOOSE_LEQ_1000)?;
    is_said(&browser, "Now answering: our best from 1,000 pairs.")?;
    wait_for_answer(&browser, "3 ≤ 7, ")?;
    ensure!(browser.run_async(is_kept, &Value::Null)? == json!(true), "leq-1000 is not kept");
    Ok(())
}

/// The live run tells the finding: the plain network is surer than it is right, the best of the report less.
pub fn finding(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    browser.run("document.getElementById('ablation-part').open = true; return true")?;
    browser.wait_for("the part's own module", "return document.getElementById('run-pairs') !== null")?;
    browser.click("#run-pairs")?;
    browser.wait_for(
        "200 pairs",
        "return document.getElementById('finding-controls').textContent.includes('200 of 200 pairs')",
    )?;
    let shown = browser.run_async(
        "return [...document.querySelectorAll('#finding tbody tr')].map((row) => \
             [...row.querySelectorAll('.live')].map((bar) => Number(bar.style.getPropertyValue('--share'))))",
        &Value::Null,
    )?;
    let share = |row: usize, column: usize| shown[row][column].as_f64().context("a bar has a share");
    ensure!(share(0, 1)? > share(0, 0)?, "the plain network: {}", shown[0]);
    ensure!(share(3, 1)? < share(3, 0)?, "weight sharing and auxiliary loss: {}", shown[3]);
    let told = "return [...document.querySelectorAll('#finding tbody tr')].every((row) => /\\d{3}/.test(row.children[1].textContent))";
    browser.wait_for("what the files say", told)
}
