//! What a row says: two pictures, and what the answer is.

use std::ffi::OsString;
use std::path::PathBuf;

use csv::ByteRecord;
use serde_json::{Map, Value};

use super::Truth;

/// What a row says; a fault leaves the pictures that it names.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Pair {
    pub pictures: [PathBuf; 2],
    pub truth: Option<Truth>,
    pub fault: Option<String>,
}

/// Names of columns that the user gave; `None` looks for the usual ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Of the first picture.
    pub left: Option<String>,
    /// Of the second picture.
    pub right: Option<String>,
    /// Of the label.
    pub label: Option<String>,
}

/// Usual names of both pictures, in pairs.
const PICTURES: [[&str; 2]; 8] = [
    ["left", "right"],
    ["first", "second"],
    ["image1", "image2"],
    ["image_1", "image_2"],
    ["img1", "img2"],
    ["file1", "file2"],
    ["path1", "path2"],
    ["left_image", "right_image"],
];
const LABELS: [&str; 3] = ["label", "leq", "target"];
const DIGITS: [[&str; 2]; 3] = [["left_digit", "right_digit"], ["first_digit", "second_digit"], ["digit1", "digit2"]];

/// Which column of CSV holds what.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns {
    pictures: [usize; 2],
    label: Option<usize>,
    digits: Option<[usize; 2]>,
}

impl Columns {
    /// The columns of a text without a header.
    pub const USUAL: Self = Self { pictures: [0, 1], label: Some(2), digits: None };

    /// From the first row, and whether that is a header.
    ///
    /// # Errors
    /// A header that does not say which columns are the pictures, in words that go after the list's name.
    pub fn of(first: &ByteRecord, names: &Names) -> Result<(Self, bool), String> {
        let found: Vec<String> =
            first.iter().map(|field| String::from_utf8_lossy(field).trim().to_lowercase()).collect();
        let one = |name: &str| column(&found, name);
        let of_pairs = |pairs: &[[&str; 2]]| -> Result<[Option<usize>; 2], String> {
            for [left, right] in pairs {
                let columns = [one(left)?, one(right)?];
                if columns != [None; 2] {
                    return Ok(columns);
                }
            }
            Ok([None; 2])
        };
        let mut pictures = of_pairs(&PICTURES)?;
        for (column, name) in pictures.iter_mut().zip([&names.left, &names.right]) {
            if let Some(name) = name {
                *column = Some(
                    one(&name.to_lowercase())?.ok_or_else(|| format!("has no column {name:?}; {}", told(&found)))?,
                );
            }
        }
        let label = match &names.label {
            Some(name) => {
                Some(one(&name.to_lowercase())?.ok_or_else(|| format!("has no column {name:?}; {}", told(&found)))?)
            }
            None => LABELS.iter().find_map(|name| one(name).transpose()).transpose()?,
        };
        let digits = of_pairs(&DIGITS)?;
        match pictures {
            [Some(left), Some(right)] => {
                let digits = digits[0].zip(digits[1]).map(|(left, right)| [left, right]);
                Ok((Self { pictures: [left, right], label, digits }, true))
            }
            [None, None] if !is_header(&found) => Ok((Self::USUAL, false)),
            _ => Err(format!(
                "does not say which columns are the pictures; {}; name them with --left and --right",
                told(&found)
            )),
        }
    }

    /// What a row says.
    pub fn pair(&self, fields: &ByteRecord) -> Pair {
        let field = |column: usize| fields.get(column).unwrap_or_default();
        let text = |column: Option<usize>| String::from_utf8_lossy(column.map_or(&[], field)).into_owned();
        let named = self.pictures.map(field);
        let pictures = named.map(path_of);
        let count = named.iter().filter(|name| !name.is_empty()).count();
        if count < 2 {
            return Pair { pictures, fault: Some(format!("{count} of 2 pictures named")), ..Pair::default() };
        }
        let digits = self.digits.map_or([const { String::new() }; 2], |digits| digits.map(|column| text(Some(column))));
        Pair::of(pictures, &text(self.label), digits.each_ref().map(String::as_str))
    }
}

impl Pair {
    fn of(pictures: [PathBuf; 2], label: &str, digits: [&str; 2]) -> Self {
        match Truth::read(label, digits) {
            Ok(truth) => Self { pictures, truth, fault: None },
            Err(fault) => Self { pictures, truth: None, fault: Some(fault) },
        }
    }

    /// A row that says nothing that can be used.
    pub fn faulty(fault: impl Into<String>) -> Self {
        Self { fault: Some(fault.into()), ..Self::default() }
    }
}

/// The one column with this name.
fn column(found: &[String], name: &str) -> Result<Option<usize>, String> {
    let mut columns = found.iter().enumerate().filter(|(_, found)| *found == name).map(|(column, _)| column);
    match (columns.next(), columns.next()) {
        (Some(_), Some(_)) => Err(format!("has two columns called {name:?}; {}", told(found))),
        (column, _) => Ok(column),
    }
}

/// Whether a first row without known names is a header all the same: words, of three letters at least, where files would be.
fn is_header(found: &[String]) -> bool {
    let is_word = |field: &String| {
        field.len() > 2
            && field.starts_with(char::is_alphabetic)
            && field.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
    };
    found.len() > 1 && found[..2].iter().all(is_word)
}

fn told(found: &[String]) -> String {
    let names: Vec<String> =
        found.iter().take(20).map(|name| format!("{:?}", name.chars().take(40).collect::<String>())).collect();
    format!("its first line is {}", names.join(", "))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec()).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    OsString::from(String::from_utf8_lossy(bytes).into_owned()).into()
}

