//! Many pairs: every form of input and output, order, bad rows, labels.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use image::{DynamicImage, imageops::FilterType};
use infer::batch::record::HEADER;
use serde_json::Value;

use crate::support::{Folder, Ran, digit, infer, run};

/// The column that says why there is no answer.
const ERROR: usize = HEADER.len() - 1;

fn batch(arguments: &[&Path]) -> Ran {
    run(infer().arg("batch").args(arguments))
}

/// Lines of CSV output after the header, split at commas; the pictures' names here have none.
fn rows(stdout: &str) -> Vec<Vec<String>> {
    stdout.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn csv_is_answered_row_by_row_in_order() {
    let folder = Folder::new();
    let pairs = folder.write("pairs.csv", "left,right\ntwo.png,seven.png\nseven.png,two.png\nseven.png,seven.png\n");
    let ran = batch(&[&pairs]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("3 pairs, ") && ran.stderr.contains(" 0 without an answer"), "{ran:?}");
    let rows = rows(&ran.stdout);
    let told: Vec<_> =
        rows.iter().map(|row| (row[0].as_str(), row[4].as_str(), row[6].as_str(), row[8].as_str())).collect();
    assert_eq!(told[..2], [("1", "1", "2", "7"), ("2", "0", "7", "2")]);
    assert!(rows.iter().all(|row| row.len() == HEADER.len() && row[ERROR].is_empty()), "{ran:?}");
}

#[test]
fn a_bad_row_is_reported_in_its_row_and_the_rest_goes_on() {
    let folder = Folder::new();
    folder.write("broken.png", "no image");
    let text =
        "two.png,seven.png\nabsent.png,two.png\nalone.png\nbroken.png,absent.png\n\"open,two.png\nseven.png,two.png\n";
    let ran = batch(&[&folder.write("pairs.csv", text)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let rows = rows(&ran.stdout);
    let errors: Vec<&str> = rows.iter().map(|row| row[ERROR].as_str()).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!((errors[0], errors[5]), ("", ""));
    assert!(errors[1].contains("absent.png: no such file"), "{errors:?}");
    assert!(errors[2].contains("1 of 2 pictures named"), "{errors:?}");
    assert!(errors[3].contains("broken.png: is not an image"), "{errors:?}");
    assert!(errors[4].contains("quote is not closed"), "{errors:?}");
    for row in ["row 2: ", "row 3: ", "row 4: ", "row 5: ", "4 without an answer"] {
        assert!(ran.stderr.contains(row), "{ran:?}");
    }
}

#[test]
fn json_lines_go_in_and_come_out() {
    let folder = Folder::new();
    let text = "{\"left\":\"two.png\",\"right\":\"seven.png\",\"label\":1}\n{\"left\":\"two.png\"}\n";
    let pairs = folder.write("pairs.jsonl", text);
    let ran = run(infer().arg("batch").arg(&pairs).args(["--to", "jsonl"]));
    assert_eq!(ran.code, 1, "{ran:?}");
    let objects: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&objects[0]["leq"], &objects[0]["left_digit"], &objects[0]["label"]),
        (&true.into(), &2.into(), &true.into())
    );
    assert!(objects[1]["leq"].is_null() && objects[1]["error"].as_str().unwrap().contains("right"), "{ran:?}");
}

#[test]
fn stdin_is_answered_while_it_is_still_open() {
    use std::io::{BufRead, BufReader};
    let folder = Folder::new();
    let mut command = infer();
    command.args(["batch", "-", "--from", "tsv"]).current_dir(folder.path(""));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("row,"));
    for number in 1..=3 {
        stdin.write_all(b"two.png\tseven.png\n").unwrap();
        stdin.flush().unwrap();
        assert!(lines.next().unwrap().unwrap().starts_with(&format!("{number},two.png,seven.png,,1,")));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_folder_of_pairs_is_found_by_name() {
    let folder = Folder::new();
    let pairs = folder.path("pairs");
    std::fs::create_dir_all(pairs.join("x")).unwrap();
    for (from, to) in
        [("two.png", "a-left.png"), ("seven.png", "a-right.png"), ("seven.png", "x/1.png"), ("two.png", "x/2.png")]
    {
        std::fs::copy(folder.path(from), pairs.join(to)).unwrap();
    }
    let ran = batch(&[&pairs]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let answers: Vec<String> = rows(&ran.stdout).into_iter().map(|row| row[4].clone()).collect();
    assert_eq!(answers, ["1", "0"]);
}

/// Large pictures take longer than small ones, and several workers take turns: order must not depend on either.
#[test]
fn answers_come_in_the_order_of_the_rows_whatever_takes_longest() {
    let folder = Folder::new();
    let large = DynamicImage::from(digit(0)).resize(1500, 1500, FilterType::Triangle);
    large.save(folder.path("large.png")).unwrap();
    let mut text = String::new();
    for number in 0..60 {
        text += if number % 20 == 0 { "large.png,two.png\n" } else { "two.png,seven.png\n" };
    }
    let pairs = folder.write("pairs.csv", text);
    let ran = run(infer().arg("batch").arg(&pairs).args(["--batch", "3", "--threads", "4"]));
    assert_eq!(ran.code, 0, "{ran:?}");
    for (number, row) in rows(&ran.stdout).iter().enumerate() {
        let wanted = if number % 20 == 0 { ("large.png", "0") } else { ("two.png", "1") };
        assert_eq!((row[0].as_str(), (row[1].as_str(), row[4].as_str())), ((number + 1).to_string().as_str(), wanted));
    }
}

#[test]
fn labels_give_accuracy_and_the_worst_mistakes() {
    let folder = Folder::new();
    let text = "left,right,label,left_digit,right_digit\ntwo.png,seven.png,1,2,7\nseven.png,two.png,,7,2\ntwo.png,seven.png,0,9,7\n";
    let pairs = folder.write("pairs.csv", text);
    let summary = folder.path("summary.json");
    let ran = run(infer().arg("batch").arg(&pairs).arg("--summary").arg(&summary));
    assert_eq!(ran.code, 0, "{ran:?}");
    for part in [
        "accuracy: 66.67 % (2 of 3; 95 % interval 20.77 to 93.85)",
        "9 and 7: 1 of 1 wrong",
        "row 3: two.png and seven.png",
    ] {
        assert!(ran.stderr.contains(part), "no {part:?} in {ran:?}");
    }
    let summary: Value = serde_json::from_slice(&std::fs::read(summary).unwrap()).unwrap();
    assert_eq!(summary["accuracy"], serde_json::json!({ "right": 2, "all": 3 }));
    assert_eq!(summary["worst"][0]["row"], 3);
}

#[test]
fn an_output_file_is_whole_and_of_the_format_that_its_name_says() {
    let folder = Folder::new();
    let pairs = folder.write("pairs.csv", "two.png,seven.png\n");
    let out = folder.path("out.jsonl");
    let ran = run(infer().arg("batch").arg(&pairs).arg("-o").arg(&out));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran:?}");
    let object: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!(object["leq"], true);
    let left: Vec<_> = std::fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("partial")), "{left:?}");
}

