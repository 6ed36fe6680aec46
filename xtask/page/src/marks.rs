//! What the build writes into the page's files: lists, checksums, names and addresses, in place of marks.

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::models::Models;
use crate::modules::Modules;
use crate::offline::{self, Files};
use crate::parts::Parts;

/// The module that the build writes.
pub const LIST: &str = "assets.js";

/// The module [`LIST`]: the models with their lengths and checksums, and what is measured of them.
///
/// # Errors
/// Names the model that cannot be read.
pub fn list_for_the_page(parts: &Parts) -> Result<String> {
    let models = &parts.models;
    let entry = |name: &&String| {
        let contents = parts.model(name)?;
        Ok(((*name).clone(), json!({ "bytes": contents.len(), "sha256": files::sha256(contents) })))
    };
    let listed: serde_json::Map<_, _> = models.names().iter().map(entry).collect::<Result<_>>()?;
    Ok(format!(
        "// Written by `cargo xtask web`.\n\nexport const models = {};\nexport const defaultModel = {};\n\
         export const ablation = {};\nexport const records = {};\n",
        serde_json::Value::from(listed),
        json!(models.default),
        json!(models.ablation),
        parts.records
    ))
}

/// Names the versioned files in `index.html`, and says where the page comes from.
///
/// # Errors
/// The mark that is missing.
pub fn fill_in_index(unversioned: &mut Files, folder: &str, modules: &Modules, parts: &Parts) -> Result<()> {
    let preload = |name: &str| format!(r#"<link rel="modulepreload" href="{folder}/{name}" />"#);
    let preloads: Vec<String> = modules.first().into_iter().map(preload).collect();
    let has_card = unversioned.contains_key(offline::CARD);
    let card = if has_card {
        format!(r#"<a href="{}" target="_blank" rel="noopener">Model card</a> (online) ·"#, offline::CARD)
    } else {
        String::new()
    };
    let marks = [
        ("@ASSETS@", folder),
        ("@MODEL@", &parts.models.default),
        ("@MODULES@", &preloads.join("\n    ")),
        ("@CARD@", &card),
    ];
    fill_in(unversioned, "index.html", &marks)?;
    fill_in(unversioned, "index.html", &parts.publication.marks())
}

/// Gives the service worker its version and its lists.
///
/// # Errors
/// The mark that is missing.
pub fn fill_in_worker(
    unversioned: &mut Files,
    folder: &str,
    assets: &Files,
    modules: &Modules,
    models: &Models,
) -> Result<()> {
    let (first, rest) = offline::kept(unversioned, folder, assets, modules, models);
    let (first, rest) = (json!(first).to_string(), json!(rest).to_string());
    let version = files::sha256(format!("{first}{rest}"))[..16].to_owned();
    fill_in(unversioned, "sw.js", &[("@VERSION@", &version), ("@FILES@", &first), ("@REST@", &rest)])
}

fn fill_in(files: &mut Files, name: &str, marks: &[(&str, &str)]) -> Result<()> {
    let contents = files.get_mut(name).with_context(|| format!("the page has no {name}"))?;
    let mut text = String::from_utf8(std::mem::take(contents)).with_context(|| format!("{name} is not text"))?;
    for (mark, value) in marks {
        if !text.contains(mark) {
            bail!("{name} has no {mark} to fill in");
        }
        text = text.replace(mark, value);
    }
    *contents = text.into_bytes();
    Ok(())
}
