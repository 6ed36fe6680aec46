//! That the page says what it knows, and no more.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::inside::CHOOSE_LEQ_1000;
use super::{EMPTY, wait_for_answer};
use crate::test::Stage;
use crate::test::gestures::{ALL_OVER, BLOT, ONE, Pointer, SEVEN, Stroke, draw, draw_pair};
use crate::webdriver::Session;

/// Loads the first pair of MNIST's test digits of which a network's answer is of the kind that `argument` names.
const LOAD_A_PAIR: &str = "
    const folder = new URL(document.querySelector('script[src*=page]').src);
    const { pads } = await import(folder);
    const { greyBase } = await import(new URL('drawing.js', folder));
    const { Digit, firstNetwork } = await import(new URL('engine.js', folder));
    const network = await firstNetwork;
    const bytes = new Uint8Array(await (await fetch('test/reference.bin')).arrayBuffer());
    const pixels = (number) => bytes.slice(4 + number * 784, 4 + (number + 1) * 784);
    const digit = (number) => {
        const rgba = new Uint8Array(4 * 784).fill(255);
        pixels(number).forEach((ink, at) => rgba.fill(ink, 4 * at, 4 * at + 3));
        return Digit.prepare(28, 28, rgba);
    };
    for (let pair = 0; pair < 1000; pair += 1) {
        if (network.compare(digit(2 * pair), digit(2 * pair + 1)).reading !== argument) continue;
        pads.forEach((pad, side) => pad.load({ base: greyBase(28, pixels(2 * pair + side)), strokes: [] }));
        return true;
    }
    return false;";

/// What is said of two drawings that read as digits, by a network that tells when one is none.
const CLEAR: &str = "Both digits are read clearly.";
/// The same by a network that does not tell.
const BLIND: &str = "Each drawing reads as a digit. This network cannot tell when a drawing is none.";

fn advises(browser: &Session, start: &str) -> Result<()> {
    let condition = format!("return document.getElementById('advice').textContent.startsWith({})", json!(start));
    browser.wait_for(&format!("the advice {start:?}"), &condition)
}

/// One digit alone is named at once, for eyes and for screen readers; a blot is said to be none.
pub fn one_alone_and_a_blot(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    ensure!(browser.text("#sentence")? == "Draw a digit in each box.", "{}", browser.text("#sentence")?);
    draw(&browser, 0, SEVEN, Pointer::Mouse)?;
    advises(&browser, "The first reads as 7, ")?;
    ensure!(browser.text("#sentence")? == "Now draw the second digit.", "{}", browser.text("#sentence")?);
    let named = "return document.querySelector('.board canvas').getAttribute('aria-label').includes('reads as 7') \
         && document.querySelector('.bars').getAttribute('aria-label').startsWith('First digit, probabilities: 7 ')";
    ensure!(browser.run(named)? == json!(true), "the digit alone is not named for screen readers");
    browser.run("document.getElementById('brush').value = 640; return true")?;
    draw(&browser, 1, BLOT, Pointer::Mouse)?;
    advises(&browser, "The second drawing does not look like a digit")
}

/// Ink in which no digit is found is no empty pad; a pad that was erased is one.
pub fn ink_without_a_digit(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    browser.run("document.getElementById('brush').value = 120; return true")?;
    draw(&browser, 0, &[&[(0.5, 0.5)]], Pointer::Mouse)?;
    browser.wait_for(
        "ink without a digit to be said",
        "return document.getElementById('sentence').textContent === 'No digit found in the first drawing.'",
    )?;
    browser.click("#eraser")?;
    browser.run("document.getElementById('brush').value = 640; return true")?;
    draw(&browser, 0, ALL_OVER, Pointer::Mouse)?;
    browser.wait_for("the erased pad to be empty", EMPTY)
}

