//! Commands that look: at a picture, a model, engines, the machine, and at the program itself.

use std::path::Path;
use std::sync::LazyLock;

use image::{DynamicImage, GrayImage, Luma, imageops};
use serde_json::Value;

use crate::onnx;
use crate::support::{Folder, digit, infer, run};

#[test]
fn prepare_shows_what_the_network_sees_and_writes_it() {
    let folder = Folder::new();
    let seven = folder.path("seven.png");
    let shown = run(infer().arg("prepare").arg(&seven)).succeeds();
    assert_eq!(shown.lines().count(), 17, "{shown}");
    assert!(shown.contains('█') && shown.contains("28 x 28 pixels, LightOnDark, PassedThrough"), "{shown}");
    let (small, mnist) = (folder.path("small.png"), folder.path("mnist.png"));
    run(infer().arg("prepare").arg(&seven).arg("-o").arg(&small)).succeeds();
    assert_eq!(image::open(small).unwrap().into_luma8().dimensions(), (14, 14));
    run(infer().arg("prepare").arg(&seven).arg("--mnist").arg("-o").arg(&mnist)).succeeds();
    assert_eq!(image::open(mnist).unwrap().into_luma8(), digit(0));
    let absent = folder.path("absent.png");
    run(infer().arg("prepare").arg(absent)).fails(1, &["absent.png: no such file"]);
}

#[test]
fn compare_shows_both_digits_on_request() {
    let folder = Folder::new();
    let files = [folder.path("two.png"), folder.path("seven.png")];
    let ran = run(infer().args(["compare", "--show"]).args(files));
    assert!(ran.code == 0 && ran.stdout.starts_with("2 <= 7, "), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 18, "{ran:?}");
}

#[test]
fn a_picture_that_was_read_with_a_remedy_is_shown_as_it_was_read_and_says_so() {
    let folder = Folder::new();
    let mut striped = digit(0);
    for (column, _, pixel) in striped.enumerate_pixels_mut() {
        if (8..20).contains(&column) {
            pixel.0[0] = 255 - pixel.0[0];
        }
    }
    let (striped_file, seven) = (folder.path("striped.png"), folder.path("seven.png"));
    striped.save(&striped_file).unwrap();
    let ran = run(infer().args(["compare", "--show"]).args([&striped_file, &striped_file]));
    assert!(ran.code == 0 && ran.stdout.starts_with("7 <= 7, "), "{ran:?}");
    assert!(ran.stderr.contains("striped.png: ") && ran.stderr.contains("seen without upright stripes"), "{ran:?}");
    // The digit of the file without the stripe is shown, not the stripe.
    let clean = run(infer().args(["compare", "--show"]).args([&seven, &seven]));
    let sketch = |stderr: &str| stderr.lines().take(16).map(str::to_owned).collect::<Vec<_>>();
    let differing = |a: &str, b: &str| a.chars().zip(b.chars()).filter(|(a, b)| a != b).count();
    let rows = sketch(&ran.stderr).into_iter().zip(sketch(&clean.stderr));
    assert!(rows.map(|(a, b)| differing(&a, &b)).sum::<usize>() < 60, "{}\n{}", ran.stderr, clean.stderr);
    let json = run(infer().args(["compare", "--json"]).args([&striped_file, &seven])).succeeds();
    let object: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(object["first"]["remedy"], "without upright stripes");
    assert_eq!([&object["first"]["looked_again"], &object["second"]["looked_again"]], [true, false]);
    assert!(object["second"]["remedy"].is_null());
}

#[test]
fn two_digits_in_one_picture_are_split_and_compared() {
    let folder = Folder::new();
    let mut both = GrayImage::from_pixel(300, 140, Luma([255]));
    for (number, left) in [(1, 10), (0, 170)] {
        let mut large = DynamicImage::from(digit(number)).resize(120, 120, imageops::FilterType::Triangle).into_luma8();
        large.pixels_mut().for_each(|pixel| pixel.0[0] = 255 - pixel.0[0]);
        imageops::overlay(&mut both, &large, left, 10);
    }
    let path = folder.path("both.png");
    both.save(&path).unwrap();
    let text = run(infer().args(["compare", "--split"]).arg(&path)).succeeds();
    assert!(text.starts_with("2 <= 7, "), "{text}");
    let told = ["both.png: more than one digit, 2 and 7: cut one out, or compare the two with --split"];
    run(infer().arg("compare").arg(&path).arg(folder.path("seven.png"))).fails(1, &told);
    run(infer().args(["compare", "--split"]).arg(folder.path("seven.png"))).fails(1, &["does not show two digits"]);
    run(infer().args(["compare", "--split"]).arg(&path).arg(&path)).fails(2, &["--split"]);
}

