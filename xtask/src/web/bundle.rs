//! The page's folder: what is versioned lies in one folder that is named after the contents of all of it, so that a host
//! and a browser may keep it for ever, and the modules in it find each other by their plain names.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::offline::{self, Files};
use crate::project::Project;

/// Which models the page has, as `web-demo/models.json` lists them by the names of their files in `models/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Models {
    /// The one that answers.
    pub default: String,
    /// Those that are shown side by side.
    pub ablation: Vec<String>,
}

impl Models {
    /// Reads the project's list.
    ///
    /// # Errors
    /// Names the file if it cannot be read or is no such list.
    pub fn of(project: &Project) -> Result<Self> {
        let path = &project.root.join("web-demo/models.json");
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no list of models", path.display()))
    }

    fn names(&self) -> Vec<&String> {
        let mut names: Vec<&String> = std::iter::once(&self.default).chain(&self.ablation).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// What the folder is made of.
#[derive(Debug)]
pub struct Parts {
    /// The page's own files.
    pub page: PathBuf,
    /// wasm-bindgen's: JavaScript and WebAssembly.
    pub glue: PathBuf,
    /// MNIST's digits: the samples that the page offers, and the pairs on which it tallies networks.
    pub digits: [PathBuf; 2],
    /// Where the models are.
    pub models_folder: PathBuf,
    /// Which of them.
    pub models: Models,
    /// What is measured of them, as [`super::records`] reads it.
    pub records: serde_json::Value,
    /// The file of the one that answers, which may be elsewhere.
    pub default_file: PathBuf,
}

/// Files that a host must serve under their own names: what is asked for first, and what names the rest.
const UNVERSIONED: [&str; 4] = ["icon.svg", "index.html", "manifest.webmanifest", "sw.js"];

/// The modules that load the network, of which a browser is told before the others.
const FIRST_MODULES: [&str; 5] = ["assets.js", "engine.js", "faults.js", "files.js", "web_demo.js"];

/// Writes the page's folder anew, whole: what was there before stays until all is written.
///
/// # Errors
/// Names the file that cannot be read or written, or a mark that is missing in one of the page's files.
pub fn write(parts: &Parts, folder: &Path) -> Result<()> {
    let files = assemble(parts)?;
    let (part, old) = (folder.with_extension("part"), folder.with_extension("old"));
    let replace = || -> std::io::Result<()> {
        for folder in [&part, &old] {
            if folder.exists() {
                std::fs::remove_dir_all(folder)?;
            }
        }
        for (name, contents) in &files {
            let path = part.join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(&part))?;
            std::fs::write(path, contents)?;
        }
        if folder.exists() {
            std::fs::rename(folder, &old)?;
        }
        std::fs::rename(&part, folder)?;
        if old.exists() { std::fs::remove_dir_all(&old) } else { Ok(()) }
    };
    replace().with_context(|| format!("cannot write {}", folder.display()))
}

fn assemble(parts: &Parts) -> Result<Files> {
    let mut page = files_in(&parts.page)?;
    let mut unversioned = Files::new();
    for name in UNVERSIONED {
        let (name, contents) = page.remove_entry(name).with_context(|| format!("the page has no {name}"))?;
        unversioned.insert(name, contents);
    }
    let mut assets = page;
    for name in ["web_demo.js", "web_demo_bg.wasm"] {
        assets.insert(name.to_owned(), contents_of(&parts.glue.join(name))?);
    }
    let is_script = |name: &str| name.ends_with(".js") || name.ends_with(".css");
    for (_, contents) in assets.iter_mut().chain(&mut unversioned).filter(|(name, _)| is_script(name)) {
        *contents = without_comments(contents);
    }
    for path in &parts.digits {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assets.insert(name, contents_of(path)?);
    }
    for name in parts.models.names() {
        let file = format!("{name}.onnx");
        let in_folder = parts.models_folder.join(&file);
        let contents = contents_of(if *name == parts.models.default { &parts.default_file } else { &in_folder })?;
        assets.insert(file, contents);
    }
    assets.insert("assets.js".to_owned(), list_for_the_page(parts, &assets).into_bytes());
    let folder = format!("v-{}", &hexadecimal(&digest_of_all(&assets))[..16]);
    fill_in_index(&mut unversioned, &folder, &assets, &parts.models)?;
    fill_in_worker(&mut unversioned, &folder, &assets, &parts.models)?;
    let assets = assets.into_iter().map(|(name, contents)| (format!("{folder}/{name}"), contents));
    Ok(unversioned.into_iter().chain(assets).collect())
}

/// A script or style sheet without the lines that hold nothing but a comment, and without indentation: those are for people
/// who read the source.
fn without_comments(script: &[u8]) -> Vec<u8> {
    let mut is_inside = false;
    let is_code = |line: &&[u8]| {
        let line = line.trim_ascii();
        is_inside |= line.starts_with(b"/*");
        let is_comment = is_inside || line.starts_with(b"//");
        is_inside &= !line.ends_with(b"*/");
        !is_comment
    };
    let lines = script.split_inclusive(|byte| *byte == b'\n').filter(is_code);
    lines.flat_map(|line| line.trim_ascii_start()).copied().collect()
}

fn files_in(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), contents_of(&entry.path())?);
    }
    Ok(files)
}

