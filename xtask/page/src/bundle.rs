//! The page's folder: what is versioned lies in one folder that is named after the contents of all of it, so that a host
//! and a browser may keep it for ever, and the modules in it find each other by their plain names.

use std::path::Path;

use anyhow::{Context, Result};

use crate::marks;
use crate::modules::Modules;
use crate::offline::{self, Files};
use crate::parts::{Parts, contents_of};

/// The page's one style sheet: each more would be asked for too before anything is seen.
const STYLES: &str = "page.css";

/// Files that a host must serve under their own names: what is asked for first, what names the rest, and pictures, which
/// others ask for.
fn is_unversioned(name: &str) -> bool {
    ["icon.svg", "index.html", "manifest.webmanifest", "sw.js"].contains(&name) || name.ends_with(".png")
}

/// Writes the page's folder anew, whole: what was there before stays until all is written.
///
/// # Errors
/// Names the file that cannot be read or written, or a mark that is missing in one of the page's files.
pub fn write(parts: &Parts, modules: &Modules, folder: &Path) -> Result<()> {
    let files = assemble(parts, modules)?;
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

fn assemble(parts: &Parts, modules: &Modules) -> Result<Files> {
    let (mut unversioned, sources): (Files, Files) =
        files_in(&parts.page)?.into_iter().partition(|(name, _)| is_unversioned(name));
    add_documents(parts, &mut unversioned)?;
    let mut assets: Files = modules.files().map(|(name, code)| (name.clone(), code.into())).collect();
    let styles = sources.into_iter().filter(|(name, _)| name.ends_with(".css"));
    assets.insert(STYLES.to_owned(), styles.flat_map(|(_, contents)| contents).collect());
    let wasm = "web_demo_bg.wasm";
    assets.insert(wasm.to_owned(), contents_of(&parts.glue.join(wasm))?);
    let is_script = |name: &str| name.ends_with(".js") || name.ends_with(".css");
    for (_, contents) in assets.iter_mut().chain(&mut unversioned).filter(|(name, _)| is_script(name)) {
        *contents = without_comments(contents);
    }
    for path in &parts.digits {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assets.insert(name, contents_of(path)?);
    }
    for name in parts.models.names() {
        assets.insert(format!("{name}.onnx"), parts.model(name)?);
    }
    let folder = format!("v-{}", &digest_of_all(&assets)[..16]);
    marks::fill_in_index(&mut unversioned, &folder, modules, parts)?;
    marks::fill_in_worker(&mut unversioned, &folder, &assets, modules, &parts.models)?;
    let assets = assets.into_iter().map(|(name, contents)| (format!("{folder}/{name}"), contents));
    Ok(unversioned.into_iter().chain(assets).collect())
}

/// What the page links to: all results, and the card of the model that answers.
fn add_documents(parts: &Parts, unversioned: &mut Files) -> Result<()> {
    unversioned.insert(offline::RESULTS.to_owned(), contents_of(&parts.results)?);
    let card = parts.default_file.with_extension("md");
    if card.exists() {
        unversioned.insert(offline::CARD.to_owned(), contents_of(&card)?);
    }
    Ok(())
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

/// SHA-256 of the names and checksums of all files.
fn digest_of_all(files: &Files) -> String {
    let lines = files.iter().map(|(name, contents)| format!("{name} {}\n", files::sha256(contents)));
    files::sha256(lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::Models;
    use crate::publication::Publication;

    fn parts(folder: &Path) -> Parts {
        let write = |name: &str, contents: &str| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, contents).unwrap();
        };
        write("www/index.html", "@ASSETS@ @MODEL@ @MODULES@ @CARD@ @ADDRESS@ @REVISION@ @SOURCE@");
        write("www/sw.js", "@VERSION@ @FILES@ @REST@");
        write("www/icon.svg", "<svg/>");
        write("www/manifest.webmanifest", "{}");
        write("www/a.css", "a\n");
        write("www/b.css", "b\n");
        write("glue/web_demo_bg.wasm", "wasm");
        write("glue/samples.bin", "samples");
        write("glue/pairs.bin", "pairs");
        write("glue/hard.bin", "hard pairs");
        write("results/index.html", "results");
        write("models/a.onnx", "model a");
        write("models/b.onnx", "model b");
        write("models/c.onnx", "model c");
        Parts {
            page: folder.join("www"),
            glue: folder.join("glue"),
            digits: ["samples.bin", offline::PAIRS, offline::HARD].map(|name| folder.join("glue").join(name)),
            models_folder: folder.join("models"),
            models: Models { default: "a".into(), ablation: vec!["b".into(), "a".into()], chosen: vec!["c".into()] },
            records: json!({}),
            default_file: folder.join("models/a.onnx"),
            results: folder.join("results/index.html"),
            publication: Publication::default(),
        }
    }

    fn modules(page: &str) -> Modules {
        let file = |code: &str, later: &[&str]| json!({ "code": code, "imports": [], "dynamicImports": later });
        let files = json!({ "page.js": file(page, &["game.js"]), "game.js": file("game", &[]), "toast.js": file("toast", &[]) });
        Modules::parse(&files.to_string()).unwrap()
    }

    fn assembled(parts: &Parts) -> Files {
        assemble(parts, &modules("page")).unwrap()
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
        let before = assembled(&parts);
        let asset_folder = |files: &Files| text(files, "index.html").split(' ').next().unwrap().to_owned();
        assert!(before.contains_key(&format!("{}/page.js", asset_folder(&before))));
        assert_eq!(text(&before, &format!("{}/page.css", asset_folder(&before))), "a\nb\n");
        assert_eq!(assembled(&parts), before);
        assert_ne!(asset_folder(&assemble(&parts, &modules("another page")).unwrap()), asset_folder(&before));
    }

    #[test]
    fn the_service_worker_keeps_the_page_first_and_then_what_only_parts_of_it_need() {
        let folder = tempfile::tempdir().unwrap();
        let worker = text(&assembled(&parts(folder.path())), "sw.js");
        let [_, first, rest] = worker.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
        for kept in ["\"./\"", "/page.js", "/page.css", "/a.onnx", "/web_demo_bg.wasm", "icon.svg"] {
            assert!(first.contains(kept), "{kept} is not in {first}");
        }
        for kept in ["/game.js", "/b.onnx", "/pairs.bin", "/samples.bin"] {
            assert!(rest.contains(kept), "{kept} is not in {rest}");
        }
        assert!(!first.contains("b.onnx") && !worker.contains("sw.js"), "{worker}");
        assert!(!worker.contains("c.onnx"), "who chooses a network fetches it: {worker}");
        assert!(!worker.contains("toast.js"), "only checks import it: {worker}");
    }

    #[test]
    fn a_model_with_a_card_has_a_link_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let parts = parts(folder.path());
        let links_to_it = |files: &Files| text(files, "index.html").contains("href=\"card.txt\"");
        assert!(!links_to_it(&assembled(&parts)));
        std::fs::write(folder.path().join("models/a.md"), "# a").unwrap();
        let files = assembled(&parts);
        assert!(links_to_it(&files) && text(&files, "card.txt") == "# a");
        assert!(!text(&files, "sw.js").contains("card.txt"));
    }

    #[test]
    fn a_page_is_replaced_whole_and_nothing_of_the_old_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (parts, out) = (parts(folder.path()), folder.path().join("web"));
        write(&parts, &modules("page"), &out).unwrap();
        write(&parts, &modules("another page"), &out).unwrap();
        let folders = std::fs::read_dir(&out).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
        assert_eq!(folders.count(), 1);
        assert!(!folder.path().join("web.old").exists() && !folder.path().join("web.part").exists());
    }

    #[test]
    fn a_model_that_is_listed_and_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = parts(folder.path());
        parts.models.ablation.push("d".into());
        assert!(assemble(&parts, &modules("page")).unwrap_err().to_string().ends_with("models/d.onnx"));
    }
}
