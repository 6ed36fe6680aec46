//! Where in the 14x14 image the digit lies, for the page to mark.

use digits::{MNIST_SIDE, Prepared, SIDE};

/// Ink below a tenth is the soft edge of a stroke, not part of its box.
const FAINT: f32 = 25.0;

/// The digit's box and centre of mass, in cells of the 14x14 image from its left upper corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marks {
    /// Left, top, width and height; half cells occur, since the box was cut at 28x28.
    pub crop: [f32; 4],
    /// Across and down. Preparation puts it at 7.25, give or take a quarter.
    pub centre: [f32; 2],
}

impl Marks {
    /// Finds both in a prepared digit, at 28x28 where there is that.
    pub fn of(prepared: &Prepared) -> Self {
        match &prepared.mnist {
            Some(pixels) => Self::in_square(&pixels.map(f32::from), MNIST_SIDE),
            None => Self::in_square(prepared.image.pixels(), SIDE),
        }
    }

    fn in_square(pixels: &[f32], side: usize) -> Self {
        let cell = side as f32 / SIDE as f32;
        let (mut low, mut high) = ([side; 2], [0; 2]);
        let (mut mass, mut moment) = (0.0, [0.0; 2]);
        for (at, &ink) in pixels.iter().enumerate() {
            let place = [at % side, at / side];
            mass += ink;
            for axis in 0..2 {
                moment[axis] += ink * (place[axis] as f32 + 0.5);
                if ink > FAINT {
                    low[axis] = low[axis].min(place[axis]);
                    high[axis] = high[axis].max(place[axis] + 1);
                }
            }
        }
        let span = |axis: usize| high[axis].saturating_sub(low[axis]) as f32 / cell;
        let crop = [low[0] as f32 / cell, low[1] as f32 / cell, span(0), span(1)];
        Self { crop, centre: moment.map(|sum| sum / mass / cell) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_marked_with_its_corner_size_and_middle() {
        let mut pixels = [0.0; MNIST_SIDE * MNIST_SIDE];
        for row in 4..24 {
            for column in 10..20 {
                pixels[row * MNIST_SIDE + column] = 255.0;
            }
        }
        let marks = Marks::in_square(&pixels, MNIST_SIDE);
        assert_eq!(marks, Marks { crop: [5.0, 2.0, 5.0, 10.0], centre: [7.5, 7.0] });
    }

    #[test]
    fn faint_edges_are_outside_the_box() {
        let mut pixels = [0.0; SIDE * SIDE];
        pixels[3 * SIDE + 4] = 200.0;
        pixels[3 * SIDE + 5] = 10.0;
        assert_eq!(Marks::in_square(&pixels, SIDE).crop, [4.0, 3.0, 1.0, 1.0]);
    }
}
