//! Shards of a list: together they are the whole run, row for row and count for count.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::interrupted::{answers, killed_after, rows};
#[cfg(unix)]
use crate::support::runtime;
use crate::support::{Folder, Ran, infer, run};

/// Rows as JSON lines: right answers, wrong ones, and pictures that are not there.
fn json_lines(count: usize) -> String {
    let row = |at: usize| match at % 7 {
        0 => "{\"left\":\"absent.png\",\"right\":\"two.png\"}\n",
        1 | 2 => "{\"left\":\"seven.png\",\"right\":\"two.png\",\"left_digit\":7,\"right_digit\":2}\n",
        3 => "{\"left\":\"two.png\",\"right\":\"seven.png\",\"left_digit\":9,\"right_digit\":7}\n",
        _ => "{\"left\":\"two.png\",\"right\":\"seven.png\",\"label\":1}\n",
    };
    (0..count).map(row).collect()
}

/// The same rows, separated by `separator`.
fn separated(separator: char, count: usize) -> String {
    let row = |at: usize| match at % 7 {
        0 => "absent.png,two.png,,,\n",
        1 | 2 => "seven.png,two.png,,7,2\n",
        3 => "two.png,seven.png,,9,7\n",
        _ => "two.png,seven.png,1,,\n",
    };
    let head = "left,right,label,left_digit,right_digit\n";
    let lines: String = std::iter::once(head).chain((0..count).map(row)).collect();
    lines.replace(',', &separator.to_string())
}

/// `infer batch` into `out`, its summary beside it.
fn batch(pairs: &Path, out: &Path) -> Command {
    let mut command = infer();
    command.arg("batch").arg(pairs).arg("-o").arg(out).arg("--summary").arg(out.with_extension("json"));
    command
}

/// `infer merge` of the outputs and summaries of `of` shards, named in another order than theirs.
fn merge(parts: &[PathBuf], out: &Path) -> Ran {
    let mut command = infer();
    command.args(["merge", "--shards", &parts.len().to_string(), "-o"]).arg(out).args(parts.iter().rev());
    command.arg("--summaries").args(parts.iter().map(|part| part.with_extension("json")));
    run(command.arg("--summary").arg(out.with_extension("json")))
}

/// A summary's counts, without what a run took.
fn counts(out: &Path) -> Value {
    let mut summary: Value = serde_json::from_slice(&std::fs::read(out.with_extension("json")).unwrap()).unwrap();
    assert!(summary["model_sha256"].as_str().is_some_and(|sum| sum.len() == 64) && summary["engine"].is_string());
    for cost in ["shard", "seconds", "pairs_per_second", "peak_memory_mb"] {
        summary.as_object_mut().unwrap().remove(cost);
    }
    summary
}

#[test]
fn the_union_of_all_shards_is_the_whole_run_row_for_row() {
    let folder = Folder::new();
    for (name, text) in
        [("list.csv", separated(',', 90)), ("list.tsv", separated('\t', 90)), ("list.jsonl", json_lines(90))]
    {
        let list = folder.write(name, text);
        let extension = list.extension().unwrap();
        let whole = folder.path("whole").with_extension(extension);
        assert_eq!(run(&mut batch(&list, &whole)).code, 1);
        let parts: Vec<PathBuf> =
            (1..=4).map(|number| folder.path(format!("part-{number}")).with_extension(extension)).collect();
        for (number, part) in (1..).zip(&parts) {
            let mut command = batch(&list, part);
            let ran = run(command.args(["--shard", &format!("{number}/4"), "--threads", "2"]));
            assert_eq!(ran.code, 1, "{ran:?}");
        }
        let merged = folder.path("merged").with_extension(extension);
        let ran = merge(&parts, &merged);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran:?}");
        assert!(ran.stderr.contains("90 rows of 4 shards, 13 without an answer"), "{ran:?}");
        assert!(ran.stderr.contains("9 and 7: 13 of 13 wrong"), "{ran:?}");
        assert!(std::fs::read(&merged).unwrap() == std::fs::read(&whole).unwrap(), "{name}");
        assert_eq!(counts(&merged), counts(&whole), "{name}");
    }
}

#[test]
fn a_stream_is_shared_as_a_file_is() {
    let folder = Folder::new();
    let text = separated(',', 70);
    let list = folder.write("list.csv", text);
    let outputs = ["whole.csv", "1.csv", "2.csv"].map(|name| folder.path(name));
    for (out, shard) in outputs.iter().zip(["1/1", "1/2", "2/2"]) {
        let mut command = batch(Path::new("-"), out);
        command.args(["--shard", shard]).current_dir(folder.path("")).stdin(std::fs::File::open(&list).unwrap());
        assert_eq!(run(&mut command).code, 1);
    }
    let merged = folder.path("merged.csv");
    assert_eq!(merge(&outputs[1..], &merged).code, 0);
    assert!(answers(&merged) == answers(&outputs[0]));
    assert_eq!(answers(&merged).len(), 70);
}

