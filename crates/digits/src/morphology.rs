//! Grey morphology with a square, in the same time for every size of it (van Herk, 1992; Gil and Werman, 1993).
//!
//! Pixels outside the plane count for nothing, so that a dark corner of the picture goes on beyond its border.

use crate::plane::Plane;

/// Fills what is darker and narrower than a square of `2 * radius + 1`: the paper as it is under the ink. The square may
/// reach beyond the picture, so that light that falls off towards the border is no ink.
///
/// Computed only where values differ. A pixel keeps its value if all that its closing depends on have the same, or if it is
/// the brightest: a closing darkens no pixel, and exceeds the brightest nowhere.
pub(crate) fn close(plane: &Plane, radius: usize) -> Plane {
    let mut all = plane.clone();
    let Some(&ground) = plane.values.first() else { return all };
    let Some(uneven) = plane.unlike(ground) else { return all };
    let is_brightest = plane.values.iter().all(|&value| value <= ground);
    let changed = uneven.widened(if is_brightest { 0 } else { 2 * radius }, plane.width, plane.height);
    // The value of a pixel depends on those within two radii of it.
    let seen = changed.widened(2 * radius, plane.width, plane.height);
    let closed = closed(&plane.cut(&seen), radius);
    let (left, top, width) = (changed.left - seen.left, changed.top - seen.top, changed.right - changed.left);
    for row in changed.top..changed.bottom {
        let part = &closed.values[(row - changed.top + top) * closed.width + left..][..width];
        all.values[row * plane.width + changed.left..][..width].copy_from_slice(part);
    }
    all
}

/// The closing of a whole plane, at least 1x1. Squares whose middle is up to `radius` beyond the border count too: they reach
/// `2 * radius` beyond it.
fn closed(plane: &Plane, radius: usize) -> Plane {
    let dilated = rows(plane, radius, 2 * radius, f32::NEG_INFINITY, larger);
    let dilated = columns(&dilated, radius, 2 * radius, larger);
    rows(&columns(&dilated, radius, 0, lesser), radius, 0, f32::INFINITY, lesser)
}

fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// Filters each row as if `beyond` neutral pixels lay before and after it: the pick of each window of `2 * radius + 1`. The
/// result is wider than the plane by `2 * (beyond - radius)`. `forward[i]` is the pick from the start of
/// i's block to i, `backward[i]` from i to the block's end; blocks are as long as the window, so any window is the end of
/// one and the start of the next.
fn rows(plane: &Plane, radius: usize, beyond: usize, neutral: f32, pick: impl Fn(f32, f32) -> f32 + Copy) -> Plane {
    let window = 2 * radius + 1;
    let width = plane.width + 2 * beyond - 2 * radius;
    let padded = (plane.width + 2 * beyond).next_multiple_of(window);
    let mut line = vec![neutral; padded];
    let (mut forward, mut backward) = (vec![neutral; padded], vec![neutral; padded]);
    let mut values = Vec::with_capacity(width * plane.height);
    for row in plane.values.chunks_exact(plane.width) {
        line[beyond..beyond + plane.width].copy_from_slice(row);
        let blocks = forward.chunks_exact_mut(window).zip(backward.chunks_exact_mut(window));
        for (line, (forward, backward)) in line.chunks_exact(window).zip(blocks) {
            let mut best = neutral;
            for (&value, so_far) in line.iter().zip(forward) {
                best = pick(value, best);
                *so_far = best;
            }
            best = neutral;
            for (&value, from_here) in line.iter().zip(backward).rev() {
                best = pick(value, best);
                *from_here = best;
            }
        }
        values.extend(backward.iter().zip(&forward[window - 1..]).take(width).map(|(&a, &b)| pick(a, b)));
    }
    Plane { width, height: plane.height, values }
}

/// Filters each column as [`rows`] does each row, whole rows at a time: `beyond` is `2 * radius` at most. Blocks begin at row
/// `-beyond`, so that the window of row y is from y to y + window - 1 of the padded rows.
fn columns(plane: &Plane, radius: usize, beyond: usize, pick: impl Fn(f32, f32) -> f32 + Copy) -> Plane {
    let (window, width) = (2 * radius + 1, plane.width);
    let height = plane.height + 2 * beyond - 2 * radius;
    let backward = to_block_ends(plane, window, beyond, pick);
    // The pick from the start of its block to the row before `next`.
    let (mut forward, mut next) = (vec![0.0; width], 0);
    let mut values = Vec::with_capacity(width * height);
    for row in 0..height {
        let (first, last) = (row.saturating_sub(beyond), (row + 2 * radius - beyond).min(plane.height - 1));
        for (row, line) in plane.values.chunks_exact(width).enumerate().take(last + 1).skip(next) {
            if row == 0 || (row + beyond).is_multiple_of(window) {
                forward.copy_from_slice(line);
            } else {
                combine(&mut forward, line, pick);
            }
        }
        next = last + 1;
        let blocks_apart = (first + beyond) / window != (last + beyond) / window;
        let start = values.len();
        if blocks_apart || row >= beyond {
            values.extend_from_slice(&backward[first * width..][..width]);
            if blocks_apart {
                combine(&mut values[start..], &forward, pick);
            }
        } else {
            values.extend_from_slice(&forward);
        }
    }
    Plane { width, height, values }
}

