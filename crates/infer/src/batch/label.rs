//! What a row says the right answer is.

/// The right answer of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// Whether the first digit is less than or equal to the second.
    pub leq: bool,
    /// The digits, where the row names them.
    pub digits: Option<[u8; 2]>,
}

impl Truth {
    /// From a row's label and digits, each empty where the row has none.
    ///
    /// # Errors
    /// What is no label or digit, or contradicts each other.
    pub fn read(label: &str, digits: [&str; 2]) -> Result<Option<Self>, String> {
        let leq = match label.trim().to_lowercase().as_str() {
            "" | "nan" | "na" | "none" | "null" => None,
            "1" | "1.0" | "true" | "<=" | "leq" => Some(true),
            "0" | "0.0" | "false" | ">" | "gt" => Some(false),
            other => return Err(format!("label {other:?} is neither 1 (first <= second) nor 0")),
        };
        let digits = match digits.map(str::trim) {
            // One digit alone says nothing about the pair.
            ["", _] | [_, ""] => None,
            [first, second] => Some([digit(first)?, digit(second)?]),
        };
        match (leq, digits) {
            (None, None) => Ok(None),
            (Some(leq), None) => Ok(Some(Self { leq, digits: None })),
            (leq, Some([first, second])) if leq.is_none_or(|leq| leq == (first <= second)) => {
                Ok(Some(Self { leq: first <= second, digits }))
            }
            (_, Some([first, second])) => Err(format!("label {label:?} contradicts the digits {first} and {second}")),
        }
    }
}

fn digit(text: &str) -> Result<u8, String> {
    match text.strip_suffix(".0").unwrap_or(text).parse() {
        Ok(digit @ 0..=9) => Ok(digit),
        _ => Err(format!("{text:?} is no digit from 0 to 9")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_in_their_usual_spellings() {
        for (label, leq) in [
            ("1", true),
            ("true", true),
            ("<=", true),
            ("1.0", true),
            ("TRUE", true),
            ("0", false),
            ("False", false),
            (">", false),
            ("0.0", false),
        ] {
            assert_eq!(Truth::read(label, ["", ""]), Ok(Some(Truth { leq, digits: None })), "{label}");
        }
        for nothing in ["", " ", "NaN", "None"] {
            assert_eq!(Truth::read(nothing, ["", ""]), Ok(None));
        }
        assert!(Truth::read("maybe", ["", ""]).unwrap_err().contains("\"maybe\" is neither 1"));
    }

    #[test]
    fn digits_give_the_label_and_may_not_contradict_it() {
        let truth = Truth { leq: false, digits: Some([7, 2]) };
        assert_eq!(Truth::read("", ["7", "2"]), Ok(Some(truth)));
        assert_eq!(Truth::read("0", ["7", "2"]), Ok(Some(truth)));
        assert!(Truth::read("1", ["7", "2"]).unwrap_err().contains("contradicts"));
        assert_eq!(Truth::read("", ["7.0", "2.0"]), Ok(Some(truth)));
        assert_eq!(Truth::read("", ["7", ""]), Ok(None));
        assert!(Truth::read("", ["12", "3"]).unwrap_err().contains("no digit"));
    }
}
