//! The fuzz targets' checks on stable Rust: every seed, and deterministic mutations of it.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use digits::scene::SplitMix64;
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage, RgbaImage};

#[path = "../../../fuzz/checks.rs"]
mod checks;

/// Mutations of each seed.
const MUTATIONS: u64 = 1_500;

/// A number below `bound`, or 0.
fn below(random: &mut SplitMix64, bound: usize) -> usize {
    (random.bits() % bound.max(1) as u64) as usize
}

fn mutated(seed: &[u8], random: &mut SplitMix64) -> Vec<u8> {
    const TELLING: [u8; 8] = [0, 1, 0x7F, 0x80, 0xFF, b'"', b'\n', b','];
    let mut bytes = seed.to_vec();
    for _ in 0..=below(random, 4) {
        let at = below(random, bytes.len());
        match below(random, 6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << below(random, 8),
            1 if !bytes.is_empty() => bytes[at] = TELLING[below(random, TELLING.len())],
            2 => bytes.truncate(at),
            3 => bytes.insert(at, random.bits() as u8),
            4 if bytes.len() > 4 => {
                let (from, length) = (below(random, bytes.len()), below(random, 16));
                let piece = bytes[from..(from + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            _ if bytes.len() > 4 => {
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill(TELLING[below(random, 5)]);
            }
            _ => bytes.push(random.bits() as u8),
        }
    }
    bytes
}

fn seeds(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target)
}

/// A PNG's checksums made right again: else nearly every mutation ends at the first.
fn with_right_sums(mut png: Vec<u8>) -> Vec<u8> {
    let mut at = 8;
    while let Some(length) = png.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let end = at.saturating_add(8).saturating_add(length);
        let Some(body) = png.get(at + 4..end) else { break };
        let mut crc = flate2::Crc::new();
        crc.update(body);
        let Some(sum) = png.get_mut(end..end + 4) else { break };
        sum.copy_from_slice(&crc.sum().to_be_bytes());
        at = end + 4;
    }
    png
}

fn check(target: &str, check: fn(&[u8])) {
    if std::env::var_os("UPDATE_SEEDS").is_some() {
        write_seeds();
    }
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(seeds(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "fuzz/seeds/{target} is empty");
    for (number, file) in files.iter().enumerate() {
        let seed = std::fs::read(file).unwrap();
        check(&seed);
        let mut random = SplitMix64(number as u64);
        for mutation in 0..MUTATIONS {
            let bytes = mutated(&seed, &mut random);
            let bytes = if mutation % 2 == 0 && bytes.starts_with(b"\x89PNG") { with_right_sums(bytes) } else { bytes };
            let found = std::panic::catch_unwind(|| check(&bytes));
            assert!(found.is_ok(), "{}, mutation {mutation}", file.display());
        }
    }
}

#[test]
fn any_image_bytes_give_a_digit_or_an_error() {
    check("image", checks::image);
}

#[test]
fn any_idx_bytes_give_images_or_an_error() {
    check("idx", checks::idx);
}

#[test]
fn any_rows_are_answered_one_by_one() {
    check("rows", checks::rows);
}

#[test]
fn any_model_bytes_are_refused_or_sound() {
    check("model", checks::model);
}

/// Small files of every kind that is read.
fn write_seeds() {
    let write = |target: &str, name: &str, bytes: &[u8]| std::fs::write(seeds(target).join(name), bytes).unwrap();
    let digit: Vec<u8> = (0..784u32).map(|at| if (at % 28).abs_diff(at / 28) < 3 { 250 } else { 0 }).collect();
    let grey = GrayImage::from_raw(28, 28, digit.clone()).unwrap();
    let colour = RgbImage::from_fn(20, 24, |x, y| image::Rgb([200, (x * 9) as u8, (y * 9) as u8]));
    let clear = RgbaImage::from_fn(18, 18, |x, y| image::Rgba([0, 0, 0, if x.abs_diff(y) < 3 { 255 } else { 0 }]));
    let pictures: [(&str, DynamicImage); 4] = [
        ("grey", grey.clone().into()),
        ("colour", colour.into()),
        ("clear", clear.into()),
        ("deep", DynamicImage::from(grey).to_luma16().into()),
    ];
    for (name, picture) in &pictures {
        for (ending, format) in [
            ("png", ImageFormat::Png),
            ("jpg", ImageFormat::Jpeg),
            ("bmp", ImageFormat::Bmp),
            ("pnm", ImageFormat::Pnm),
        ] {
            let picture = if format == ImageFormat::Jpeg { picture.to_rgb8().into() } else { picture.clone() };
            let mut bytes = Cursor::new(Vec::new());
            if picture.write_to(&mut bytes, format).is_ok() {
                write("image", &format!("{name}.{ending}"), bytes.get_ref());
            }
        }
    }
    let images = [&b"\0\0\x08\x03\0\0\0\x01\0\0\0\x1c\0\0\0\x1c"[..], &digit].concat();
    write("idx", "one-image", &images);
    write("idx", "three-labels", b"\0\0\x08\x01\0\0\0\x03\x07\x02\x01");
    write("rows", "header.csv", b"left,right,label,left_digit,right_digit\na.png,\"b, c.png\",1,3,7\n\nd.png\n");
    write("rows", "plain.tsv", b"a.png\tb.png\t0\r\n\"x\"\"y\"\tz\r\n");
    write(
        "rows",
        "rows.jsonl",
        b"{\"left\":\"a\",\"right\":\"b\",\"label\":true}\n{\"left\":\"a\\nb\",\"right\":\"\"}\n",
    );
    // The built-in model without its numbers, so that mutations meet the structure.
    write("model", "structure.onnx", &structure());
}

/// A comparator that answers by the mean of all pixels, in the bytes that ONNX's own library writes.
fn structure() -> Vec<u8> {
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8][..], content].concat()
    }
    let float = |shape: &[u8]| {
        let mut dimensions = field(1, &field(2, b"batch"));
        shape.iter().for_each(|&size| dimensions.extend(field(1, &[8, size])));
        field(2, &field(1, &[&[8, 1][..], &field(2, &dimensions)].concat()))
    };
    let port = |name: &str, shape: &[u8]| [field(1, name.as_bytes()), float(shape)].concat();
    let node = |input: &str, output: &str, operator: &str, attributes: &[Vec<u8>]| {
        [field(1, input.as_bytes()), field(2, output.as_bytes()), field(4, operator.as_bytes()), attributes.concat()]
            .concat()
    };
    let axes = field(5, &[field(1, b"axes"), vec![0x40, 1, 0x40, 2, 0x40, 3, 0xA0, 1, 7]].concat());
    let keep = field(5, &[field(1, b"keepdims"), vec![0x18, 0, 0xA0, 1, 2]].concat());
    let weight = [vec![8, 1, 16, 1], field(8, b"w"), field(9, &[0; 4])].concat();
    let graph = [
        field(1, &node("pair", "leq_logit", "ReduceMean", &[axes, keep])),
        field(1, &node("leq_logit", "p_leq", "Sigmoid", &[])),
        field(5, &weight),
        field(11, &port("pair", &[2, 14, 14])),
        field(12, &port("p_leq", &[])),
        field(12, &port("leq_logit", &[])),
    ]
    .concat();
    let length = [graph.len() as u8 | 0x80, (graph.len() >> 7) as u8];
    let metadata = field(1, b"leq_contract").into_iter().chain(field(2, b"1")).collect::<Vec<u8>>();
    [vec![8, 8, 0x3A], length.to_vec(), graph, field(8, &[16, 17]), vec![0x72, metadata.len() as u8], metadata].concat()
}

#[test]
fn the_models_seed_is_a_model() {
    infer::model::Model::from_bytes("seed".to_owned(), structure().into()).unwrap();
}
