//! What the service worker keeps, so that the page works without a network.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Files by their paths.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The file of test pairs on which the page tallies networks.
pub const PAIRS: &str = "pairs.bin";

/// A file's path and the checksum that browsers hold it to.
pub type Kept = [String; 2];

/// Files that parts of the page ask for when they are opened or used.
const LATER: [&str; 9] = [
    PAIRS,
    "samples.bin",
    "ablation.js",
    "cell-view.js",
    "finding.js",
    "network-view.js",
    "numbers.js",
    "reliability.js",
    "strings-why.js",
];

/// First all that every visit needs, then what only some parts of the page ask for: those files and the other models.
pub fn kept(unversioned: &Files, folder: &str, assets: &Files, default_model: &str) -> (Vec<Kept>, Vec<Kept>) {
    let unversioned = unversioned.iter().filter(|(name, _)| *name != "sw.js").map(|(name, contents)| {
        let path = if name == "index.html" { "./" } else { name };
        [path.to_owned(), integrity(contents)]
    });
    let default = format!("{default_model}.onnx");
    let is_first = |name: &str| name == default || !is_asked_for_later(name);
    let (first, rest): (Vec<_>, Vec<_>) = assets.iter().partition(|(name, _)| is_first(name));
    let versioned = |files: Vec<(&String, &Vec<u8>)>| -> Vec<Kept> {
        files.into_iter().map(|(name, contents)| [format!("{folder}/{name}"), integrity(contents)]).collect()
    };
    (unversioned.chain(versioned(first)).collect(), versioned(rest))
}

/// Whether a first visit does without a versioned file, unless it is the default model.
pub fn is_asked_for_later(name: &str) -> bool {
    name.ends_with(".onnx") || LATER.contains(&name)
}

fn integrity(contents: &[u8]) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(contents)))
}
