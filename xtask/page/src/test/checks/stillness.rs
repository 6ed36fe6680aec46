//! Nothing moves under the pen.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{become_a_phone, pick};
use crate::test::Stage;
use crate::test::gestures::SEVEN;
use crate::webdriver::Session;

/// Fonts of different widths and heights, and text at its own size and at twice that.
const FONTS: [&str; 3] = ["system-ui", "'DejaVu Serif', serif", "'DejaVu Sans Mono', monospace"];
const SIZES: [&str; 2] = ["100%", "200%"];

/// Puts the pairs of `argument.pairs` into the pads, and all that is said besides, and gives the places that the pads, the
/// tools and the findings had; they must be one.
const PLACES: &str = "
    const folder = new URL(document.querySelector('script[src*=page]').src);
    const { pads } = await import(folder);
    const { greyBase } = await import(new URL('drawing.js', folder));
    const { tell } = await import(new URL('toast.js', folder));
    const { notices } = await import(new URL('strings.js', folder));
    window.digits ??= new Uint8Array(await (await fetch('test/reference.bin')).arrayBuffer());
    document.body.style.fontFamily = argument.font;
    document.documentElement.style.fontSize = argument.size;
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const places = new Set();
    const look = async () => {
        await frame();
        const place = (element) => {
            const { left, top, width, height } = element.getBoundingClientRect();
            return [left + scrollX, top + scrollY, width, height].map((it) => it.toFixed(1)).join(' ');
        };
        places.add([...document.querySelectorAll('.board, #tools, #findings')].map(place).join(', '));
    };
    const empty = { base: null, strokes: [] };
    const digit = (number, label) =>
        ({ base: { ...greyBase(28, window.digits.slice(4 + number * 784, 4 + (number + 1) * 784)), label }, strokes: [] });
    const line = (...points) => ({ base: null, strokes: [{ erases: false, points }] });
    await look();
    for (const states of [
        [empty, empty], [digit(0), empty], [empty, digit(1)], [line(2000, 2000, 60), empty],
        [line(900, 900, 4000, 3000, 3000, 4000), digit(3)], [digit(2, 3), digit(3, 9)],
    ]) {
        pads.forEach((pad, side) => pad.load(states[side]));
        await look();
    }
    tell(notices.linkRefused);
    await look();
    for (const pair of argument.pairs) {
        pads.forEach((pad, side) => pad.load(digit(2 * pair + side)));
        await look();
    }
    document.getElementById('notice-close').click();
    await look();
    return [...places];";

/// Gives the numbers of the first pairs that a network reads as `argument.reading`.
const PAIRS_READ_SO: &str = "
    const folder = new URL(document.querySelector('script[src*=page]').src);
    const { Digit } = await import(new URL('engine.js', folder));
    const network = await (await import(new URL('networks.js', folder))).networkNamed(argument.network);
    const bytes = new Uint8Array(await (await fetch('test/reference.bin')).arrayBuffer());
    const digit = (number) => {
        const rgba = new Uint8Array(4 * 784).fill(255);
        bytes.slice(4 + number * 784, 4 + (number + 1) * 784).forEach((ink, at) => rgba.fill(ink, 4 * at, 4 * at + 3));
        return Digit.prepare(28, 28, rgba, false);
    };
    const pairs = [];
    for (let pair = 0; pair < 1000 && pairs.length < 2; pair += 1) {
        if (network.compare(digit(2 * pair), digit(2 * pair + 1)).reading === argument.reading) pairs.push(pair);
    }
    return pairs;";

/// Pads, tools and findings stay where they are over a hundred pairs and all that is said, at all widths, fonts and sizes of
/// text.
pub fn pads_stay(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let mut from = 0;
    at_all_sizes(&browser, &[320, 340, 390, 768, 1280, 1920], || {
        from = (from + 9) % 900;
        (from..from + 9).collect()
    })
}

/// The same with networks that name no digits and that contradict themselves.
pub fn pads_stay_for_others(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    for (network, reading) in [("report-a-convnet", "sure-unnamed"), ("report-a-headline", "heads-disagree")] {
        let found = browser.run_async(PAIRS_READ_SO, &json!({ "network": network, "reading": reading }))?;
        let pairs: Vec<u64> = found.as_array().context("a list")?.iter().filter_map(Value::as_u64).collect();
        ensure!(!pairs.is_empty(), "{network} reads no pair as {reading}");
        pick(&browser, network)?;
        at_all_sizes(&browser, &[320, 390, 960, 1280], || pairs.clone())?;
    }
    Ok(())
}

