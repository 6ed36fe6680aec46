//! The answers of a visit as files.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::catch_what_goes_out;
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, SEVEN, ZERO, draw_pair};
use crate::test::words::{Means, activate};
use crate::webdriver::Session;

/// The header of the CSV of `infer batch`, but its last column, `error`.
const HEADER: &str = "row,left,right,label,leq,p_leq,left_digit,left_probability,right_digit,right_probability,\
                      left_no_digit,right_no_digit";

fn saved(browser: &Session, number: usize) -> Result<String> {
    browser.wait_for("the file", &format!("return window.saved.length > {number}"))?;
    let text = browser.run_async("return await window.saved[argument].text()", &json!(number))?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

/// Every answer that stood for a moment is a row of a CSV and of a JSON file, under the names that `infer batch` gives them.
pub fn files(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    catch_what_goes_out(&browser)?;
    browser.run("document.getElementById('answers-part').open = true; return true")?;
    let rows = |count: usize| {
        let text = if count == 1 { "1 answer so far".to_owned() } else { format!("{count} answers so far") };
        format!("return document.getElementById('answers').textContent.includes({})", json!(text))
    };
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    browser.wait_for("a first row", &rows(1))?;
    browser.click("#swap")?;
    browser.wait_for("a second row", &rows(2))?;
    browser.click("#clear-both")?;
    draw_pair(&browser, [ZERO, ONE], Pointer::Mouse)?;
    browser.wait_for("a third row", &rows(3))?;
    let p_leq = browser.run("return Number(document.getElementById('answer').dataset.pLeq)")?;
    activate(&browser, Means::Mouse, "Save CSV")?;
    let csv = saved(&browser, 0)?;
    let lines: Vec<&str> = csv.lines().collect();
    ensure!(lines.len() == 4 && lines[0] == format!("{HEADER},network"), "the CSV is {csv:?}");
    let last: Vec<&str> = lines[3].split(',').collect();
    ensure!(last[5].parse::<f64>().ok() == p_leq.as_f64(), "the answer {p_leq} is saved as {}", last[5]);
    ensure!([last[4], last[6], last[8], last[12]] == ["1", "0", "1", "leq"], "the last row is {last:?}");
    activate(&browser, Means::Mouse, "Save JSON")?;
    let json: Value = serde_json::from_str(&saved(&browser, 1)?)?;
    ensure!(json[1]["left_digit"] == json!(7) && json[1]["leq"] == json!(0), "the JSON is {json}");
    browser.run(&format!("location.hash = '1.{}.{}'; return true", last[1], last[2]))?;
    let same = format!("return Number(document.getElementById('answer').dataset.pLeq) === {p_leq}");
    browser.wait_for("the drawings of the last row", &same)
}
