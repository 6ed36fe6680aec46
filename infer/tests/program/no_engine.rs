//! No usable ONNX Runtime: exit code 3, what was looked for, what to do.

use std::path::Path;

use crate::support::{Folder, Ran, infer, run};

fn compare_with_runtime(folder: &Folder, runtime: &Path) -> Ran {
    let files = [folder.path("two.png"), folder.path("seven.png")];
    run(infer().arg("compare").args(files).env("ORT_DYLIB_PATH", runtime))
}

#[test]
fn a_missing_library_named_by_the_environment_is_reported() {
    let folder = Folder::new();
    let ran = compare_with_runtime(&folder, &folder.path("absent.so"));
    ran.fails(3, &["absent.so", "ORT_DYLIB_PATH", "no such file", "cargo xtask setup", "pip install onnxruntime"]);
}

#[test]
fn a_text_file_is_no_library() {
    let folder = Folder::new();
    let text = folder.write("library.so", "not a library\n");
    compare_with_runtime(&folder, &text).fails(3, &["library.so", "it is no library of this system", "What to do"]);
}

#[test]
fn a_folder_is_no_library() {
    let folder = Folder::new();
    compare_with_runtime(&folder, &folder.path("")).fails(3, &["it is a folder", "What to do"]);
}

#[cfg(target_os = "linux")]
#[test]
fn another_library_is_not_onnx_runtime() {
    let folder = Folder::new();
    let mut libraries = std::fs::read_to_string("/proc/self/maps").unwrap();
    libraries.retain(|c| c != '\r');
    let libc = libraries.split_whitespace().find(|word| word.contains("/libc.so") || word.contains("/libc-"));
    let libc = Path::new(libc.expect("tests are linked to the C library"));
    compare_with_runtime(&folder, libc).fails(3, &["it is a library, but not ONNX Runtime"]);
}

#[test]
fn the_option_beats_the_environment() {
    let folder = Folder::new();
    let files = [folder.path("two.png"), folder.path("seven.png")];
    let ran = run(infer().arg("compare").args(files).arg("--onnxruntime").arg(folder.path("absent.so")));
    ran.fails(3, &["absent.so (named by --onnxruntime)", "no such file"]);
}

#[test]
fn a_machine_without_onnx_runtime_gets_its_answer_from_leq_and_is_told() {
    let folder = Folder::new();
    // A copy of the program far from any clone, so that nothing lies near it.
    let program = folder.path(Path::new(env!("CARGO_BIN_EXE_infer")).file_name().unwrap());
    std::fs::copy(env!("CARGO_BIN_EXE_infer"), &program).unwrap();
    let mut command = std::process::Command::new(&program);
    command.env_remove("ORT_DYLIB_PATH").env_remove("LD_LIBRARY_PATH");
    command.arg("compare").args([folder.path("two.png"), folder.path("seven.png")]);
    let ran = run(&mut command);
    assert!(ran.code == 0 && ran.stdout.starts_with("2 <= 7, ") && ran.stderr.is_empty(), "{ran:?}");
    let pairs = folder.write("pairs.csv", "two.png,seven.png\n");
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/leq.onnx");
    let mut batch = std::process::Command::new(&program);
    batch.env_remove("ORT_DYLIB_PATH").env_remove("LD_LIBRARY_PATH").arg("batch").arg(&pairs);
    assert!(!run(&mut batch).stderr.contains("ONNX Runtime"), "the built-in model needs none");
    let ran = run(batch.arg("--model").arg(model));
    assert_eq!((ran.code, ran.stdout.lines().count()), (0, 2), "{ran:?}");
    // Where it is installed system-wide, it was found as documented.
    if ran.stderr.contains("ONNX Runtime") {
        assert!(ran.stderr.contains("ONNX Runtime was not found, using leq instead"), "{ran:?}");
        command.args(["--engine", "ort"]);
        let named = ["was not found. Looked for:", "--onnxruntime: not given", "ORT_DYLIB_PATH: not set", ".setup"];
        run(&mut command).fails(3, &named);
    }
}

#[test]
fn a_library_beside_the_program_is_found() {
    let folder = Folder::new();
    let program = folder.path("infer-copy");
    std::fs::copy(env!("CARGO_BIN_EXE_infer"), &program).unwrap();
    std::fs::copy(crate::support::runtime(), folder.path(infer::engine::library::file_name())).unwrap();
    let mut command = std::process::Command::new(&program);
    command.env_remove("ORT_DYLIB_PATH");
    command.args(["compare", "--engine", "ort"]).args([folder.path("two.png"), folder.path("seven.png")]);
    assert!(run(&mut command).succeeds().starts_with("2 <= 7, "));
}

