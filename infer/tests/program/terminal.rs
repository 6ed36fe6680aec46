//! Names that would drive a terminal.

use serde_json::Value;

use crate::support::{Folder, infer, run};

/// A pseudo-terminal of the system's `script`, which gives what the program wrote to it.
#[cfg(target_os = "linux")]
fn on_a_terminal(folder: &Folder, command: &str) -> String {
    let typescript = folder.path("typescript");
    let mut script = std::process::Command::new("script");
    script.args(["-qec", command]).arg(&typescript).current_dir(folder.path(""));
    script.env("ORT_DYLIB_PATH", crate::support::runtime()).stdin(std::process::Stdio::null());
    let output = script.output().expect("the program `script` of util-linux");
    assert!(output.status.success(), "{output:?}");
    std::fs::read_to_string(typescript).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn rows_on_a_terminal_are_escaped_and_apart_from_the_bar() {
    let folder = Folder::new();
    let name = "\u{1b}]0;pwn\u{7}\u{202e}two.png";
    std::fs::copy(folder.path("two.png"), folder.path(name)).unwrap();
    folder.write("pairs.csv", format!("{name},seven.png\n"));
    let program = env!("CARGO_BIN_EXE_infer");
    for options in ["", " --to jsonl"] {
        let shown = on_a_terminal(&folder, &format!("'{program}' batch pairs.csv --engine rten{options}"));
        assert!(!shown.contains("\u{1b}]") && !shown.contains('\u{7}') && !shown.contains('\u{202e}'), "{shown:?}");
        assert!(shown.contains("two.png"), "{shown:?}");
        let row = if options.is_empty() { "1,\\u{1b}" } else { "{\"row\":1" };
        assert!(
            shown.split(['\n', '\r']).any(|line| line.trim_start_matches("\u{1b}[2K").starts_with(row)),
            "{shown:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn files_keep_the_truth_and_json_escapes_it() {
    let folder = Folder::new();
    let name = "\u{9b}31m\u{202e}two.png";
    std::fs::copy(folder.path("two.png"), folder.path(name)).unwrap();
    let pairs = folder.write("pairs.csv", format!("{name},absent\u{1b}.png\n"));
    let ran = run(infer().arg("batch").arg(&pairs));
    assert!(ran.stdout.contains(&format!("1,{name},absent\u{1b}.png,")), "{ran:?}");
    assert!(ran.stdout.contains("absent\u{1b}.png: no such file"), "{ran:?}");
    assert!(!ran.stderr.contains('\u{1b}') && ran.stderr.contains("absent\\u{1b}.png: no such file"), "{ran:?}");
    let json = run(infer().args(["compare", "--json"]).arg(folder.path(name)).arg(folder.path("seven.png"))).succeeds();
    assert!(!json.contains('\u{9b}') && !json.contains('\u{202e}'), "{json:?}");
    let object: Value = serde_json::from_str(&json).unwrap();
    assert!(object["first"]["file"].as_str().unwrap().ends_with(name));
}