/// Looks where things are with the pairs that `next` gives.
fn at_all_sizes(browser: &Session, widths: &[u32], mut next: impl FnMut() -> Vec<u64>) -> Result<()> {
    for &width in widths {
        become_a_phone(browser, width, 844)?;
        for (font, size) in FONTS.into_iter().flat_map(|font| SIZES.map(|size| (font, size))) {
            let found = browser.run_async(PLACES, &json!({ "pairs": next(), "font": font, "size": size }))?;
            let places = found.as_array().context("a list of places")?;
            ensure!(places.len() == 1, "at {width} in {font} at {size} things move: {found}");
        }
    }
    Ok(())
}

/// The help for a network that does not come does not move what somebody draws on or reads while drawing.
pub fn help_comes_below(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.browser()?;
    become_a_phone(&browser, 390, 844)?;
    let never = "window.fetch = () => new Promise(() => {});";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": never }))?;
    browser.open(&stage.page())?;
    let places = "return [...document.querySelectorAll('.board, #answer, #tools, #findings')] \
         .map((part) => part.getBoundingClientRect()).map(({ top, bottom }) => [top + scrollY, bottom + scrollY])";
    browser.wait_for("the tools", "return document.getElementById('swap') !== null")?;
    std::thread::sleep(Duration::from_millis(500));
    let before = browser.run(places)?;
    let is_seen = "return document.getElementById('help').checkVisibility({ visibilityProperty: true })";
    ensure!(browser.run(is_seen)? == json!(false), "the help is there at once");
    browser.wait_for("the help", is_seen)?;
    ensure!(browser.run(places)? == before, "for the help things move: {} was {before}", browser.run(places)?);
    Ok(())
}

/// Should something move all the same in the middle of a stroke, the line goes on as it began.
pub fn a_line_stays(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    // A narrow window, not a phone: those make touches of what the mouse does.
    let metrics = json!({ "width": 340, "height": 700, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", &metrics)?;
    let area = browser.run(
        "const { left, top, width } = document.querySelector('.board canvas').getBoundingClientRect(); \
         return [left, top, width]",
    )?;
    let length = |at: usize| area[at].as_f64().context("a pad has a place");
    let (left, top, width) = (length(0)?, length(1)?, length(2)?);
    let points: Vec<(f64, f64)> = SEVEN[0].iter().map(|(x, y)| (left + x * width, top + y * width)).collect();
    let (before, after) = points.split_at(2);
    let moved = |&(x, y): &(f64, f64)| json!({ "type": "pointerMove", "duration": 60, "x": x as i64, "y": y as i64, "origin": "viewport" });
    let mut actions: Vec<Value> = before.iter().map(moved).collect();
    actions.insert(1, json!({ "type": "pointerDown", "button": 0 }));
    actions.push(json!({ "type": "pause", "duration": 500 }));
    actions.extend(after.iter().map(moved));
    actions.push(json!({ "type": "pointerUp", "button": 0 }));
    browser.run(
        "addEventListener('pointerdown', () => setTimeout(() => { \
         document.querySelector('h1').style.paddingTop = '60px' }, 200), { capture: true, once: true }); return true",
    )?;
    perform(&browser, actions)?;
    let new_top = browser.run("return document.querySelector('.board canvas').getBoundingClientRect().top")?;
    ensure!(new_top.as_f64().is_some_and(|new_top| new_top > top + 50.0), "the pad did not move: {new_top}");
    let script = "const { pads } = await import(document.querySelector('script[src*=page]').src); \
         return pads[0].state.strokes[0].points.slice(-3, -1)";
    let last = browser.run_async(script, &Value::Null)?;
    let expected = SEVEN[0].last().context("a stroke has points")?;
    for (at, share) in [expected.0, expected.1].into_iter().enumerate() {
        let found = last[at].as_f64().context("a point has coordinates")? / 4096.0;
        ensure!((found - share).abs() < 0.03, "the line ends at {last}, not at {expected:?}");
    }
    Ok(())
}

fn perform(browser: &Session, actions: Vec<Value>) -> Result<()> {
    let parameters = json!({ "pointerType": "mouse" });
    browser.perform(&json!([{ "type": "pointer", "id": "mouse", "parameters": parameters, "actions": actions }]))
}
