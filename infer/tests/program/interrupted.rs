//! Runs that are stopped: killed, without a reader, on a full disk.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Folder, infer, run};
#[cfg(unix)]
use crate::support::{interruptible, signal};

/// Rows of the two digits of a folder, by absolute paths.
pub fn rows(folder: &Folder, count: usize) -> String {
    let [two, seven] = ["two.png", "seven.png"].map(|name| folder.path(name).display().to_string());
    (0..count)
        .map(|number| if number % 3 == 0 { format!("{seven},{two}\n") } else { format!("{two},{seven}\n") })
        .collect()
}

fn partial(out: &Path) -> PathBuf {
    out.with_file_name(format!(".{}.partial", out.file_name().unwrap().to_str().unwrap()))
}

/// A run over stdin, which stays open, killed once `lines` lines are in its partial file.
pub fn killed_after(options: &[&str], pairs: &str, out: &Path, lines: usize) {
    let mut command = infer();
    command.args(["batch", "-"]).args(options).arg("-o").arg(out).stdin(Stdio::piped()).stderr(Stdio::null());
    let mut child: Child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(pairs.as_bytes()).unwrap();
    stdin.flush().unwrap();
    let start = Instant::now();
    while std::fs::read_to_string(partial(out)).map_or(0, |text| text.lines().count()) < lines {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing was written");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Row numbers and answers of a CSV file.
pub fn answers(path: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let fields = text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    fields.map(|fields| (fields[0].clone(), fields[4].clone())).collect()
}

#[test]
fn a_killed_run_leaves_the_old_output_and_goes_on_when_resumed() {
    let folder = Folder::new();
    let out = folder.write("out.csv", "old\n");
    killed_after(&[], &rows(&folder, 200), &out, 20);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "old\n");
    // What a kill in the middle of a write leaves.
    let mut torn = std::fs::File::options().append(true).open(partial(&out)).unwrap();
    torn.write_all(b"999,torn").unwrap();
    drop(torn);

    let pairs = folder.write("pairs.csv", rows(&folder, 400));
    let ran = run(infer().arg("batch").arg(&pairs).args(["--resume", "-o"]).arg(&out));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("400 pairs") && ran.stderr.contains("of them done before"), "{ran:?}");
    let wanted = (0..400).map(|number| ((number + 1).to_string(), if number % 3 == 0 { "0" } else { "1" }.to_owned()));
    assert_eq!(answers(&out), wanted.collect::<Vec<_>>());
    assert!(!partial(&out).exists());
}

#[test]
fn a_killed_run_is_not_resumed_with_other_pairs_or_another_model() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    killed_after(&[], &rows(&folder, 200), &out, 20);
    assert!(!out.exists());
    let other = folder.write("other.csv", "two.png,two.png\n".repeat(300));
    run(infer().arg("batch").arg(&other).args(["--resume", "-o"]).arg(&out))
        .fails(3, &["row 1 was another pair", "--overwrite"]);
    let model = folder.write("model.onnx", crate::onnx::sound().bytes());
    let pairs = folder.write("pairs.csv", rows(&folder, 300));
    run(infer().arg("batch").arg(&pairs).args(["--resume", "-o"]).arg(&out).arg("--model").arg(model))
        .fails(3, &["another model"]);
    run(infer().arg("batch").arg(&pairs).arg("-o").arg(&out)).fails(3, &["is unfinished", "--resume", "--overwrite"]);
    assert!(std::fs::read_to_string(partial(&out)).unwrap().lines().count() >= 20, "its rows are kept");
    let ran = run(infer().arg("batch").arg(&pairs).arg("--overwrite").arg("-o").arg(&out));
    assert_eq!((ran.code, answers(&out).len()), (0, 300), "begun anew: {ran:?}");
}

