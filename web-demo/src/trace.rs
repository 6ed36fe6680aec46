//! What a network computes on the way to its answer: the feature maps of every convolution.

use onnx::{Explanation, Maps, Tower};

/// How both images go through the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// One after the other through the same tower: weight sharing.
    Shared,
    /// Together through one tower, as two channels of one image.
    Stacked,
    /// Each through a tower of its own.
    Separate,
    /// In a way that this page does not show.
    Unknown,
}

impl Arrangement {
    /// The name under which the page knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Stacked => "stacked",
            Self::Separate => "separate",
            Self::Unknown => "unknown",
        }
    }
}

/// Everything that was computed for one pair before its answer.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// The towers, in the graph's order.
    pub towers: Vec<Tower>,
}

impl Trace {
    /// How the images go through the towers.
    pub fn arrangement(&self) -> Arrangement {
        let inputs: Vec<(usize, usize)> =
            self.towers.iter().filter_map(|tower| tower.maps.first()).map(|it| (it.images, it.channels)).collect();
        match inputs.as_slice() {
            [(2, 1)] => Arrangement::Shared,
            [(1, 2)] => Arrangement::Stacked,
            [(1, 1), (1, 1)] if self.towers_are_alike() => Arrangement::Separate,
            _ => Arrangement::Unknown,
        }
    }

    /// Whether all towers have the same layers, but for their weights, so that they can be shown side by side.
    fn towers_are_alike(&self) -> bool {
        let sizes = |tower: &Tower| -> Vec<_> {
            tower.maps.iter().map(|maps| [maps.channels, maps.height, maps.width]).collect()
        };
        let kernels = |tower: &Tower| -> Vec<_> { tower.layers.iter().map(|layer| layer.shape()).collect() };
        self.towers.windows(2).all(|both| sizes(&both[0]) == sizes(&both[1]) && kernels(&both[0]) == kernels(&both[1]))
    }

    /// Where the maps of one side, 0 or 1, are: the tower and the image of its batch.
    pub fn place(&self, side: usize) -> Option<(&Tower, usize)> {
        let (tower, image) = match self.arrangement() {
            Arrangement::Shared => (0, side),
            Arrangement::Separate => (side, 0),
            Arrangement::Stacked => (0, 0),
            Arrangement::Unknown => return None,
        };
        Some((self.towers.get(tower)?, image))
    }

    /// How one value came about: `layer` counts from 1, `row` and `column` are those of the layer's map.
    ///
    /// # Errors
    /// When there is no such value.
    pub fn explain(
        &self,
        side: usize,
        layer: usize,
        channel: usize,
        row: usize,
        column: usize,
    ) -> Result<Explanation, NoSuchValue> {
        let explained = || {
            let (tower, image) = self.place(side)?;
            let below = layer.checked_sub(1)?;
            tower.layers.get(below)?.explain(tower.maps.get(below)?, image, channel, row, column)
        };
        explained().ok_or(NoSuchValue { layer, channel, row, column })
    }
}

/// Why a value is not explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no value at layer {layer}, channel {channel}, row {row}, column {column}")]
pub struct NoSuchValue {
    layer: usize,
    channel: usize,
    row: usize,
    column: usize,
}

/// Brightness of the line between two maps.
const LINE: u8 = 56;

/// The maps of one image side by side as an RGBA picture: width and height in pixels, one pixel a value, with a grey
/// line between maps. White is the layer's largest value, black 0 and less; between, brightness goes with the square
/// root, so that small values are seen.
pub fn picture(maps: &Maps, image: usize) -> (usize, usize, Vec<u8>) {
    let columns = columns(maps.channels);
    let rows = maps.channels.div_ceil(columns);
    let (width, height) = (columns * (maps.width + 1) - 1, rows * (maps.height + 1) - 1);
    let mut rgba = [LINE, LINE, LINE, 255].repeat(width * height);
    let most = maps.values.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let of_image = maps.height * maps.width * maps.channels;
    let Some(values) = maps.values.get(image * of_image..(image + 1) * of_image) else { return (0, 0, Vec::new()) };
    for (at, value) in values.iter().enumerate() {
        let (channel, cell) = (at % maps.channels, at / maps.channels);
        let x = channel % columns * (maps.width + 1) + cell % maps.width;
        let y = channel / columns * (maps.height + 1) + cell / maps.width;
        let brightness = (255.0 * (value / most).max(0.0).sqrt()) as u8;
        rgba[4 * (y * width + x)..][..3].fill(brightness);
    }
    (width, height, rgba)
}

/// Maps in a row of the picture: all shipped layers fill their last row.
pub fn columns(channels: usize) -> usize {
    match channels {
        0..=2 => channels.max(1),
        3..=64 => 8,
        65..=128 => 12,
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_lie_side_by_side_with_a_line_between() {
        let maps = Maps { images: 1, height: 1, width: 2, channels: 2, values: vec![0.0, 1.0, 2.0, -1.0] };
        let (width, height, rgba) = picture(&maps, 0);
        assert_eq!((width, height), (5, 1));
        let brightness: Vec<u8> = rgba.chunks_exact(4).map(|pixel| pixel[0]).collect();
        assert_eq!(brightness, [0, 255, LINE, 180, 0]);
    }

    #[test]
    fn towers_of_other_layers_are_not_shown_side_by_side() {
        let tower = |height: usize| {
            let maps = |height: usize| Maps { images: 1, height, width: 1, channels: 1, values: vec![0.0; height] };
            Tower { maps: vec![maps(2), maps(height)], layers: Vec::new() }
        };
        let arrangement = |second: usize| Trace { towers: vec![tower(1), tower(second)] }.arrangement();
        assert_eq!(arrangement(1), Arrangement::Separate);
        assert_eq!(arrangement(2), Arrangement::Unknown);
    }

    #[test]
    fn an_image_that_is_not_there_gives_no_picture() {
        let maps = Maps { images: 1, height: 1, width: 1, channels: 1, values: vec![1.0] };
        assert_eq!(picture(&maps, 1), (0, 0, Vec::new()));
    }
}
