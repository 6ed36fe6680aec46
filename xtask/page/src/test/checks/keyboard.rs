//! Everything without a pointer, and what assistive technology finds.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{EMPTY, fooling, game, open_all_parts, pick, prefer, wait_for_answer};
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, SEVEN, draw_pair, key, press, tab_to};
use crate::webdriver::Session;

/// All of the page, for axe.
const PAGE: &str = "html";

pub fn keyboard(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    for pad in [1, 3] {
        let of_pad = format!("#pads > :nth-child({pad})");
        tab_to(&browser, &format!("{of_pad} [data-tool=cells]"))?;
        press(&browser, &[key::ENTER])?;
        ensure!(
            browser.run("return document.activeElement.getAttribute('role')")? == json!("gridcell"),
            "no cell has the focus"
        );
        press(&browser, &[key::UP; 5])?;
        press(&browser, &[[key::SHIFT].as_slice(), &[key::DOWN; 9]].concat())?;
    }
    wait_for_answer(&browser, "1 ≤ 1")?;
    press(&browser, &[key::SPACE])?;
    press(&browser, &[key::SPACE])?;
    tab_to(&browser, "#swap")?;
    press(&browser, &[key::ENTER])?;
    tab_to(&browser, "#share")?;
    press(&browser, &[key::ENTER])?;
    browser.wait_for("the link", "return location.hash.length > 10")?;
    let p_leq = "return document.getElementById('answer').dataset.pLeq";
    let (before, address) = (browser.run(p_leq)?, browser.run("return location.href")?);
    let other = stage.browser()?;
    other.open(address.as_str().context("an address is text")?)?;
    wait_for_answer(&other, "1 ≤ 1")?;
    ensure!(other.run(p_leq)? == before, "the link answers {}, not {before}", other.run(p_leq)?);
    browser.run("document.activeElement.blur(); return true")?;
    tab_to(&browser, "#pads > :nth-child(1) [data-tool=clear]")?;
    press(&browser, &[key::SPACE])?;
    browser.wait_for("the first pad to be empty", EMPTY)
}

pub fn accessibility(stage: &Stage<'_>) -> Result<()> {
    for scheme in ["light", "dark"] {
        let browser = stage.browser()?;
        prefer(&browser, scheme)?;
        stage.open_in(&browser)?;
        browser.run(&axe(stage)?)?;
        no_violations(&browser, PAGE, &format!("{scheme}, empty"))?;
        draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
        open_all_parts(&browser)?;
        browser.click("#eraser")?;
        browser.click(".pad [data-tool=cells]")?;
        no_violations(&browser, PAGE, &format!("{scheme}, in use"))?;
        for name in ["report-a-convnet-aux", "report-a-convnet"] {
            pick(&browser, name)?;
            no_violations(&browser, "#network-part", &format!("{scheme}, with the network {name}"))?;
        }
    }
    Ok(())
}

/// The same with a gallery, in every state of the game, with a table of answers, and without motion or own colours.
pub fn accessibility_of_play(stage: &Stage<'_>) -> Result<()> {
    let plain = |scheme: &str| json!([{ "name": "prefers-color-scheme", "value": scheme }]);
    let forced = json!([
        { "name": "forced-colors", "value": "active" },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ]);
    for (when, features) in [("light", plain("light")), ("dark", plain("dark")), ("forced colours", forced)] {
        let browser = stage.browser()?;
        browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }))?;
        stage.open_in(&browser)?;
        browser.run(&axe(stage)?)?;
        fooling::fool_three_times(&browser)?;
        open_all_parts(&browser)?;
        no_violations(&browser, PAGE, &format!("{when}, with a gallery"))?;
        game::start(&browser, 0)?;
        no_violations(&browser, "#game-part", &format!("{when}, while the game asks"))?;
        press(&browser, &[key::RIGHT])?;
        no_violations(&browser, "#game-part", &format!("{when}, while the game tells"))?;
        for _ in 1..10 {
            press(&browser, &[key::ENTER, key::RIGHT])?;
        }
        press(&browser, &[key::ENTER])?;
        game::is_in(&browser, "over")?;
        no_violations(&browser, "#game-part", &format!("{when}, at the end of the game"))?;
    }
    Ok(())
}

fn axe(stage: &Stage<'_>) -> Result<String> {
    let path = setup::AXE_CORE.paths(stage.project).next().context("axe-core has a script")?;
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Nothing serious is found in what `within` selects.
fn no_violations(browser: &Session, within: &str, when: &str) -> Result<()> {
    let script = "const { violations } = await axe.run(argument); \
         return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)) \
           .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`.slice(0, 400));";
    let found = browser.run_async(script, &json!(within))?;
    ensure!(found == json!([]), "{when}: {found}");
    Ok(())
}
