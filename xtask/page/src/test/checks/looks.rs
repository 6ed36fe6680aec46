//! How the page looks: that it fits, and pictures of it for people.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde_json::json;
use setup::run::say;

use super::{become_a_phone, fits_in_width, fooling, game, open_all_parts, pick, prefer};
use crate::test::Stage;
use crate::test::gestures::{Pointer, SEVEN, THREE, draw_pair, key, press};
use crate::webdriver::Session;

/// Nothing is wider than the screen, from the smallest phones to wide desktops, with all in use.
pub fn every_width(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    draw_pair(&browser, [THREE, SEVEN], Pointer::Mouse)?;
    open_all_parts(&browser)?;
    browser.click("#eraser")?;
    browser.click(".pad [data-tool=cells]")?;
    for width in [320, 360, 412, 600, 768, 1024, 1920, 2560] {
        become_a_phone(&browser, width, 800)?;
        fits_in_width(&browser).map_err(|fault| fault.context(format!("on a screen of {width}")))?;
    }
    Ok(())
}

/// Phone and desktop, light and dark, as PNGs in `web-pictures` of Cargo's target folder: what is seen first, and all.
pub fn pictures(stage: &Stage<'_>) -> Result<()> {
    on_every_device(stage, |browser, picture| {
        draw_pair(browser, [THREE, SEVEN], Pointer::Mouse)?;
        std::fs::write(picture("-first"), first_screen(browser)?)?;
        open_all_parts(browser)?;
        browser.wait_for("the occlusion map", super::drawing::OCCLUSION_IS_COLOURED)?;
        browser.wait_for("the other networks", super::drawing::ABLATION_IS_FILLED)?;
        Ok(std::fs::write(picture(""), browser.picture(true)?)?)
    })
}

/// The same of the network at work, for each way in which the digits go through one.
pub fn pictures_of_networks(stage: &Stage<'_>) -> Result<()> {
    on_every_device(stage, |browser, picture| {
        draw_pair(browser, [THREE, SEVEN], Pointer::Mouse)?;
        open_all_parts(browser)?;
        for (name, arrangement) in
            [("leq", "shared"), ("report-a-convnet-aux", "separate"), ("report-a-convnet", "stacked")]
        {
            pick(browser, name)?;
            browser.run(
                "document.querySelectorAll('.steps button')[2].click(); document.querySelectorAll('.layer canvas')[2].focus(); \
                 document.getElementById('notice').hidden = true; \
                 document.getElementById('network-part').scrollIntoView(); return true",
            )?;
            std::thread::sleep(std::time::Duration::from_millis(300));
            std::fs::write(picture(&format!("-network-{arrangement}")), browser.picture(false)?)?;
        }
        Ok(())
    })
}

/// Opens the empty page on phone and desktop, light and dark. `work` gets each browser, and what makes the path of a picture of
/// it from the end of its name.
fn on_every_device(stage: &Stage<'_>, work: impl Fn(&Session, &dyn Fn(&str) -> PathBuf) -> Result<()>) -> Result<()> {
    let folder = stage.project.target_dir().join("web-pictures");
    std::fs::create_dir_all(&folder)?;
    for device in ["phone", "desktop"] {
        for scheme in ["light", "dark"] {
            let browser = stage.browser()?;
            if device == "phone" {
                become_a_phone(&browser, 390, 844)?;
            } else {
                let metrics = json!({ "width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": false });
                browser.devtools("Emulation.setDeviceMetricsOverride", &metrics)?;
            }
            prefer(&browser, scheme)?;
            stage.open_in(&browser)?;
            work(&browser, &|end| folder.join(format!("{device}-{scheme}{end}.png")))?;
        }
    }
    say(&format!("  pictures are in {}", stage.project.relative(&folder).display()));
    Ok(())
}

/// Phone and desktop, light and dark: the gallery, each state of the game, and what can be taken along.
pub fn pictures_of_play(stage: &Stage<'_>) -> Result<()> {
    on_every_device(stage, |browser, picture| {
        go_through_play(browser, |what, selector| {
            let scroll = format!("document.querySelector({}).scrollIntoView(); return true", json!(selector));
            browser.run(&scroll)?;
            std::thread::sleep(std::time::Duration::from_millis(300));
            Ok(std::fs::write(picture(&format!("-{what}")), browser.picture(false)?)?)
        })
    })
}

fn go_through_play(browser: &Session, take: impl Fn(&str, &str) -> Result<()>) -> Result<()> {
    fooling::fool_three_times(browser)?;
    take("gallery", "#fool-part")?;
    game::start(browser, 0)?;
    take("asked", "#game-part")?;
    press(browser, &[key::RIGHT])?;
    take("told", "#game-part")?;
    for _ in 1..10 {
        press(browser, &[key::ENTER, key::RIGHT])?;
    }
    press(browser, &[key::ENTER])?;
    game::is_in(browser, "over")?;
    take("over", "#game-part")?;
    browser.run("for (const it of document.querySelectorAll('#take details')) it.open = true; return true")?;
    let both = "return document.querySelector('#answers tbody tr') !== null \
         && document.querySelector('#embed code')?.textContent !== ''";
    browser.wait_for("answers and HTML", both)?;
    take("take", "#take")
}

