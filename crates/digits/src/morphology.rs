//! Grey morphology with a square, in the same time for every size of it (van Herk, 1992; Gil and Werman, 1993).
//!
//! Pixels outside the plane count for nothing, so that a dark corner of the picture goes on beyond its border.

use crate::plane::Plane;

/// Fills what is darker and narrower than a square of `2 * radius + 1`: the paper as it is under the ink. The square may
/// reach beyond the picture, so that light that falls off towards the border is no ink.
pub(crate) fn close(plane: &Plane, radius: usize) -> Plane {
    let (width, height) = (plane.width + 2 * radius, plane.height + 2 * radius);
    let mut around = Plane { width, height, values: vec![f32::NEG_INFINITY; width * height] };
    for (row, values) in plane.values.chunks_exact(plane.width).enumerate() {
        around.values[(row + radius) * width + radius..][..plane.width].copy_from_slice(values);
    }
    let closed = erode(&dilate(&around, radius), radius);
    let rows = closed.values.chunks_exact(width).skip(radius).take(plane.height);
    let values = rows.flat_map(|row| row[radius..][..plane.width].iter().copied()).collect();
    Plane { width: plane.width, height: plane.height, values }
}

/// The largest value within `radius` rows and columns of each pixel.
pub(crate) fn dilate(plane: &Plane, radius: usize) -> Plane {
    filter(plane, radius, f32::NEG_INFINITY, |a, b| if a > b { a } else { b })
}

/// The least value within `radius` rows and columns of each pixel.
pub(crate) fn erode(plane: &Plane, radius: usize) -> Plane {
    filter(plane, radius, f32::INFINITY, |a, b| if a < b { a } else { b })
}

fn filter(plane: &Plane, radius: usize, neutral: f32, pick: impl Fn(f32, f32) -> f32 + Copy) -> Plane {
    if radius == 0 || plane.values.is_empty() {
        return plane.clone();
    }
    let across = rows(plane, radius, neutral, pick);
    columns(&across, radius, pick)
}

/// Filters each row. `forward[i]` is the pick from the start of i's block to i, `backward[i]` from i to the block's end;
/// blocks are as long as the window, so any window is the end of one and the start of the next.
fn rows(plane: &Plane, radius: usize, neutral: f32, pick: impl Fn(f32, f32) -> f32 + Copy) -> Plane {
    let window = 2 * radius + 1;
    let padded = (plane.width + 2 * radius).next_multiple_of(window);
    let mut line = vec![neutral; padded];
    let (mut forward, mut backward) = (vec![neutral; padded], vec![neutral; padded]);
    let mut values = Vec::with_capacity(plane.values.len());
    for row in plane.values.chunks_exact(plane.width) {
        line[radius..radius + plane.width].copy_from_slice(row);
        for start in (0..padded).step_by(window) {
            let mut best = neutral;
            for at in start..start + window {
                best = pick(line[at], best);
                forward[at] = best;
            }
            best = neutral;
            for at in (start..start + window).rev() {
                best = pick(line[at], best);
                backward[at] = best;
            }
        }
        values.extend(backward.iter().zip(&forward[window - 1..]).take(plane.width).map(|(&a, &b)| pick(a, b)));
    }
    Plane { width: plane.width, height: plane.height, values }
}

/// Filters each column, whole rows at a time.
fn columns(plane: &Plane, radius: usize, pick: impl Fn(f32, f32) -> f32 + Copy) -> Plane {
    let (window, width, height) = (2 * radius + 1, plane.width, plane.height);
    let combine = |into: &mut [f32], with: &[f32]| {
        into.iter_mut().zip(with).for_each(|(a, &b)| *a = pick(*a, b));
    };
    let (mut forward, mut backward) = (plane.values.clone(), plane.values.clone());
    // Blocks begin at row -radius, so that the window of row y is from y to y + window - 1 of the padded rows.
    for row in 1..height {
        if !(row + radius).is_multiple_of(window) {
            let (before, here) = forward.split_at_mut(row * width);
            combine(&mut here[..width], &before[(row - 1) * width..]);
        }
        let row = height - 1 - row;
        if !(row + radius + 1).is_multiple_of(window) {
            let (here, after) = backward.split_at_mut((row + 1) * width);
            combine(&mut here[row * width..], &after[..width]);
        }
    }
    let mut values = Vec::with_capacity(plane.values.len());
    for row in 0..height {
        let (first, last) = (row.saturating_sub(radius), (row + radius).min(height - 1));
        let blocks_apart = (first + radius) / window != (last + radius) / window;
        let start = values.len();
        if blocks_apart || row >= radius {
            values.extend_from_slice(&backward[first * width..][..width]);
            if blocks_apart {
                combine(&mut values[start..], &forward[last * width..][..width]);
            }
        } else {
            values.extend_from_slice(&forward[last * width..][..width]);
        }
    }
    Plane { width, height, values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::SplitMix64;

    fn naive(plane: &Plane, radius: usize, pick: fn(f32, f32) -> f32) -> Plane {
        plane.map(|column, row, value| {
            let columns = column.saturating_sub(radius)..(column + radius + 1).min(plane.width);
            let rows = row.saturating_sub(radius)..(row + radius + 1).min(plane.height);
            let around = rows.flat_map(|row| columns.clone().map(move |column| row * plane.width + column));
            around.map(|at| plane.values[at]).fold(value, pick)
        })
    }

    #[test]
    fn any_window_gives_what_looking_at_every_pixel_gives() {
        let mut random = SplitMix64(3);
        for (width, height) in [(1, 1), (7, 3), (3, 9), (16, 16), (31, 20), (5, 40)] {
            let values = (0..width * height).map(|_| (random.bits() >> 40) as f32).collect();
            let plane = Plane { width, height, values };
            for radius in [0, 1, 2, 3, 5, 8, 20, 50] {
                assert_eq!(dilate(&plane, radius).values, naive(&plane, radius, f32::max).values, "{width} {radius}");
                assert_eq!(erode(&plane, radius).values, naive(&plane, radius, f32::min).values, "{width} {radius}");
            }
        }
    }

    #[test]
    fn closing_leaves_light_that_falls_off_to_a_corner() {
        let values = (0..50 * 40).map(|at| 1.0 - 0.01 * (at % 50) as f32 - 0.01 * (at / 50) as f32).collect();
        let paper = Plane { width: 50, height: 40, values };
        assert_eq!(close(&paper, 6).values, paper.values);
    }

    #[test]
    fn closing_fills_strokes_and_leaves_the_edge_of_a_table() {
        let width = 60;
        let values = (0..width * 40).map(|at| if at % width < 20 { 0.2 } else { 0.9 }).collect::<Vec<f32>>();
        let table = Plane { width, height: 40, values };
        let written = table.map(|column, row, value| if (35..38).contains(&column) && row > 5 { 0.1 } else { value });
        assert_eq!(close(&written, 3).values, table.values);
    }
}
