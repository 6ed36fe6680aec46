//! The README's figures are those of the files under `results/`.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its place is the message")]

use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(path)).unwrap()
}

fn rows(page: &str) -> Vec<&str> {
    page.lines().filter(|line| line.starts_with("| test ")).collect()
}

#[test]
fn the_results_table_is_that_of_the_ten_rounds() {
    let (readme, page) = (read("README.md"), read("results/report-a-headline/README.md"));
    let rows = rows(&page);
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| readme.contains(row)), "copy the rows of results/report-a-headline/README.md");
}

#[test]
fn the_speed_table_is_that_of_the_benchmark() {
    let (readme, page) = (read("README.md"), read("results/bench-train/README.md"));
    let ratios = page.split("\n## ").find(|section| section.starts_with("Ratios")).unwrap();
    let rows: Vec<&str> = ratios.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| readme.contains(row)), "copy the table of results/bench-train/README.md");
}