/// Test digits side by side, each 120 pixels wide, `apart` pixels from one's left end to the next one's.
fn side_by_side(numbers: &[usize], apart: i64) -> GrayImage {
    let mut all = GrayImage::from_pixel(140 + apart as u32 * (numbers.len() as u32 - 1), 140, Luma([255]));
    for (number, place) in numbers.iter().zip(0..) {
        let ink = DynamicImage::from(digit(*number)).resize(120, 120, imageops::FilterType::Triangle).into_luma8();
        for (column, row, pixel) in ink.enumerate_pixels() {
            let under = all.get_pixel_mut(column + 10 + (apart * place) as u32, row + 10);
            under.0[0] = under.0[0].min(255 - pixel.0[0]);
        }
    }
    all
}

#[test]
fn two_digits_that_touch_are_cut_and_three_are_counted() {
    let folder = Folder::new();
    let touching = folder.path("touching.png");
    side_by_side(&[1, 0], 76).save(&touching).unwrap();
    let text = run(infer().args(["compare", "--split"]).arg(&touching)).succeeds();
    assert!(text.starts_with("2 <= 7, "), "{text}");
    // What is wider than high is cut without a network that names digits, too.
    let nameless = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/report-a-convnet.onnx");
    let text = run(infer().args(["compare", "--split", "--model"]).arg(nameless).arg(&touching)).succeeds();
    assert!(text.starts_with("first <= second, "), "{text}");
    let three = folder.path("three.png");
    side_by_side(&[1, 0, 2], 130).save(&three).unwrap();
    run(infer().args(["compare", "--split"]).arg(&three)).fails(1, &["three.png: shows 3 digits, not two"]);
}

#[test]
fn a_picture_of_no_digit_is_named_and_nothing_is_compared() {
    let folder = Folder::new();
    let bars =
        GrayImage::from_fn(200, 200, |x, y| Luma([if (50..150).contains(&x) && y / 20 % 3 == 1 { 20 } else { 240 }]));
    bars.save(folder.path("bars.png")).unwrap();
    let ran = run(infer().args(["compare", "--json"]).arg(folder.path("bars.png")).arg(folder.path("seven.png")));
    assert!(ran.code == 1 && ran.stderr.contains("bars.png: "), "{ran:?}");
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(object["leq"].is_null() && object["p_leq"].is_null() && object["confidence"].is_null(), "{object}");
}

#[test]
fn inspect_tells_what_is_in_a_model() {
    let text = run(infer().arg("inspect")).succeeds();
    for part in ["operator set 17", "input \"pair\" of float32 [batch, 2, 14, 14]", "Conv(", "metadata leq_contract: 2"]
    {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let folder = Folder::new();
    let model = folder.write("model.onnx", onnx::sound().bytes());
    let object: Value = serde_json::from_str(&run(infer().args(["inspect", "--json"]).arg(&model)).succeeds()).unwrap();
    assert_eq!(object["layers"][0]["operator"], "ReduceMean");
    run(infer().arg("inspect").arg(folder.path("seven.png")))
        .fails(3, &["is not an ONNX model", "not passed to any engine"]);
}

/// What `eval` prints with a demand that it reaches, run once for all tests: every pair takes its time.
static EVALUATION: LazyLock<String> =
    LazyLock::new(|| run(infer().args(["eval", "--json", "--at-least", "0.85"])).succeeds());

#[test]
fn eval_tells_accuracy_and_can_demand_it() {
    let object: Value = serde_json::from_str(&EVALUATION).unwrap();
    assert_eq!(object["course_pairs"]["answer"]["all"], 1000);
    assert_eq!(object["disjoint_pairs"]["answer"]["all"], 5000);
    assert_eq!(object["digits"]["all"], 10000);
    let counts = object["calibration"]["bins"].as_array().unwrap().iter().map(|bin| bin["pairs"].as_u64().unwrap());
    assert_eq!(counts.sum::<u64>(), 5000);
    let ran = run(infer().args(["eval", "--at-least", "0.9999"]));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("is below --at-least 0.9999") && ran.stdout.contains("by digit posteriors"), "{ran:?}");
}

/// The accuracy that the trainer wrote into the model's metadata is what `eval` finds on the same pairs.
#[test]
fn eval_finds_the_accuracy_that_the_model_states() {
    let object: Value = serde_json::from_str(&run(infer().args(["inspect", "--json"])).succeeds()).unwrap();
    let stated: Value = serde_json::from_str(object["metadata"]["accuracy"].as_str().unwrap()).unwrap();
    let found: Value = serde_json::from_str(&EVALUATION).unwrap();
    let right = |share: &Value| share["right"].as_i64().unwrap();
    assert!((right(&stated["learned_head"]) - right(&found["course_pairs"]["answer"])).abs() <= 2, "{stated} {found}");
}

