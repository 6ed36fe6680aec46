//! The description of a comparator.

use digits::{SIDE, contract::CLASSES};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::layer::{FeatureShape, LayerSpec, SpecError, Stack};

/// Trained parameters of a network, at most: more is a mistake in a description, and would take the machine's memory.
const MOST_PARAMETERS: usize = 100_000_000;

/// How the two images meet the tower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrangement {
    /// One tower for both images as two channels of one image: no weight sharing, report A.
    Stacked,
    /// One tower applied to each image: weight sharing.
    Shared,
    /// Two towers and two digit heads, one per side: no weight sharing, report B.
    Separate,
}

/// How raw pixels are scaled; part of the exported graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputScaling {
    /// Minus the training pairs' mean, divided by their standard deviation: report A.
    Standardise,
    /// Divided by 255: report B.
    Unit,
}

/// How the comparison is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LeqHead {
    /// From the features of both images: report A. The last layer gives one logit.
    Features {
        /// The head's layers.
        layers: Vec<LayerSpec>,
    },
    /// From the features and from the digit heads' logits: report B. The last layer gives the logits of `>` and `<=`.
    FeaturesAndDigits {
        /// Layers applied to the features of both images.
        features: Vec<LayerSpec>,
        /// Layers applied to their output joined with the logits of the first and second digit.
        joined: Vec<LayerSpec>,
    },
    /// From the digit heads' posteriors alone, without parameters: the sum over all pairs of digits with first <=
    /// second.
    DigitPosteriors,
    /// From a score per image: the logit is the second score minus the first plus a trained margin, because equal
    /// digits count as "less than or equal".
    ScoreDifference {
        /// Layers from the features of one image to its score.
        layers: Vec<LayerSpec>,
    },
}

/// Everything that makes one network differ from another; two equal descriptions are the same network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// How raw pixels are scaled.
    pub scaling: InputScaling,
    /// How the two images are fed to the towers.
    pub arrangement: Arrangement,
    /// Layers from an image to its features.
    pub tower: Vec<LayerSpec>,
    /// Comparison of the features of both images.
    pub leq_head: LeqHead,
    /// Layers from the features of one image to its digit logits. Not built unless `auxiliary` is true or `leq_head` reads the
    /// digits; it then only counts in the number of parameters.
    pub digit_head: Vec<LayerSpec>,
    /// Whether the digit heads are trained with digit labels, which the recipe's loss must weigh then.
    #[serde(default)]
    pub auxiliary: bool,
    /// Whether the digit head has an eleventh logit, for images that show no digit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub no_digit: bool,
}

/// What a network computes: multiply-adds of its forward pass.
///
/// ```
/// let adds = nets::network::DigitTower::default().spec().multiply_adds()?;
/// assert_eq!((adds.image, adds.pair), (11_740_224, 23_480_448));
/// # Ok::<(), nets::layer::SpecError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultiplyAdds {
    /// For one image, by tower and digit head; for both images of a pair where a tower sees them stacked.
    pub image: usize,
    /// For a pair: both images and a learned comparison.
    pub pair: usize,
}

impl NetworkSpec {
    /// Whether a temperature of the digit logits calibrates the comparison: it must be computed from digit posteriors
    /// trained with labels. In other networks the temperature would have no effect, or would change the input of a
    /// trained head.
    pub fn can_be_calibrated(&self) -> bool {
        self.auxiliary && self.arrangement == Arrangement::Shared && self.leq_head == LeqHead::DigitPosteriors
    }

    /// Logits that the digit head gives: one a class, and one more for "no digit".
    pub fn digit_head_outputs(&self) -> usize {
        CLASSES + usize::from(self.no_digit)
    }

    /// The shape of what a tower is given.
    pub fn tower_input(&self) -> FeatureShape {
        let channels = if self.arrangement == Arrangement::Stacked { 2 } else { 1 };
        FeatureShape::Image { height: SIDE, width: SIDE, channels }
    }

    /// Whether the digit heads are built: if they are trained, or if the comparison reads them. Report A's networks
    /// without auxiliary loss describe an unused digit head.
    pub fn uses_digit_heads(&self) -> bool {
        self.auxiliary || matches!(self.leq_head, LeqHead::FeaturesAndDigits { .. } | LeqHead::DigitPosteriors)
    }

    /// Checks that all parts fit together.
    ///
    /// # Errors
    /// The first part that does not fit, and a network with too many parameters.
    pub fn check(&self) -> Result<(), SpecError> {
        match self.parameter_count()? {
            found if found > MOST_PARAMETERS => Err(SpecError::TooManyParameters { found }),
            _ => Ok(()),
        }
    }

    /// Number of trained parameters as described, including an unused digit head.
    ///
    /// # Errors
    /// The first part that does not fit.
    pub fn parameter_count(&self) -> Result<usize, SpecError> {
        let features = vector("tower", Stack::output_shape(&self.tower, self.tower_input())?)?;
        let sides = if self.arrangement == Arrangement::Separate { 2 } else { 1 };
        self.check_arrangement()?;
        let tower = Stack::parameter_count(&self.tower, self.tower_input())?;
        let digit_head = self.digit_head_parameters(features)?;
        let a_side = tower.saturating_add(digit_head);
        Ok(a_side.saturating_mul(sides).saturating_add(self.leq_head_parameters(features)?))
    }

