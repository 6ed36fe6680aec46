//! A corpus of malformed files, made here: every one gets a clear error, and none a panic.

use std::path::Path;

use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::Value;

use crate::onnx::{self, Onnx, bytes, message, number, stored};
use crate::support::{Folder, digit, infer, run};

/// A file's name and content.
type Case = (&'static str, Vec<u8>);

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn changed(mut bytes: Vec<u8>, at: usize, new: &[u8]) -> Vec<u8> {
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

fn cut(bytes: &[u8], length: usize) -> Vec<u8> {
    bytes[..length].to_vec()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    [&(data.len() as u32).to_be_bytes()[..], &body, &crc.sum().to_be_bytes()].concat()
}

/// A PNG with this header (width, height, depth, colour, interlace) and these unpacked rows.
fn png(header: (u32, u32, u8, u8, u8), rows: &[u8], before_data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let (width, height, depth, colour, interlace) = header;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(rows).unwrap();
    let fields = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, interlace]].concat();
    let parts =
        [chunk(b"IHDR", &fields), before_data.to_vec(), chunk(b"IDAT", &packer.finish().unwrap()), chunk(b"IEND", &[])];
    [b"\x89PNG\r\n\x1a\n".to_vec(), parts.concat()].concat()
}

fn bad_pngs() -> Vec<Case> {
    let sound = encoded(&DynamicImage::from(digit(0)), ImageFormat::Png);
    let zlib_bomb = png((40_000, 1_000, 8, 6, 0), &vec![0; 1_000_000], &[]);
    vec![
        ("signature-only.png", cut(&sound, 8)),
        ("half-header.png", cut(&sound, 20)),
        ("no-data.png", cut(&sound, 33)),
        ("half-data.png", cut(&sound, sound.len() / 2)),
        ("bad-header-sum.png", changed(sound.clone(), 29, &[1, 2, 3, 4])),
        ("bad-data.png", changed(sound.clone(), 45, b"garbage!")),
        ("long-chunk.png", changed(sound.clone(), 33, &[0x7F, 0xFF, 0xFF, 0xFF])),
        ("wrong-signature.png", changed(sound.clone(), 1, b"PNK")),
        ("no-columns.png", png((0, 5, 8, 0, 0), &[0; 5], &[])),
        ("no-rows.png", png((5, 0, 8, 0, 0), &[0; 5], &[])),
        ("depth-7.png", png((5, 5, 7, 0, 0), &[0; 30], &[])),
        ("colour-5.png", png((5, 5, 8, 5, 0), &[0; 30], &[])),
        ("filter-9.png", png((5, 5, 8, 0, 0), &[9; 30], &[])),
        ("short-rows.png", png((50, 50, 8, 0, 0), &[0; 30], &[])),
        ("no-palette.png", png((5, 5, 8, 3, 0), &[0; 30], &[])),
        ("interlace-2.png", png((5, 5, 8, 0, 2), &[0; 30], &[])),
        ("short-interlaced.png", png((50, 50, 8, 0, 1), &[0; 30], &[])),
        ("bomb.png", zlib_bomb),
        ("huge.png", png((60_000, 60_000, 16, 6, 0), &[0; 30], &[])),
        ("two-headers.png", png((5, 5, 8, 0, 0), &[0; 30], &chunk(b"IHDR", &[0; 13]))),
    ]
}

fn bad_jpegs() -> Vec<Case> {
    let photo = DynamicImage::from(RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8, y as u8, 99])));
    let sound = encoded(&photo, ImageFormat::Jpeg);
    let frame = sound.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let tables = sound.windows(2).position(|pair| pair == [0xFF, 0xC4]).unwrap();
    vec![
        ("start-only.jpg", cut(&sound, 2)),
        ("no-scan.jpg", cut(&sound, frame)),
        ("half-scan.jpg", cut(&sound, sound.len() * 3 / 4)),
        ("no-rows.jpg", changed(sound.clone(), frame + 5, &[0, 0])),
        ("no-columns.jpg", changed(sound.clone(), frame + 7, &[0, 0])),
        ("huge.jpg", changed(sound.clone(), frame + 5, &[0xEA, 0x60, 0xEA, 0x60])),
        ("precision-99.jpg", changed(sound.clone(), frame + 4, &[99])),
        ("components-9.jpg", changed(sound.clone(), frame + 9, &[9])),
        ("long-tables.jpg", changed(sound.clone(), tables + 2, &[0xFF, 0xFF])),
        ("sampling-0.jpg", changed(sound.clone(), frame + 11, &[0])),
    ]
}