/// What a line of JSON lines says.
pub(super) fn of_json(line: &[u8], names: &Names) -> Pair {
    let Ok(Value::Object(row)) = serde_json::from_slice(line) else {
        return Pair::faulty("it is no JSON object such as {\"left\": \"a.png\", \"right\": \"b.png\"}");
    };
    let pair_of = |pairs: &'static [[&'static str; 2]], side: usize| {
        pairs.iter().map(|names| names[side]).find(|name| row.contains_key(*name))
    };
    let name = |given: &Option<String>, side: usize| -> String {
        let usual = || pair_of(&PICTURES, side).unwrap_or(PICTURES[0][side]).to_owned();
        given.clone().unwrap_or_else(usual)
    };
    let [left, right] = [(&names.left, 0), (&names.right, 1)].map(|(given, side)| picture(&row, &name(given, side)));
    let fault = [&left, &right].into_iter().find_map(|side| side.as_ref().err().cloned());
    let pictures = [left, right].map(Result::unwrap_or_default);
    if fault.is_some() {
        return Pair { pictures, fault, ..Pair::default() };
    }
    if let Some(name) = names.label.as_ref().filter(|name| !row.contains_key(*name)) {
        let fault = Some(format!("it has no {name:?}; write null where there is no label"));
        return Pair { pictures, fault, ..Pair::default() };
    }
    let label = names.label.as_deref().or_else(|| LABELS.into_iter().find(|name| row.contains_key(*name)));
    let digits = [0, 1].map(|side| pair_of(&DIGITS, side).map_or(String::new(), |name| scalar(row.get(name))));
    Pair::of(
        pictures,
        &label.map_or(String::new(), |name| scalar(row.get(name))),
        digits.each_ref().map(String::as_str),
    )
}

fn picture(row: &Map<String, Value>, name: &str) -> Result<PathBuf, String> {
    match row.get(name) {
        Some(Value::String(path)) if !path.is_empty() => Ok(path.into()),
        None => Err(format!("it has no {name:?}")),
        Some(other) => Err(format!("its {name:?} is {other}, not a file's name")),
    }
}

/// A label or digit as text; empty where there is none.
fn scalar(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&str], names: &Names) -> Result<(Columns, bool), String> {
        Columns::of(&ByteRecord::from(fields.to_vec()), names)
    }

    #[test]
    fn usual_names_are_known_and_others_are_asked_for() {
        let none = Names::default();
        assert_eq!(of(&["image1", " Image2", "label"], &none).unwrap().0.pictures, [0, 1]);
        assert_eq!(of(&["a.png", "b.png"], &none).unwrap(), (Columns::USUAL, false));
        assert_eq!(of(&["./a", "./b"], &none).unwrap(), (Columns::USUAL, false));
        let refused = of(&["query", "key", "label"], &none).unwrap_err();
        assert!(refused.contains("\"query\", \"key\", \"label\"") && refused.contains("--left"), "{refused}");
        let named = Names { left: Some("key".to_owned()), right: Some("query".to_owned()), label: None };
        assert_eq!(of(&["query", "Key", "label"], &named).unwrap().0.pictures, [1, 0]);
        assert!(of(&["left", "right"], &named).unwrap_err().contains("no column \"key\""));
    }

    #[test]
    fn only_two_words_of_three_letters_make_a_header() {
        let none = Names::default();
        for first in [&["ab", "cd"][..], &["alone"], &["query", "b.png"]] {
            assert_eq!(of(first, &none).unwrap(), (Columns::USUAL, false), "{first:?}");
        }
        assert!(of(&["abc", "def"], &none).is_err());
    }

    #[test]
    fn a_column_that_is_there_twice_is_refused() {
        let refused = of(&["left", "right", "left"], &Names::default()).unwrap_err();
        assert!(refused.contains("two columns called \"left\""), "{refused}");
        assert!(of(&["left", "right", "label", "label"], &Names::default()).is_err());
    }

    #[test]
    fn bad_rows_keep_their_names() {
        let pair = Columns::USUAL.pair(&ByteRecord::from(vec!["a.png", "b.png", "maybe"]));
        assert_eq!(pair.pictures, ["a.png", "b.png"].map(PathBuf::from));
        assert!(pair.fault.unwrap().contains("maybe"));
        let pair = Columns::USUAL.pair(&ByteRecord::from(vec!["a.png", ""]));
        assert_eq!(pair.pictures, ["a.png", ""].map(PathBuf::from));
        assert_eq!(pair.fault.unwrap(), "1 of 2 pictures named");
        let pair = of_json(br#"{"left": 5, "right": "b.png"}"#, &Names::default());
        assert_eq!(pair.pictures, ["", "b.png"].map(PathBuf::from));
        assert_eq!(pair.fault.unwrap(), "its \"left\" is 5, not a file's name");
        let pair = of_json(br#"{"left": "a.png", "right": ""}"#, &Names::default());
        assert_eq!(pair.fault.unwrap(), "its \"right\" is \"\", not a file's name");
    }

    #[test]
    fn a_label_that_the_user_names_is_in_every_json_line() {
        let names = Names { label: Some("truth".to_owned()), ..Names::default() };
        let pair = |label: &str| of_json(format!(r#"{{"left": "a", "right": "b"{label}}}"#).as_bytes(), &names);
        assert_eq!(pair(r#", "truth": 1"#).truth.map(|truth| truth.leq), Some(true));
        assert_eq!((pair(r#", "truth": null"#).truth, pair(r#", "truth": null"#).fault), (None, None));
        let without = pair("");
        assert!(without.fault.unwrap().starts_with("it has no \"truth\"") && without.pictures[0].as_os_str() == "a");
        assert_eq!(of_json(br#"{"left": "a", "right": "b"}"#, &Names::default()).fault, None);
    }
}
