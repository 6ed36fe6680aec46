//! `trainer study` as a user meets it: killed, resumed, shared out, misspelt.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use study::run::{JOURNAL_FILE, Outcome, Trial};
use tempfile::TempDir;

#[cfg(unix)]
use crate::support::interruptible;
use crate::support::{text, trainer, write_digits};

/// A study of small trainings on few pairs, with a folder of its own.
struct Workshop {
    folder: TempDir,
}

const CELLS: u64 = 3;
const ROUNDS: u64 = 60;

impl Workshop {
    fn new() -> Self {
        let workshop = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(workshop.path("experiments")).unwrap();
        workshop.declare("tiny", &tiny_study(""));
        write_digits(&workshop.path("data"), 100, |digit| digit);
        workshop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn declare(&self, name: &str, text: &str) {
        std::fs::write(self.path("experiments").join(format!("{name}.toml")), text).unwrap();
    }

    fn command(&self, arguments: &[&str], out: &str) -> Command {
        let mut command = trainer(&["study"]);
        command.args(arguments);
        command.arg("--experiments").arg(self.path("experiments")).arg("--out").arg(self.path(out));
        command
    }

    fn run_command(&self, arguments: &[&str], out: &str) -> Command {
        let mut command = self.command(&["run"], out);
        command.args(arguments).arg("--data").arg(self.path("data"));
        command
    }

    fn run(&self, arguments: &[&str], out: &str) -> Output {
        self.run_command(arguments, out).output().unwrap()
    }

    fn start(&self, arguments: &[&str], out: &str) -> Child {
        let mut command = self.run_command(arguments, out);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn journal(&self, out: &str) -> PathBuf {
        self.path(out).join("tiny").join(JOURNAL_FILE)
    }

    fn trials(&self, out: &str) -> Vec<Trial> {
        study::run::read(&self.path(out).join("tiny")).unwrap()
    }
}

fn tiny_study(rest: &str) -> String {
    let mut text = format!(
        "name = \"tiny\"\ntitle = \"Tiny\"\nreport = \"A\"\nabout = \"Small trainings.\"\nrounds = {ROUNDS}\n\
         protocols = [\"fixed\"]\ndata_seed = 0\npairs = 40\nkind = \"box\"\n"
    );
    for (name, settings) in [("plain", ""), ("shared", ", weight_sharing = true"), ("dropout", ", dropout = 0.5")] {
        text += &format!(
            "\n[[cells]]\nname = \"{name}\"\nseries = \"MLP\"\nlabel = \"{name}\"\nrecipe = {{ epochs = 3 }}\n\
             network = {{ family = \"report-a-mlp\", widths = [16, 16, 16, 16]{settings} }}\n"
        );
    }
    text + rest
}

/// Two towers, the larger one first, judged by training images alone.
fn front_study() -> String {
    let mut text = "name = \"front\"\ntitle = \"Front\"\nreport = \"own\"\nabout = \"Two towers.\"\nrounds = 2\n\
                    protocols = [\"redrawn\"]\npairs = 40\nscope = \"held_out\"\nkind = \"front\"\n"
        .to_owned();
    for (name, last) in [("large", 16), ("small", 8)] {
        text += &format!(
            "\n[[cells]]\nname = \"{name}\"\nseries = \"towers\"\nlabel = \"{name}\"\nreading = \"all_pairs\"\n\
             network = {{ family = \"digit-tower\", channels = [4, 4, 4, 4, {last}] }}\n\
             recipe = {{ epochs = 1, batch_size = 20, shuffle = \"digits_each_epoch\", \
             loss = {{ leq = 0.0, digits = 0.5, every_pair = 0.5 }} }}\n"
        );
    }
    text
}

fn assert_same_results(found: &[Trial], expected: &[Trial]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.result(), expected.result());
    }
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

#[test]
fn a_run_killed_twenty_times_gives_what_an_uninterrupted_one_gives() {
    let workshop = Workshop::new();
    assert!(workshop.run(&["tiny"], "whole").status.success());
    let whole = workshop.trials("whole");
    assert_eq!(whole.len() as u64, CELLS * ROUNDS);

    // Moments that look random and are the same in every run of this test, but for what the scheduler adds.
    let mut moment = 12_345_u64;
    for kill in 0..20 {
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let journal = workshop.journal("killed");
        let until = length(&journal) + (moment >> 33) % 3500;
        let mut child = workshop.start(&["tiny", "--jobs", "2"], "killed");
        while length(&journal) < until && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "kill {kill} came too late");
    }
    let after_kills = workshop.trials("killed").len();
    assert!(after_kills < whole.len(), "the study is too small for 20 kills");
    assert!(workshop.run(&["tiny"], "killed").status.success());
    assert_same_results(&workshop.trials("killed"), &whole);
}