fn bad_others() -> Vec<Case> {
    let sound = encoded(&DynamicImage::from(digit(0).clone()).to_rgb8().into(), ImageFormat::Bmp);
    vec![
        ("empty.png", Vec::new()),
        ("text.png", b"7 > 2\n".to_vec()),
        ("one-byte.png", vec![0x89]),
        ("gif.png", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec()),
        ("gzip.png", vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0]),
        ("header-only.bmp", cut(&sound, 14)),
        ("half.bmp", cut(&sound, sound.len() / 2)),
        ("depth-5.bmp", changed(sound.clone(), 28, &[5, 0])),
        ("huge.bmp", changed(sound.clone(), 18, &[0x60, 0xEA, 0, 0, 0x60, 0xEA, 0, 0])),
        ("least-height.bmp", changed(sound.clone(), 22, &[0, 0, 0, 0x80])),
        ("compression-77.bmp", changed(sound.clone(), 30, &[77])),
        ("short.pgm", b"P5 28 28 255\nabc".to_vec()),
        ("no-size.pgm", b"P5 ".to_vec()),
        ("negative.pgm", b"P5 -3 28 255\nabc".to_vec()),
        ("huge.pgm", b"P5 4000000000 4000000000 255\nabc".to_vec()),
        ("no-levels.pgm", b"P5 2 2 0\nabcd".to_vec()),
        ("letters.pgm", b"P2 2 2 255\na b c d\n".to_vec()),
        ("kind-9.pgm", b"P9 2 2 255\nabcd".to_vec()),
        ("blank.pgm", [b"P5 28 28 255\n".to_vec(), vec![128; 784]].concat()),
    ]
}

#[test]
fn every_malformed_picture_is_a_row_with_a_clear_error() {
    let folder = Folder::new();
    let corpus: Vec<Case> = [bad_pngs(), bad_jpegs(), bad_others()].concat();
    assert!(corpus.len() >= 40, "{} files", corpus.len());
    let mut rows = String::new();
    for (name, content) in &corpus {
        folder.write(name, content);
        rows += &format!("{name},two.png\n");
    }
    let pairs = folder.write("pairs.csv", rows + "two.png,seven.png\n");
    let ran = run(infer().arg("batch").arg(&pairs).args(["--to", "jsonl"]));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    let answers: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), corpus.len() + 1);
    for ((name, _), answer) in corpus.iter().zip(&answers) {
        let error = answer["error"].as_str().unwrap_or_else(|| panic!("{name} was answered: {answer}"));
        assert!(error.starts_with(&format!("{name}: ")) && error.len() > name.len() + 10, "{error}");
        assert!(!error.contains("the decoder fails"), "a decoder panicked: {error}");
    }
    assert_eq!(answers[corpus.len()]["leq"], true, "the sound row after them is answered");
}

fn node_with(operator: &str, attribute: Vec<u8>) -> Vec<u8> {
    let fields = [bytes(1, b"pair"), bytes(2, b"extra"), bytes(4, operator.as_bytes()), message(5, &attribute)];
    message(1, &fields.concat())
}

type Change = fn(&mut Onnx);

