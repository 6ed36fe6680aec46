//! The game: ten hard pairs against the network and the clock.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{catch_what_goes_out, is_said, pick};
use crate::test::Stage;
use crate::test::gestures::{key, press};
use crate::test::words::{Means, activate};
use crate::webdriver::Session;

/// Starts a round without a limit of time.
pub fn start(browser: &Session, seconds: u32) -> Result<()> {
    browser.run("document.getElementById('game-part').open = true; return true")?;
    browser.wait_for("the game", "return document.querySelector('#game select') !== null")?;
    browser.run(&format!("document.querySelector('#game select').value = {seconds}; return true"))?;
    activate(browser, Means::Mouse, "Start the round")?;
    is_in(browser, "asking")
}

/// Waits until the game is in a state.
pub fn is_in(browser: &Session, state: &str) -> Result<()> {
    let condition = format!("return document.getElementById('game').dataset.state === {}", json!(state));
    browser.wait_for(&format!("the game to be in the state {state:?}"), &condition)
}

/// Plays to the end by always saying `<=`, and gives what each pair was.
fn play(browser: &Session) -> Result<Vec<String>> {
    let mut pairs = Vec::new();
    for number in 1..=10 {
        let task = browser.text("#game .task")?;
        ensure!(task.starts_with(&format!("Pair {number} of 10")), "the game says {task:?}");
        press(browser, &[key::RIGHT])?;
        is_in(browser, "told")?;
        let told = browser.text("#game .told")?;
        pairs.push(told.split('.').next().unwrap_or_default().to_owned());
        press(browser, &[key::ENTER])?;
    }
    is_in(browser, "over")?;
    Ok(pairs)
}

/// A round has ten pairs; both are judged, by the labels; the time runs out.
pub fn round(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    start(&browser, 0)?;
    let pairs = play(&browser)?;
    let right = pairs.iter().filter(|pair| pair.contains('≤')).count();
    let over = browser.text("#game .task")?;
    ensure!(over.contains(&format!("you {right} of 10 in ")), "of {pairs:?} the game says {over:?}");
    let marks = browser.run("return document.querySelectorAll('#game .mark:is(.right, .wrong)').length")?;
    ensure!(marks == json!(20), "{marks} marks are set");
    activate(&browser, Means::Mouse, "Another round")?;
    is_in(&browser, "asking")?;
    browser.reload()?;
    stage.clear(&browser)?;
    start(&browser, 3)?;
    is_in(&browser, "told")?;
    let told = browser.text("#game .told")?;
    ensure!(told.contains("Time is up."), "the game says {told:?}");
    Ok(())
}

/// The copied result has a link by which somebody else plays the same ten pairs.
pub fn shared(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    catch_what_goes_out(&browser)?;
    start(&browser, 0)?;
    let pairs = play(&browser)?;
    activate(&browser, Means::Mouse, "Copy the result")?;
    is_said(&browser, "The result is copied")?;
    let copied = browser.run("return window.copied")?;
    let copied = copied.as_str().context("the result is text")?;
    ensure!(copied.contains('✓') && copied.contains("Ten hard pairs: I got "), "the result is {copied:?}");
    let link = copied.split_whitespace().last().context("the result ends with a link")?;
    let other = stage.browser()?;
    other.open(link)?;
    other.wait_for(
        "the challenge",
        "return document.querySelector('#game .task')?.textContent.startsWith('A round for you: somebody got ')",
    )?;
    start(&other, 0)?;
    ensure!(play(&other)? == pairs, "the link brings other pairs");
    let over = other.text("#game .task")?;
    ensure!(over.contains("Whoever sent you the round got "), "at the end the game says {over:?}");
    Ok(())
}

/// Rounds that are not whole are refused, and the game goes on.
pub fn hostile_rounds(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let empty = ["00.e.e"; 10].join("~");
    let unknown = ["h99999"; 10].join("~");
    for round in [
        "",
        "1",
        "5.5.30",
        "5.5.30~h1",
        &format!("11.5.30~{unknown}"),
        &format!("5.5.30~{unknown}"),
        &format!("5.5.30~{empty}"),
    ] {
        browser.run(&format!(
            "document.getElementById('notice').hidden = true; location.hash = 'round.' + {}; return true",
            json!(round)
        ))?;
        is_said(&browser, "The link holds no whole round").map_err(|fault| fault.context(round.to_owned()))?;
    }
    start(&browser, 0)?;
    play(&browser).map(drop)
}

/// One plays against the page's own network, whichever answers above.
pub fn own_network_plays(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    pick(&browser, "report-a-convnet")?;
    start(&browser, 0)?;
    press(&browser, &[key::RIGHT])?;
    is_in(&browser, "told")?;
    let told = browser.text("#game .told")?;
    // The page's own network names digits, in a contradiction too.
    ensure!(!told.contains("“first ") || told.contains("although"), "the plain network plays: {told:?}");
    Ok(())
}