#[test]
fn a_shard_that_was_killed_goes_on_and_no_other_takes_its_place() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    killed_after(&["--shard", "2/2"], &rows(&folder, 200), &out, 20);
    let pairs = folder.write("pairs.csv", rows(&folder, 400));
    let resumed = |shard: &[&str]| run(infer().arg("batch").arg(&pairs).args(shard).args(["--resume", "-o"]).arg(&out));
    for other in [&["--shard", "1/2"] as &[&str], &["--shard", "2/3"], &[]] {
        resumed(other).fails(3, &["out.csv", "was begun with another shard", "--overwrite"]);
    }
    let ran = resumed(&["--shard", "2/2"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("192 pairs") && ran.stderr.contains("of them done before"), "{ran:?}");
    let numbers: Vec<String> = answers(&out).into_iter().map(|(number, _)| number).collect();
    let wanted: Vec<String> = (1..=400).filter(|row| (row - 1) / 16 % 2 == 1).map(|row| row.to_string()).collect();
    assert_eq!(numbers, wanted);
}

#[test]
fn a_shard_of_a_short_list_is_empty_and_no_failure() {
    let folder = Folder::new();
    let list = folder.write("list.csv", "two.png,seven.png\n".repeat(10));
    let parts = ["1.jsonl", "2.jsonl"].map(|name| folder.path(name));
    let ran = run(batch(&list, &parts[0]).args(["--shard", "1/2"]));
    assert!(ran.code == 0 && ran.stderr.contains("10 pairs"), "{ran:?}");
    let ran = run(batch(&list, &parts[1]).args(["--shard", "2/2"]));
    assert!(ran.code == 0 && ran.stderr.contains("list.csv: holds no pairs for shard 2/2"), "{ran:?}");
    let merged = folder.path("merged.jsonl");
    assert_eq!(merge(&parts, &merged).code, 0);
    assert_eq!(std::fs::read(&merged).unwrap(), std::fs::read(&parts[0]).unwrap());
    let empty = folder.write("empty.csv", "");
    let ran = run(infer().arg("batch").arg(&empty).args(["--shard", "1/2"]));
    assert!(ran.code == 1 && ran.stderr.contains("empty.csv: holds no pairs"), "{ran:?}");
}

#[test]
fn a_shard_that_there_is_not_is_refused_with_the_way_out() {
    for (shard, found) in [
        ("0/4", "there is no shard 0 of 4"),
        ("5/4", "there is no shard 5 of 4"),
        ("1/0", "there is no shard 1 of 0"),
        ("half", "\"half\" is no shard"),
        ("1/-2", "\"1/-2\" is no shard"),
    ] {
        let ran = run(infer().args(["batch", "-", "--shard", shard]));
        ran.fails(2, &["--shard <I/N>", found, "a shard is I/N with I from 1 to N, such as 1/4"]);
    }
    run(infer().args(["merge", "1.csv", "2.csv"])).fails(2, &["--shards <N>"]);
    run(infer().args(["merge", "--shards", "0", "1.csv"])).fails(2, &["0 is not in 1.."]);
    run(infer().args(["merge", "--shards", "2", "1.csv"])).fails(2, &["1 outputs were named for 2 shards"]);
    run(infer().args(["merge", "--shards", "2"])).fails(2, &["OUTPUT"]);
    run(infer().args(["merge", "--shards", "1", "1.csv", "--summaries", "1.json"])).fails(2, &["--summary"]);
}

#[test]
fn what_cannot_be_merged_is_said_and_leaves_no_output() {
    let folder = Folder::new();
    let list = folder.write("list.csv", separated(',', 60));
    let parts = ["1.csv", "2.csv"].map(|name| folder.path(name));
    for (part, shard) in parts.iter().zip(["1/2", "2/2"]) {
        assert_eq!(run(batch(&list, part).args(["--shard", shard])).code, 1);
    }
    let merged = folder.write("merged.csv", "before\n");
    let refused = |first: &Path, second: &Path, part: &str| {
        let ran = run(infer().args(["merge", "--shards", "2", "-o"]).arg(&merged).args([first, second]));
        ran.fails(3, &[part]);
        assert_eq!(std::fs::read_to_string(&merged).unwrap(), "before\n");
        assert!(!folder.path(".merged.csv.partial").exists() && !folder.path(".merged.csv.partial.json").exists());
    };
    refused(&parts[0], &parts[0], "are both of shard 1/2");
    refused(&parts[0], &folder.path("absent.csv"), "absent.csv: cannot be read");
    refused(&parts[0], &list, "list.csv: record 1 is no answer of `infer batch`");
    let second = std::fs::read(&parts[1]).unwrap();
    let torn = folder.write("torn.csv", &second[..second.len() - 1]);
    refused(&parts[0], &torn, "torn.csv: record");
    let header = folder.write("header.csv", &second[..=second.iter().position(|&byte| byte == b'\n').unwrap()]);
    refused(&parts[0], &header, "row 17 is missing; run shard 2/2 again");

    let onto = run(infer().args(["merge", "--shards", "2", "-o"]).arg(&parts[0]).args(&parts));
    onto.fails(2, &["--output would replace the output of a shard"]);
    let ran = run(infer().args(["merge", "--shards", "2"]).args(&parts));
    assert!(ran.code == 0 && ran.stdout.lines().count() == 61, "{ran:?}");
}

