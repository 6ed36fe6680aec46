//! Outputs of shards that are merged or refused.

use super::*;
use crate::batch::Answer;
use crate::batch::record::tests::answer;
use crate::batch::record::write;

/// Answers of one list, and the outputs of its shards.
struct Outputs {
    folder: tempfile::TempDir,
    format: Format,
    records: Vec<Record>,
    paths: Vec<PathBuf>,
}

impl Outputs {
    fn new(rows: u64, shards: usize, format: Format) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let records: Vec<Record> = (1..=rows).map(record).collect();
        let paths: Vec<PathBuf> = (1..=shards).map(|number| folder.path().join(format!("{number}.part"))).collect();
        for (number, path) in (1..).zip(&paths) {
            let shard = Shard { number, of: shards };
            let own: Vec<Record> = records.iter().filter(|record| dealing::takes(shard, record.row)).cloned().collect();
            std::fs::write(path, text(&own, format)).unwrap();
        }
        Self { folder, format, records, paths }
    }

    /// Why they cannot be merged.
    fn refused(&self, shards: usize) -> String {
        merge(&self.paths, self.format, shards, |_| Ok(())).unwrap_err().to_string()
    }

    /// Replaces a part by one of these records.
    fn replace(&self, part: usize, records: &[Record]) {
        std::fs::write(&self.paths[part], text(records, self.format)).unwrap();
    }
}

/// Every fifth row has no answer; names hold what CSV has to quote.
fn record(number: u64) -> Record {
    let mut answer = answer(number, 1.0 / (number + 1) as f32, Some(number.is_multiple_of(2)));
    answer.row.pictures = [format!("a,\n\"{number}\".png").into(), "b.png".into()];
    match number % 5 {
        0 => Record::from(&Answer { result: Err("b.png: no such file".to_owned()), ..answer }),
        _ => Record::from(&answer),
    }
}

fn text(records: &[Record], format: Format) -> Vec<u8> {
    let mut text = head(format);
    write(records, format, &mut text).unwrap();
    text
}

#[test]
fn outputs_of_shards_give_the_output_of_the_whole_list_byte_for_byte() {
    for format in [Format::Csv, Format::Tsv, Format::Jsonl] {
        for (rows, shards) in [(1_000, 3), (48, 3), (49, 3), (20, 4), (0, 2), (700, 1)] {
            let mut outputs = Outputs::new(rows, shards, format);
            outputs.paths.reverse();
            let mut merged = Vec::new();
            let told = merge(&outputs.paths, format, shards, |records| {
                merged.extend_from_slice(records);
                Ok(())
            });
            assert_eq!(told.unwrap(), Merged { rows, failed: rows / 5 }, "{format:?}");
            assert!(text(&merged, format) == text(&outputs.records, format), "{rows} rows of {shards} {format:?}");
        }
    }
}

#[test]
fn an_output_that_is_not_there_or_there_twice_is_refused() {
    let mut outputs = Outputs::new(100, 4, Format::Csv);
    let last = outputs.paths.pop().unwrap();
    assert!(outputs.refused(4).starts_with("3 outputs were named for 4 shards"));
    outputs.paths.push(outputs.folder.path().join("absent.csv"));
    assert!(outputs.refused(4).contains("absent.csv: cannot be read"));
    let twice = outputs.folder.path().join("copy.part");
    std::fs::copy(&outputs.paths[1], &twice).unwrap();
    outputs.paths[3] = twice;
    assert!(outputs.refused(4).ends_with("copy.part are both of shard 2/4; name one output of each shard"));
    outputs.paths[3] = last;
    outputs.replace(1, &[]);
    assert_eq!(outputs.refused(4), "row 17 is missing; run shard 2/4 again");
}

#[test]
fn outputs_of_other_shards_are_refused() {
    let outputs = Outputs::new(200, 3, Format::Jsonl);
    outputs.replace(0, &outputs.records);
    let refused = outputs.refused(3);
    assert!(refused.contains("row 17 does not follow row 16 in shard 1/3; was every output written with --shard I/3?"));
    let outputs = Outputs::new(200, 3, Format::Csv);
    let gap: Vec<Record> =
        (1..=200).filter(|row| dealing::owner(*row, 3).number == 1 && *row != 50).map(record).collect();
    outputs.replace(0, &gap);
    assert_eq!(outputs.refused(3), "row 50 is missing; run shard 1/3 again");
    outputs.replace(0, &[record(2), record(1)]);
    assert_eq!(outputs.refused(3), "row 1 is missing; run shard 1/3 again");
    outputs.replace(0, &[record(1), record(1)]);
    assert!(outputs.refused(3).contains("row 1 does not follow row 1"));
}

#[test]
fn a_file_that_is_no_whole_output_is_refused_by_name() {
    let outputs = Outputs::new(40, 2, Format::Csv);
    let path = &outputs.paths[0];
    let whole = std::fs::read(path).unwrap();
    for (content, record) in [
        (&whole[..whole.len() - 3], 25),
        (&whole[..30], 1),
        (b"", 1),
        (b"left,right\na.png,b.png\n", 1),
        (&[&whole[..], b"garbage\n"].concat(), 26),
    ] {
        std::fs::write(path, content).unwrap();
        assert!(outputs.refused(2).ends_with(&format!(
            "1.part: record {record} is no answer of `infer batch`; if --from names its format, run that shard again"
        )));
    }
}
