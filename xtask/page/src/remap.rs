//! Keeps the builder's paths out of the page's WebAssembly, so that one commit gives one version in every folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What the page is compiled for.
pub const TRIPLE: &str = "wasm32-unknown-unknown";

/// Folders whose names depend on the builder, and what stands for them in panic messages. Of several that match, rustc
/// takes the last.
pub fn folders(root: &Path, target: &Path) -> Result<Vec<(PathBuf, String)>> {
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home =
        cargo_home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).context("there is no home folder")?;
    let mut folders = vec![
        (cargo_home.clone(), "cargo".to_owned()),
        (root.to_owned(), "leq".to_owned()),
        (target.to_owned(), "target".to_owned()),
    ];
    // One folder a registry, named after its address, which differs between mirrors.
    for registry in std::fs::read_dir(cargo_home.join("registry/src")).into_iter().flatten() {
        folders.push((registry?.path(), "crates".to_owned()));
    }
    Ok(folders)
}

/// An argument for Cargo's `--config` that remaps these folders; Cargo adds it to the flags of its configuration.
pub fn setting(folders: &[(PathBuf, String)]) -> String {
    let flag = |(path, name): &(PathBuf, String)| format!("--remap-path-prefix={}={name}", path.display());
    let flags: Vec<String> = folders.iter().map(flag).collect();
    format!("target.{TRIPLE}.rustflags={}", serde_json::json!(flags))
}

/// The first of these folders whose path is somewhere in a file.
pub fn found_in<'a>(contents: &[u8], folders: &'a [(PathBuf, String)]) -> Option<&'a Path> {
    let is_there = |path: &&PathBuf| {
        let path = path.as_os_str().as_encoded_bytes();
        contents.windows(path.len()).any(|window| window == path)
    };
    folders.iter().map(|(path, _)| path).find(is_there).map(PathBuf::as_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_the_middle_of_a_file_is_found() {
        let folders = [(PathBuf::from("/home/a"), "home".to_owned()), (PathBuf::from("/x"), "x".to_owned())];
        assert_eq!(found_in(b"..\0/home/a/lib.rs\0", &folders), Some(Path::new("/home/a")));
        assert_eq!(found_in(b"leq/lib.rs", &folders), None);
    }

    #[test]
    fn the_setting_is_what_cargo_reads() {
        let setting = setting(&[(PathBuf::from("/home/a b"), "leq".to_owned())]);
        assert_eq!(setting, r#"target.wasm32-unknown-unknown.rustflags=["--remap-path-prefix=/home/a b=leq"]"#);
    }
}
