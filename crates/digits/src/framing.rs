//! Framing as MNIST was framed: 20 pixels for the longer side, centre of mass in the middle of 28x28.

use crate::bounds::Bounds;
use crate::image::MNIST_SIDE;
use crate::plane::Plane;

/// Longer side of the digit's box in an MNIST image.
pub(crate) const DIGIT_SIDE: usize = 20;

/// Where MNIST's centres of mass lie, in pixel indices from 0, to within half a pixel: 13.5 to 14.5 in all test digits.
pub(crate) const MASS_CENTRE: f32 = 14.0;

/// A thin pen leaves no pixel full once the digit is 20 pixels high. MNIST's digits all have pixels of 254 or 255, so
/// the brightest is stretched to that, but no further than this: beyond it noise would be drawn as ink.
const MOST_GAIN: f32 = 4.0;

/// An MNIST image: ink 0..=255, row by row.
pub(crate) type MnistPixels = [u8; MNIST_SIDE * MNIST_SIDE];

/// Scales the digit in `bounds`, aspect kept, and moves it by whole pixels to where MNIST has it.
pub(crate) fn frame(ink: &Plane, bounds: &Bounds) -> MnistPixels {
    let scaled = Scaled::new(ink, bounds);
    let peak = scaled.values.iter().copied().fold(0.0, f32::max);
    let gain = (1.0 / peak).clamp(1.0, MOST_GAIN);
    let (right, down) = scaled.shift();
    let mut pixels = [0; MNIST_SIDE * MNIST_SIDE];
    for (at, pixel) in pixels.iter_mut().enumerate() {
        let (column, row) = ((at % MNIST_SIDE) as isize - right, (at / MNIST_SIDE) as isize - down);
        *pixel = (scaled.at(column, row) * gain * 255.0).round().min(255.0) as u8;
    }
    pixels
}

/// The digit at its final size, its box's corner at (`MARGIN`, `MARGIN`), faint edges around it.
struct Scaled {
    values: Vec<f32>,
}

/// Pixels kept around the box for the faint edges of strokes.
const MARGIN: usize = 4;
const SCALED_SIDE: usize = DIGIT_SIDE + 2 * MARGIN;

impl Scaled {
    fn new(ink: &Plane, bounds: &Bounds) -> Self {
        let step = bounds.longer_side() as f32 / DIGIT_SIDE as f32;
        let columns = line_weights(bounds.left, step, ink.width);
        let rows = line_weights(bounds.top, step, ink.height);
        let source_rows = || rows.iter().flatten().map(|&(row, _)| row);
        let (first, end) = (source_rows().min().unwrap_or(0), source_rows().max().map_or(0, |last| last + 1));
        let sums: Vec<[f32; SCALED_SIDE]> =
            (first..end).map(|row| row_sums(&ink.values[row * ink.width..][..ink.width], &columns)).collect();
        let mut values = Vec::with_capacity(SCALED_SIDE * SCALED_SIDE);
        for row in &rows {
            let mean = |column: usize| row.iter().map(|&(row, share)| share * sums[row - first][column]).sum::<f32>();
            values.extend((0..SCALED_SIDE).map(mean));
        }
        Self { values }
    }

    fn at(&self, column: isize, row: isize) -> f32 {
        let inside = |at: isize| usize::try_from(at).ok().filter(|&at| at < SCALED_SIDE);
        inside(column).zip(inside(row)).map_or(0.0, |(column, row)| self.values[row * SCALED_SIDE + column])
    }

    /// Whole pixels, right and down, that bring the centre of mass closest to [`MASS_CENTRE`].
    fn shift(&self) -> (isize, isize) {
        let (mut mass, mut across, mut down) = (0.0, 0.0, 0.0);
        for (at, value) in self.values.iter().enumerate() {
            mass += value;
            across += value * (at % SCALED_SIDE) as f32;
            down += value * (at / SCALED_SIDE) as f32;
        }
        let to_centre = |moment: f32| (MASS_CENTRE - moment / mass).round() as isize;
        (to_centre(across), to_centre(down))
    }
}

/// The source pixels that one target pixel reads along one axis, and the fraction of each.
pub(crate) type Weights = Vec<(usize, f32)>;

/// For each target pixel, from [`MARGIN`] before the box on.
fn line_weights(box_start: usize, step: f32, length: usize) -> Vec<Weights> {
    let centre = |target: usize| box_start as f32 + (target as f32 - MARGIN as f32 + 0.5) * step;
    (0..SCALED_SIDE).map(|target| weights(centre(target), step, length)).collect()
}

/// What a target pixel reads whose centre lies there in the source: shrinking averages the area that it covers, enlarging
/// interpolates between pixel centres. At equal size both copy.
pub(crate) fn weights(centre: f32, step: f32, length: usize) -> Weights {
    let reach = step.max(1.0) / 2.0;
    let (from, to) = (centre - reach, centre + reach);
    let first = from.floor().max(0.0) as usize;
    let covered = |at: usize| ((at + 1) as f32).min(to) - (at as f32).max(from);
    (first..length)
        .take_while(|&at| (at as f32) < to)
        .map(|at| (at, covered(at) / (2.0 * reach)))
        .filter(|&(_, share)| share > 0.0)
        .collect()
}

/// What each target column reads of one source row.
fn row_sums(row: &[f32], columns: &[Weights]) -> [f32; SCALED_SIDE] {
    std::array::from_fn(|target| columns[target].iter().map(|&(column, share)| share * row[column]).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded;

    /// The mean of the source pixels under one target pixel, each looked up by itself.
    fn weighted_mean(ink: &Plane, columns: &Weights, rows: &Weights) -> f32 {
        let row_sum = |row: usize| -> f32 {
            columns.iter().map(|&(column, share)| share * ink.values[row * ink.width + column]).sum()
        };
        rows.iter().map(|&(row, share)| share * row_sum(row)).sum()
    }

    #[test]
    fn a_scaled_digit_is_to_the_bit_the_mean_of_each_of_its_pixels() {
        for (number, ink) in seeded::planes().iter().enumerate() {
            let (right, bottom) = (ink.width.div_ceil(2), ink.height);
            for bounds in
                [Bounds { left: 0, top: 0, right, bottom }, Bounds { left: right / 2, top: 0, right, bottom: 1 }]
            {
                let step = bounds.longer_side() as f32 / DIGIT_SIDE as f32;
                let columns = line_weights(bounds.left, step, ink.width);
                let rows = line_weights(bounds.top, step, ink.height);
                let plain =
                    rows.iter().flat_map(|row| columns.iter().map(move |column| weighted_mean(ink, column, row)));
                assert_eq!(Scaled::new(ink, &bounds).values, plain.collect::<Vec<_>>(), "{number}: {bounds:?}");
            }
        }
    }
}
