//! One line of output.

use std::borrow::Cow;
use std::io;

use digits::Verdict;
use serde::{Deserialize, Serialize};

use super::Answer;
use super::csv::{self, Fields};
use super::source::Format;

/// What is written about a row, in CSV under [`HEADER`] or as a JSON object with the same names.
///
/// ```
/// use infer::batch::record::Record;
/// use infer::batch::source::Format;
/// use infer::batch::{Answer, Row};
///
/// let row = Row { number: 1, pictures: ["a,b.png".into(), "c.png".into()], truth: None, fault: None };
/// let record = Record::from(&Answer { row, result: Err("c.png: no such file".to_owned()) });
/// let mut line = Vec::new();
/// record.write(Format::Csv, &mut line)?;
/// assert_eq!(line, b"1,\"a,b.png\",c.png,,,,,,,,,,c.png: no such file\n");
/// assert_eq!(Record::read(Format::Csv, line.trim_ascii_end()), Some(record));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Number of the row, from 1.
    pub row: u64,
    /// First picture, as the row named it.
    pub left: String,
    /// Second picture, as the row named it.
    pub right: String,
    /// The right answer, where the row has it.
    pub label: Option<bool>,
    /// The model's answer: whether the first digit is less than or equal to the second.
    pub leq: Option<bool>,
    /// Its probability.
    pub p_leq: Option<f32>,
    /// The digits read, from a model with digit heads.
    pub left_digit: Option<u8>,
    /// Probability of the first digit read.
    pub left_probability: Option<f32>,
    /// The second digit read.
    pub right_digit: Option<u8>,
    /// Probability of the second digit read.
    pub right_probability: Option<f32>,
    /// Probability that the first picture shows no digit, from a model that tells.
    #[serde(default)]
    pub left_no_digit: Option<f32>,
    /// Probability that the second picture shows no digit, from a model that tells.
    #[serde(default)]
    pub right_no_digit: Option<f32>,
    /// Why there is no answer: a picture cannot be used, or shows no digit.
    pub error: Option<String>,
}

/// The columns of CSV and TSV output.
pub const HEADER: [&str; 13] = [
    "row",
    "left",
    "right",
    "label",
    "leq",
    "p_leq",
    "left_digit",
    "left_probability",
    "right_digit",
    "right_probability",
    "left_no_digit",
    "right_no_digit",
    "error",
];

impl From<&Answer> for Record {
    fn from(answer: &Answer) -> Self {
        let [left, right] = answer.row.pictures.each_ref().map(|path| path.to_string_lossy().into_owned());
        let verdict = answer.result.as_ref().ok();
        let refused = verdict.and_then(|verdict| refusal(verdict, [&left, &right]));
        let answered = verdict.filter(|_| refused.is_none());
        let no_digit = verdict.and_then(Verdict::no_digit);
        let [first, second] = match verdict.and_then(Verdict::digits) {
            Some(digits) => digits.map(Some),
            None => [None; 2],
        };
        Self {
            row: answer.row.number,
            left,
            right,
            label: answer.row.truth.map(|truth| truth.leq),
            leq: answered.map(Verdict::is_leq),
            p_leq: answered.map(Verdict::p_leq),
            left_digit: first.map(|guess| guess.digit),
            left_probability: first.map(|guess| guess.probability),
            right_digit: second.map(|guess| guess.digit),
            right_probability: second.map(|guess| guess.probability),
            left_no_digit: no_digit.map(|[left, _]| left),
            right_no_digit: no_digit.map(|[_, right]| right),
            error: answer.result.as_ref().err().cloned().or(refused),
        }
    }
}

