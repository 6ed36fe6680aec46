//! Links that hold two drawings.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{EMPTY, become_a_phone, is_said, no_faults, open_all_parts};
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, SEVEN, ZERO, draw_pair};
use crate::webdriver::Session;

/// Shares what is drawn, and opens the link in another browser.
pub fn open_shared(stage: &Stage<'_>, browser: &Session) -> Result<Session> {
    browser.click("#share")?;
    browser.wait_for("the link", "return location.hash.length > 10")?;
    let address = browser.run("return location.href")?;
    let other = stage.browser()?;
    other.open(address.as_str().context("an address is text")?)?;
    Ok(other)
}

pub fn link(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ZERO, SEVEN], Pointer::Mouse)?;
    let p_leq = |browser: &Session| browser.run("return document.getElementById('answer').dataset.pLeq");
    let drawn = p_leq(&browser)?;
    let other = open_shared(stage, &browser)?;
    other.wait_for("the shared answer", "return (document.getElementById('answer').dataset.pLeq ?? '') !== ''")?;
    ensure!(p_leq(&other)? == drawn, "{} was drawn, {} was shared", drawn, p_leq(&other)?);
    Ok(())
}

pub fn hostile_links(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let huge = format!("1.s{}.e", "A".repeat(1_000_000));
    let many_points = "1.sAf____8H.e";
    let fragments = [
        "1",
        "1.e",
        "1.e.e.e",
        "2.e.e",
        "1.x.e",
        "1.s.e",
        "1.sAQ.e",
        "1.c.e",
        "1.mAAAA.e",
        "1.constructor.e",
        "1.__proto__.e",
        "1.e.sAQL-_-",
        "<script>alert(1)</script>",
        "1.%00.e",
        many_points,
        &huge,
    ];
    for fragment in fragments {
        let refused = browser.run(&format!(
            "document.getElementById('notice').hidden = true; location.hash = {}; return true",
            json!(fragment)
        ));
        refused.with_context(|| format!("the link {:.40}", fragment))?;
        browser.wait_for(
            &format!("the link {fragment:.40} to be refused"),
            "return !document.getElementById('notice').hidden && document.getElementById('notice-text').textContent.startsWith('The link')",
        )?;
    }
    ensure!(browser.run(EMPTY)? == json!(true), "something was drawn");
    no_faults(&browser)?;
    let sentence = draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    ensure!(sentence.starts_with("1 ≤ 7"), "after hostile links the page says {sentence:?}");
    Ok(())
}

/// The confirmation of a copied link is on the screen, wherever the page is scrolled to, and goes by itself.
pub fn confirmation(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    become_a_phone(&browser, 390, 844)?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    browser.click("#share")?;
    is_said(&browser, "The link to these two drawings")?;
    let inside = "const { top, bottom } = document.getElementById('notice').getBoundingClientRect(); \
         return top >= 0 && bottom <= innerHeight";
    ensure!(browser.run(inside)? == json!(true), "the confirmation is off the screen");
    browser.wait_for("the confirmation to leave", "return document.getElementById('notice').hidden")
}

/// While a notice is shown, what the keyboard goes to is scrolled clear of it, to the end of the page.
pub fn notice_and_focus(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    become_a_phone(&browser, 390, 600)?;
    open_all_parts(&browser)?;
    browser.click("#download")?;
    is_said(&browser, "Both boxes are empty")?;
    let covered = browser.run_async(
        "const notice = document.getElementById('notice'); \
         const all = [...document.querySelectorAll('button, summary, select, a[href], [tabindex=\"0\"]')] \
             .filter((it) => !notice.contains(it) && it.checkVisibility() && it.offsetHeight < 200); \
         const covered = []; \
         for (const it of all) { \
             it.focus({ focusVisible: true }); \
             if (document.activeElement !== it) continue; \
             await new Promise((resolve) => requestAnimationFrame(resolve)); \
             if (it.getBoundingClientRect().bottom > notice.getBoundingClientRect().top) covered.push(it.outerHTML.slice(0, 80)); \
         } \
         return { seen: all.length, covered }",
        &Value::Null,
    )?;
    ensure!(covered["seen"].as_u64() > Some(40), "only {} things can have the focus", covered["seen"]);
    ensure!(covered["covered"] == json!([]), "the notice covers {}", covered["covered"]);
    Ok(())
}

/// The largest drawings come back by a link, over a reload, and in a round; a picture that a link cannot hold is said.
pub fn large_drawings(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let fill = "const { pads } = await import(document.querySelector('script[src*=page]').src); \
         const points = (seed) => Array.from({ length: 3999 }, (_, at) => \
             [(at * 1237 + seed) % 4096, (at * 2741) % 4096, 1 + ((at * 97) % 640)]).flat(); \
         pads.forEach((pad, side) => pad.load({ base: null, strokes: [{ erases: false, points: points(side) }] }));";
    browser.run_async(fill, &Value::Null)?;
    let drawn = "const { pads } = await import(document.querySelector('script[src*=page]').src); \
         return pads.map(({ state }) => [state.strokes.length, ...(state.strokes[0]?.points ?? [])].join(' '))";
    let before = browser.run_async(drawn, &Value::Null)?;
    std::thread::sleep(Duration::from_secs(1));
    browser.reload()?;
    browser.wait_for("the drawings after a reload", A_DRAWING)?;
    ensure!(browser.run_async(drawn, &Value::Null)? == before, "a reload loses points");
    browser.click("#share")?;
    browser.wait_for("the link", "return location.hash.length > 60000")?;
    let address = browser.run("return location.href")?;
    let other = stage.browser()?;
    other.open(address.as_str().context("an address is text")?)?;
    other.wait_for("the shared drawings", A_DRAWING)?;
    ensure!(other.run_async(drawn, &Value::Null)? == before, "the link loses points");
    let round = "const folder = document.querySelector('script[src*=page]').src; \
         const { decodeRound, encodeRound } = await import(new URL('round.js', folder)); \
         const own = `37${location.hash.slice(2)}`; \
         const hard = Array.from({ length: 7 }, (_, at) => ({ code: `h${at}` })); \
         const pairs = [...hard, { code: own }, { code: own }, { code: own }]; \
         const text = encodeRound({ you: 3, network: 9, seconds: 123456, pairs }).slice('round.'.length); \
         const found = decodeRound(text, hard); return [found?.pairs.length, found?.seconds]";
    let found = other.run_async(round, &Value::Null)?;
    ensure!(found == json!([10, 9999]), "a round with these drawings is read as {found}");
    let picture = "const folder = document.querySelector('script[src*=page]').src; const { pads } = await import(folder); \
         const { imageBase } = await import(new URL('drawing.js', folder)); \
         const canvas = Object.assign(document.createElement('canvas'), { width: 20, height: 20 }); \
         pads[1].load({ base: imageBase(canvas, canvas.getContext('2d')), strokes: [] });";
    browser.run_async(picture, &Value::Null)?;
    browser.click("#share")?;
    browser.wait_for(
        "word of the picture that is left out",
        "return document.getElementById('notice-text').textContent.endsWith('It leaves the second picture out: no digit was found there.')",
    )
}

/// The page is there and something is drawn.
const A_DRAWING: &str = "return document.querySelector('.pad').classList.contains('is-empty') === false \
     && document.getElementById('answer').dataset.reading !== undefined";
