//! Lists of every kind, read row by row.

use super::*;
use crate::batch::Truth;

fn all(text: &str, format: Format) -> Vec<Row> {
    let mut source = Source::lines(Box::new(io::Cursor::new(text.to_owned())), format);
    let mut rows = Vec::new();
    loop {
        let chunk = source.next(3).unwrap();
        if chunk.rows.is_empty() {
            return rows;
        }
        rows.extend(chunk.rows);
    }
}

fn row(number: u64, left: &str, right: &str, leq: Option<bool>) -> Row {
    let truth = leq.map(|leq| Truth { leq, digits: None });
    Row { number, pictures: [left.into(), right.into()], truth, fault: None }
}

#[test]
fn rows_come_with_and_without_a_header_and_in_any_order_of_columns() {
    let wanted = [row(1, "a.png", "b.png", Some(true)), row(2, "c, d.png", "e.png", None)];
    assert_eq!(all("a.png,b.png,1\n\"c, d.png\",e.png\n", Format::Csv), wanted);
    assert_eq!(all("\u{feff}label,right,left\r\n1,b.png,a.png\r\n\r\n,e.png,\"c, d.png\"", Format::Csv), wanted);
    assert_eq!(all("left\tright\tlabel\na.png\tb.png\t1\nc, d.png\te.png\n", Format::Tsv), wanted);
    let json = "{\"left\":\"a.png\",\"right\":\"b.png\",\"label\":1}\n{\"left\":\"c, d.png\",\"right\":\"e.png\"}\n";
    assert_eq!(all(json, Format::Jsonl), wanted);
}

#[test]
fn a_name_with_a_line_break_is_a_name() {
    let wanted = [row(1, "a\nb.png", "c\r\nd.png", Some(true)), row(2, "e", "f", None)];
    assert_eq!(all("\"a\nb.png\",\"c\r\nd.png\",1\r\ne,f", Format::Csv), wanted);
    assert_eq!(all("\"a\nb.png\"\t\"c\r\nd.png\"\t1\r\ne\tf", Format::Tsv), wanted);
}

#[test]
fn true_digits_are_read_from_their_columns() {
    let rows = all("left,right,left_digit,right_digit\na,b,7,2\n", Format::Csv);
    assert_eq!(rows[0].truth, Some(Truth { leq: false, digits: Some([7, 2]) }));
}

#[test]
fn a_bad_row_is_a_row_and_the_rest_goes_on() {
    let long = "x".repeat(100_000);
    let text = format!("a,b\nalone\n\"open,b\n{long},b\na,b,maybe\na,b\n");
    let rows = all(&text, Format::Csv);
    let faults: Vec<&str> = rows.iter().map(|row| row.fault.as_deref().unwrap_or("")).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!((faults[0], faults[5]), ("", ""));
    for (at, part) in [(1, "1 of 2"), (2, "not closed"), (3, "longer than 64 KiB"), (4, "\"maybe\"")] {
        assert!(faults[at].contains(part), "{faults:?}");
    }
    assert!(all("null\n[1]\n", Format::Jsonl).iter().all(|row| row.fault.is_some()));
}

#[test]
fn a_header_without_a_second_picture_is_refused() {
    let mut source = Source::lines(Box::new(io::Cursor::new("left,label\n")), Format::Csv);
    let refused = source.next(1).unwrap_err().to_string();
    assert!(refused.contains("stdin: does not say which columns are the pictures"), "{refused}");
    assert!(refused.contains("\"left\", \"label\"") && refused.contains("--right"), "{refused}");
}

#[test]
fn lists_of_spreadsheets_are_read() {
    let wanted = [row(1, "a.png", "b.png", Some(true))];
    assert_eq!(all("left;right;label\na.png;b.png;1.0\n", Format::Csv), wanted);
    assert_eq!(all("\"left\"\t\"right\"\t\"label\"\r\na.png\tb.png\t1\r\n", Format::Csv), wanted);
    assert_eq!(all("image1,image2,label\na.png,b.png,TRUE\n", Format::Tsv), wanted);
    let utf_16: Vec<u8> =
        "\u{feff}left\tright\tlabel\r\na.png\tb.png\t1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut source = Source::lines(Box::new(io::Cursor::new(utf_16)), Format::Csv);
    assert_eq!(source.next(9).unwrap().rows, wanted);
}

