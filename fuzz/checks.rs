//! What must hold for any bytes: called by the fuzz targets, and by `crates/infer/tests/fuzz_on_stable.rs` on stable Rust.

#![allow(dead_code, reason = "each target calls one check")]

use std::io::Cursor;

use digits::Channels;
use infer::batch::Answer;
use infer::batch::record::Record;
use infer::batch::source::{Format, Source};
use infer::engine::{self, Engine};
use infer::model::Model;
use infer::picture::{self, PictureError, Reader};

/// Image bytes give a digit or an error, no decoder panics, and the fast decoder sees what the general one sees.
pub fn image(bytes: &[u8]) {
    let mut reader = Reader::default();
    match reader.prepare(&bytes.into()) {
        Err(PictureError::Decoder) => panic!("a decoder panicked"),
        Err(error) => assert!(error.to_string().len() > 10),
        Ok(picture) => assert!(picture.prepared.image.pixels().iter().all(|pixel| (0.0..=255.0).contains(pixel))),
    }
    if let (Ok(fast), true) = (reader.decode(bytes), bytes.starts_with(b"\x89PNG")) {
        let general = picture::decode(bytes).expect("the general decoder reads what the fast one reads");
        assert_eq!((fast.width, fast.height), (general.width() as usize, general.height() as usize));
        let pixels = match fast.channels {
            Channels::Luma => general.into_luma8().into_raw(),
            Channels::Rgb => general.into_rgb8().into_raw(),
            Channels::Rgba => general.into_rgba8().into_raw(),
        };
        assert!(reader.pixels() == pixels, "the decoders differ");
    }
}

/// IDX bytes give as many images and labels as they announce, or an error.
pub fn idx(bytes: &[u8]) {
    if let Ok(images) = mnist::idx::images(bytes) {
        assert_eq!(16 + 784 * images.len(), bytes.len());
    }
    if let Ok(labels) = mnist::idx::labels(bytes) {
        assert!(labels.iter().all(|&label| label <= 9));
    }
}

/// Rows of any bytes come to an end, and what is written about each is one record that is read back.
pub fn rows(bytes: &[u8]) {
    let lines = bytes.split(|&byte| byte == b'\n').count() as u64;
    for format in [Format::Csv, Format::Tsv, Format::Jsonl] {
        let mut source = Source::lines(Box::new(Cursor::new(bytes.to_vec())), format);
        let mut count = 0;
        while let Ok(chunk) = source.next(7) {
            if chunk.rows.is_empty() {
                break;
            }
            for row in chunk.rows {
                count += 1;
                assert_eq!(row.number, count);
                let result = Err(row.fault.clone().unwrap_or_else(|| "not asked".to_owned()));
                written_and_read(&Record::from(&Answer { row, result }), format);
            }
        }
        assert!(count <= lines, "{count} rows of {lines} lines");
    }
}

fn written_and_read(record: &Record, format: Format) {
    let mut written = Vec::new();
    record.write(format, &mut written).expect("records are always written");
    assert_eq!(written.pop(), Some(b'\n'));
    let read = Record::read(format, &written).expect("a written record is read back");
    assert_eq!((read.row, &read.left, &read.right), (record.row, &record.left, &record.right));
}

/// Model bytes are refused, or are a model that both engines answer or refuse in words.
pub fn model(bytes: &[u8]) {
    match Model::from_bytes("fuzzed".to_owned(), bytes.to_vec().into()) {
        Ok(model) => {
            assert!(model.graph.outputs.len() >= 2);
            for engine in [Engine::rten(), Engine::onnx_runtime()] {
                let answered =
                    engine::open_one(&model, &engine).and_then(|mut it| it.infer(&[0.0; engine::PAIR_PIXELS]));
                if let Err(error) = answered {
                    assert!(error.to_string().len() > 10);
                }
            }
        }
        Err(error) => assert!(error.to_string().starts_with("fuzzed: ")),
    }
}
