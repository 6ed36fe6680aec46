//! Outlines filled: what lies within an odd number of them is ink, as a 0 has an outer outline and an inner one.

use crate::plane::Plane;

/// An outline is brighter than this fraction of the way from the ground to the brightest pixel.
const OUTLINE: f32 = 0.45;

/// The plane with everything bright that an odd number of outlines, each a pixel wide, part from the picture's border.
pub(crate) fn filled(plane: &Plane, ground: f32) -> Plane {
    let brightest = plane.values.iter().copied().fold(ground, f32::max);
    let is_line = |at: usize| plane.values[at] > ground + OUTLINE * (brightest - ground);
    let depths = depths(plane.width, plane.height, is_line);
    plane.map(|column, row, value| match depths[row * plane.width + column] {
        Some(depth) if depth % 2 == 1 => brightest,
        _ => value,
    })
}

/// How many lines part each pixel from the border; `None` for lines, and where a line is wider than a pixel.
fn depths(width: usize, height: usize, is_line: impl Fn(usize) -> bool) -> Vec<Option<u32>> {
    let mut depths = vec![None; width * height];
    let mut passed = vec![false; width * height];
    let is_at_border = |at: usize| {
        let (column, row) = (at % width, at / width);
        column == 0 || row == 0 || column + 1 == width || row + 1 == height
    };
    let near = |at: usize, reach: fn(usize, usize) -> bool| {
        let (column, row) = (at % width, at / width);
        let columns = column.saturating_sub(1)..=(column + 1).min(width - 1);
        let rows = row.saturating_sub(1)..=(row + 1).min(height - 1);
        let all = rows.flat_map(move |row| columns.clone().map(move |column| (column, row)));
        let away = move |(near, other): (usize, usize)| (near.abs_diff(column), other.abs_diff(row));
        all.filter(move |&place| {
            let (right, down) = away(place);
            reach(right, down)
        })
        .map(move |(column, row)| row * width + column)
    };
    let beside = |right: usize, down: usize| right + down == 1;
    let any_way = |right: usize, down: usize| right + down > 0;
    let mut front: Vec<usize> = (0..width * height).filter(|&at| is_at_border(at) && !is_line(at)).collect();
    for depth in 0.. {
        // All of the region, whose pixels lie beside each other.
        let mut region = Vec::new();
        while let Some(at) = front.pop() {
            if depths[at].is_none() {
                depths[at] = Some(depth);
                region.push(at);
                front.extend(near(at, beside).filter(|&next| !is_line(next)));
            }
        }
        // The lines around it, and what lies beyond them.
        let mut lines: Vec<usize> = region.iter().flat_map(|&at| near(at, any_way)).filter(|&at| is_line(at)).collect();
        lines.retain(|&at| !std::mem::replace(&mut passed[at], true));
        let beyond = lines.iter().flat_map(|&at| near(at, any_way));
        front = beyond.filter(|&at| !is_line(at) && depths[at].is_none()).collect();
        if front.is_empty() {
            break;
        }
    }
    depths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(rows: &[&str]) -> Plane {
        let values = rows.iter().flat_map(|row| row.bytes().map(|byte| if byte == b'#' { 1.0 } else { 0.0 })).collect();
        Plane { width: rows[0].len(), height: rows.len(), values }
    }

    #[test]
    fn what_lies_between_two_outlines_is_ink_and_what_lies_within_both_is_none() {
        let ring = plane(&[
            ".........",
            ".#######.",
            ".#.....#.",
            ".#.###.#.",
            ".#.#.#.#.",
            ".#.###.#.",
            ".#.....#.",
            ".#######.",
            ".........",
        ]);
        let filled_ring = plane(&[
            ".........",
            ".#######.",
            ".#######.",
            ".#######.",
            ".###.###.",
            ".#######.",
            ".#######.",
            ".#######.",
            ".........",
        ]);
        assert_eq!(filled(&ring, 0.0).values, filled_ring.values);
    }

    #[test]
    fn an_outline_that_goes_on_beyond_the_picture_parts_it_from_nothing() {
        let open = plane(&["#####", ".....", ".###.", ".#.#.", ".#.#."]);
        assert_eq!(filled(&open, 0.0).values, open.values);
        let empty = plane(&["....", "...."]);
        assert_eq!(filled(&empty, 0.0).values, empty.values);
    }
}