fn first_screen(browser: &Session) -> Result<Vec<u8>> {
    browser.run("window.scrollTo(0, 0); return true")?;
    // Bars and mark move for an eighth of a second.
    std::thread::sleep(std::time::Duration::from_millis(300));
    browser.picture(false)
}

/// In forced colours the likeliest bar, the scale and its mark are still told apart from what is around them.
pub fn forced_colours(stage: &Stage<'_>) -> Result<()> {
    for scheme in ["light", "dark"] {
        let browser = stage.browser()?;
        let features = json!([
            { "name": "forced-colors", "value": "active" },
            { "name": "prefers-color-scheme", "value": scheme },
        ]);
        browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }))?;
        stage.open_in(&browser)?;
        draw_pair(&browser, [THREE, SEVEN], Pointer::Mouse)?;
        browser.run("window.scrollTo(0, 0); return true")?;
        std::thread::sleep(std::time::Duration::from_millis(300));
        let likeliest = colour_at(&browser, ".bar.likeliest", 0.5)?;
        let other = colour_at(&browser, ".digit", 0.02)?;
        ensure!(likeliest != other, "{scheme}: the likeliest bar is {likeliest}, as what is around it");
        let mark = colour_at(&browser, "#scale-mark", 0.5)?;
        let bar = colour_at(&browser, "#scale-bar", 0.25)?;
        ensure!(mark != bar, "{scheme}: the scale's mark is {mark}, as the scale");
        let edge = colour_at(&browser, "#scale-bar", 0.0)?;
        ensure!(edge != bar || bar != other, "{scheme}: the scale is {bar}, as what is around it");
        browser.run(
            "document.getElementById('ablation-part').open = true; document.querySelector('#scale').remove(); return true",
        )?;
        browser.wait_for("the part's own module", "return document.getElementById('run-pairs') !== null")?;
        browser.run(
            "const bar = document.querySelector('.live.accuracy'); bar.style.setProperty('--share', 0.5); \
             bar.closest('table').scrollIntoView(); return true",
        )?;
        std::thread::sleep(std::time::Duration::from_millis(300));
        let full = colour_inside(&browser, ".live.accuracy", [0.25, 0.95])?;
        let empty = colour_inside(&browser, ".live.accuracy", [0.75, 0.95])?;
        ensure!(full != empty, "{scheme}: a bar of accuracy is {full}, as what is beside it");
    }
    Ok(())
}

/// The colour on the screen at a share of an element's width, at half its height.
fn colour_at(browser: &Session, selector: &str, across: f64) -> Result<String> {
    colour_inside(browser, selector, [across, 0.5])
}

/// The colour on the screen at shares of an element's width and height. A picture is cut in the page's own coordinates.
fn colour_inside(browser: &Session, selector: &str, [across, down]: [f64; 2]) -> Result<String> {
    let place = browser.run(&format!(
        "const {{ left, top, width, height }} = document.querySelector({}).getBoundingClientRect(); \
         return [left + scrollX + {across} * width, top + scrollY + {down} * (height - 2)]",
        json!(selector)
    ))?;
    let clip = json!({ "x": place[0], "y": place[1], "width": 1, "height": 1, "scale": 1 });
    let picture = browser.devtools("Page.captureScreenshot", &json!({ "clip": clip }))?;
    let script = "const bytes = Uint8Array.from(atob(argument), (letter) => letter.charCodeAt(0)); \
         const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' })); \
         const context = new OffscreenCanvas(1, 1).getContext('2d'); context.drawImage(bitmap, 0, 0); \
         return [...context.getImageData(0, 0, 1, 1).data].join(' ')";
    Ok(browser.run_async(script, &picture["data"])?.as_str().unwrap_or_default().to_owned())
}

/// With text at twice its size nothing is wider than a phone, in every state, and no word of a pad is cut or broken.
pub fn large_text(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    become_a_phone(&browser, 390, 844)?;
    draw_pair(&browser, [THREE, SEVEN], Pointer::Mouse)?;
    open_all_parts(&browser)?;
    for name in ["leq", "report-a-convnet-aux", "report-a-convnet"] {
        pick(&browser, name)?;
        browser.run("document.documentElement.style.fontSize = '200%'; return true")?;
        fits_in_width(&browser).map_err(|fault| fault.context(format!("with the network {name}")))?;
    }
    let cut = browser.run(CUT)?;
    ensure!(cut == json!([]), "cut or broken: {cut}");
    game::start(&browser, 0)?;
    fits_in_width(&browser).map_err(|fault| fault.context("while the game asks"))?;
    for _ in 0..10 {
        press(&browser, &[key::RIGHT, key::ENTER])?;
    }
    game::is_in(&browser, "over")?;
    fits_in_width(&browser).map_err(|fault| fault.context("at the end of the game"))?;
    browser.run(
        "document.documentElement.style.fontSize = '200%'; document.getElementById('clear-both').click(); return true",
    )?;
    fits_in_width(&browser)
}

/// Headings and buttons of the pads whose words do not fit: they are cut, or a word stands on more than one line.
const CUT: &str = r"
    const lines = (element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
    };
    const words = (element) => element.textContent.trim().split(/\s+/).length;
    return [...document.querySelectorAll('.pad h2, .pad-tools button')]
        .filter((it) => it.scrollWidth > it.clientWidth + 1 || lines(it) > words(it))
        .map((it) => `${it.textContent} of ${it.clientWidth} pixels`);";
