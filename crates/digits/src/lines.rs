//! Ruled lines: long, straight, thin, weaker than the ink or many alike. Taken out without cutting the strokes that cross.

use std::borrow::Cow;

use crate::plane::Plane;

mod find;
mod take_out;

use find::Line;

/// What is left of ink of contrast `full` when ruled lines are taken out: the ink itself where there are none. `floor` is
/// what noise stays below.
pub(crate) fn without_lines(ink: &Plane, floor: f32, full: f32) -> Cow<'_, Plane> {
    let across = find::lines(ink, floor, full);
    let turned = transposed(ink);
    let down = find::lines(&turned, floor, full);
    if across.is_empty() && down.is_empty() {
        return Cow::Borrowed(ink);
    }
    let mut left = ink.clone();
    if !across.is_empty() {
        take_out::lines(&mut left, &across);
    }
    if !down.is_empty() {
        let mut turned = transposed(&left);
        take_out::lines(&mut turned, &down);
        left = transposed(&turned);
    }
    Cow::Owned(left)
}

/// Rows for columns, in blocks that stay in the cache.
fn transposed(plane: &Plane) -> Plane {
    const BLOCK: usize = 32;
    let (width, height) = (plane.width, plane.height);
    let mut values = vec![0.0; plane.values.len()];
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            for row in top..(top + BLOCK).min(height) {
                for column in left..(left + BLOCK).min(width) {
                    values[column * height + row] = plane.values[row * width + column];
                }
            }
        }
    }
    Plane { width: height, height: width, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 300;

    /// Paper with lines of `level` every 40 rows, tilted a little, and a diagonal stroke of full ink 8 pixels wide.
    fn ruled(level: f32) -> (Plane, Plane) {
        let stroke = |column: usize, row: usize| {
            let inside = (60..240).contains(&row) && (column + row).abs_diff(300) < 6;
            if inside { 0.9 } else { 0.0 }
        };
        let line = |column: usize, row: usize| {
            let row = row as f32 - 0.05 * column as f32;
            if (row - 5.0).rem_euclid(40.0) < 2.0 && row > 0.0 { level } else { 0.0f32 }
        };
        let at = |of: &dyn Fn(usize, usize) -> f32| Plane {
            width: SIDE,
            height: SIDE,
            values: (0..SIDE * SIDE).map(|at| of(at % SIDE, at / SIDE)).collect(),
        };
        (at(&|column, row| line(column, row).max(stroke(column, row))), at(&stroke))
    }

    #[test]
    fn lines_go_and_the_stroke_across_them_stays() {
        for level in [0.2, 0.4, 0.85] {
            let (ruled, stroke) = ruled(level);
            let across = find::lines(&ruled, 0.05, 0.9);
            assert!(across.len() >= 6, "{} lines of {level}", across.len());
            assert!(find::lines(&transposed(&ruled), 0.05, 0.9).is_empty());
            let off = without_lines(&ruled, 0.05, 0.9)
                .values
                .iter()
                .zip(&stroke.values)
                .filter(|(a, b)| (*a - *b).abs() > 0.3)
                .count();
            let inked = stroke.values.iter().filter(|value| **value > 0.5).count();
            assert!(off < inked / 12, "{off} of {inked} pixels of the stroke, lines of {level}");
        }
    }

    #[test]
    fn the_bar_of_a_digit_is_no_ruled_line() {
        let bar = |column: usize, row: usize| {
            let inside = (80..220).contains(&column) && (100..106).contains(&row);
            if inside { 0.9 } else { 0.0 }
        };
        let values = (0..SIDE * SIDE).map(|at| bar(at % SIDE, at / SIDE)).collect();
        let ink = Plane { width: SIDE, height: SIDE, values };
        assert!(find::lines(&ink, 0.05, 0.9).is_empty());
    }
}