#[test]
fn summaries_that_do_not_fit_each_other_or_the_outputs_are_refused() {
    let folder = Folder::new();
    let list = folder.write("list.csv", separated(',', 60));
    let parts = ["1.csv", "2.csv"].map(|name| folder.path(name));
    for (part, shard) in parts.iter().zip(["1/2", "2/2"]) {
        assert_eq!(run(batch(&list, part).args(["--shard", shard])).code, 1);
    }
    let merged = folder.write("merged.csv", "before\n");
    let refused = |said: &str| {
        merge(&parts, &merged).fails(3, &[said]);
        assert_eq!(std::fs::read_to_string(&merged).unwrap(), "before\n");
        assert!(!merged.with_extension("json").exists());
    };
    let second = parts[1].with_extension("json");
    let written: Value = serde_json::from_slice(&std::fs::read(&second).unwrap()).unwrap();
    for (field, other, said) in [
        ("model_sha256", Value::from("0"), "were answered with different models; answer all shards with one model"),
        ("engine", Value::from("other"), "were answered with different engines; answer all shards with one engine"),
        ("shard", Value::from("1/2"), "are both of shard 1/2"),
        ("rows", Value::from(29), "the outputs hold 60 rows, 9 without an answer, but their summaries count 61 and 9;"),
    ] {
        let mut summary = written.clone();
        summary[field] = other;
        std::fs::write(&second, summary.to_string()).unwrap();
        refused(said);
    }
    std::fs::write(&second, written.to_string()).unwrap();
    let answers = std::fs::read_to_string(&parts[1]).unwrap();
    let last = answers.trim_end().rfind('\n').unwrap() + 1;
    std::fs::write(&parts[1], &answers[..last]).unwrap();
    refused("the outputs hold 59 rows, 9 without an answer, but their summaries count 60 and 9;");
    std::fs::write(&parts[1], answers).unwrap();
    assert_eq!(merge(&parts, &merged).code, 0);
}

#[test]
fn a_merge_that_was_killed_is_begun_anew_and_an_unfinished_run_is_left_alone() {
    let folder = Folder::new();
    let list = folder.write("list.csv", "two.png,seven.png\n".repeat(10));
    let (part, merged) = (folder.path("1.csv"), folder.path("merged.csv"));
    assert_eq!(run(batch(&list, &part).args(["--shard", "1/1"])).code, 0);
    let onto = || run(infer().args(["merge", "--shards", "1", "-o"]).arg(&merged).arg(&part));
    killed_after(&[], &rows(&folder, 200), &merged, 20);
    onto().fails(3, &["merged.csv: is an unfinished output of `infer batch`; finish that first"]);
    let identity = folder.path(".merged.csv.partial.json");
    assert!(identity.exists() && folder.path(".merged.csv.partial").exists());
    // What a killed merge leaves, whatever its format.
    std::fs::write(&identity, r#"{"model_sha256":"","engine":"merge","format":"","shard":""}"#).unwrap();
    assert_eq!(onto().code, 0);
    assert_eq!(std::fs::read(&merged).unwrap(), std::fs::read(&part).unwrap());
    assert!(!identity.exists());
}

#[cfg(unix)]
#[test]
fn the_slurm_script_answers_the_shard_of_its_task() {
    let folder = Folder::new();
    let list = folder.write("list.csv", separated(',', 40));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs").join("clusters/batch-array.sh");
    let task = |number: &str| {
        let mut command = Command::new("sh");
        command.arg(&script).arg("2").arg(&list).arg(folder.path("parts"));
        command.env("SLURM_ARRAY_TASK_ID", number).env("SLURM_CPUS_PER_TASK", "2");
        command.env("INFER", env!("CARGO_BIN_EXE_infer")).env("ORT_DYLIB_PATH", runtime());
        run(&mut command)
    };
    for number in ["1", "2"] {
        let ran = task(number);
        assert_eq!(ran.code, 1, "{ran:?}");
    }
    let (whole, merged) = (folder.path("whole.csv"), folder.path("merged.csv"));
    assert_eq!(run(&mut batch(&list, &whole)).code, 1);
    assert_eq!(merge(&["parts/1.csv", "parts/2.csv"].map(|name| folder.path(name)), &merged).code, 0);
    assert!(std::fs::read(&merged).unwrap() == std::fs::read(&whole).unwrap());
    task("3").fails(2, &["there is no shard 3 of 2"]);
}
