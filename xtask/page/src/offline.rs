//! What the service worker keeps, so that the page works without a network.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::models::Models;

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

/// Files that parts of the page ask for when they are opened or used.
const LATER: [&str; 24] = [
    PAIRS,
    HARD,
    "samples.bin",
    "ablation.js",
    "cell-view.js",
    "clock.js",
    "finding.js",
    "fool.js",
    "fooled-card.js",
    "game.js",
    "hard.js",
    "layer-row.js",
    "metadata.js",
    "network-view.js",
    "numbers.js",
    "own.js",
    "reliability.js",
    "round.js",
    "score.js",
    "snippet.js",
    "strings-play.js",
    "strings-take.js",
    "strings-why.js",
    "table.js",
];

/// First all that every visit needs, then what only some parts of the page ask for: those files and the other models. A
/// model that is only there to be chosen is kept once it was.
pub fn kept(unversioned: &Files, folder: &str, assets: &Files, models: &Models) -> (Vec<Kept>, Vec<Kept>) {
    let is_kept = |name: &str| name != "sw.js" && !NEVER.contains(&name);
    let unversioned = unversioned.iter().filter(|(name, _)| is_kept(name)).map(|(name, contents)| {
        let path = if name == "index.html" { "./" } else { name };
        [path.to_owned(), integrity(contents)]
    });
    let (icons, unversioned): (Vec<Kept>, Vec<Kept>) = unversioned.partition(|[path, _]| is_asked_for_later(path));
    let default = format!("{}.onnx", models.default);
    let is_first = |name: &str| name == default || !is_asked_for_later(name);
    let assets = assets.iter().filter(|(name, _)| !models.is_only_chosen(name));
    let (first, rest): (Vec<_>, Vec<_>) = assets.partition(|(name, _)| is_first(name));
    let versioned = |files: Vec<(&String, &Vec<u8>)>| -> Vec<Kept> {
        files.into_iter().map(|(name, contents)| [format!("{folder}/{name}"), integrity(contents)]).collect()
    };
    ([unversioned, versioned(first)].concat(), [icons, versioned(rest)].concat())
}

/// Whether a first visit does without a file, unless it is the default model.
pub fn is_asked_for_later(name: &str) -> bool {
    name.ends_with(".onnx") || name.ends_with(".png") || LATER.contains(&name) || NEVER.contains(&name)
}

fn integrity(contents: &[u8]) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(contents)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn in_project(path: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
    }

    #[test]
    fn every_script_that_is_asked_for_later_is_there() {
        for name in LATER.iter().filter(|name| name.ends_with(".js")) {
            assert!(in_project("web-demo/www").join(name).exists(), "{name}");
        }
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
