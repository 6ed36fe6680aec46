//! `docs/own-network.md` as it is written: its files are saved, its commands run.

use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The page's fenced blocks: what follows the fence, and the lines inside.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap()).collect()
}

/// The program `infer` beside `trainer`, where `cargo test --workspace` puts it; built with the workspace's features if only
/// `trainer` is tested.
fn infer() -> PathBuf {
    let path =
        Path::new(env!("CARGO_BIN_EXE_trainer")).with_file_name(format!("infer{}", std::env::consts::EXE_SUFFIX));
    if !path.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.current_dir(repository()).args(["build", "--quiet", "--locked", "--workspace", "--bin", "infer"]);
        assert!(build.status().unwrap().success());
    }
    path
}

/// Runs a line of the page in `folder`; building the page takes WebAssembly and is left to
/// `cargo xtask test`.
fn run(line: &str, folder: &Path) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut command = match words.as_slice() {
        ["cargo", "run", "--release", "-p", "trainer", "--", arguments @ ..] => {
            let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
            command.args(arguments);
            command
        }
        ["cargo", "run", "--release", "-p", "infer", "--", arguments @ ..] => {
            let mut command = Command::new(infer());
            command.args(arguments);
            command
        }
        ["cargo", "xtask", "web", "--model", model, "--serve"] => {
            let bytes = std::fs::read(folder.join(model)).unwrap();
            return assert!(bytes.len() > 100_000, "{model}");
        }
        _ => panic!("the page has a command that this test does not know: {line}"),
    };
    let output = command.current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_page_about_a_network_of_ones_own_works_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("experiments/trainings")).unwrap();
    let page = std::fs::read_to_string(repository().join("docs/own-network.md")).unwrap();
    for (kind, text) in blocks(&page) {
        match kind.split_once(" file=") {
            Some(("toml", file)) => std::fs::write(folder.path().join(file), text).unwrap(),
            _ => text.lines().for_each(|line| run(line, folder.path())),
        }
    }
    assert!(folder.path().join("results/kernel/journal.jsonl").exists());
}