/// Two digits in one pad are said.
pub fn two_in_one_pad(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw(&browser, 0, &[&[(0.2, 0.2), (0.2, 0.8)], &[(0.8, 0.2), (0.8, 0.8)]], Pointer::Mouse)?;
    draw(&browser, 1, ONE, Pointer::Mouse)?;
    advises(&browser, "There seem to be two digits in the first box.")
}

/// A digit that may be another is not read clearly, whatever the comparison.
pub fn unclear(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    ensure!(browser.run_async(LOAD_A_PAIR, &json!("unclear"))? == json!(true), "there is no unclear pair");
    browser.wait_for(
        "both guesses",
        r"return /^The (first|second) may be an? \d \(\d+\.\d %\), or an? \d\./.test(document.getElementById('advice').textContent)",
    )?;
    ensure!(browser.run_async(LOAD_A_PAIR, &json!("sure"))? == json!(true), "there is no sure pair");
    advises(&browser, CLEAR)?;
    // A network that cannot tell what is no digit never says that something is read clearly.
    browser.run(CHOOSE_LEQ_1000)?;
    advises(&browser, BLIND)
}

/// Sentence and probability are one truth: an answer is as sure as `p_leq` says, less what speaks for "no digit".
pub fn one_truth(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    wait_for_answer(&browser, "1 ≤ 7, ")?;
    let (sentence, shown) = (browser.text("#sentence")?, browser.text("#probability")?);
    let sure = sentence.trim_start_matches("1 ≤ 7, ").trim_start_matches("over ").trim_end_matches(" % sure");
    let p_leq = shown.trim_start_matches("p_leq ").trim_start_matches(['=', '>', ' ']);
    let (sure, p_leq): (f64, f64) = (sure.parse()?, p_leq.parse()?);
    ensure!((0.9..=p_leq + 0.001).contains(&(sure / 100.0)), "beside {sentence:?} stands {shown:?}");
    // A network that does not doubt that there are digits is as sure as p_leq says.
    browser.run(CHOOSE_LEQ_1000)?;
    wait_for_answer(&browser, "1 ≤ 7, over 99.9 % sure")?;
    let shown = browser.text("#probability")?;
    ensure!(shown == "p_leq > 0.999", "beside 'over 99.9 %' stands {shown:?}");
    let all = browser.run_async("return document.body.innerText", &Value::Null)?;
    ensure!(!all.as_str().unwrap_or_default().contains("<="), "the page writes <=");
    Ok(())
}

/// An A, an X, a heart and a dash.
const NONE_A_DIGIT: [(&str, &[Stroke]); 4] = [
    ("an A", &[&[(0.2, 0.85), (0.5, 0.15), (0.8, 0.85)], &[(0.32, 0.6), (0.68, 0.6)]]),
    ("an X", &[&[(0.25, 0.2), (0.75, 0.8)], &[(0.75, 0.2), (0.25, 0.8)]]),
    (
        "a heart",
        &[&[
            (0.5, 0.35),
            (0.38, 0.2),
            (0.24, 0.28),
            (0.25, 0.45),
            (0.5, 0.82),
            (0.75, 0.45),
            (0.76, 0.28),
            (0.62, 0.2),
            (0.5, 0.35),
        ]],
    ),
    ("a dash", &[&[(0.2, 0.5), (0.8, 0.5)]]),
];

/// Drawings of no digit are refused, or at least never said to be read surely.
pub fn no_digits(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let mut refused = 0;
    for (what, strokes) in NONE_A_DIGIT {
        browser.click("#clear-both")?;
        draw_pair(&browser, [strokes, ONE], Pointer::Mouse)?;
        let said = browser.run("return document.getElementById('answer').dataset.reading")?;
        ensure!(said != json!("sure"), "of {what} the page says {said}");
        refused += usize::from(said == json!("first-is-no-digit"));
    }
    ensure!(2 * refused > NONE_A_DIGIT.len(), "{refused} of {} are refused", NONE_A_DIGIT.len());
    Ok(())
}
