//! The list of pairs, and what `infer batch` wrote about them.

use std::collections::HashSet;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// Two pictures and their digits.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledPair {
    /// Names of the files.
    pub pictures: [String; 2],
    /// 0 to 9.
    pub digits: [u8; 2],
}

impl LabelledPair {
    /// A list of `left,right,left_digit,right_digit` without quotes, under a header.
    ///
    /// # Errors
    /// A line that is no labelled pair, and a picture that is in two pairs.
    pub fn list(csv: &str) -> Result<Vec<Self>> {
        let pairs: Vec<Self> = csv.lines().skip(1).map(Self::read).collect::<Result<_>>()?;
        let mut seen = HashSet::new();
        for name in pairs.iter().flat_map(|pair| &pair.pictures) {
            ensure!(seen.insert(name), "{name} is in two pairs");
        }
        Ok(pairs)
    }

    fn read(line: &str) -> Result<Self> {
        let fields: Vec<&str> = line.split(',').collect();
        let [left, right, first, second] = fields[..] else { bail!("{line:?} has not four fields") };
        let digit = |text: &str| text.parse().with_context(|| format!("{text:?} in {line:?} is no digit"));
        Ok(Self { pictures: [left.to_owned(), right.to_owned()], digits: [digit(first)?, digit(second)?] })
    }
}

/// A line of `infer batch`, as JSON. Models that read no digits, or do not tell "no digit", leave those fields out or null.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PairAnswer {
    left: String,
    right: String,
    /// Whether the first digit is said to be less than or equal to the second.
    pub leq: Option<bool>,
    p_leq: Option<f64>,
    left_digit: Option<u8>,
    right_digit: Option<u8>,
    left_no_digit: Option<f64>,
    right_no_digit: Option<f64>,
    error: Option<String>,
}

impl PairAnswer {
    /// JSON lines.
    ///
    /// # Errors
    /// A line that is none of `infer batch`.
    pub fn all(json_lines: &str) -> Result<Vec<Self>> {
        let read = |line: &str| serde_json::from_str(line).with_context(|| format!("{line} is no answer"));
        json_lines.lines().map(read).collect()
    }

    /// Names of the files.
    pub fn pictures(&self) -> [&str; 2] {
        [&self.left, &self.right]
    }

    /// The digits read.
    pub fn digits(&self) -> [Option<u8>; 2] {
        [self.left_digit, self.right_digit]
    }

    /// Probabilities that the pictures show no digit.
    pub fn no_digit(&self) -> [Option<f64>; 2] {
        [self.left_no_digit, self.right_no_digit]
    }

    /// Probability that the answer is right: that the comparison is, and that both pictures show digits. `None` without an
    /// answer.
    pub fn confidence(&self) -> Option<f64> {
        let are_digits: f64 = self.no_digit().iter().flatten().map(|none| 1.0 - none).product();
        self.p_leq.map(|p_leq| p_leq.max(1.0 - p_leq) * are_digits)
    }

    /// Whether the picture on this side could not be read or no ink was found in it; one that is said to show no digit was.
    pub fn is_unreadable(&self, side: usize) -> bool {
        let was_judged = self.no_digit()[side].is_some();
        let named = format!("{}: ", self.pictures()[side]);
        !was_judged && self.error.as_ref().is_some_and(|error| error.contains(&named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_a_picture_in_two_pairs_refused() {
        let head = "left,right,left_digit,right_digit\n";
        let pairs = LabelledPair::list(&format!("{head}0007.png,0001.png,7,1\n0003.png,0004.png,3,4\n")).unwrap();
        let second = LabelledPair { pictures: ["0003.png".to_owned(), "0004.png".to_owned()], digits: [3, 4] };
        assert_eq!((pairs.len(), &pairs[1]), (2, &second));
        let refused = |lines: &str| LabelledPair::list(&format!("{head}{lines}")).unwrap_err().to_string();
        assert_eq!(refused("a.png,b.png,1,2\nc.png,a.png,3,1\n"), "a.png is in two pairs");
        assert_eq!(refused("a.png,a.png,1,1\n"), "a.png is in two pairs");
        assert!(refused("a.png,b.png,1\n").contains("has not four fields"));
        assert!(refused("a.png,b.png,1,x\n").contains("\"x\""));
    }

    #[test]
    fn confidence_counts_that_both_pictures_show_digits() {
        let answer = |text: &str| PairAnswer::all(text).unwrap().remove(0);
        let told = r#"{"left":"a","right":"b","leq":false,"p_leq":0.1,"left_no_digit":0.2,"right_no_digit":0.5}"#;
        assert!((answer(told).confidence().unwrap() - 0.9 * 0.8 * 0.5).abs() < 1e-12);
        let untold = r#"{"left":"a","right":"b","leq":true,"p_leq":0.97,"left_no_digit":null,"right_no_digit":null}"#;
        assert_eq!(answer(untold).confidence(), Some(0.97));
        let without_columns = r#"{"left":"a","right":"b","leq":true,"p_leq":0.97}"#;
        assert_eq!(answer(without_columns).confidence(), Some(0.97));
        assert_eq!(answer(r#"{"left":"a","right":"b","leq":null,"error":"a: no such file"}"#).confidence(), None);
        assert!(PairAnswer::all("row,left,right\n").is_err());
    }

    #[test]
    fn pictures_that_are_named_by_an_error_are_unreadable_but_for_those_without_a_digit() {
        let of = |fields: &str| {
            let line = format!(r#"{{"left":"01.png","right":"02.png",{fields}}}"#);
            [0, 1].map(|side| PairAnswer::all(&line).unwrap()[0].is_unreadable(side))
        };
        assert_eq!(of(r#""error":"02.png: no ink""#), [false, true]);
        assert_eq!(of(r#""error":"01.png: no ink; 02.png: no ink""#), [true, true]);
        let refused = r#""error":"01.png: no digit (looks most like 4)","left_no_digit":0.9,"right_no_digit":0.1"#;
        assert_eq!(of(refused), [false, false]);
        assert_eq!(of(r#""leq":true"#), [false, false]);
    }
}