#[test]
fn a_library_in_the_set_up_folder_of_a_clone_above_the_program_is_found() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("crates/infer")).unwrap();
    folder.write("crates/infer/Cargo.toml", "");
    let (bin, set_up) = (folder.path("target/release"), folder.path(".setup/onnxruntime"));
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::create_dir_all(&set_up).unwrap();
    let program = bin.join("infer-copy");
    std::fs::copy(env!("CARGO_BIN_EXE_infer"), &program).unwrap();
    std::fs::copy(crate::support::runtime(), set_up.join(infer::engine::library::file_name())).unwrap();
    let mut command = std::process::Command::new(&program);
    command.env_remove("ORT_DYLIB_PATH");
    command.args(["compare", "--engine", "ort"]).args([folder.path("two.png"), folder.path("seven.png")]);
    assert!(run(&mut command).succeeds().starts_with("2 <= 7, "));
}

#[test]
fn one_pair_is_answered_without_loading_onnx_runtime_unless_it_is_named() {
    let folder = Folder::new();
    let program = folder.path("infer-copy");
    std::fs::copy(env!("CARGO_BIN_EXE_infer"), &program).unwrap();
    // Would be refused if it were loaded.
    folder.write(infer::engine::library::file_name(), "not a library\n");
    let mut command = std::process::Command::new(&program);
    command.env_remove("ORT_DYLIB_PATH");
    command.args(["compare", "--json"]).args([folder.path("two.png"), folder.path("seven.png")]);
    let answer: serde_json::Value = serde_json::from_str(&run(&mut command).succeeds()).unwrap();
    assert_eq!((&answer["leq"], &answer["engine"]["name"]), (&true.into(), &"leq".into()), "{answer}");
    command.args(["--engine", "ort"]);
    run(&mut command).fails(3, &["it is no library of this system"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_library_that_is_cut_short_is_a_sentence() {
    let folder = Folder::new();
    let bytes = std::fs::read(crate::support::runtime()).unwrap();
    let cut = folder.write("libonnxruntime.so", &bytes[..1_000_000]);
    let pairs = folder.write("pairs.csv", "two.png,seven.png\n");
    let ran = run(infer().arg("batch").arg(&pairs).arg("--onnxruntime").arg(&cut));
    ran.fails(3, &["libonnxruntime.so (named by --onnxruntime): it is cut short; fetch it again"]);
    let ran = run(infer().arg("doctor").arg("--onnxruntime").arg(&cut));
    assert!(ran.code == 1 && ran.stdout.contains("it is cut short"), "{ran:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_loaded_from_the_current_folder_or_a_folder_that_anyone_may_fill() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    std::fs::copy(crate::support::runtime(), folder.path("libonnxruntime.so")).unwrap();
    std::fs::create_dir(folder.path("bin")).unwrap();
    let alone = folder.path("bin/infer");
    std::fs::copy(env!("CARGO_BIN_EXE_infer"), &alone).unwrap();
    for paths in ["", ":/nowhere", "/nowhere:", ".", "lib"] {
        let mut command = std::process::Command::new(&alone);
        command.env_remove("ORT_DYLIB_PATH").env("LD_LIBRARY_PATH", format!("/nowhere:{paths}"));
        command.args(["compare", "--engine", "ort"]).current_dir(folder.path(""));
        let ran = run(command.args(["two.png", "seven.png"]));
        ran.fails(3, &["ONNX Runtime was not found", "LD_LIBRARY_PATH names the current folder"]);
    }
    // A clone that others may write to, and a folder that is no clone.
    let program = folder.path("clone/target/infer");
    for part in ["target", ".setup/onnxruntime", "crates/infer"] {
        std::fs::create_dir_all(folder.path("clone").join(part)).unwrap();
    }
    std::fs::copy(env!("CARGO_BIN_EXE_infer"), &program).unwrap();
    std::fs::copy(crate::support::runtime(), folder.path("clone/.setup/onnxruntime/libonnxruntime.so")).unwrap();
    let engine = || {
        let mut command = std::process::Command::new(&program);
        run(command.env_remove("ORT_DYLIB_PATH").env_remove("LD_LIBRARY_PATH").arg("doctor")).stdout
    };
    let found = |said: &str| said.contains("clone/.setup/onnxruntime/libonnxruntime.so\n  execution");
    assert!(!found(&engine()), "a folder that is no clone");
    std::fs::write(folder.path("clone/crates/infer/Cargo.toml"), "").unwrap();
    assert!(found(&engine()), "{}", engine());
    std::fs::set_permissions(folder.path("clone/.setup"), std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(!found(&engine()), "a folder that anyone may fill");
}
