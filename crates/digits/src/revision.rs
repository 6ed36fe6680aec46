//! Revisions of preparation: a training draws the same images after preparation has learned to read more.

use serde::{Deserialize, Serialize};

/// A revision of preparation's rules, in order. Every program reads with the newest; a training reads the pictures drawn for it
/// with the one that its recipe names, so that its file can be built again. Written as its number; recipes that name none are of the
/// first.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum Revision {
    /// What may be a stroke belongs to the digit beside it, and ink may be light or dark alike.
    #[default]
    First = 1,
    /// Light ink is unlikely where a bright sheet lies in the picture, a broad patch of light may be a part of the sheet, a single
    /// stroke between two brightnesses its edge, and a disc apart from a digit is no stroke of it. The paper is continued around a
    /// digit that a picture was cut close to.
    Second = 2,
}

impl Revision {
    /// What the tools and the page read with.
    pub const NEWEST: Self = Self::Second;
}

impl TryFrom<u32> for Revision {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        let found = [Self::First, Self::Second].into_iter().find(|revision| u32::from(*revision) == number);
        found.ok_or_else(|| {
            format!("there is no revision {number} of preparation: 1 to {} are known", u32::from(Self::NEWEST))
        })
    }
}

impl From<Revision> for u32 {
    fn from(revision: Revision) -> Self {
        revision as Self
    }
}
