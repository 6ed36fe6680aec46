//! Where the pairs of a round come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the pairs of a round come from; the name of a [`mnist::Protocol`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProtocolName {
    /// One training and one test set for all rounds, as both reports did.
    Fixed,
    /// Both sets drawn anew with the round's seed, as the course asked.
    Redrawn,
}

impl ProtocolName {
    /// The name used in commands, files and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Redrawn => "redrawn",
        }
    }
}

impl std::fmt::Display for ProtocolName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.pad(self.name())
    }
}