/// What is done to a sound model, and what the error must say.
const BAD_MODELS: [(&str, Change, &str); 29] = [
    (
        "external data",
        |m| m.more_graph = stored("w", 1, &[1], &[], [message(13, &bytes(1, b"location")), number(14, 1)].concat()),
        "in another file",
    ),
    ("external location", |m| m.more_graph = stored("w", 1, &[1], &[0; 4], number(14, 1)), "in another file"),
    ("control flow by name", |m| m.nodes.push(("Loop", vec!["pair"], "x")), "control flow (Loop)"),
    (
        "a graph in a node",
        |m| m.more_graph = node_with("Relu", [bytes(1, b"body"), message(6, &[])].concat()),
        "control flow (Relu)",
    ),
    ("an unknown operator", |m| m.nodes.push(("Divine", vec!["pair"], "x")), "operator \"Divine\""),
    ("an operator that enlarges", |m| m.nodes.push(("Expand", vec!["pair"], "x")), "operator \"Expand\""),
    ("another domain", |m| m.more = message(8, &[bytes(1, b"com.evil"), number(2, 1)].concat()), "domain \"com.evil\""),
    (
        "a node of another domain",
        |m| m.more_graph = message(1, &[bytes(2, b"x"), bytes(4, b"Relu"), bytes(7, b"evil")].concat()),
        "domain \"evil\"",
    ),
    ("a future operator set", |m| m.opset = 999, "operator set 999"),
    ("functions", |m| m.more = message(25, &[]), "functions of its own"),
    ("training", |m| m.more = message(20, &[]), "training instructions"),
    ("a sparse tensor", |m| m.more_graph = message(15, &[]), "sparse tensors"),
    (
        "a tensor too short",
        |m| m.more_graph = stored("w", 1, &[100], &[0; 4], Vec::new()),
        "4 bytes, but its type and shape take 400",
    ),
    (
        "a tensor beyond counting",
        |m| m.more_graph = stored("w", 1, &[u64::MAX >> 1, 8], &[0; 4], Vec::new()),
        "no size",
    ),
    ("a tensor of texts", |m| m.more_graph = stored("w", 8, &[1], &[0; 4], Vec::new()), "no size"),
    (
        "a huge window",
        |m| m.more_graph = node_with("MaxPool", [bytes(1, b"pads"), number(8, 1 << 40)].concat()),
        "sets pads of MaxPool",
    ),
    ("a value from nowhere", |m| m.nodes.push(("Relu", vec!["nowhere"], "x")), "reads \"nowhere\" before"),
    (
        "a sparse tensor in a constant",
        |m| m.more_graph = node_with("Constant", [bytes(1, b"sparse_value"), message(22, &[])].concat()),
        "sets \"sparse_value\" of Constant",
    ),
    (
        "a field of an attribute that is not known",
        |m| m.more_graph = node_with("Softmax", [bytes(1, b"axis"), message(23, &[])].concat()),
        "sets \"axis\" of Softmax",
    ),
    (
        "an attribute that is not known",
        |m| m.more_graph = node_with("Relu", [bytes(1, b"path"), bytes(4, b"/etc/passwd")].concat()),
        "sets \"path\" of Relu",
    ),
    (
        "an attribute twice",
        |m| {
            let axis = || message(5, &[bytes(1, b"axis"), number(3, 1)].concat());
            let fields = [bytes(1, b"pair"), bytes(2, b"extra"), bytes(4, b"Softmax"), axis(), axis()];
            m.more_graph = message(1, &fields.concat());
        },
        "sets \"axis\" of Softmax",
    ),
    (
        "a tensor in segments",
        |m| m.more_graph = stored("w", 1, &[1], &[0; 4], message(3, &[])),
        "a tensor is stored in segments",
    ),
    (
        "a weight that is NaN",
        |m| m.more_graph = stored("w", 1, &[2], &[[0; 4], f32::NAN.to_le_bytes()].concat(), Vec::new()),
        "stores a number in \"w\" that is not finite",
    ),
    (
        "an infinite weight of 16 bits",
        |m| m.more_graph = stored("w", 10, &[1], &0x7C00u16.to_le_bytes(), Vec::new()),
        "stores a number in \"w\" that is not finite",
    ),
    (
        "an infinite attribute",
        |m| {
            let alpha = [bytes(1, b"alpha"), vec![2 << 3 | 5], f32::INFINITY.to_le_bytes().to_vec()].concat();
            m.more_graph = node_with("Elu", alpha);
        },
        "stores a number in \"alpha\" that is not finite",
    ),
    (
        "a division of whole numbers by what the file says is -1",
        |m| {
            let least = stored("least", 7, &[1], &i64::MIN.to_le_bytes(), Vec::new());
            let minus_one = stored("minus_one", 7, &[1], &(-1i64).to_le_bytes(), Vec::new());
            m.more_graph = [least, minus_one].concat();
            m.nodes.push(("Div", vec!["least", "minus_one"], "x"));
        },
        "whole numbers are divided",
    ),
    (
        "tensors that grow with every node",
        |m| {
            const NAMES: [&str; 31] = [
                "pair", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
                "u", "v", "w", "x", "y", "z", "aa", "bb", "cc", "dd", "ee",
            ];
            let concat = |pair: &[&str]| {
                let axis = message(5, &[bytes(1, b"axis"), number(3, 1)].concat());
                let inputs = [bytes(1, pair[0].as_bytes()), bytes(1, pair[0].as_bytes())].concat();
                message(1, &[inputs, bytes(2, pair[1].as_bytes()), bytes(4, b"Concat"), axis].concat())
            };
            m.more_graph = NAMES.windows(2).flat_map(concat).collect();
        },
        "makes tensors of",
    ),
    (
        "an output that is computed with another shape",
        |m| m.nodes = vec![("ReduceMean", vec!["pair"], "leq_logit"), ("Softplus", vec!["pair"], "p_leq")],
        "computes \"p_leq\" of shape [1, 2, 14, 14], but declares [1]",
    ),
    ("a value made twice", |m| m.nodes.push(("Relu", vec!["pair"], "p_leq")), "makes \"p_leq\" twice"),
];

