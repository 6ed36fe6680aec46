//! Ways of reading a network's answer.

use nets::training::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way of reading a network's answer; a field of [`nets::training::Evaluation`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The learned comparison.
    #[default]
    LearnedHead,
    /// The comparison of the two most likely digits.
    MostLikelyDigits,
    /// The comparison computed from the digit posteriors.
    DigitPosteriors,
    /// Digits recognised, two a pair.
    Digits,
    /// The learned comparison of pairs whose two digits are both recognised.
    LearnedHeadDigitsRight,
    /// The learned comparison on all test images in disjoint pairs.
    DisjointPairs,
    /// Digits recognised among all test images.
    AllDigits,
    /// The learned comparison on pairs of training images outside the round's own.
    OutsidePairs,
    /// Digits recognised among training images outside the round's own.
    OutsideDigits,
    /// The comparison by posteriors of all ordered pairs of different test images; of held-out ones, in studies that look at no
    /// test image.
    AllPairs,
    /// Digits recognised among held-out images distorted as other hands and papers do, in studies that look at no test image.
    DistortedDigits,
    /// No answer: the gradient that reaches the first layer of the tower, in percent of its last layer's, before any step.
    InitialGradient,
}

impl Reading {
    /// Every reading.
    pub const ALL: [Self; 12] = [
        Self::LearnedHead,
        Self::MostLikelyDigits,
        Self::DigitPosteriors,
        Self::Digits,
        Self::LearnedHeadDigitsRight,
        Self::DisjointPairs,
        Self::AllDigits,
        Self::OutsidePairs,
        Self::OutsideDigits,
        Self::AllPairs,
        Self::DistortedDigits,
        Self::InitialGradient,
    ];

    /// Those of the round's test pairs, which every trial has.
    pub const OF_TEST_PAIRS: [Self; 4] =
        [Self::LearnedHead, Self::MostLikelyDigits, Self::DigitPosteriors, Self::Digits];
    /// Those of other pairs, which trials of our own studies have.
    pub const OF_OTHER_PAIRS: [Self; 4] =
        [Self::DisjointPairs, Self::AllDigits, Self::OutsidePairs, Self::OutsideDigits];

    /// The name used in declarations.
    pub fn name(self) -> &'static str {
        match self {
            Self::LearnedHead => "learned_head",
            Self::MostLikelyDigits => "most_likely_digits",
            Self::DigitPosteriors => "digit_posteriors",
            Self::Digits => "digits",
            Self::LearnedHeadDigitsRight => "learned_head_digits_right",
            Self::DisjointPairs => "disjoint_pairs",
            Self::AllDigits => "all_digits",
            Self::OutsidePairs => "outside_pairs",
            Self::OutsideDigits => "outside_digits",
            Self::AllPairs => "all_pairs",
            Self::DistortedDigits => "distorted_digits",
            Self::InitialGradient => "initial_gradient",
        }
    }

    /// What it is called in results, as [`nets::training::Evaluation::readings`] has it.
    pub fn title(self) -> &'static str {
        match self {
            Self::LearnedHead => "test pairs, learned head",
            Self::MostLikelyDigits => "test pairs, most likely digits",
            Self::DigitPosteriors => "test pairs, digit posteriors",
            Self::Digits => "test digits",
            Self::LearnedHeadDigitsRight => "test pairs with both digits read right, learned head",
            Self::DisjointPairs => "disjoint test pairs",
            Self::AllDigits => "all test digits",
            Self::OutsidePairs => "outside pairs",
            Self::OutsideDigits => "outside digits",
            Self::AllPairs => "all ordered pairs of test digits",
            Self::DistortedDigits => "held-out digits, distorted",
            Self::InitialGradient => "initial gradient of the first layer, in percent of the last layer's",
        }
    }

    /// What it is called in the results of a study whose networks are judged on this.
    pub fn title_in(self, scope: Scope) -> String {
        match scope {
            Scope::HeldOut => self.title().replacen("test", "held-out", 1),
            Scope::TestPairs | Scope::AllImages => self.title().to_owned(),
        }
    }

    /// Whether trials of a study whose networks are judged on this have it.
    pub fn is_judged_in(self, scope: Scope) -> bool {
        match self {
            Self::DisjointPairs | Self::AllDigits | Self::OutsidePairs | Self::OutsideDigits => {
                scope == Scope::AllImages
            }
            Self::AllPairs => scope != Scope::TestPairs,
            Self::DistortedDigits => scope == Scope::HeldOut,
            _ => true,
        }
    }

    /// The accuracy by this reading; none where no digits are learned, or for a reading that is not an answer.
    pub fn of(self, evaluation: &nets::training::Evaluation) -> Option<metrics::Accuracy> {
        match self {
            Self::LearnedHead | Self::DisjointPairs | Self::OutsidePairs => Some(evaluation.learned_head),
            Self::MostLikelyDigits => evaluation.most_likely_digits,
            Self::LearnedHeadDigitsRight => evaluation.learned_head_digits_right,
            Self::DigitPosteriors => evaluation.digit_posteriors,
            Self::Digits | Self::AllDigits | Self::OutsideDigits => evaluation.digits,
            Self::AllPairs | Self::DistortedDigits | Self::InitialGradient => None,
        }
    }
}
