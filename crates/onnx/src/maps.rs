//! Feature maps, and how a value in them came about.

/// Feature maps of one layer, channels last: `[images, height, width, channels]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Maps {
    /// Images of the tower's batch.
    pub images: usize,
    /// Rows of a map.
    pub height: usize,
    /// Columns of a map.
    pub width: usize,
    /// Maps of an image.
    pub channels: usize,
    /// All values.
    pub values: Vec<f32>,
}

/// One value of a feature map, taken apart. Of all input channels the one that moves it most is shown in full.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Row and column of the patch's left upper corner in the input's maps; outside of them where there is padding.
    pub corner: [i32; 2],
    /// The input channel that contributes most, either way.
    pub in_channel: usize,
    /// Its values under the kernel, row by row.
    pub patch: Vec<f32>,
    /// The kernel's weights for it.
    pub kernel: Vec<f32>,
    /// Patch times kernel.
    pub product: Vec<f32>,
    /// The sum of these products.
    pub sum_of_channel: f32,
    /// The sum over all other input channels.
    pub sum_of_others: f32,
    /// The layer's bias.
    pub bias: f32,
    /// What comes out after activation: the map's value.
    pub value: f32,
}
