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
    fn where_there_is_no_ink_nothing_is_taken() {
        assert_eq!(without_patch(&DigitImage::new([0.0; SIDE * SIDE]), 3, 3), None);
    }
}
