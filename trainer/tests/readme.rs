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
