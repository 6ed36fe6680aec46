//! Which strokes an answer rests on: the same pair again and again, each time with a little ink taken away.
//!
//! After Zeiler and Fergus, "Visualizing and understanding convolutional networks" (2014), section 4.2, on the logit
//! instead of the probability, which hardly moves where a network is sure.

use digits::{DigitImage, SIDE};

use crate::{Network, NetworkError, Pair};

/// Cells from the middle of the patch that is taken away to its edge: 3x3 cells.
const REACH: usize = 1;

/// For each cell of one row of one image: by how much the logit of `p_leq` falls when the ink around the cell is taken
/// away. Positive ink speaks for <=, negative for >; 0 where there is none.
///
/// `side` is 0 for the first image, 1 for the second; a row or side that does not exist gives zeros.
///
/// # Errors
/// As [`Network::compare`].
pub fn row(network: &Network, pair: &Pair, side: usize, row: usize) -> Result<[f32; SIDE], NetworkError> {
    let mut falls = [0.0; SIDE];
    if side > 1 || row >= SIDE {
        return Ok(falls);
    }
    let occluded = |column: usize| Some((column, without_patch(&pair[side], column, row)?));
    let cases: Vec<(usize, DigitImage)> = (0..SIDE).filter_map(occluded).collect();
    let mut pairs = vec![*pair];
    pairs.extend(cases.iter().map(|(_, image)| if side == 0 { [*image, pair[1]] } else { [pair[0], *image] }));
    let answers = network.compare(&pairs)?;
    for ((column, _), answer) in cases.iter().zip(&answers[1..]) {
        falls[*column] = answers[0].leq_logit() - answer.leq_logit();
    }
    Ok(falls)
}

/// Colours of ink that speaks for <= and of ink that speaks for >.
const COLOURS: [[f32; 3]; 2] = [[61.0, 139.0, 255.0], [255.0, 138.0, 0.0]];

/// The image as 14x14 RGBA pixels, each cell coloured by its fall: blue where ink speaks for <=, orange where it speaks
/// for >. `falls` may hold those of another image behind the image's own 196: the largest of all has the full colour.
pub fn picture(image: &DigitImage, falls: &[f32]) -> Vec<u8> {
    let largest = falls.iter().fold(1e-6f32, |most, fall| most.max(fall.abs()));
    let pixel = |(ink, fall): (&f32, &f32)| {
        let (colour, strength) = (COLOURS[usize::from(*fall < 0.0)], fall.abs() / largest);
        let [red, green, blue] = colour.map(|full| (ink + strength * (full - ink)).round() as u8);
        [red, green, blue, u8::MAX]
    };
    image.pixels().iter().zip(falls).flat_map(pixel).collect()
}

/// The image without the ink around a cell; `None` if there is none.
fn without_patch(image: &DigitImage, column: usize, row: usize) -> Option<DigitImage> {
    let mut pixels = *image.pixels();
    let mut taken = 0.0;
    for y in row.saturating_sub(REACH)..(row + REACH + 1).min(SIDE) {
        for x in column.saturating_sub(REACH)..(column + REACH + 1).min(SIDE) {
            taken += std::mem::take(&mut pixels[y * SIDE + x]);
        }
    }
    (taken > 0.0).then(|| DigitImage::new(pixels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_takes_the_ink_around_a_cell_and_no_more() {
        let full = DigitImage::new([255.0; SIDE * SIDE]);
        let left =
            |column, row| without_patch(&full, column, row).unwrap().pixels().iter().filter(|p| **p == 0.0).count();
        assert_eq!((left(5, 5), left(0, 0), left(13, 5)), (9, 4, 6));
    }

    #[test]
    fn the_largest_fall_has_the_full_colour_and_none_leaves_the_ink() {
        let image = DigitImage::new([100.0; SIDE * SIDE]);
        let mut falls = vec![0.0; SIDE * SIDE];
        (falls[0], falls[1]) = (2.0, -2.0);
        let pixels = picture(&image, &falls);
        assert_eq!(pixels[..12], [61, 139, 255, 255, 255, 138, 0, 255, 100, 100, 100, 255]);
        assert_eq!(pixels.len(), 4 * SIDE * SIDE);
    }

    #[test]
    fn where_there_is_no_ink_nothing_is_taken() {
        assert_eq!(without_patch(&DigitImage::new([0.0; SIDE * SIDE]), 3, 3), None);
    }
}