#[test]
fn a_torn_last_line_is_said_and_run_again() {
    let workshop = Workshop::new();
    assert!(workshop.run(&["tiny", "--rounds", "2"], "out").status.success());
    let whole = workshop.trials("out");
    let journal = workshop.journal("out");
    let bytes = std::fs::read(&journal).unwrap();
    // A loss of power can leave the end of a line on the disk and zeros in place of its beginning.
    let mut begun_with_zeros = bytes.clone();
    let last_line = bytes[..bytes.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    begun_with_zeros[last_line..last_line + 100].fill(0);
    for torn in [&bytes[..bytes.len() - 1], &bytes[..bytes.len() - 40], &begun_with_zeros] {
        std::fs::write(&journal, torn).unwrap();
        let status = workshop.command(&["status"], "out").output().unwrap();
        assert!(text(&status.stderr).contains("journal.jsonl line 6: torn"), "{}", text(&status.stderr));
        let resumed = workshop.run(&["tiny", "--rounds", "2"], "out");
        assert!(resumed.status.success());
        assert!(text(&resumed.stderr).contains("journal.jsonl line 6: torn"), "{}", text(&resumed.stderr));
        assert_same_results(&workshop.trials("out"), &whole);
    }
}

#[test]
fn garbage_inside_a_journal_is_named_by_its_line() {
    let workshop = Workshop::new();
    assert!(workshop.run(&["tiny", "--rounds", "1"], "out").status.success());
    let journal = workshop.journal("out");
    let lines = std::fs::read_to_string(&journal).unwrap();
    let mut lines: Vec<&str> = lines.lines().collect();
    let [of_none, too_many] = ["\"right\":0,\"all\":0", "\"right\":41,\"all\":40"].map(|accuracy| {
        let (before, after) = lines[1].split_once("\"right\":").unwrap();
        let (_, after) = after.split_once('}').unwrap();
        format!("{before}{accuracy}}}{after}")
    });
    for garbage in ["{\"id\": 7}", &of_none, &too_many] {
        lines.insert(1, garbage);
        std::fs::write(&journal, lines.join("\n") + "\n").unwrap();
        lines.remove(1);
        for output in
            [workshop.run(&["tiny", "--rounds", "1"], "out"), workshop.command(&["status"], "out").output().unwrap()]
        {
            let error = text(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{error}");
            assert!(error.contains("journal.jsonl line 2 is not a trial; remove that line"), "{error}");
        }
    }
}

#[test]
fn trials_of_other_data_are_not_mixed() {
    let workshop = Workshop::new();
    assert!(workshop.run(&["tiny", "--rounds", "1"], "out").status.success());
    let before = std::fs::read(workshop.journal("out")).unwrap();
    let labels = workshop.path("data/t10k-labels-idx1-ubyte");
    let mut bytes = std::fs::read(&labels).unwrap();
    bytes[8..].reverse();
    std::fs::write(&labels, bytes).unwrap();
    let others = workshop.run(&["tiny", "--rounds", "2"], "out");
    assert_eq!(others.status.code(), Some(2));
    assert!(text(&others.stderr).contains("journal.jsonl holds trials of other data"), "{}", text(&others.stderr));
    assert!(std::fs::read(workshop.journal("out")).unwrap() == before);
    assert!(workshop.trials("out").iter().all(|trial| trial.data.is_some()), "they are not MNIST's");
}

#[test]
fn a_front_is_run_cell_by_cell_and_printed_by_what_its_networks_cost() {
    let workshop = Workshop::new();
    workshop.declare("front", &front_study());
    let journal = || std::fs::read_to_string(workshop.path("out/front").join(JOURNAL_FILE)).unwrap();
    let run = |arguments: &[&str]| {
        let output = workshop.run(arguments, "out");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let one = run(&["front", "--rounds", "1", "--cell", "large"]);
    assert!(one.contains("front: 1 of 1 trials") && !one.contains("small"), "{one}");
    let first = journal();
    let both = run(&["front", "--rounds", "1"]);
    assert!(journal().starts_with(&first), "what was run is not run again");
    assert_eq!(journal().lines().count(), 2);
    let rows: Vec<&str> = both.lines().collect();
    assert!(rows[0].contains("multiply-adds") && rows[0].contains("bytes"), "{both}");
    assert!(rows[1].starts_with("small ") && rows[2].starts_with("large "), "the cheaper one first: {both}");
    assert!(rows[1..3].iter().all(|row| row.contains(" all_pairs ")), "{both}");
}

#[test]
fn shards_run_separately_merge_by_concatenation() {
    let workshop = Workshop::new();
    assert!(workshop.run(&["tiny", "--rounds", "4"], "whole").status.success());
    let mut merged = Vec::new();
    for shard in ["3/3", "1/3", "2/3"] {
        let out = format!("share-{}", &shard[..1]);
        assert!(workshop.run(&["tiny", "--rounds", "4", "--shard", shard], &out).status.success());
        assert_eq!(workshop.trials(&out).len(), 4);
        merged.extend(std::fs::read(workshop.journal(&out)).unwrap());
    }
    let first = merged.clone();
    merged.extend(first);
    std::fs::create_dir_all(workshop.path("merged/tiny")).unwrap();
    std::fs::write(workshop.journal("merged"), merged).unwrap();
    assert_same_results(&workshop.trials("merged"), &workshop.trials("whole"));
    let again = workshop.run(&["tiny", "--rounds", "4"], "merged");
    assert!(text(&again.stdout).contains("tiny: 12 of 12 trials"), "{}", text(&again.stdout));
    assert_eq!(std::fs::read_to_string(workshop.journal("merged")).unwrap().lines().count(), 24);
}

#[cfg(unix)]
#[test]
fn the_slurm_script_runs_the_shard_of_its_task() {
    let workshop = Workshop::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs").join("slurm-array.sh");
    std::fs::create_dir_all(workshop.path("target/release")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_trainer"), workshop.path("target/release/trainer")).unwrap();
    let task = |number: &str, arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.arg(&script).args(arguments).current_dir(workshop.folder.path()).env("SLURM_ARRAY_TASK_ID", number);
        command.args(["--rounds", "4", "--data", "data"]).env("SLURM_CPUS_PER_TASK", "2").output().unwrap()
    };
    for number in ["1", "2"] {
        let output = task(number, &["2", "tiny"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(workshop.trials(&format!("runs/shards/{number}")).len(), 6);
    }
    assert_eq!(task("3", &["2", "tiny"]).status.code(), Some(2), "there is no third shard of two");
}

#[test]
fn two_processes_share_one_journal() {
    let workshop = Workshop::new();
    assert!(workshop.run(&["tiny"], "alone").status.success());
    let mut both = [(); 2].map(|()| workshop.start(&["tiny", "--jobs", "1"], "both"));
    assert!(both.iter_mut().all(|child| child.wait().unwrap().success()));
    assert_same_results(&workshop.trials("both"), &workshop.trials("alone"));
    let lines = std::fs::read_to_string(workshop.journal("both")).unwrap().lines().count() as u64;
    assert!(lines < 2 * CELLS * ROUNDS, "{lines} lines: each process has run everything");
}

#[test]
fn a_training_that_diverges_is_a_trial_too() {
    let workshop = Workshop::new();
    let cell = "\n[[cells]]\nname = \"wild\"\nseries = \"MLP\"\nlabel = \"wild\"\nrecipe = { adam = { learning_rate = 1e30 } }\n\
                network = { family = \"report-a-mlp\" }\n";
    workshop.declare("tiny", &tiny_study(cell));
    let output = workshop.run(&["tiny", "--cell", "wild", "--rounds", "2"], "out");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("tiny: 2 of 2 trials, 2 diverged"), "{}", text(&output.stdout));
    for trial in workshop.trials("out") {
        assert!(matches!(trial.outcome, Outcome::Diverged { ref reason } if reason.contains("not finite")));
    }
}

#[test]
fn what_was_typed_wrong_is_exit_code_2_and_says_what_was_meant() {
    let workshop = Workshop::new();
    let cases: [(&[&str], &str); 6] = [
        (&["tyni"], "there is no study called tyni; did you mean `tiny`?"),
        (&["everything"], "there are: tiny"),
        (&["tiny", "--cell", "shard"], "there is no cell called shard; did you mean `shared`?"),
        (&["tiny", "--shard", "3/2"], "a shard is I/N with I from 1 to N"),
        (&["tiny", "--rounds", "0"], "0 is not in 1.."),
        (&["tiny", "--jobs", "0"], "0 is not in 1.."),
    ];
    for (arguments, message) in cases {
        let output = workshop.run(arguments, "out");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(message), "{}", text(&output.stderr));
    }
    assert!(!workshop.path("out").exists());
}

#[test]
fn a_study_that_is_declared_wrong_is_named_with_its_line() {
    let workshop = Workshop::new();
    let declared = tiny_study("");
    let claim = "\n[[claims]]\nid = \"c\"\nwords = \"It helps.\"\ntest = { better = { cell = \"sharde\", than = \"plain\" } }\n";
    let margin = "\n[[claims]]\nid = \"c\"\nwords = \"It helps.\"\ntest = { not_better = { cell = \"shared\", than = \"plain\", margin = nan } }\n";
    let curve =
        declared.replace("kind = \"box\"", "kind = \"curve\"").replace("series = \"MLP\"", "series = \"MLP\"\nx = inf");
    let cases = [
        (
            declared.replace("weight_sharing", "wieght_sharing"),
            "tiny.toml: line 23: there is no key `wieght_sharing`, did you mean `weight_sharing`?",
        ),
        (
            declared.replace("report-a-mlp", "report-a-mpl"),
            "line 16: family: there is no value `report-a-mpl`, did you mean `report-a-mlp`?",
        ),
        (declared.replace("rounds = 60", "round = 60"), "line 5: there is no key `round`, did you mean `rounds`?"),
        (declared.replace("rounds = 60", "rounds = 0"), "cell `plain`: rounds is 0"),
        (declared.replace("\"shared\"", "\"plain\""), "there are two cells called `plain`"),
        (declared.replace("\"fixed\"", ""), "protocols is empty"),
        (
            declared.replace("name = \"tiny\"", "name = \"large\""),
            "its name is `large`, but it must be that of the file, `tiny`",
        ),
        (declared.replace("dropout = 0.5", "dropout = 1.5"), "cell `dropout`"),
        (declared.clone() + claim, "claim `c`: there is no cell called sharde; did you mean `shared`?"),
        (declared.clone() + margin, "claim `c`: margin is NaN, but it must be a finite number"),
        (curve, "cell `plain`: x is inf, but it must be a finite number"),
        (
            declared.replace(
                "label = \"plain\"",
                "label = \"plain\"\npublished = { mean = 90, standard_deviation = 1, rounds = 1 }",
            ),
            "cell `plain`: published: rounds is 1, but a standard deviation is of at least 2",
        ),
    ];
    for (text_of_file, message) in cases {
        workshop.declare("tiny", &text_of_file);
        let output = workshop.run(&["tiny"], "out");
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert!(text(&output.stderr).contains(message), "{} lacks: {message}", text(&output.stderr));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_exit_code_3() {
    let workshop = Workshop::new();
    std::fs::write(workshop.path("file"), "").unwrap();
    let output = workshop.run(&["tiny"], "file");
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("cannot make the folder"), "{}", text(&output.stderr));
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_journal_or_a_study_is_named_and_not_waited_for() {
    let workshop = Workshop::new();
    let pipe = |name: &str| assert!(Command::new("mkfifo").arg(workshop.path(name)).status().unwrap().success());
    std::fs::create_dir_all(workshop.path("out/tiny")).unwrap();
    pipe("out/tiny/journal.jsonl");
    let status = || workshop.command(&["status"], "out").output().unwrap();
    for output in [workshop.run(&["tiny", "--rounds", "1"], "out"), status()] {
        assert_eq!(output.status.code(), Some(3));
        let error = text(&output.stderr);
        assert!(error.contains("journal.jsonl") && error.contains("is a pipe, not a"), "{error}");
    }
    std::fs::remove_file(workshop.journal("out")).unwrap();
    pipe("out/tiny/cells.json");
    let refused = |output: Output, words: &str| {
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
    };
    refused(workshop.run(&["tiny", "--rounds", "1"], "out"), "cells.json: it is a pipe, not a file");
    std::fs::remove_file(workshop.path("out/tiny/cells.json")).unwrap();
    assert!(workshop.run(&["tiny", "--rounds", "3"], "out").status.success());
    pipe("out/tiny/summary.json");
    let report = workshop.command(&["report"], "out").output().unwrap();
    refused(report, "summary.json: it is a pipe, not a file");
    pipe("experiments/piped.toml");
    let output = status();
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("piped.toml: it is a pipe, not a file"), "{}", text(&output.stderr));
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_finished_trials_and_says_how_to_go_on() {
    let workshop = Workshop::new();
    let mut command = workshop.run_command(&["tiny", "--rounds", "5000", "--jobs", "1"], "out");
    let child = interruptible(&mut command).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while length(&workshop.journal("out")) < 3000 {
        std::thread::sleep(Duration::from_millis(1));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(text(&output.stderr).contains("run the same command to continue"), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("\r"), "no bars where there is no terminal");
    assert!(!workshop.trials("out").is_empty());
}

#[test]
fn list_show_and_status_print_what_there_is() {
    let workshop = Workshop::new();
    assert!(workshop.run(&["tiny", "--rounds", "2", "--cell", "plain"], "out").status.success());
    let status = workshop.command(&["status", "tiny"], "out").output().unwrap();
    let row = text(&status.stdout).lines().nth(1).unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(row, ["tiny", "2", "180", "0", "0"]);
    let print = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
        command.arg("study").args(arguments).arg("--experiments").arg(workshop.path("experiments"));
        text(&command.output().unwrap().stdout)
    };
    assert!(print(&["list"]).lines().any(|line| line.starts_with("tiny") && line.ends_with("Tiny")));
    assert!(print(&["show", "tiny"]).contains("dropout"));
}

#[test]
fn a_smoke_run_of_all_studies_trains_every_cell_for_one_epoch() {
    let workshop = Workshop::new();
    workshop.declare("second", &tiny_study("").replacen("name = \"tiny\"", "name = \"second\"", 1));
    let output = workshop.run(&["all", "--smoke"], "out");
    assert!(output.status.success(), "{}", text(&output.stderr));
    for name in ["tiny", "second"] {
        let trials = study::run::read(&workshop.path("out").join(name)).unwrap();
        assert_eq!(trials.len() as u64, CELLS, "{name}");
        assert!(trials.iter().all(|trial| trial.epochs == 1 && trial.outcome == Outcome::Finished), "{name}");
    }
}

#[test]
fn the_repository_s_pages_are_what_its_journals_say() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = command.current_dir(repository).args(["study", "report", "--check"]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_stale_page_is_named_with_exit_code_1_and_written_anew() {
    let workshop = Workshop::new();
    assert!(workshop.run(&["tiny", "--rounds", "3"], "results").status.success());
    let report = |arguments: &[&str]| workshop.command(&["report"], "results").args(arguments).output().unwrap();
    let stale = report(&["--check"]);
    assert_eq!(stale.status.code(), Some(1));
    assert!(text(&stale.stderr).contains("tiny/summary.json"), "{}", text(&stale.stderr));
    let readme = workshop.path("results/README.md");
    std::fs::write(&readme, "# Another project\n").unwrap();
    let foreign = report(&[]);
    assert_eq!(foreign.status.code(), Some(2));
    assert!(text(&foreign.stderr).contains("README.md is no page of this command"), "{}", text(&foreign.stderr));
    assert_eq!(std::fs::read_to_string(&readme).unwrap(), "# Another project\n");
    assert!(!workshop.path("results/index.html").exists(), "nothing is written");
    std::fs::remove_file(&readme).unwrap();
    assert!(report(&[]).status.success());
    assert_eq!(report(&["--check"]).status.code(), Some(0));
    assert_eq!(report(&["no-such-study"]).status.code(), Some(2));
}
