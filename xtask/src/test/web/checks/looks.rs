//! How the page looks: that it fits, and pictures of it for people.

use anyhow::Result;
use serde_json::json;

use super::{EMPTY, become_a_phone, fits_in_width, open_all_parts, prefer};
use crate::run::say;
use crate::test::web::Stage;
use crate::test::web::gestures::{Pointer, SEVEN, THREE, draw_pair};
use crate::web::webdriver::Session;

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
    let folder = stage.project.target_dir().join("web-pictures");
    std::fs::create_dir_all(&folder)?;
    for device in ["phone", "desktop"] {
        for scheme in ["light", "dark"] {
            let browser = stage.browser()?;
            if device == "phone" {
                become_a_phone(&browser, 390, 844)?;
            } else {
                let metrics = json!({ "width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": false });
                browser.devtools("Emulation.setDeviceMetricsOverride", &metrics)?;
            }
            prefer(&browser, scheme)?;
            browser.open(&stage.page())?;
            browser.wait_for("the network", EMPTY)?;
            draw_pair(&browser, [THREE, SEVEN], Pointer::Mouse)?;
            browser.wait_for("the crop mark", "return document.querySelector('.findings canvas') !== null")?;
            std::fs::write(folder.join(format!("{device}-{scheme}-first.png")), first_screen(&browser)?)?;
            open_all_parts(&browser)?;
            browser.wait_for("the occlusion map", super::drawing::OCCLUSION_IS_COLOURED)?;
            browser.wait_for("the other networks", super::drawing::ABLATION_IS_FILLED)?;
            std::fs::write(folder.join(format!("{device}-{scheme}.png")), browser.picture(true)?)?;
        }
    }
    say(&format!("  pictures are in {}", stage.project.relative(&folder).display()));
    Ok(())
}

fn first_screen(browser: &Session) -> Result<Vec<u8>> {
    browser.run("window.scrollTo(0, 0); return true")?;
    // Bars and mark move for an eighth of a second.
    std::thread::sleep(std::time::Duration::from_millis(300));
    browser.picture(false)
}
