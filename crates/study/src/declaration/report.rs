//! The reports that studies reproduce.

use nets::training::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of the two reports, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Report {
    /// Wang, Li and Xu.
    A,
    /// Dubuis, Gabbud and Gürtler.
    B,
    /// Neither: our own networks and recipes.
    #[serde(rename = "own")]
    Own,
}

impl Report {
    /// What it is called: `report A`, `our own`.
    pub fn title(self) -> &'static str {
        match self {
            Self::A => "report A",
            Self::B => "report B",
            Self::Own => "our own",
        }
    }

    /// What its networks are judged on.
    pub(super) fn scope(self) -> Scope {
        if self == Self::Own { Scope::AllImages } else { Scope::TestPairs }
    }

    /// The experiment whose recipe is that of all its networks but for their loss.
    pub(super) fn experiment(self) -> Option<&'static str> {
        match self {
            Self::A => Some("report-a-convnet"),
            Self::B => Some("report-b"),
            Self::Own => None,
        }
    }
}
