//! The network at work, other networks, and what each of them gets right.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::loading::EVERYTHING_IS_KEPT;
use super::{become_a_phone, is_said, pick, wait_for_answer};
use crate::server::Server;
use crate::test::gestures::{Pointer, SEVEN, THREE, draw, draw_pair, key, press};
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
    ensure!(browser.text("#answering")?.is_empty(), "the page's own network is named");
    pick(&browser, "report-a-convnet")?;
    is_said(&browser, "Now answering: plain.")?;
    browser.wait_for(
        "an answer without digits",
        "return document.getElementById('sentence').textContent.startsWith('first ≤ second') \
         && document.getElementById('network-view').dataset.arrangement === 'stacked'",
    )?;
    let named = browser.text("#answering")?;
    ensure!(named == "Network: plain", "beside the answer stands {named:?}");
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

pub const CHOOSE_LEQ_1000: &str = "const choice = document.getElementById('network-choice'); choice.value = 'leq-1000'; \
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

/// The boxes of weights that are seen in each layer, from top to bottom, and in the digit heads.
const BOXES: &str = "return [...document.querySelectorAll('.layers .layer:not(:first-child), .heads')].map((row) => \
     [...row.querySelectorAll('.weights')].filter((box) => box.offsetHeight > 0).map((box) => box.textContent))";

/// Where each digit has its own weights there are two boxes of them, where they are shared there is one.
pub fn whose_weights(stage: &Stage<'_>) -> Result<()> {
    let browser = show(stage)?;
    for (name, layers, texts) in [
        ("leq", 6, ["the same weights for both digits"].as_slice()),
        ("report-a-headline", 3, ["the same weights for both digits"].as_slice()),
        ("report-a-convnet-aux", 3, ["for the first digit alone", "for the second digit alone"].as_slice()),
        ("report-a-convnet", 3, ["both digits in one picture"].as_slice()),
    ] {
        pick(&browser, name)?;
        let boxes = browser.run(BOXES)?;
        let rows = boxes.as_array().context("a list of layers")?;
        ensure!(rows.len() == layers + 1, "{name} is shown in {} rows", rows.len());
        for row in &rows[..layers] {
            let found = row.as_array().context("a list of boxes")?;
            let is_told = |(text, found): (&&str, &Value)| found.as_str().is_some_and(|found| found.ends_with(*text));
            ensure!(found.len() == texts.len() && texts.iter().zip(found).all(is_told), "{name} is shown with {row}");
        }
        let heads = rows[layers].to_string();
        ensure!(heads.contains("alone") == (name == "report-a-convnet-aux"), "{name} has the heads {heads}");
    }
    Ok(())
}

/// What cannot be seen of a network is said, and no map is shown of a digit that is not there.
pub fn what_is_not_seen(stage: &Stage<'_>) -> Result<()> {
    let browser = show(stage)?;
    let hint = |start: &str| {
        format!("return document.querySelector('#network-view .hint').textContent.startsWith({})", json!(start))
    };
    let is_blank = "return [...document.querySelectorAll('.layer canvas')].every((canvas) => \
         canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.every((value) => value === 0))";
    browser.click("#clear-both")?;
    browser.wait_for("word that nothing is drawn", &hint("Draw a digit"))?;
    ensure!(browser.run(is_blank)? == json!(true), "maps of nothing are shown");
    pick(&browser, "report-a-convnet")?;
    draw(&browser, 1, SEVEN, Pointer::Mouse)?;
    browser.wait_for("word that one digit is not enough", &hint("This network takes both digits as one picture."))?;
    ensure!(browser.run(is_blank)? == json!(true), "maps of one digit beside itself are shown");
    draw(&browser, 0, THREE, Pointer::Mouse)?;
    browser.wait_for("no more to say", "return document.querySelector('#network-view .hint').textContent === ''")?;
    let label = "return document.querySelectorAll('.layer canvas')[2].getAttribute('aria-label')";
    let label = browser.run(label)?;
    ensure!(label.as_str().is_some_and(|it| it.contains("layer 1, both digits")), "the maps are called {label}");
    let unknown = "const folder = document.querySelector('script[src*=page]').src; \
         const { Trace } = await import(new URL('web_demo.js', folder)); \
         Object.defineProperties(Trace.prototype, { arrangement: { get: () => 'unknown' }, layerCount: { get: () => 0 } }); \
         document.getElementById('swap').click(); return true";
    browser.run_async(unknown, &Value::Null)?;
    browser.wait_for("word that the layers are not shown", &hint("This page cannot show the layers"))?;
    wait_for_answer(&browser, "first ")
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
    browser.wait_for("what the files say", told)?;
    let by_digits = browser.run(
        "return [...document.querySelectorAll('#finding tbody tr')].map((row) => row.children[5].textContent.replace(/\\d+/, 'N'))",
    )?;
    let expected = json!(["names none", "names none", "N of 200", "N of 200", "N of 200"]);
    ensure!(by_digits == expected, "the digits alone are right on {by_digits}");
    Ok(())
}

/// A run that is stopped and begun again, and other digits, leave nothing that contradicts what is going on.
pub fn runs_in_step(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    browser.run("document.getElementById('ablation-part').open = true; return true")?;
    browser.wait_for("the part's own module", "return document.getElementById('run-pairs') !== null")?;
    let said = browser.run(
        "document.getElementById('run-pairs').click(); \
         return document.querySelector('#finding-controls [role=status]').textContent",
    )?;
    ensure!(said == json!("Loading…"), "at first the run says {said}");
    let goes_on = "return / of 200 pairs/.test(document.querySelector('#finding-controls [role=status]').textContent)";
    browser.wait_for("the run", goes_on)?;
    let button = browser.run_async(
        "const button = document.getElementById('run-pairs'); button.click(); button.click(); \
         await new Promise((resolve) => setTimeout(resolve, 300)); \
         return [button.textContent, document.querySelector('#finding-controls [role=status]').textContent]",
        &Value::Null,
    )?;
    let is_over = button[1] == json!("200 of 200 pairs");
    ensure!(is_over || button[0] == json!("Stop"), "while a run goes on its button says {button}");
    let cleared = browser.run_async(
        "const hand = document.getElementById('hand'); hand.value = 'noisy'; hand.dispatchEvent(new Event('change')); \
         await new Promise((resolve) => setTimeout(resolve, 300)); \
         return [document.getElementById('run-pairs').textContent, \
             ...[...document.querySelectorAll('#finding .live')].map((bar) => bar.textContent + bar.style.getPropertyValue('--share'))]",
        &Value::Null,
    )?;
    let (button, bars) = cleared.as_array().and_then(|all| all.split_first()).context("a button and bars")?;
    ensure!(*button == json!("Run 200 pairs"), "with other digits the button says {button}");
    ensure!(bars.len() == 10 && bars.iter().all(|bar| *bar == json!("–0")), "with other digits the bars are {cleared}");
    Ok(())
}