fn contents_of(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The module `assets.js`: the models with their lengths and checksums, and what is measured of them.
fn list_for_the_page(parts: &Parts, assets: &Files) -> String {
    let models = &parts.models;
    let entry = |name: &&String| {
        let contents = &assets[&format!("{name}.onnx")];
        ((*name).clone(), json!({ "bytes": contents.len(), "sha256": files::sha256(contents) }))
    };
    let listed: serde_json::Map<_, _> = models.names().iter().map(entry).collect();
    format!(
        "// Written by `cargo xtask web`.\n\nexport const models = {};\nexport const defaultModel = {};\n\
         export const ablation = {};\nexport const records = {};\n",
        serde_json::Value::from(listed),
        json!(models.default),
        json!(models.ablation),
        parts.records
    )
}

fn fill_in_index(unversioned: &mut Files, folder: &str, assets: &Files, models: &Models) -> Result<()> {
    let mut modules: Vec<&String> =
        assets.keys().filter(|name| name.ends_with(".js") && !offline::is_asked_for_later(name)).collect();
    modules.sort_by_key(|name| !FIRST_MODULES.contains(&name.as_str()));
    let preloads: Vec<String> =
        modules.iter().map(|name| format!(r#"<link rel="modulepreload" href="{folder}/{name}" />"#)).collect();
    let styles = assets.keys().filter(|name| name.ends_with(".css"));
    let styles: Vec<String> =
        styles.map(|name| format!(r#"<link rel="stylesheet" href="{folder}/{name}" />"#)).collect();
    let marks = [
        ("@ASSETS@", folder),
        ("@MODEL@", &models.default),
        ("@STYLES@", &styles.join("\n    ")),
        ("@MODULES@", &preloads.join("\n    ")),
    ];
    fill_in(unversioned, "index.html", &marks)
}

fn fill_in_worker(unversioned: &mut Files, folder: &str, assets: &Files, models: &Models) -> Result<()> {
    let (first, rest) = offline::kept(unversioned, folder, assets, &models.default);
    let (first, rest) = (json!(first).to_string(), json!(rest).to_string());
    let version = hexadecimal(&Sha256::digest(format!("{first}{rest}")))[..16].to_owned();
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

fn digest_of_all(files: &Files) -> Vec<u8> {
    let mut digest = Sha256::new();
    for (name, contents) in files {
        digest.update(format!("{name} {}\n", files::sha256(contents)));
    }
    digest.finalize().to_vec()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(folder: &Path) -> Parts {
        let write = |name: &str, contents: &str| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, contents).unwrap();
        };
        write("www/index.html", "@ASSETS@ @MODEL@ @STYLES@ @MODULES@");
        write("www/sw.js", "@VERSION@ @FILES@ @REST@");
        write("www/icon.svg", "<svg/>");
        write("www/manifest.webmanifest", "{}");
        write("www/page.js", "page");
        write("glue/web_demo.js", "glue");
        write("glue/web_demo_bg.wasm", "wasm");
        write("glue/samples.bin", "samples");
        write("glue/pairs.bin", "pairs");
        write("models/a.onnx", "model a");
        write("models/b.onnx", "model b");
        Parts {
            page: folder.join("www"),
            glue: folder.join("glue"),
            digits: ["samples.bin", offline::PAIRS].map(|name| folder.join("glue").join(name)),
            models_folder: folder.join("models"),
            models: Models { default: "a".into(), ablation: vec!["b".into(), "a".into()] },
            records: json!({}),
            default_file: folder.join("models/a.onnx"),
        }
    }

    fn text(files: &Files, name: &str) -> String {
        String::from_utf8(files[name].clone()).unwrap()
    }

    #[test]
    fn comments_of_whole_lines_stay_behind_and_all_else_is_kept() {
        let script = b"// About.\nconst a = 1; // one\n\n/** Docs. */\nb();\n  /*\n   * More.\n   */\nc(`//`);\n";
        assert_eq!(without_comments(script), b"const a = 1; // one\nb();\nc(`//`);\n");
    }

    #[test]
    fn assets_lie_in_a_folder_that_is_named_after_their_contents() {
        let folder = tempfile::tempdir().unwrap();
        let parts = parts(folder.path());
        let before = assemble(&parts).unwrap();
        let asset_folder = |files: &Files| text(files, "index.html").split(' ').next().unwrap().to_owned();
        assert!(before.contains_key(&format!("{}/page.js", asset_folder(&before))));
        assert_eq!(assemble(&parts).unwrap(), before);
        std::fs::write(folder.path().join("www/page.js"), "another page").unwrap();
        assert_ne!(asset_folder(&assemble(&parts).unwrap()), asset_folder(&before));
    }

    #[test]
    fn the_service_worker_keeps_the_page_first_and_then_what_only_parts_of_it_need() {
        let folder = tempfile::tempdir().unwrap();
        let worker = text(&assemble(&parts(folder.path())).unwrap(), "sw.js");
        let [_, first, rest] = worker.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
        for kept in ["\"./\"", "/page.js", "/a.onnx", "/web_demo_bg.wasm", "icon.svg"] {
            assert!(first.contains(kept), "{kept} is not in {first}");
        }
        assert!(rest.contains("/b.onnx") && rest.contains("/pairs.bin") && rest.contains("/samples.bin"), "{rest}");
        assert!(!first.contains("b.onnx") && !worker.contains("sw.js"), "{worker}");
    }

    #[test]
    fn a_page_is_replaced_whole_and_nothing_of_the_old_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (parts, out) = (parts(folder.path()), folder.path().join("web"));
        write(&parts, &out).unwrap();
        std::fs::write(folder.path().join("www/page.js"), "another page").unwrap();
        write(&parts, &out).unwrap();
        let folders = std::fs::read_dir(&out).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
        assert_eq!(folders.count(), 1);
        assert!(!folder.path().join("web.old").exists() && !folder.path().join("web.part").exists());
    }

    #[test]
    fn a_model_that_is_listed_and_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = parts(folder.path());
        parts.models.ablation.push("c".into());
        assert!(assemble(&parts).unwrap_err().to_string().ends_with("models/c.onnx"));
    }
}
