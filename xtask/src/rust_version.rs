//! Whether everything that names a Rust version names the same one, and whether that one is enough.

use std::path::Path;

use serde_json::Value;
use setup::Project;
use setup::run::cargo;

/// `rust-version` of the workspace's `Cargo.toml`.
const DECLARED: &str = env!("CARGO_PKG_RUST_VERSION");

fn text(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(Project::here().root.join(path)).unwrap()
}

/// `1.95` as `[1, 95, 0]`.
fn parts(version: &str) -> [u32; 3] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap());
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

fn packages() -> Vec<Value> {
    let output = cargo(&Project::here(), &["metadata", "--format-version", "1", "--locked", "--offline"]).output();
    let mut metadata: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

#[test]
fn the_pinned_toolchain_is_the_oldest_supported_one() {
    let channel = text("rust-toolchain.toml");
    let channel = channel.lines().find_map(|line| line.strip_prefix("channel = \"")?.strip_suffix('"')).unwrap();
    assert_eq!(parts(channel), parts(DECLARED), "rust-toolchain.toml and rust-version in Cargo.toml");
}

#[test]
fn the_documented_version_is_the_declared_one() {
    assert!(text("CONTRIBUTING.md").contains(&format!("Rust {DECLARED} or newer")));
}

#[test]
fn no_dependency_wants_a_newer_rust_and_no_crate_of_ours_states_another() {
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let Some(wanted) = package["rust_version"].as_str() else { continue };
        assert!(parts(wanted) <= parts(DECLARED), "{name} needs Rust {wanted}");
        if package["source"].is_null() {
            assert_eq!(wanted, DECLARED, "{name}");
        }
    }
}