#[test]
fn doctor_names_library_version_and_engines() {
    let text = run(infer().arg("doctor")).succeeds();
    for part in ["ONNX Runtime: version 1.", "library: ", "CPUExecutionProvider", "ONNX Runtime: answers"] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let folder = Folder::new();
    let ran = run(infer().args(["doctor", "--onnxruntime"]).arg(folder.path("absent.so")));
    assert!(ran.stdout.contains("cannot be used") && ran.stdout.contains("cargo xtask setup"), "{ran:?}");
    assert!(ran.code == 1 && ran.stderr.contains("leq is used instead"), "{ran:?}");
}

#[test]
fn another_device_than_there_is_is_refused_by_name() {
    let folder = Folder::new();
    let files = [folder.path("two.png"), folder.path("seven.png")];
    let ran = run(infer().args(["compare", "--device", "cuda"]).args(&files));
    if ran.code != 0 {
        ran.fails(3, &["--device cuda cannot be used", "--device cpu"]);
    }
    for engine in ["leq", "rten"] {
        let ran = run(infer().args(["compare", "--device", "cuda", "--engine", engine]).args(&files));
        ran.fails(3, &["on the CPU only"]);
    }
}

#[test]
fn robustness_is_measured_on_few_pairs_and_compared_with_before() {
    let folder = Folder::new();
    let out = folder.path("robustness");
    let few = || {
        let mut command = infer();
        command.args(["robustness", "--pairs", "40", "--only", "inversion", "--out"]).arg(&out);
        command
    };
    let ran = run(&mut few());
    assert!(ran.code <= 1 && ran.stdout.contains("| inversion/28 |"), "{ran:?}");
    let before = folder.path("before.json");
    std::fs::rename(out.join("raw.json"), &before).unwrap();
    let ran = run(few().arg("--before").arg(&before));
    assert!(ran.stdout.contains("lost before"), "{ran:?}");
    let rows: Value = serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap()).unwrap();
    assert_eq!(rows[0]["what"], "accuracy/clean");
    assert_eq!(rows[1]["value"], rows[1]["before"]);
}

#[test]
fn results_say_what_data_they_are_of_and_how_to_measure_them_again() {
    let folder = Folder::new();
    folder.write_test_split(20);
    let options =
        ["--data", ".", "--pairs", "5", "--only", "clean", "--scenes", "0", "--engine", "rten", "--out", "a b"];
    let page = run(infer().arg("robustness").args(options).current_dir(folder.path(""))).stdout;
    assert!(page.contains("Pairs of a test split that is not MNIST's (SHA-256 of its images: "), "{page}");
    let command =
        "`infer robustness --data . --pairs 5 --only clean --scenes 0 --non-digits 24 --engine rten --out 'a b'`";
    assert!(page.contains(command), "{page}");
    let rows: Value = serde_json::from_slice(&std::fs::read(folder.path("a b/summary.json")).unwrap()).unwrap();
    assert!(rows[0]["protocol"].as_str().unwrap().contains("not MNIST's"), "{rows}");
    let ours = run(infer().args(["robustness", "--pairs", "5", "--only", "clean", "--scenes", "0"])).stdout;
    assert!(ours.contains("Pairs of MNIST's test split, every digit drawn"), "{ours}");
}

#[test]
fn the_test_split_alone_is_enough_however_it_is_named_and_packed() {
    let folder = Folder::new();
    let ours = mnist::default_folder();
    for (kind, name) in [("images-idx3", "t10k-images.idx3-ubyte"), ("labels-idx1", "t10k-labels-idx1-ubyte")] {
        let packed = std::fs::read(ours.join(format!("t10k-{kind}-ubyte.gz"))).unwrap();
        folder.write(name, packed);
    }
    let alone = run(infer().args(["eval", "--json", "--data"]).arg(folder.path(""))).succeeds();
    assert_eq!(*EVALUATION, alone);
    let ran = run(infer().args(["robustness", "--development", "--data"]).arg(folder.path("")));
    ran.fails(3, &["--development draws training digits"]);
}

#[test]
fn completions_and_the_manual_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(infer().args(["completions", shell])).succeeds();
        assert!(script.contains("batch") && script.contains("resume"), "{shell}");
    }
    let page = run(infer().arg("man")).succeeds();
    for command in ["COMPARE", "BATCH", "MERGE", "BENCH", "EVAL", "INSPECT", "VERIFY", "DOCTOR", "PREPARE"] {
        assert!(page.contains(&format!("INFER {command}")), "{command}");
    }
    assert!(!page.contains("fake"), "what is hidden stays hidden");
}

#[test]
fn every_commands_help_tells_its_exit_codes() {
    for command in
        ["compare", "batch", "merge", "prepare", "eval", "bench", "inspect", "verify", "robustness", "doctor"]
    {
        let help = run(infer().args([command, "--help"])).succeeds();
        assert!(help.contains("Exit codes:\n  0  "), "{command}: {help}");
    }
}
