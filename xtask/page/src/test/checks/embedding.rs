//! The page inside a page of somebody else, by the HTML that it offers.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{catch_what_goes_out, no_faults, wait_for_answer};
use crate::server::Server;
use crate::site::File;
use crate::test::Stage;
use crate::test::gestures::{ONE, Pointer, SEVEN, draw_pair};
use crate::test::words::{Means, activate};

/// The copied HTML shows the page in one of another origin: it draws, answers, keeps what it must, and cannot leave.
pub fn in_a_page_of_another(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    catch_what_goes_out(&browser)?;
    draw_pair(&browser, [ONE, SEVEN], Pointer::Mouse)?;
    browser.run("document.getElementById('embed-part').open = true; return true")?;
    activate(&browser, Means::Mouse, "Copy the HTML")?;
    browser.wait_for("the HTML", "return (window.copied ?? '').startsWith('<iframe ')")?;
    let plain = browser.run("return window.copied")?;
    browser.click("#with-drawings")?;
    activate(&browser, Means::Mouse, "Copy the HTML")?;
    browser.wait_for("the HTML with drawings", "return window.copied.includes('#1.s')")?;
    let with_drawings = browser.run("return window.copied")?;
    for (html, answer) in [(plain, "3 ≤ 7, "), (with_drawings, "1 ≤ 7, ")] {
        let host = Server::start_without_isolation(0)?;
        let page = format!(
            "<!doctype html><title>host</title><link rel=icon href='data:,'>{}",
            html.as_str().unwrap_or_default()
        );
        host.add("/index.html", File::new("index.html", page.into_bytes()));
        let browser = stage.browser()?;
        browser.open(&format!("{}/", host.origin()))?;
        browser.enter_frame()?;
        wait_for_answer(&browser, answer)?;
        browser.wait_for("the example to end", "return document.getElementById('skip').hidden")?;
        let leaving = "try { top.location.href = 'about:blank'; return 'left'; } catch { return 'kept'; }";
        ensure!(browser.run(leaving)? == json!("kept"), "the frame may lead the page around it elsewhere");
        stage.clear(&browser)?;
        draw_pair(&browser, [SEVEN, ONE], Pointer::Mouse)?;
        wait_for_answer(&browser, "7 > 1, ")?;
        browser.click("#share")?;
        browser.wait_for("the link", "return location.hash.startsWith('#1.s')")?;
        let runs = "return self !== top && (await navigator.serviceWorker.ready).active !== null";
        ensure!(browser.run_async(runs, &Value::Null)? == json!(true), "it is not kept for offline use in a frame");
        no_faults(&browser)?;
    }
    Ok(())
}
