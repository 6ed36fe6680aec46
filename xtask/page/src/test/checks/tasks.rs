//! Four tasks, each done with one means alone and from the page's own words: draw a pair, see why it is answered so, find
//! which network errs most, share the pair.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::drawing::OCCLUSION_IS_COLOURED;
use super::{become_a_phone, wait_for_answer};
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, draw, key, press};
use crate::test::words::{Means, activate};
use crate::webdriver::Session;

pub fn keyboard(stage: &Stage<'_>) -> Result<()> {
    all_four(stage, Means::Keyboard)
}

pub fn finger(stage: &Stage<'_>) -> Result<()> {
    all_four(stage, Means::Finger)
}

pub fn mouse(stage: &Stage<'_>) -> Result<()> {
    all_four(stage, Means::Mouse)
}

fn all_four(stage: &Stage<'_>, means: Means) -> Result<()> {
    let browser = stage.browser()?;
    if means == Means::Finger {
        become_a_phone(&browser, 390, 844)?;
    }
    stage.open_in(&browser)?;
    draw_ones(&browser, means)?;
    see_why(&browser, means)?;
    find_who_errs(&browser, means)?;
    share(stage, &browser, means)
}

fn draw_ones(browser: &Session, means: Means) -> Result<()> {
    for (pad, name) in ["first", "second"].into_iter().enumerate() {
        match means {
            Means::Keyboard => {
                activate(browser, means, &format!("Cells, {name} digit"))?;
                press(browser, &[key::UP; 5])?;
                press(browser, &[[key::SHIFT].as_slice(), &[key::DOWN; 9]].concat())?;
            }
            Means::Finger => draw(browser, pad, ONE, Pointer::Finger)?,
            Means::Mouse => draw(browser, pad, ONE, Pointer::Mouse)?,
        }
    }
    wait_for_answer(browser, "1 ≤ 1, ")
}

fn see_why(browser: &Session, means: Means) -> Result<()> {
    activate(browser, means, "Why this answer")?;
    activate(browser, means, "Which strokes decided")?;
    browser.wait_for("the ink that decided", OCCLUSION_IS_COLOURED)
}

/// The network with the fewest right answers in the table that the page fills.
fn find_who_errs(browser: &Session, means: Means) -> Result<()> {
    activate(browser, means, "Which network errs")?;
    activate(browser, means, "Run 200 pairs")?;
    browser.wait_for("the last pair", "return document.body.innerText.includes('200 of 200 pairs')")?;
    let worst = browser.run(
        "const table = [...document.querySelectorAll('table')].find((it) => it.innerText.includes('Right, of these pairs')); \
         const column = [...table.querySelectorAll('thead th')].findIndex((it) => it.innerText === 'Right, of these pairs'); \
         const rows = [...table.querySelectorAll('tbody tr')] \
             .map((row) => [row.children[0].innerText, Number.parseInt(row.children[column].innerText)]); \
         return rows.sort((a, b) => a[1] - b[1])[0][0]",
    )?;
    ensure!(worst == json!("plain"), "the network that errs most is {worst}");
    Ok(())
}

fn share(stage: &Stage<'_>, browser: &Session, means: Means) -> Result<()> {
    activate(browser, means, "Copy link")?;
    browser.wait_for("the link", "return location.hash.startsWith('#1.')")?;
    let address = browser.run("return location.href")?;
    let other = stage.browser()?;
    other.open(address.as_str().context("an address is text")?)?;
    wait_for_answer(&other, "1 ≤ 1, ")
}