/// Which of the two pictures shows no digit, in the words of [`Verdict::refusals`]; `None` where both show one.
fn refusal(verdict: &Verdict, names: [&str; 2]) -> Option<String> {
    let [left, right] = verdict.refusals();
    let said = [(names[0], left), (names[1], right)];
    let said: Vec<String> =
        said.into_iter().filter_map(|(name, refusal)| Some(format!("{name}: {}", refusal?))).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

impl Record {
    /// Appends the record as a line, its break included.
    ///
    /// # Errors
    /// Never: a record holds strings and finite numbers.
    pub fn write(&self, format: Format, to: &mut Vec<u8>) -> io::Result<()> {
        write(std::slice::from_ref(self), format, to)
    }

    fn fields(&self) -> [Cow<'_, str>; HEADER.len()] {
        fn text<T: ToString>(value: Option<T>) -> Cow<'static, str> {
            value.map_or(Cow::Borrowed(""), |value| value.to_string().into())
        }
        let bit = |value: Option<bool>| text(value.map(u8::from));
        [
            self.row.to_string().into(),
            self.left.as_str().into(),
            self.right.as_str().into(),
            bit(self.label),
            bit(self.leq),
            text(self.p_leq),
            text(self.left_digit),
            text(self.left_probability),
            text(self.right_digit),
            text(self.right_probability),
            text(self.left_no_digit),
            text(self.right_no_digit),
            self.error.as_deref().unwrap_or("").into(),
        ]
    }

    /// Whether it may have been written here: digits are digits, probabilities lie from 0 to 1, and there is an answer or
    /// an error.
    fn is_possible(&self) -> bool {
        let digits = [self.left_digit, self.right_digit];
        let of_digits = [self.left_probability, self.right_probability, self.left_no_digit, self.right_no_digit];
        let mut probabilities = of_digits.into_iter().chain([self.p_leq]).flatten();
        digits.into_iter().flatten().all(|digit| digit <= 9)
            && probabilities.all(|probability| (0.0..=1.0).contains(&probability))
            && self.leq == self.p_leq.map(|p_leq| p_leq >= 0.5)
            && self.leq.is_none() == self.error.is_some()
    }

    /// Reads back what [`Record::write`] wrote, without the line break at its end; `None` for anything else.
    pub fn read(format: Format, record: &[u8]) -> Option<Self> {
        RecordReader::new(format).read(record)
    }
}

/// Appends records as lines.
///
/// # Errors
/// Never: a record holds strings and finite numbers.
pub fn write(records: &[Record], format: Format, to: &mut Vec<u8>) -> io::Result<()> {
    match format.separator() {
        Some(separator) => {
            let fields = records.iter().map(Record::fields);
            csv::write(fields.map(|fields| fields.map(|field| field.into_owned())), separator, to)
        }
        None => records.iter().try_for_each(|record| {
            serde_json::to_writer(&mut *to, record)?;
            to.push(b'\n');
            Ok(())
        }),
    }
}

/// Reads back what [`write`] wrote, one record after the other.
pub(super) struct RecordReader {
    fields: Option<Fields>,
}

impl RecordReader {
    pub fn new(format: Format) -> Self {
        Self { fields: format.separator().map(Fields::new) }
    }

    /// A record without the line break at its end; `None` for anything else.
    pub fn read(&mut self, record: &[u8]) -> Option<Record> {
        self.parsed(record).filter(Record::is_possible)
    }

    fn parsed(&mut self, record: &[u8]) -> Option<Record> {
        let Some(fields) = &mut self.fields else { return serde_json::from_slice(record).ok() };
        let fields = fields.of(record).ok()?;
        let fields: Vec<String> = fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
        let [
            row,
            left,
            right,
            label,
            leq,
            p_leq,
            left_digit,
            left_p,
            right_digit,
            right_p,
            left_none,
            right_none,
            error,
        ] = <[String; HEADER.len()]>::try_from(fields).ok()?;
        Some(Record {
            row: row.parse().ok()?,
            left,
            right,
            label: bit(&label)?,
            leq: bit(&leq)?,
            p_leq: optional(&p_leq)?,
            left_digit: optional(&left_digit)?,
            left_probability: optional(&left_p)?,
            right_digit: optional(&right_digit)?,
            right_probability: optional(&right_p)?,
            left_no_digit: optional(&left_none)?,
            right_no_digit: optional(&right_none)?,
            error: Some(error).filter(|error| !error.is_empty()),
        })
    }
}

/// A number, or nothing where there is none; `None` for what is neither.
fn optional<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

fn bit(text: &str) -> Option<Option<bool>> {
    match text {
        "" => Some(None),
        "0" => Some(Some(false)),
        "1" => Some(Some(true)),
        _ => None,
    }
}

/// The first line of a format; empty where there is none.
pub fn head(format: Format) -> Vec<u8> {
    match format.separator() {
        None => Vec::new(),
        Some(separator) => (HEADER.join(&(separator as char).to_string()) + "\n").into_bytes(),
    }
}

#[cfg(test)]
pub(super) mod tests;
