#![doc = include_str!("../README.md")]

use std::fmt;
use std::str::FromStr;

/// One of several shards of equal size.
///
/// ```
/// use shard::Shard;
///
/// assert_eq!("2/8".parse(), Ok(Shard { number: 2, of: 8 }));
/// let refused = "9/8".parse::<Shard>().unwrap_err();
/// assert!(refused.to_string().starts_with("there is no shard 9 of 8"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Number of the shard, from 1.
    pub number: usize,
    /// Number of shards, at least 1.
    pub of: usize,
}

/// Why a text names no shard. Messages say what was found and what a shard looks like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAShard {
    /// Something other than two whole numbers and a slash.
    #[error("{0:?} is no shard; a shard is I/N with I from 1 to N, such as 1/4")]
    Form(String),
    /// A number below 1, or more than there are shards.
    #[error("there is no shard {number} of {of}; a shard is I/N with I from 1 to N, such as 1/4")]
    Number {
        /// The number before the slash.
        number: usize,
        /// The number after it.
        of: usize,
    },
}

impl Shard {
    /// The shard of `of` that takes the item of this index, from 0. The first item goes to shard 1, the next to shard 2.
    pub fn dealt(index: u64, of: usize) -> Self {
        let of = of.max(1);
        Self { number: (index % of as u64) as usize + 1, of }
    }

    /// Whether this shard takes the item of this index, from 0.
    pub fn takes(self, index: u64) -> bool {
        Self::dealt(index, self.of) == self
    }
}

impl FromStr for Shard {
    type Err = NotAShard;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').map(|(number, of)| (number.parse(), of.parse()));
        match parts {
            Some((Ok(number), Ok(of))) if number >= 1 && number <= of => Ok(Self { number, of }),
            Some((Ok(number), Ok(of))) => Err(NotAShard::Number { number, of }),
            _ => Err(NotAShard::Form(text.to_owned())),
        }
    }
}

/// As it is read.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_counted_from_one() {
        assert_eq!("2/3".parse(), Ok(Shard { number: 2, of: 3 }));
        assert_eq!("2/3".parse::<Shard>().map(|shard| shard.to_string()), Ok("2/3".to_owned()));
        for text in ["0/3", "3/2", "1", "a/b", "1/0", "-1/2", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_text_that_names_no_shard_is_told_with_the_way_out() {
        for (text, found) in [
            ("0/3", "there is no shard 0 of 3"),
            ("5/4", "there is no shard 5 of 4"),
            ("half", "\"half\" is no shard"),
            ("1/-4", "\"1/-4\" is no shard"),
        ] {
            let refused = text.parse::<Shard>().unwrap_err().to_string();
            assert_eq!(refused, format!("{found}; a shard is I/N with I from 1 to N, such as 1/4"));
        }
    }

    #[test]
    fn every_item_is_taken_once_and_shards_are_of_equal_size() {
        for of in 1..=7 {
            let sizes: Vec<usize> =
                (1..=of).map(|number| (0..20).filter(|&index| Shard { number, of }.takes(index)).count()).collect();
            assert_eq!(sizes.iter().sum::<usize>(), 20);
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
        }
    }
}