    /// Multiply-adds of convolutions and matrix products, see [`LayerSpec::multiply_adds`]. Digits compared by their
    /// posteriors add none.
    ///
    /// # Errors
    /// The first part that does not fit.
    pub fn multiply_adds(&self) -> Result<MultiplyAdds, SpecError> {
        self.check()?;
        let features = Stack::output_shape(&self.tower, self.tower_input())?;
        let digit_head = if self.uses_digit_heads() { Stack::multiply_adds(&self.digit_head, features)? } else { 0 };
        let image = Stack::multiply_adds(&self.tower, self.tower_input())? + digit_head;
        let images = if self.arrangement == Arrangement::Stacked { 1 } else { 2 };
        let comparison = self.leq_head_multiply_adds(vector("tower", features)?)?;
        Ok(MultiplyAdds { image, pair: images * image + comparison })
    }

    fn leq_head_multiply_adds(&self, features: usize) -> Result<usize, SpecError> {
        let input = FeatureShape::Vector(self.pair_features(features));
        match &self.leq_head {
            LeqHead::Features { layers } => Stack::multiply_adds(layers, input),
            LeqHead::FeaturesAndDigits { features, joined } => {
                let compared = vector("comparison head", Stack::output_shape(features, input)?)?;
                let joined_input = FeatureShape::Vector(compared + 2 * CLASSES);
                Ok(Stack::multiply_adds(features, input)? + Stack::multiply_adds(joined, joined_input)?)
            }
            LeqHead::DigitPosteriors => Ok(0),
            LeqHead::ScoreDifference { layers } => {
                Ok(2 * Stack::multiply_adds(layers, FeatureShape::Vector(features))?)
            }
        }
    }

    fn check_arrangement(&self) -> Result<(), SpecError> {
        let digit_by_digit = matches!(self.leq_head, LeqHead::DigitPosteriors | LeqHead::ScoreDifference { .. });
        if self.no_digit && !self.can_be_calibrated() {
            let reason =
                "\"no digit\" needs trained digit heads whose posteriors are compared: leq_head digit_posteriors";
            return Err(SpecError::Mismatch(reason.to_owned()));
        }
        let reason = match self.arrangement {
            Arrangement::Stacked if self.auxiliary => {
                "an auxiliary digit loss needs the features of each image by itself: arrangement shared or separate"
            }
            Arrangement::Stacked | Arrangement::Separate if digit_by_digit => {
                "a comparison of what is seen in each image by itself needs one tower for both: arrangement shared"
            }
            _ => return Ok(()),
        };
        Err(SpecError::Mismatch(reason.to_owned()))
    }

    fn digit_head_parameters(&self, features: usize) -> Result<usize, SpecError> {
        if self.digit_head.is_empty() && !self.uses_digit_heads() {
            return Ok(0);
        }
        let input = FeatureShape::Vector(features);
        expect_outputs("digit head", Stack::output_shape(&self.digit_head, input)?, self.digit_head_outputs())?;
        Stack::parameter_count(&self.digit_head, input)
    }

    /// Length of the input of the comparison's first layers.
    pub fn pair_features(&self, features: usize) -> usize {
        if self.arrangement == Arrangement::Stacked { features } else { 2 * features }
    }

    fn leq_head_parameters(&self, features: usize) -> Result<usize, SpecError> {
        let input = FeatureShape::Vector(self.pair_features(features));
        match &self.leq_head {
            LeqHead::Features { layers } => {
                expect_outputs("comparison head", Stack::output_shape(layers, input)?, 1)?;
                Stack::parameter_count(layers, input)
            }
            LeqHead::FeaturesAndDigits { features, joined } => {
                let compared = vector("comparison head", Stack::output_shape(features, input)?)?;
                let joined_input = FeatureShape::Vector(compared + 2 * CLASSES);
                expect_outputs("comparison head", Stack::output_shape(joined, joined_input)?, 2)?;
                let features = Stack::parameter_count(features, input)?;
                Ok(features.saturating_add(Stack::parameter_count(joined, joined_input)?))
            }
            LeqHead::DigitPosteriors => Ok(0),
            LeqHead::ScoreDifference { layers } => {
                let input = FeatureShape::Vector(features);
                expect_outputs("score", Stack::output_shape(layers, input)?, 1)?;
                Ok(Stack::parameter_count(layers, input)?.saturating_add(1))
            }
        }
    }
}

/// The length of a part's output, which must be a vector.
pub(super) fn vector(part: &str, shape: FeatureShape) -> Result<usize, SpecError> {
    match shape {
        FeatureShape::Vector(length) => Ok(length),
        image @ FeatureShape::Image { .. } => {
            Err(SpecError::Mismatch(format!("the {part} ends in a {image}, but it must end in a vector")))
        }
    }
}

fn expect_outputs(part: &str, shape: FeatureShape, wanted: usize) -> Result<(), SpecError> {
    match vector(part, shape)? {
        found if found == wanted => Ok(()),
        found => Err(SpecError::Mismatch(format!("the {part} gives {found} values, but it must give {wanted}"))),
    }
}
