//! One bicubic resampling of an image.

use digits::SIDE;

use super::bicubic::weights;
use super::elastic::Field;
use super::{Image, WHITE};

/// Zeros on each side of an image: no place outside them, and no sample around it, sees the image.
const PAD: usize = 4;
const PADDED: usize = SIDE + 2 * PAD;
const CENTRE: f32 = (SIDE - 1) as f32 / 2.0;
/// Outermost places, counted from 0 in the image, that samples are taken around.
const FIRST: f32 = -3.0;
const LAST: f32 = (SIDE + 1) as f32;

/// Where each pixel of the result comes from.
#[derive(Debug, Clone)]
pub(super) struct Warp {
    /// From a pixel's offset (x, y) from the centre to its source's: [xx, xy, yx, yy].
    pub matrix: [f32; 4],
    /// Added to the source, (x, y) in pixels.
    pub shift: [f32; 2],
    /// Added to the source of each pixel, in x and in y.
    pub elastic: Option<[Field; 2]>,
}

impl Warp {
    /// Resamples `image` with zeros around it, and clamps what overshoots to 0..=255.
    pub fn apply(&self, image: &Image) -> Image {
        let padded = padded(image);
        let [xx, xy, yx, yy] = self.matrix;
        let [shift_x, shift_y] = self.shift.map(|shift| shift + CENTRE);
        let mut warped = [[0.0; SIDE]; SIDE];
        for (row, values) in warped.iter_mut().enumerate() {
            let y = row as f32 - CENTRE;
            let mut places = [[0.0; SIDE]; 2];
            for (column, x) in (0..SIDE).map(|column| (column, column as f32 - CENTRE)) {
                places[0][column] = xx * x + xy * y + shift_x;
                places[1][column] = yx * x + yy * y + shift_y;
            }
            if let Some(elastic) = &self.elastic {
                for (places, field) in places.iter_mut().zip(elastic) {
                    places.iter_mut().zip(&field[row]).for_each(|(place, displacement)| *place += displacement);
                }
            }
            for ((value, x), y) in values.iter_mut().zip(places[0]).zip(places[1]) {
                *value = sample(&padded, x, y).clamp(0.0, WHITE);
            }
        }
        warped
    }
}

fn padded(image: &Image) -> [[f32; PADDED]; PADDED] {
    let mut padded = [[0.0; PADDED]; PADDED];
    for (wide, row) in padded[PAD..].iter_mut().zip(image) {
        wide[PAD..PAD + SIDE].copy_from_slice(row);
    }
    padded
}

/// The value at column `x` and row `y` of the image, counted from 0.
#[inline(always)]
fn sample(padded: &[[f32; PADDED]; PADDED], x: f32, y: f32) -> f32 {
    let (column, x_weights) = samples_around(x);
    let (row, y_weights) = samples_around(y);
    let mut sums = [0.0; 4];
    for (weight, samples) in y_weights.iter().zip(&padded[row..row + 4]) {
        if let Some(samples) = samples[column..].first_chunk::<4>() {
            sums.iter_mut().zip(samples).for_each(|(sum, sample)| *sum += weight * sample);
        }
    }
    sums.iter().zip(x_weights).map(|(sum, weight)| sum * weight).sum()
}

/// The first of the four padded samples around `place`, and their weights.
#[inline(always)]
fn samples_around(place: f32) -> (usize, [f32; 4]) {
    let place = place.clamp(FIRST, LAST) + PAD as f32;
    let below = place as usize;
    (below - 1, weights(place - below as f32))
}

#[cfg(test)]
mod tests {
    use super::super::bicubic::tests::kernel;
    use super::*;
    use random::{Purpose, Stream};

    const IDENTITY: Warp = Warp { matrix: [1.0, 0.0, 0.0, 1.0], shift: [0.0; 2], elastic: None };

