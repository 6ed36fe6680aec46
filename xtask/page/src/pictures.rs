//! The page's own pictures, which lie in `web-demo/www`: what previews of links show, and the icons as PNG.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use setup::Project;
use setup::run::say;

use crate::server::Server;
use crate::site::Site;
use crate::webdriver::{Driver, Session};

/// Width and height that previews of links are made for.
const PREVIEW: [u32; 2] = [1200, 630];
/// An icon's file, its side, and whether it fills its square, for systems that cut icons themselves.
const ICONS: [(&str, u32, bool); 4] = [
    ("icon-192.png", 192, false),
    ("icon-512.png", 512, false),
    ("icon-maskable.png", 512, true),
    ("apple-touch-icon.png", 180, true),
];
/// The ground of `icon.svg`.
const GROUND: [u8; 3] = [0x10, 0x12, 0x14];

/// Takes all of them of a page that is built.
///
/// # Errors
/// When the browser does not show the page, or a file cannot be written.
pub fn take_pictures(project: &Project, site: &Site) -> Result<()> {
    let folder = project.root.join("web-demo/www");
    let server = Server::start(0).context("cannot listen on loopback")?;
    server.mount("/", site);
    let driver = Driver::start(&setup::browser(project)?)?;
    let browser = driver.session()?;
    write(project, &folder.join("preview.png"), &preview(&browser, &server.origin())?)?;
    browser.open(&format!("{}/icon.svg", server.origin()))?;
    for (name, side, fills) in ICONS {
        write(project, &folder.join(name), &icon(&browser, side, fills)?)?;
    }
    Ok(())
}

fn write(project: &Project, path: &Path, picture: &[u8]) -> Result<()> {
    std::fs::write(path, picture).with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("{} ({} bytes)", project.relative(path).display(), picture.len()));
    Ok(())
}

fn resize(browser: &Session, [width, height]: [u32; 2]) -> Result<Value> {
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", &metrics)
}

/// The first screen with its example drawn.
fn preview(browser: &Session, origin: &str) -> Result<Vec<u8>> {
    resize(browser, PREVIEW)?;
    browser.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }))?;
    let features = json!([
        { "name": "prefers-color-scheme", "value": "light" },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ]);
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }))?;
    browser.open(&format!("{origin}/"))?;
    let is_answered = "return document.getElementById('sentence').textContent.startsWith('3 ≤ 7') \
         && document.getElementById('skip').hidden";
    browser.wait_for("the example's answer", is_answered)?;
    browser.picture(false)
}

fn icon(browser: &Session, side: u32, fills: bool) -> Result<Vec<u8>> {
    resize(browser, [side; 2])?;
    let [r, g, b] = GROUND;
    let ground = json!({ "r": r, "g": g, "b": b, "a": if fills { 1 } else { 0 } });
    browser.devtools("Emulation.setDefaultBackgroundColorOverride", &json!({ "color": ground }))?;
    browser.picture(false)
}
