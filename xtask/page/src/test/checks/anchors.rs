//! Anchors, links, and the pictures that others show of the page.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::site::Site;
use crate::test::Stage;

/// The address of a part opens it; so do those of the sections that the page's own links name.
pub fn parts(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let ids = browser.run(
        "const parts = [...document.querySelectorAll('main details')].map(({ id }) => id); \
         const links = [...document.querySelectorAll('nav a')].map((it) => it.hash.slice(1)); return [...parts, ...links]",
    )?;
    let ids = ids.as_array().context("a list of parts")?;
    ensure!(ids.len() >= 13, "there are {} parts and links", ids.len());
    for id in ids {
        let id = id.as_str().context("every part has a name")?;
        browser.run(&format!(
            "for (const part of document.querySelectorAll('main details')) part.open = false; \
             scrollTo(0, 0); history.replaceState(null, '', '#'); location.hash = {}; return true",
            json!(id)
        ))?;
        let opened = format!(
            "const named = document.getElementById({}); \
             const part = named.closest('details') ?? named.querySelector('details'); \
             const {{ top }} = named.getBoundingClientRect(); return part.open && top > -5 && top < innerHeight",
            json!(id)
        );
        browser.wait_for(&format!("#{id} to open"), &opened)?;
    }
    let other = stage.browser()?;
    other.open(&format!("{}#finding-part", stage.page()))?;
    other.wait_for("the part that a link names", "return document.getElementById('ablation-part').open")
}

/// Width and height of a PNG.
fn size_of(site: &Site, name: &str) -> Result<[u32; 2]> {
    let bytes = &site.files.get(name).with_context(|| format!("the page has no {name}"))?.contents;
    ensure!(bytes.starts_with(b"\x89PNG"), "{name} is no PNG");
    let number = |at: usize| Ok::<_, anyhow::Error>(u32::from_be_bytes(bytes[at..at + 4].try_into()?));
    Ok([number(16)?, number(20)?])
}

/// Every relative link leads to a file; pictures have the sizes that are declared; version and revision are shown.
pub fn links_and_pictures(stage: &Stage<'_>) -> Result<()> {
    let site = stage.site;
    ensure!(size_of(site, "preview.png")? == [1200, 630], "the preview is {:?}", size_of(site, "preview.png")?);
    ensure!(site.files["preview.png"].contents.len() < 100_000, "the preview is too large");
    for (name, side) in
        [("icon-192.png", 192), ("icon-512.png", 512), ("icon-maskable.png", 512), ("apple-touch-icon.png", 180)]
    {
        ensure!(size_of(site, name)? == [side; 2], "{name} is {:?}", size_of(site, name)?);
    }
    let browser = stage.open_page()?;
    let missing = browser.run_async(
        "const links = [...document.querySelectorAll('footer a, head link[href]')].map(({ href }) => href); \
         const image = document.querySelector('meta[property=\"og:image\"]').content; \
         const own = [...links, new URL(image, location.href).href].filter((it) => it.startsWith(location.origin)); \
         const manifest = await (await fetch('manifest.webmanifest')).json(); \
         own.push(...manifest.icons.map(({ src }) => new URL(src, location.href).href)); \
         const found = await Promise.all(own.map(async (it) => (await fetch(it)).ok)); \
         return own.length > 12 ? own.filter((_, at) => !found[at]) : [`only ${own.length} links`]",
        &json!(null),
    )?;
    ensure!(missing == json!([]), "links lead nowhere: {missing}");
    let shown = "return /Version v-[0-9a-f]{16}, revision ([0-9a-f]{7,40}(-dirty)?|unknown)/.test(document.querySelector('footer').innerText)";
    ensure!(browser.run(shown)? == json!(true), "the footer shows no version: {:?}", browser.text("footer")?);
    for words in ["All results", "Model card", "Report A", "Report B"] {
        ensure!(browser.text("footer")?.contains(words), "the footer has no {words}");
    }
    Ok(())
}