#[test]
fn paths_count_from_the_folder_of_the_list_or_from_the_root_named() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("lists")).unwrap();
    let pairs = folder.write("lists/pairs.csv", "two.png,seven.png\n");
    assert_eq!(batch(&[&pairs]).code, 1);
    assert_eq!(run(infer().arg("batch").arg(&pairs).arg("--root").arg(folder.path(""))).code, 0);
}

#[test]
fn nothing_to_read_nothing_to_do_and_wrong_usage_have_their_own_codes() {
    let folder = Folder::new();
    let ran = batch(&[&folder.path("absent.csv")]);
    ran.fails(3, &["absent.csv: cannot be read"]);
    let ran = batch(&[&folder.write("empty.csv", "")]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (1, 1), "{ran:?}");
    assert!(ran.stderr.contains("empty.csv: holds no pairs"), "{ran:?}");
    let ran = batch(&[&folder.write("header.csv", "left,label\n")]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stderr.contains("does not say which columns are the pictures"), "{ran:?}");
    run(infer().args(["batch", "x.csv", "--resume"])).fails(2, &["--output"]);
    run(infer().args(["batch", "x.csv", "--batch", "0"])).fails(2, &["--batch"]);
}

/// Who reads a picture must not matter: a good one, a large one, a damaged one, one that is not there or named with spaces.
#[test]
fn pictures_that_are_read_ahead_give_the_same_rows_in_the_same_order() {
    let folder = Folder::new();
    folder.write("broken.png", "no image");
    folder.write("empty.png", "");
    let large = DynamicImage::from(digit(0)).resize(1500, 1500, FilterType::Triangle);
    large.save(folder.path("large.png")).unwrap();
    let names = ["two.png", " seven.png ", "large.png", "absent.png", "broken.png", "empty.png", "."];
    let row = |at: usize| format!("{},{}\n", names[at % 7], names[at / 3 % 7]);
    let text: String = (0..63).map(row).collect();
    let pairs = folder.write("pairs.csv", text + "alone.png\n");
    let told = |readers: &str| {
        let ran = run(infer().arg("batch").arg(&pairs).args(["--threads", "3", "--readers", readers]));
        assert_eq!(ran.code, 1, "{ran:?}");
        ran.stdout
    };
    let by_workers = told("0");
    assert_eq!(by_workers.lines().count(), 65);
    for readers in ["1", "32", "1000"] {
        assert!(told(readers) == by_workers, "{readers} readers");
    }
}
