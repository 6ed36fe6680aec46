//! Lists as other programs write them, and values out of range.

use crate::support::{Folder, infer, run};

/// Whether a list of one pair, 2 and 7, is answered.
fn answered(folder: &Folder, name: &str, content: impl AsRef<[u8]>, options: &[&str]) {
    let list = folder.write(name, content);
    let ran = run(infer().arg("batch").arg(&list).args(options));
    assert_eq!(ran.code, 0, "{ran:?}");
    let line = ran.stdout.lines().nth(1).unwrap_or_default();
    assert!(line.starts_with("1,two.png,") && line.split(',').nth(4) == Some("1"), "{name}: {ran:?}");
}

#[test]
fn lists_of_spreadsheets_and_data_frames_are_read() {
    let folder = Folder::new();
    answered(&folder, "semicolons.csv", "left;right\ntwo.png;seven.png\n", &[]);
    answered(&folder, "tabs.csv", "left\tright\ntwo.png\tseven.png\n", &[]);
    answered(&folder, "names.csv", "image1,image2,label\ntwo.png,seven.png,1.0\n", &[]);
    answered(&folder, "half.csv", "left,right,left_digit,right_digit\ntwo.png,seven.png,2,\n", &[]);
    answered(&folder, "space.csv", "left,right\ntwo.png, seven.png\n", &[]);
    answered(
        &folder,
        "other.csv",
        "query:key\ntwo.png:seven.png\n",
        &["--delimiter", ":", "--left", "query", "--right", "key"],
    );
    let utf_16: Vec<u8> =
        "\u{feff}left,right\r\ntwo.png,seven.png\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    answered(&folder, "utf-16.csv", utf_16, &[]);
}

#[test]
fn what_is_no_list_is_said_once() {
    let folder = Folder::new();
    let picture = std::fs::read(folder.path("two.png")).unwrap();
    let cases: [(&str, Vec<u8>, &str); 5] = [
        (
            "a.json",
            br#"[{"left":"two.png","right":"seven.png"}]"#.to_vec(),
            "holds one JSON array; write one object a line",
        ),
        ("twice.csv", b"left,right,left\ntwo.png,seven.png,two.png\n".to_vec(), "two columns called \"left\""),
        ("names.csv", b"query,other\ntwo.png,seven.png\n".to_vec(), "its first line is \"query\", \"other\""),
        ("picture.csv", picture, "is an image, not a list of pairs"),
        ("binary.csv", b"two.png,\0\n".to_vec(), "is not text"),
    ];
    for (name, content, part) in cases {
        let list = folder.write(name, content);
        run(infer().arg("batch").arg(&list).args(["-o"]).arg(folder.path("out.csv"))).fails(3, &[name, part]);
        assert!(!folder.path("out.csv").exists() && !folder.path(".out.csv.partial").exists());
    }
}

#[test]
fn bad_rows_keep_their_names_and_an_empty_list_is_no_success() {
    let folder = Folder::new();
    let list = folder.write("a.jsonl", "{\"left\":5,\"right\":\"seven.png\"}\nnot json\n");
    let ran = run(infer().arg("batch").arg(&list));
    assert!(ran.stdout.contains("1,,seven.png,") && ran.stdout.contains("not a file's name"), "{ran:?}");
    assert!(ran.stdout.contains("no JSON object such as"), "{ran:?}");
    let list = folder.write("a.csv", "two.png,seven.png,maybe\n");
    assert!(run(infer().arg("batch").arg(&list)).stdout.contains("1,two.png,seven.png,"));
    let list = folder.write("empty.csv", "left,right\n");
    let ran = run(infer().arg("batch").arg(&list));
    assert!(ran.code == 1 && ran.stderr.contains("empty.csv: holds no pairs"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn paths_of_a_list_that_is_piped_in_count_from_here_and_missing_ones_say_where() {
    let folder = Folder::new();
    let list = folder.write("pairs.csv", "two.png,seven.png\n");
    let stdin = std::fs::File::open(&list).unwrap();
    let ran = run(infer().args(["batch", "/dev/stdin"]).current_dir(folder.path("")).stdin(stdin));
    assert_eq!(ran.code, 0, "{ran:?}");
    std::fs::create_dir(folder.path("deeper")).unwrap();
    folder.write("deeper/pairs.csv", "two.png,seven.png\n");
    let ran = run(infer().args(["batch", "deeper/pairs.csv"]).current_dir(folder.path("")));
    assert!(ran.stdout.contains("two.png: no such file in deeper"), "{ran:?}");
}

#[test]
fn values_out_of_range_are_wrong_usage() {
    let cases: [&[&str]; 16] = [
        &["eval", "--at-least=nan"],
        &["eval", "--at-least=-5"],
        &["eval", "--at-least=85"],
        &["eval", "--threads", "0"],
        &["verify", "--tolerance", "nan"],
        &["robustness", "--pairs", "0"],
        &["robustness", "--only", "nosuch", "--pairs", "10"],
        &["bench", "--seconds", "inf"],
        &["bench", "--threads", "99999"],
        &["batch", "-", "--threads", "999999"],
        &["batch", "-", "--batch", "1000000000"],
        &["batch", "-", "--delimiter", "ab"],
        &["verify", "--tolerance", "1e39"],
        &["verify", "--tolerance", "0.6"],
        &["bench", "--seconds", "1e300"],
        &["batch", "-", "--readers", "-1"],
    ];
    for arguments in cases {
        let ran = run(infer().args(arguments));
        assert!(ran.code == 2 && ran.stdout.is_empty(), "{arguments:?}: {ran:?}");
    }
    assert!(run(infer().args(cases[2])).stderr.contains("write 85% or 0.85"));
    assert!(run(infer().args(cases[6])).stderr.contains("there are clean, size, scale"));
}
