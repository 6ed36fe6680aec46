//! Revisions of preparation: a training draws the same images after preparation has learned to read more.

/// A revision of preparation's rules, in order. Every program reads with the newest; a training reads the pictures drawn for it
/// with the one that its recipe names, so that its file can be built again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revision {
    /// What may be a stroke belongs to the digit beside it, and ink may be light or dark alike.
    First = 1,
    /// Light ink is unlikely where a bright sheet lies in the picture, a broad patch of light may be a part of the sheet, a single
    /// stroke between two brightnesses its edge, and a disc apart from a digit is no stroke of it.
    Second = 2,
}

impl Revision {
    /// All of them, in order.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];
    /// What the tools and the page read with.
    pub const NEWEST: Self = Self::Second;

    /// The revision of a number; `None` where there is none such.
    pub fn of_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| *revision as u32 == number)
    }
}