#[cfg(unix)]
#[test]
fn a_line_break_in_a_name_survives_csv_and_a_resumed_run() {
    let folder = Folder::new();
    let odd = folder.path("two\n\"lines\".png");
    std::fs::copy(folder.path("two.png"), &odd).unwrap();
    let seven = folder.path("seven.png");
    let quoted = odd.display().to_string().replace('"', "\"\"");
    let pairs = format!("\"{quoted}\",{}\n", seven.display()).repeat(60);
    let out = folder.path("out.csv");
    killed_after(&[], &pairs, &out, 40);

    let list = folder.write("pairs.csv", &pairs);
    let ran = run(infer().arg("batch").arg(&list).args(["--resume", "-o"]).arg(&out));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("60 pairs") && ran.stderr.contains("of them done before"), "{ran:?}");
    let mut reader = csv::Reader::from_path(&out).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 60);
    for (row, number) in rows.iter().zip(1..) {
        assert_eq!((&row[0], &row[1]), (number.to_string().as_str(), odd.to_str().unwrap()));
        assert_eq!((&row[4], row.iter().next_back()), ("1", Some("")));
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_run_without_a_word() {
    let folder = Folder::new();
    let pairs = folder.write("pairs.csv", rows(&folder, 20_000));
    let mut command = infer();
    command.arg("batch").arg(&pairs).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_nothing_takes_the_outputs_place() {
    let folder = Folder::new();
    let pairs = folder.write("pairs.csv", rows(&folder, 50));
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ran = run(infer().arg("batch").arg(&pairs).stdout(full()));
    ran.fails(3, &["stdout: cannot be written", "No space left"]);
    let ran = run(infer().arg("batch").arg(&pairs).args(["-o", "/dev/full"]));
    ran.fails(3, &["/dev/full: cannot be written", "No space left"]);
    // A disk that is full under the partial file.
    let out = folder.path("out.csv");
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_infer")]);
    limited.env("ORT_DYLIB_PATH", crate::support::runtime()).arg("batch").arg(&pairs).arg("-o").arg(&out);
    run(&mut limited).fails(3, &["out.csv: cannot be written", "File too large", "--resume"]);
    assert!(!out.exists());
    let ran = run(infer().arg("batch").arg(&pairs).args(["--resume", "-o"]).arg(&out));
    assert_eq!((ran.code, answers(&out).len()), (0, 50), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_says_how_to_go_on() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    let mut command = infer();
    command.args(["batch", "-", "-o"]).arg(&out).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = interruptible(&mut command).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(rows(&folder, 64).as_bytes()).unwrap();
    while std::fs::read_to_string(partial(&out)).map_or(0, |text| text.lines().count()) < 20 {
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.ends_with("continue with --resume\n") && said.trim().lines().count() == 1, "{said}");
    drop(stdin);
}

/// `nohup` starts programs with SIGHUP ignored, and a script what is in its background with SIGINT ignored.
#[cfg(unix)]
#[test]
fn signals_that_are_ignored_at_the_start_do_not_stop_a_run() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "trap '' HUP INT; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_infer")]);
    command.env("ORT_DYLIB_PATH", crate::support::runtime()).args(["batch", "-", "-o"]).arg(&out);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(rows(&folder, 64).as_bytes()).unwrap();
    while std::fs::read_to_string(partial(&out)).map_or(0, |text| text.lines().count()) < 20 {
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(&child, "HUP");
    signal(&child, "INT");
    // A handler would end it within this time.
    std::thread::sleep(Duration::from_millis(200));
    stdin.write_all(rows(&folder, 6).as_bytes()).unwrap();
    drop(stdin);
    assert_eq!((child.wait().unwrap().code(), answers(&out).len()), (Some(0), 70));
}

/// On a terminal, Ctrl-C goes to all processes; the one that runs a foreign model ends with the run, which says why.
#[cfg(target_os = "linux")]
#[test]
fn the_engines_process_leaves_ctrl_c_to_the_run() {
    let mut command = infer();
    command.arg(infer::engine::WORKER_ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut worker = interruptible(&mut command).spawn().unwrap();
    let ignores_both = |status: String| {
        let masks = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
        u64::from_str_radix(masks.trim(), 16).unwrap_or(0) & 0b11 == 0b11
    };
    let start = Instant::now();
    while !ignores_both(std::fs::read_to_string(format!("/proc/{}/status", worker.id())).unwrap_or_default()) {
        assert!(start.elapsed() < Duration::from_secs(60), "Ctrl-C would end it");
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(&worker, "INT");
    drop(worker.stdin.take());
    assert_eq!(worker.wait().unwrap().code(), Some(3), "it ends when its stdin does");
}

#[test]
fn a_reader_of_the_summary_that_goes_away_is_no_fault() {
    let folder = Folder::new();
    let pairs = folder.write("pairs.csv", rows(&folder, 3));
    let mut command = infer();
    command.arg("batch").arg(&pairs).arg("-o").arg(folder.path("out.csv")).args(["--summary", "-"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(answers(&folder.path("out.csv")).len(), 3);
}

#[test]
fn a_run_is_not_resumed_with_other_labels_or_impossible_records() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    let labelled = |label: &str| rows(&folder, 200).replace('\n', &format!(",{label}\n"));
    killed_after(&[], &labelled("1"), &out, 20);
    let other = folder.write("other.csv", labelled("0"));
    run(infer().arg("batch").arg(&other).args(["--resume", "-o"]).arg(&out))
        .fails(3, &["row 1 was another pair or had another label", "--overwrite"]);
    // A digit that is none, in a row that has a label: the row is answered again.
    let text = std::fs::read_to_string(partial(&out)).unwrap();
    let (header, answered) = text.split_once('\n').unwrap();
    let first = answered.lines().next().unwrap();
    let mut fields: Vec<&str> = first.split(',').collect();
    fields[6] = "57";
    std::fs::write(partial(&out), format!("{header}\n{}\n", fields.join(","))).unwrap();
    let pairs = folder.write("pairs.csv", labelled("1"));
    let ran = run(infer().arg("batch").arg(&pairs).args(["--resume", "-o"]).arg(&out));
    assert_eq!((ran.code, answers(&out).len()), (0, 200), "{ran:?}");
    assert!(!std::fs::read_to_string(&out).unwrap().contains(",57,"));
}

#[cfg(unix)]
#[test]
fn a_run_whose_reader_left_ends_though_its_producer_goes_on() {
    let folder = Folder::new();
    let mut command = infer();
    command.args(["batch", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // As `head -1` does: one line, and away.
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut String::new()).unwrap();
    drop(stdout);
    stdin.write_all(rows(&folder, 64).as_bytes()).unwrap();
    // Stdin stays open: nothing more comes, and nothing ends it.
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "it waits for its producer");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(status.code(), Some(0));
    drop(stdin);
}
