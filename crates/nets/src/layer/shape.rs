//! Shapes between layers, and how large they may be.

/// Features or channels of a layer, and values that it gives for one sample, at most: more is a mistake in a description, and
/// would take the machine's memory.
pub const MOST_FEATURES: usize = 1_000_000;
/// Side of a kernel or of a pooling window, and rows of padding on a side, at most.
pub const MOST_SIDE: usize = 1_000;

/// Shape of one sample between layers; the batch axis comes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureShape {
    /// `H` x `W` positions of `C` channels.
    Image {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// Channels.
        channels: usize,
    },
    /// `F` features.
    Vector(usize),
}

impl FeatureShape {
    /// Number of values.
    pub fn values(&self) -> usize {
        match *self {
            Self::Image { height, width, channels } => height.saturating_mul(width).saturating_mul(channels),
            Self::Vector(features) => features,
        }
    }
}

impl std::fmt::Display for FeatureShape {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Image { height, width, channels } => write!(formatter, "{height}x{width}x{channels} image"),
            Self::Vector(features) => write!(formatter, "vector of {features}"),
        }
    }
}