    fn picture(stream: &mut Stream) -> Image {
        std::array::from_fn(|_| std::array::from_fn(|_| stream.below(256) as f32))
    }

    /// Every pixel of the image weighed by the kernel's value at its distance, in double precision.
    fn reference(warp: &Warp, image: &Image) -> Vec<f64> {
        let [xx, xy, yx, yy] = warp.matrix.map(f64::from);
        let mut values = Vec::new();
        for row in 0..SIDE {
            for column in 0..SIDE {
                let (x, y) = (column as f64 - 6.5, row as f64 - 6.5);
                let bent = |axis: usize| warp.elastic.as_ref().map_or(0.0, |field| f64::from(field[axis][row][column]));
                let source_x = xx * x + xy * y + 6.5 + f64::from(warp.shift[0]) + bent(0);
                let source_y = yx * x + yy * y + 6.5 + f64::from(warp.shift[1]) + bent(1);
                let weighed = (0..SIDE * SIDE).map(|pixel| {
                    let (i, j) = (pixel / SIDE, pixel % SIDE);
                    f64::from(image[i][j]) * kernel(source_y - i as f64) * kernel(source_x - j as f64)
                });
                values.push(weighed.sum::<f64>().clamp(0.0, 255.0));
            }
        }
        values
    }

    #[test]
    fn no_warp_gives_the_same_image_bit_for_bit() {
        let image = picture(&mut Stream::new(0, Purpose::Augmentation));
        assert_eq!(IDENTITY.apply(&image), image);
    }

    #[test]
    fn a_shift_by_whole_pixels_moves_the_image_and_brings_in_zeros() {
        let image = picture(&mut Stream::new(1, Purpose::Augmentation));
        let shifted = Warp { shift: [2.0, -3.0], ..IDENTITY }.apply(&image);
        for row in 0..SIDE {
            for column in 0..SIDE {
                let inside = row >= 3 && column + 2 < SIDE;
                let expected = if inside { image[row - 3][column + 2] } else { 0.0 };
                assert_eq!(shifted[row][column], expected, "{row} {column}");
            }
        }
    }

    #[test]
    fn a_quarter_turn_permutes_the_pixels() {
        let image = picture(&mut Stream::new(2, Purpose::Augmentation));
        let turned = Warp { matrix: [0.0, -1.0, 1.0, 0.0], ..IDENTITY }.apply(&image);
        for row in 0..SIDE {
            for column in 0..SIDE {
                assert_eq!(turned[row][column], image[column][SIDE - 1 - row], "{row} {column}");
            }
        }
    }

    #[test]
    fn any_warp_is_that_of_the_definition_in_double_precision() {
        let mut stream = Stream::new(3, Purpose::Augmentation);
        for case in 0..50 {
            let image = picture(&mut stream);
            let mut field = || std::array::from_fn(|_| std::array::from_fn(|_| stream.symmetric(2.0)));
            let elastic = (case % 2 == 0).then(|| [field(), field()]);
            let mut around = |value: f32, bound| value + stream.symmetric(bound);
            let matrix = [around(1.0, 0.4), around(0.0, 0.5), around(0.0, 0.5), around(1.0, 0.4)];
            let warp = Warp { matrix, shift: [around(0.0, 9.0), around(0.0, 9.0)], elastic };
            let expected = reference(&warp, &image);
            for (value, expected) in warp.apply(&image).as_flattened().iter().zip(expected) {
                assert!((f64::from(*value) - expected).abs() < 2e-2, "case {case}: {value} {expected}");
            }
        }
    }

    #[test]
    fn an_image_moved_out_of_sight_leaves_nothing() {
        let image = picture(&mut Stream::new(4, Purpose::Augmentation));
        for shift in [[1e6, 0.0], [-1e6, 0.0], [0.0, 40.0], [0.0, -40.0]] {
            assert_eq!(Warp { shift, ..IDENTITY }.apply(&image), [[0.0; SIDE]; SIDE]);
        }
    }
}
