//! What a row says: two pictures, and what the answer is.

use std::ffi::OsString;
use std::path::PathBuf;

use csv::ByteRecord;
use serde::Deserialize;

use super::Truth;

/// Two pictures and the right answer, or why the row is no pair.
pub(super) type Pair = Result<([PathBuf; 2], Option<Truth>), String>;

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
    /// The picture that a header does not name, `left` or `right`.
    pub fn of(first: &ByteRecord) -> Result<(Self, bool), &'static str> {
        let name = |field: &[u8]| String::from_utf8_lossy(field).trim().to_lowercase();
        let names: Vec<String> = first.iter().map(name).collect();
        let column = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
        let digits = column(&["left_digit", "first_digit"]).zip(column(&["right_digit", "second_digit"]));
        match (column(&["left", "first"]), column(&["right", "second"])) {
            (Some(left), Some(right)) => {
                let digits = digits.map(|(left, right)| [left, right]);
                Ok((Self { pictures: [left, right], label: column(&["label", "leq"]), digits }, true))
            }
            (Some(_), None) => Err("right"),
            (None, Some(_)) => Err("left"),
            (None, None) => Ok((Self::USUAL, false)),
        }
    }

    /// What a row says.
    pub fn pair(&self, fields: &ByteRecord) -> Pair {
        let field = |column: usize| fields.get(column).unwrap_or_default();
        let text = |column: Option<usize>| String::from_utf8_lossy(column.map_or(&[], field)).into_owned();
        let pictures = self.pictures.map(field);
        if pictures.iter().any(|picture| picture.is_empty()) {
            return Err(format!("{} of 2 pictures named", pictures.iter().filter(|name| !name.is_empty()).count()));
        }
        let digits = self.digits.map_or([const { String::new() }; 2], |digits| digits.map(|column| text(Some(column))));
        let truth = Truth::read(&text(self.label), digits.each_ref().map(String::as_str))?;
        Ok((pictures.map(path_of), truth))
    }
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

#[derive(Deserialize)]
struct JsonRow {
    left: PathBuf,
    right: PathBuf,
    #[serde(default)]
    label: serde_json::Value,
    #[serde(default)]
    left_digit: Option<u8>,
    #[serde(default)]
    right_digit: Option<u8>,
}

/// What a line of JSON lines says.
pub(super) fn of_json(line: &[u8]) -> Pair {
    let row: JsonRow = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let label = match &row.label {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let digits = [row.left_digit, row.right_digit].map(|digit| digit.map_or(String::new(), |digit| digit.to_string()));
    let truth = Truth::read(&label, digits.each_ref().map(String::as_str))?;
    Ok(([row.left, row.right], truth))
}
