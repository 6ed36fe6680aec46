//! `trainer` in the surroundings that it is started in: signals that are ignored, a checkpoint that is a link, little memory.

use std::process::{Command, Stdio};

use crate::support::start_held_back;

/// `nohup` starts programs so.
#[test]
fn a_hang_up_that_is_ignored_stops_no_training() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_trainer")]);
    command.args(["train", "report-a-mlp", "--set", "data.pairs=200", "--epochs", "100", "--out"]).arg(folder.path());
    command.stdin(Stdio::null());
    let (mut child, mut lines) = start_held_back(command);
    assert!(lines.any(|line| line.starts_with("epoch 1/100")));
    let sent = Command::new("kill").args(["-HUP", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:?}");
    assert!(rest.iter().any(|line| line.starts_with("epoch 100/100")), "{rest:?}");
}

#[test]
fn a_checkpoint_that_is_a_link_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let [run, store] = ["run", "store"].map(|name| folder.path().join(name));
    std::fs::create_dir(&run).unwrap();
    std::fs::create_dir(&store).unwrap();
    let link = run.join("checkpoint.safetensors");
    std::os::unix::fs::symlink("../store/mine.safetensors", &link).unwrap();
    let train = |epochs: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
        command.args(["train", "report-a-mlp", "--epochs", epochs, "--checkpoint-every", "0", "--out"]).arg(&run);
        command.args(more).stdin(Stdio::null()).output().unwrap()
    };
    for more in [&[] as &[&str], &["--overwrite"]] {
        let output = train("3", more);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(link.is_symlink() && store.join("mine.safetensors").is_file());
        let names = |folder| std::fs::read_dir(folder).unwrap().count();
        assert_eq!((names(&run), names(&store)), (1, 1), "the checkpoint before the last is removed");
    }
    assert_eq!(train("4", &[]).status.code(), Some(2), "it is not replaced by accident");
}

/// A network that needs more than the gigabyte that there is.
#[cfg(target_os = "linux")]
#[test]
fn lack_of_memory_is_a_sentence_and_exit_code_3() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 1000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_trainer")]);
    command.args(["train", "report-a-mlp", "--set", "network.widths=[100000,100,32,256]", "--epochs", "1", "--out"]);
    let output = command.arg(folder.path()).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("trainer: out of memory"), "{said}");
}