#[test]
fn every_hostile_model_is_refused_before_any_engine_sees_it() {
    let folder = Folder::new();
    for (what, change, part) in BAD_MODELS {
        let mut model = onnx::sound();
        change(&mut model);
        let path = folder.write("model.onnx", model.bytes());
        // The engine named is not there: what is refused is refused without it.
        let mut command = infer();
        command.env("ORT_DYLIB_PATH", "absent.so").args(["compare", "--engine", "ort", "--model"]).arg(&path);
        let ran = run(command.args([folder.path("two.png"), folder.path("seven.png")]));
        assert!(ran.code == 3 && ran.stderr.contains(part), "{what}: {ran:?}");
        let ran = run(infer().arg("inspect").arg(&path));
        let is_onnx = !ran.stderr.contains("is not an ONNX model");
        assert!(ran.code == if is_onnx { 1 } else { 3 } && ran.stderr.contains(part), "{what}: {ran:?}");
        assert_eq!(ran.stdout.contains("operator set"), is_onnx, "{what}: {ran:?}");
    }
    let sound = onnx::sound().bytes();
    for length in 0..sound.len() {
        let path = folder.write("cut.onnx", &sound[..length]);
        assert!(infer::model::Model::read(&path).is_err(), "cut at {length}");
    }
}

#[test]
fn inspect_describes_any_onnx_file_and_says_all_that_it_lacks() {
    let folder = Folder::new();
    let mut model = onnx::sound();
    model.metadata.clear();
    model.input.name = "image";
    model.nodes[0].1 = vec!["image"];
    model.outputs.pop();
    let path = folder.write("other.onnx", model.bytes());
    let ran = run(infer().arg("inspect").arg(&path));
    assert!(ran.code == 1 && ran.stdout.contains("layer p_leq = Sigmoid(leq_logit)"), "{ran:?}");
    assert!(ran.stdout.contains("operator set 17, maker not named\n"), "{ran:?}");
    for part in
        ["no \"leq_contract\"", "its inputs are \"image\"", "its outputs are \"p_leq\"", "docs/model-contract.md"]
    {
        assert!(ran.stderr.contains(part), "no {part}: {ran:?}");
    }
    let object: Value = serde_json::from_str(&run(infer().args(["inspect", "--json"]).arg(&path)).stdout).unwrap();
    assert_eq!(object["lacks"].as_array().unwrap().len(), 3);
}

#[test]
fn a_foreign_model_is_run_in_a_process_of_its_own_or_here_with_the_same_answers() {
    let folder = Folder::new();
    let path = folder.write("model.onnx", onnx::sound().bytes());
    let answer = |trust: &[&str], engine: &str| {
        let mut command = infer();
        command.args(["compare", "--engine", engine, "--model"]).arg(&path).args(trust);
        run(command.args([folder.path("two.png"), folder.path("seven.png")])).succeeds()
    };
    for engine in ["leq", "rten", "ort"] {
        assert_eq!(answer(&[], engine), answer(&["--trust"], engine));
    }
    let pairs = folder.write("pairs.csv", "two.png,seven.png\n".repeat(100));
    let ran = run(infer().arg("batch").arg(&pairs).args(["--engine", "rten", "--model"]).arg(&path));
    assert_eq!((ran.code, ran.stdout.lines().count()), (0, 101), "{ran:?}");
}

#[test]
fn a_sound_model_is_accepted_by_the_same_checks() {
    let folder = Folder::new();
    let mut model = onnx::sound();
    model.more_graph = stored("w", 1, &[2, 1], &[0; 8], Vec::new());
    let path = folder.write("model.onnx", model.bytes());
    assert!(infer::model::Model::read(Path::new(&path)).is_ok());
}

#[test]
fn malformed_idx_files_are_refused_by_name() {
    let folder = Folder::new();
    let data = folder.path("data");
    std::fs::create_dir(&data).unwrap();
    for (content, part) in [
        (&b""[..], "truncated: 0 bytes"),
        (b"\0\0\x08\x03\0\0\0\x02\0\0\0\x1c\0\0\0\x1c", "announces 2 images"),
        (b"\0\0\x08\x01\0\0\0\x02\0\0\0\x1c\0\0\0\x1c", "magic number"),
        (b"\0\0\x08\x03\xff\xff\xff\xff\0\0\0\x1c\0\0\0\x1c", "4294967295 images"),
    ] {
        std::fs::write(data.join("train-images-idx3-ubyte"), content).unwrap();
        run(infer().args(["eval", "--data"]).arg(&data)).fails(3, &["train-images-idx3-ubyte", part]);
    }
    std::fs::remove_file(data.join("train-images-idx3-ubyte")).unwrap();
    std::fs::write(data.join("train-images-idx3-ubyte.gz"), b"\x1f\x8b\x08\0broken").unwrap();
    run(infer().args(["eval", "--data"]).arg(&data)).fails(3, &["does not unpack"]);
}