/// For each pixel the pick from it down to the end of its block of `window` rows; blocks begin at row `-beyond`.
fn to_block_ends(plane: &Plane, window: usize, beyond: usize, pick: impl Fn(f32, f32) -> f32 + Copy) -> Vec<f32> {
    let width = plane.width;
    let mut picks = plane.values.clone();
    for row in (0..plane.height - 1).rev().filter(|row| !(row + beyond + 1).is_multiple_of(window)) {
        let (here, after) = picks.split_at_mut((row + 1) * width);
        combine(&mut here[row * width..], &after[..width], pick);
    }
    picks
}

fn combine(into: &mut [f32], with: &[f32], pick: impl Fn(f32, f32) -> f32) {
    into.iter_mut().zip(with).for_each(|(a, &b)| *a = pick(*a, b));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::Bounds;
    use crate::scene::SplitMix64;
    use crate::seeded;

    fn naive(plane: &Plane, radius: usize, pick: fn(f32, f32) -> f32) -> Plane {
        plane.map(|column, row, value| {
            let columns = column.saturating_sub(radius)..(column + radius + 1).min(plane.width);
            let rows = row.saturating_sub(radius)..(row + radius + 1).min(plane.height);
            let around = rows.flat_map(|row| columns.clone().map(move |column| row * plane.width + column));
            around.map(|at| plane.values[at]).fold(value, pick)
        })
    }

    /// The closing of a plane in the middle of a larger one.
    fn naive_close(plane: &Plane, radius: usize) -> Vec<f32> {
        let (width, height) = (plane.width + 2 * radius, plane.height + 2 * radius);
        let around = Plane { width, height, values: vec![f32::NEG_INFINITY; width * height] };
        let inside = |at: usize, side: usize| at.checked_sub(radius).filter(|&at| at < side);
        let around = around.map(|column, row, none| {
            let place = inside(column, plane.width).zip(inside(row, plane.height));
            place.map_or(none, |(column, row)| plane.values[row * plane.width + column])
        });
        let closed = naive(&naive(&around, radius, f32::max), radius, f32::min);
        let middle = Bounds { left: radius, top: radius, right: radius + plane.width, bottom: radius + plane.height };
        closed.cut(&middle).values
    }

    #[test]
    fn any_window_gives_what_looking_at_every_pixel_gives() {
        let mut random = SplitMix64(3);
        for (width, height) in [(1, 1), (7, 3), (3, 9), (16, 16), (31, 20), (5, 40)] {
            let values = (0..width * height).map(|_| (random.bits() >> 40) as f32).collect();
            let plane = Plane { width, height, values };
            for radius in [0, 1, 2, 3, 5, 8, 20, 50] {
                let filtered =
                    columns(&rows(&plane, radius, radius, f32::NEG_INFINITY, larger), radius, radius, larger);
                assert_eq!(filtered.values, naive(&plane, radius, f32::max).values, "{width} {radius}");
                let filtered = columns(&rows(&plane, radius, radius, f32::INFINITY, lesser), radius, radius, lesser);
                assert_eq!(filtered.values, naive(&plane, radius, f32::min).values, "{width} {radius}");
            }
            for radius in [0, 1, 2, 3, 5, 8] {
                assert_eq!(close(&plane, radius).values, naive_close(&plane, radius), "{width} {radius}");
            }
        }
    }

    #[test]
    fn closing_a_part_gives_what_closing_all_gives() {
        for (number, plane) in seeded::planes().iter().enumerate() {
            for radius in [2, 7] {
                assert_eq!(close(plane, radius).values, closed(plane, radius).values, "{number} {radius}");
            }
        }
        for (column, row) in [(0, 0), (1, 0), (30, 20), (59, 39)] {
            for (ground, spot) in [(0.0, 1.0), (1.0, 0.0), (0.4, 0.7)] {
                let mut plane = Plane { width: 60, height: 40, values: vec![ground; 2400] };
                plane.values[row * 60 + column] = spot;
                assert_eq!(close(&plane, 3).values, naive_close(&plane, 3), "{column} {row} {ground}");
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