#[test]
fn what_the_user_says_about_a_list_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.txt");
    std::fs::write(&path, "query:key;x\na.png:b.png\n").unwrap();
    let names = Names { left: Some("query".to_owned()), right: Some("key;x".to_owned()), label: None };
    let form = ListFormat { format: None, delimiter: Some(b':'), names };
    let rows = Source::open(&path, &form).unwrap().next(9).unwrap().rows;
    assert_eq!(rows, [row(1, "a.png", "b.png", None)]);
}

#[test]
fn a_file_that_is_no_list_is_refused_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, b"[{\"left\": \"a.png\"}]").unwrap();
    let refused = Source::open(&path, &ListFormat::default()).err().unwrap().to_string();
    assert!(refused.ends_with("a.csv: holds one JSON array; write one object a line, for example with `jq -c '.[]'`"));
}

/// Rows of every shard of `of`, each shard read anew.
fn of_shards(of: usize, open: impl Fn() -> Source) -> Vec<Row> {
    let mut rows = Vec::new();
    for number in 1..=of {
        let mut source = open().only(Shard { number, of });
        loop {
            let chunk = source.next(7).unwrap();
            if chunk.rows.is_empty() {
                break;
            }
            rows.extend(chunk.rows);
        }
    }
    rows.sort_by_key(|row| row.number);
    rows
}

#[test]
fn shards_share_every_row_of_every_kind_of_list_and_keep_its_number() {
    let csv: String = (0..100)
        .map(|at| if at % 9 == 0 { "alone\n\n".to_owned() } else { format!("\"a\n{at}.png\",b.png,1\n") })
        .collect();
    let tsv: String = (0..60).map(|at| format!("b.png\t{at}.png\n")).collect();
    let json: String = (0..40).map(|at| format!("{{\"left\":\"{at}.png\",\"right\":\"b.png\"}}\n\n")).collect();
    for (text, format) in [
        (format!("left,right,label\n{csv}"), Format::Csv),
        (csv, Format::Csv),
        (tsv, Format::Tsv),
        (json, Format::Jsonl),
        (String::new(), Format::Csv),
    ] {
        let whole = all(&text, format);
        let open = || Source::lines(Box::new(io::Cursor::new(text.clone())), format);
        for of in [1, 2, 3, 7] {
            assert_eq!(of_shards(of, open), whole, "{of} shards of {format:?}");
        }
    }
}

#[test]
fn shards_share_the_rows_of_files_and_folders_too() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("pairs.csv");
    let text: String = (0..50).map(|at| format!("{at}.png,b.png\n")).collect();
    std::fs::write(&list, &text).unwrap();
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    for name in (0..40).flat_map(|at| [format!("{at}-left.png"), format!("{at}-right.png")]) {
        std::fs::write(pictures.join(name), "").unwrap();
    }
    for (path, count) in [(&list, 50), (&pictures, 40)] {
        let open = || Source::open(path, &ListFormat::default()).unwrap();
        let rows = of_shards(3, open);
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), (1..=count).collect::<Vec<u64>>());
        assert_eq!(rows, of_shards(1, open));
    }
}

/// What is asked of the model at once must not depend on where a buffer ends.
#[test]
fn a_file_gives_as_many_rows_as_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.csv");
    let text: String = (0..5_000).map(|at| format!("some/folder/{at:09}.png,another/folder/{at:09}.png\n")).collect();
    std::fs::write(&path, text).unwrap();
    let mut source = Source::open(&path, &ListFormat::default()).unwrap();
    let sizes: Vec<usize> = (0..313).map(|_| source.next(16).unwrap().rows.len()).collect();
    assert!(sizes[..312].iter().all(|&size| size == 16) && sizes[312] == 8, "{sizes:?}");
}
