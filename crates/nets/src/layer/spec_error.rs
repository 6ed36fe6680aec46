//! What is wrong with a description.

use super::{FeatureShape, MOST_FEATURES, MOST_SIDE};

/// A description that cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// A layer's input has the wrong shape.
    #[error("{layer} takes {wanted}, but it is given a {found}")]
    WrongInput {
        /// The layer's kind.
        layer: &'static str,
        /// The shape it needs.
        wanted: String,
        /// The shape it was given.
        found: FeatureShape,
    },
    /// A setting outside its range, such as a size of 0.
    #[error("{layer}: {field} is {found}, but it must be {wanted}")]
    OutOfRange {
        /// The layer's kind.
        layer: &'static str,
        /// The setting.
        field: &'static str,
        /// Its value.
        found: String,
        /// The allowed values.
        wanted: &'static str,
    },
    /// A layer that gives too many values.
    #[error("{layer} gives a {found} for each sample, more than 1,000,000 values")]
    TooLarge {
        /// The layer's kind.
        layer: &'static str,
        /// What it would give.
        found: FeatureShape,
    },
    /// A network with too many parameters.
    #[error("the network has {found} parameters, but at most 100,000,000 can be trained")]
    TooManyParameters {
        /// Their number.
        found: usize,
    },
    /// Parts of the network that do not fit together.
    #[error("{0}")]
    Mismatch(String),
}

/// What numbers of features and channels may be.
pub(super) const FEATURES: (usize, &str) = (MOST_FEATURES, "1 to 1,000,000");
/// What sides of kernels and of pooling windows may be.
pub(super) const SIDES: (usize, &str) = (MOST_SIDE, "1 to 1,000");

/// Checks that a size is from 1 to `most`, which `wanted` says in words.
///
/// # Errors
/// [`SpecError::OutOfRange`], naming the layer and the field.
pub(super) fn check_size(
    layer: &'static str,
    (field, value): (&'static str, usize),
    (most, wanted): (usize, &'static str),
) -> Result<(), SpecError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(SpecError::OutOfRange { layer, field, found: value.to_string(), wanted })
}

/// Checks the rows and columns of zeros added on each side.
///
/// # Errors
/// [`SpecError::OutOfRange`], naming the layer.
pub(super) fn check_padding(layer: &'static str, padding: usize) -> Result<(), SpecError> {
    if padding <= MOST_SIDE {
        return Ok(());
    }
    Err(SpecError::OutOfRange { layer, field: "padding", found: padding.to_string(), wanted: "at most 1,000" })
}

/// Checks that a layer does not give too many values.
///
/// # Errors
/// [`SpecError::TooLarge`], naming the layer.
pub(super) fn check_values(layer: &'static str, output: FeatureShape) -> Result<(), SpecError> {
    if output.values() > MOST_FEATURES {
        return Err(SpecError::TooLarge { layer, found: output });
    }
    Ok(())
}

/// Height, width and channels of the input of a layer that takes images.
///
/// # Errors
/// [`SpecError::WrongInput`], naming the layer.
pub(super) fn image_sides(layer: &'static str, input: FeatureShape) -> Result<[usize; 3], SpecError> {
    match input {
        FeatureShape::Image { height, width, channels } => Ok([height, width, channels]),
        found @ FeatureShape::Vector(_) => Err(SpecError::WrongInput { layer, wanted: "an image".to_owned(), found }),
    }
}
