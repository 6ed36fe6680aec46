//! Pictures that can be compared.

use std::process::Stdio;

use image::{DynamicImage, GrayImage, Luma};
use serde_json::Value;

use crate::onnx;
use crate::support::{Folder, compare, digit, infer, run};

#[test]
fn two_mnist_test_digits_are_compared_right() {
    let folder = Folder::new();
    let (seven, two) = (folder.path("seven.png"), folder.path("two.png"));
    assert!(compare(&two, &seven).succeeds().starts_with("2 <= 7, "));
    let text = compare(&seven, &two).succeeds();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("7 > 2, ") && lines[0].ends_with(" % sure"), "{text}");
    assert!(lines[1].starts_with(&format!("{}: 7 (", seven.display())), "{text}");
    assert!(lines[2].starts_with(&format!("{}: 2 (", two.display())), "{text}");
}

#[test]
fn every_readable_format_gives_the_same_verdict() {
    let folder = Folder::new();
    let reference = compare(folder.path("two.png"), folder.path("seven.png")).succeeds();
    let verdict = reference.lines().next().unwrap();
    let seven = DynamicImage::from(digit(0));
    let sixteen_bit = DynamicImage::from(seven.to_luma16());
    let forms = [("a.bmp", &seven), ("b.pgm", &seven), ("c.png", &sixteen_bit)];
    for (name, image) in forms {
        image.save(folder.path(name)).unwrap();
        let text = compare(folder.path("two.png"), folder.path(name)).succeeds();
        assert!(text.starts_with(verdict), "{name}: {text}");
    }
}

/// `tests/pictures/make.py` writes them; a file's name begins with its digit.
#[test]
fn cmyk_palette_transparent_tight_and_rotated_pictures_are_read() {
    let names =
        ["seven-cmyk.jpg", "seven-palette.png", "seven-two-colours.png", "seven-transparent.png", "seven-tight.png"];
    let rotated = std::iter::once(("nine-upside-down.jpg", "9"));
    for (name, digit) in names.map(|name| (name, "7")).into_iter().chain(rotated) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name);
        let text = compare(&path, &path).succeeds();
        assert!(text.starts_with(&format!("{digit} <= {digit}, ")), "{name}: {text}");
    }
}

#[test]
fn a_large_dark_on_light_jpeg_of_a_digit_is_read() {
    let folder = Folder::new();
    let seven = digit(0);
    let paper = |x: u32, y: u32| 230 - (x / 12) as u8 - (y / 20) as u8;
    let photo = GrayImage::from_fn(900, 700, |x, y| {
        let ink = (x >= 300 && y >= 200).then(|| seven.get_pixel_checked((x - 300) / 12, (y - 200) / 12)).flatten();
        let ink = ink.map_or(0, |pixel| u32::from(pixel.0[0]));
        Luma([(u32::from(paper(x, y)) * (300 - ink) / 300) as u8])
    });
    photo.save(folder.path("photo.jpg")).unwrap();
    assert!(compare(folder.path("two.png"), folder.path("photo.jpg")).succeeds().starts_with("2 <= 7, "));
}

