//! Thicker, thinner, sharper and softer strokes, from the 3x3 pixels around each.

use digits::SIDE;

use super::{Image, WHITE};

/// Moves every pixel by the fraction |`amount`| towards the largest (`amount` above 0) or smallest of the 3x3 around it.
/// What lies beyond the border does not count.
pub(super) fn thicken(image: &mut Image, amount: f32) {
    let goal = if amount > 0.0 {
        neighbourhood(image, Border::Repeated, |a, b, c| a.max(b).max(c))
    } else {
        neighbourhood(image, Border::Repeated, |a, b, c| a.min(b).min(c))
    };
    for (pixel, goal) in image.as_flattened_mut().iter_mut().zip(goal.as_flattened()) {
        *pixel += amount.abs() * (goal - *pixel);
    }
}

/// Moves every pixel away from the mean of the 3x3 around it by `amount` times the difference, towards it where `amount`
/// is below 0, and clamps to 0..=255. Beyond the border there are zeros.
pub(super) fn sharpen(image: &mut Image, amount: f32) {
    let sums = neighbourhood(image, Border::Zero, |a, b, c| a + b + c);
    for (pixel, sum) in image.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
        *pixel = (*pixel + amount * (*pixel - sum / 9.0)).clamp(0.0, WHITE);
    }
}

#[derive(Clone, Copy)]
enum Border {
    Zero,
    Repeated,
}

/// `combine` over three pixels of every row, then over three such results of every column.
#[inline(always)]
fn neighbourhood(image: &Image, border: Border, combine: impl Fn(f32, f32, f32) -> f32) -> Image {
    let beyond = |edge: f32| match border {
        Border::Zero => 0.0,
        Border::Repeated => edge,
    };
    let mut rows = [[0.0; SIDE]; SIDE + 2];
    for (combined, row) in rows[1..].iter_mut().zip(image) {
        let mut wide = [0.0; SIDE + 2];
        wide[1..=SIDE].copy_from_slice(row);
        (wide[0], wide[SIDE + 1]) = (beyond(row[0]), beyond(row[SIDE - 1]));
        for (column, value) in combined.iter_mut().enumerate() {
            *value = combine(wide[column], wide[column + 1], wide[column + 2]);
        }
    }
    (rows[0], rows[SIDE + 1]) = (rows[1].map(beyond), rows[SIDE].map(beyond));
    std::array::from_fn(|row| {
        std::array::from_fn(|column| combine(rows[row][column], rows[row + 1][column], rows[row + 2][column]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, Stream};

    fn picture() -> Image {
        let mut stream = Stream::new(0, Purpose::Augmentation);
        std::array::from_fn(|_| std::array::from_fn(|_| stream.below(256) as f32))
    }

    /// The pixels of the 3x3 around a place that the image has.
    fn around(image: &Image, row: usize, column: usize) -> Vec<f32> {
        let near = |place: usize| place.saturating_sub(1)..(place + 2).min(SIDE);
        near(row).flat_map(|row| near(column).map(move |column| image[row][column])).collect()
    }

    #[test]
    fn strokes_move_towards_dilation_and_erosion() {
        let image = picture();
        let [mut thick, mut thin] = [image; 2];
        thicken(&mut thick, 0.25);
        thicken(&mut thin, -1.0);
        for row in 0..SIDE {
            for column in 0..SIDE {
                let near = around(&image, row, column);
                let largest = near.iter().copied().fold(0.0, f32::max);
                let smallest = near.iter().copied().fold(255.0, f32::min);
                assert_eq!(thick[row][column], 0.75 * image[row][column] + 0.25 * largest);
                assert_eq!(thin[row][column], smallest);
            }
        }
    }

    #[test]
    fn sharpening_moves_away_from_the_mean_of_nine() {
        let image = picture();
        let [mut sharp, mut soft] = [image; 2];
        sharpen(&mut sharp, 0.4);
        sharpen(&mut soft, -1.0);
        for row in 0..SIDE {
            for column in 0..SIDE {
                let mean = around(&image, row, column).iter().sum::<f32>() / 9.0;
                let expected = (image[row][column] + 0.4 * (image[row][column] - mean)).clamp(0.0, 255.0);
                assert!((sharp[row][column] - expected).abs() < 1e-3);
                assert!((soft[row][column] - mean).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn an_amount_of_nothing_changes_nothing() {
        let mut image = picture();
        thicken(&mut image, 0.0);
        sharpen(&mut image, 0.0);
        assert_eq!(image, picture());
    }
}
