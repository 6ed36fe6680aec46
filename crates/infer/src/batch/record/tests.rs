//! Records written and read back.

use super::*;
use crate::batch::{Row, Truth};

pub fn answer(number: u64, p_leq: f32, leq: Option<bool>) -> Answer {
    let mut digits = [[0.0; 10]; 2];
    (digits[0][7], digits[1][2]) = (0.75, 1.0);
    Answer {
        row: Row {
            number,
            pictures: ["a,b.png".into(), "say \"c\".png".into()],
            truth: leq.map(|leq| Truth { leq, digits: None }),
            fault: None,
        },
        result: Ok(Verdict::new(p_leq, Some(digits)).unwrap()),
    }
}

#[test]
fn a_record_is_written_and_read_back_in_every_format() {
    let failed = Answer { result: Err("a, \"b\": no such file".to_owned()), ..answer(2, 0.5, None) };
    let told = Answer {
        result: answer(3, 0.5, None).result.map(|it| it.with_no_digit([0.75, 0.25]).unwrap()),
        ..answer(3, 0.5, None)
    };
    for answer in [answer(1, 0.125, Some(true)), failed, told] {
        let record = Record::from(&answer);
        for format in [Format::Csv, Format::Tsv, Format::Jsonl] {
            let mut line = Vec::new();
            record.write(format, &mut line).unwrap();
            assert_eq!(line.pop(), Some(b'\n'));
            assert_eq!(Record::read(format, &line), Some(record.clone()), "{format:?}");
            assert_eq!(Record::read(format, &line[..line.len() / 2]), None, "{format:?}");
        }
    }
}

#[test]
fn what_cannot_have_been_written_is_not_read_back() {
    let sound = Record::from(&answer(1, 0.125, Some(true)));
    let changes: [fn(&mut Record); 8] = [
        |it| it.left_digit = Some(57),
        |it| it.right_digit = Some(10),
        |it| it.p_leq = Some(7.0),
        |it| it.p_leq = Some(f32::NAN),
        |it| it.left_probability = Some(-0.5),
        |it| it.right_no_digit = Some(1.5),
        |it| it.leq = Some(true),
        |it| it.error = Some("no such file".to_owned()),
    ];
    for format in [Format::Csv, Format::Jsonl] {
        let read = |record: &Record| {
            let mut line = Vec::new();
            record.write(format, &mut line).unwrap();
            Record::read(format, line.trim_ascii_end())
        };
        assert!(read(&sound).is_some());
        for (number, change) in changes.iter().enumerate() {
            let mut changed = sound.clone();
            change(&mut changed);
            assert_eq!(read(&changed), None, "change {number}, {format:?}");
        }
    }
}

#[test]
fn a_name_with_a_line_break_is_read_back_as_it_is() {
    let mut answer = answer(1, 0.125, None);
    answer.row.pictures = ["a\nb.png".into(), "c\r\nd\r".into()];
    let record = Record::from(&answer);
    for format in [Format::Csv, Format::Tsv, Format::Jsonl] {
        let mut line = Vec::new();
        record.write(format, &mut line).unwrap();
        assert_eq!(Record::read(format, &line[..line.len() - 1]), Some(record.clone()), "{format:?}");
    }
}

#[test]
fn a_line_of_csv_has_the_columns_of_its_header() {
    let mut line = head(Format::Csv);
    Record::from(&answer(1, 0.125, Some(true))).write(Format::Csv, &mut line).unwrap();
    let text = String::from_utf8(line).unwrap();
    let wanted = "row,left,right,label,leq,p_leq,left_digit,left_probability,right_digit,right_probability,\
                  left_no_digit,right_no_digit,error\n1,\"a,b.png\",\"say \"\"c\"\".png\",1,0,0.125,7,0.75,2,1,,,\n";
    assert_eq!(text, wanted);
}

#[test]
fn a_picture_without_a_digit_is_named_and_its_row_has_no_answer() {
    let mut told = answer(1, 0.999, Some(true));
    told.result = told.result.map(|verdict| verdict.with_no_digit([0.9, 0.0]).unwrap());
    let record = Record::from(&told);
    assert_eq!((record.leq, record.p_leq, record.left_digit), (None, None, Some(7)));
    assert_eq!(record.error.as_deref(), Some("a,b.png: no digit (looks most like 7)"));
    assert_eq!((record.left_no_digit, record.right_no_digit), (Some(0.9), Some(0.0)));
}
