//! The README's speed figures are those of the files under `results/`; `tests/report.rs` checks its accuracies.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its place is the message")]

use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

#[test]
fn the_speed_table_is_that_of_the_benchmark() {
    let (readme, page) = (read("README.md"), read("results/bench-train/README.md"));
    let ratios = page.split("\n## ").find(|section| section.starts_with("Ratios")).unwrap();
    let rows: Vec<&str> = ratios.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| readme.contains(row)), "copy the table of results/bench-train/README.md");
}