#[test]
fn json_is_one_object_with_all_that_was_found() {
    let folder = Folder::new();
    let files = [folder.path("seven.png"), folder.path("two.png")];
    let stdout = run(infer().args(["compare", "--json"]).args(&files)).succeeds();
    let object: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(object["leq"], false);
    assert!(object["sentence"].as_str().unwrap().starts_with("7 > 2, "));
    let (p_leq, confidence) = (object["p_leq"].as_f64().unwrap(), object["confidence"].as_f64().unwrap());
    let no_digit = ["first", "second"].map(|picture| object[picture]["no_digit"].as_f64().unwrap());
    let are_digits = no_digit.map(|none| 1.0 - none).iter().product::<f64>();
    assert!(((1.0 - p_leq) * are_digits - confidence).abs() < 1e-6);
    for (picture, digit, file) in [("first", 7, &files[0]), ("second", 2, &files[1])] {
        let picture = &object[picture];
        assert_eq!(picture["file"], file.to_str().unwrap());
        assert_eq!(picture["digit"], digit);
        assert_eq!(picture["probabilities"].as_array().unwrap().len(), 10);
        assert_eq!(picture["preparation"]["route"], "passed-through");
        assert_eq!(picture["preparation"]["polarity"], "light-on-dark");
        assert_eq!(picture["preparation"]["tight_box"]["height"], 20);
    }
    assert_eq!(object["model"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(object["model"]["metadata"]["leq_contract"], "2");
}

#[test]
fn two_runs_print_the_same_bits() {
    let folder = Folder::new();
    let once = || {
        let files = [folder.path("seven.png"), folder.path("two.png")];
        run(infer().args(["compare", "--json"]).args(files)).succeeds()
    };
    assert_eq!(once(), once());
}

#[test]
fn a_model_without_digit_heads_compares_without_naming_digits() {
    let folder = Folder::new();
    let model = folder.write("comparison.onnx", onnx::sound().bytes());
    let (two, seven) = (folder.path("two.png"), folder.path("seven.png"));
    let run_with = |json: bool| {
        let json = json.then_some("--json");
        run(infer().arg("compare").args([&two, &seven]).arg("--model").arg(&model).args(json)).succeeds()
    };
    let text = run_with(false);
    assert!(text.starts_with("first <= second, over 99.9 % sure\n"), "{text}");
    assert!(text.contains("not read, the model has no digit heads"), "{text}");
    let object: Value = serde_json::from_str(&run_with(true)).unwrap();
    assert!(object["first"]["digit"].is_null() && object["digits_agree"].is_null(), "{object}");
    assert_eq!(object["model"]["name"], model.to_str().unwrap());
}

#[test]
fn onnxruntime_can_be_named_by_a_relative_path() {
    let folder = Folder::new();
    let library = folder.path("runtime.so");
    std::fs::copy(crate::support::runtime(), &library).unwrap();
    let mut command = infer();
    command.env_remove("ORT_DYLIB_PATH").current_dir(folder.path(""));
    command.args(["compare", "two.png", "seven.png", "--onnxruntime", "runtime.so"]);
    assert!(run(&mut command).succeeds().starts_with("2 <= 7, "));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    let mut command = infer();
    command.arg("compare").args([folder.path("two.png"), folder.path("seven.png")]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_stdout_is_reported() {
    let folder = Folder::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = infer();
    command.arg("compare").args([folder.path("two.png"), folder.path("seven.png")]).stdout(full);
    run(&mut command).fails(3, &["cannot write the answer to stdout"]);
}

#[cfg(target_os = "linux")]
#[test]
fn paths_that_are_not_unicode_work_and_are_shown_harmlessly() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let odd = folder.path(std::ffi::OsStr::from_bytes(b"\xff\x1b[2J.png"));
    std::fs::copy(folder.path("two.png"), &odd).unwrap();
    let text = compare(&odd, folder.path("seven.png")).succeeds();
    assert!(text.starts_with("2 <= 7, ") && text.contains("\u{fffd}\\u{1b}[2J.png: 2"), "{text}");
    let missing = folder.path(std::ffi::OsStr::from_bytes(b"\xfe.png"));
    compare(missing, folder.path("seven.png")).fails(1, &["\u{fffd}.png: no such file"]);
}

#[test]
fn wrong_usage_exits_with_2_and_says_how() {
    run(infer().args(["compare", "alone.png"])).fails(2, &["required", "<B>", "Usage: infer compare"]);
    run(infer().arg("divide")).fails(2, &["unrecognized subcommand 'divide'"]);
}

#[test]
fn help_documents_the_exit_codes() {
    let help = run(infer().args(["compare", "--help"])).succeeds();
    for line in ["0  done", "1  some images could not be used", "2  wrong usage", "3  nothing could be done"] {
        assert!(help.contains(line), "{help}");
    }
}
