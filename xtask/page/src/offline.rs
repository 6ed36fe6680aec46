//! What the service worker keeps, so that the page works without a network.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::models::Models;
use crate::modules::Modules;

/// Files by their paths.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The file of test pairs on which the page tallies networks.
pub const PAIRS: &str = "pairs.bin";
/// The file of hard pairs for the game.
pub const HARD: &str = "hard.bin";

/// The copy of the page of all results, and of the card of the model that answers.
pub const RESULTS: &str = "results.html";
pub const CARD: &str = "card.txt";

/// What is for others, or for who follows a link out of the page.
const NEVER: [&str; 3] = [RESULTS, CARD, "preview.png"];

/// A file's path and the checksum that browsers hold it to.
pub type Kept = [String; 2];

/// First all that every visit needs, then what only some parts of the page ask for. A model that is only there to be chosen is
/// kept once it was.
pub fn kept(
    unversioned: &Files,
    folder: &str,
    assets: &Files,
    modules: &Modules,
    models: &Models,
) -> (Vec<Kept>, Vec<Kept>) {
    let is_kept = |name: &str| name != "sw.js" && !NEVER.contains(&name);
    let unversioned = unversioned.iter().filter(|(name, _)| is_kept(name)).map(|(name, contents)| {
        let path = if name == "index.html" { "./" } else { name };
        [path.to_owned(), integrity(contents)]
    });
    let (icons, unversioned): (Vec<Kept>, Vec<Kept>) = unversioned.partition(|[path, _]| !is_loaded(path));
    let default = format!("{}.onnx", models.default);
    let scripts = modules.first();
    let is_first = |name: &str| match name.rsplit('.').next() {
        Some("js") => scripts.contains(&name),
        Some("onnx") => name == default,
        Some("bin") => false,
        _ => true,
    };
    let is_asked_for = |name: &str| !name.ends_with(".js") || modules.is_asked_for(name);
    let assets = assets.iter().filter(|(name, _)| !models.is_only_chosen(name) && is_asked_for(name));
    let (first, rest): (Vec<_>, Vec<_>) = assets.partition(|(name, _)| is_first(name));
    let versioned = |files: Vec<(&String, &Vec<u8>)>| -> Vec<Kept> {
        files.into_iter().map(|(name, contents)| [format!("{folder}/{name}"), integrity(contents)]).collect()
    };
    ([unversioned, versioned(first)].concat(), [icons, versioned(rest)].concat())
}

/// Whether a browser that reads of a file in `index.html` loads it for the first answer: icons come after, links when they are
/// followed.
pub fn is_loaded(path: &str) -> bool {
    !path.ends_with(".png") && !NEVER.contains(&path)
}

fn integrity(contents: &[u8]) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(contents)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn in_project(path: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
    }

    #[test]
    fn every_script_is_in_the_table_of_the_page_s_documentation() {
        let documentation = std::fs::read_to_string(in_project("docs/page.md")).unwrap();
        for entry in std::fs::read_dir(in_project("web-demo/www")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                !name.ends_with(".js") || documentation.contains(&format!("`{name}`")),
                "docs/page.md has no {name}"
            );
        }
    }
}
