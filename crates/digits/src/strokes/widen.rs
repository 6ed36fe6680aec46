//! A mask made wider.

/// Every pixel of a mask of `width` x `height`, both at least 1, within `radius` rows and columns of a set one.
pub(crate) fn widen(mask: &[bool], width: usize, height: usize, radius: usize) -> Vec<bool> {
    let mut across = vec![false; width * height];
    for (wide, mask) in across.chunks_exact_mut(width).zip(mask.chunks_exact(width)) {
        let mut reach = 0;
        wide.iter_mut().zip(mask).for_each(|(wide, &set)| go_on(wide, set, &mut reach, radius));
        reach = 0;
        wide.iter_mut().zip(mask).rev().for_each(|(wide, &set)| go_on(wide, set, &mut reach, radius));
    }
    let mut wide = vec![false; width * height];
    let mut reaches = vec![0; width];
    for (wide, set) in wide.chunks_exact_mut(width).zip(across.chunks_exact(width)) {
        go_on_in_row(wide, set, &mut reaches, radius);
    }
    reaches.fill(0);
    for (wide, set) in wide.chunks_exact_mut(width).zip(across.chunks_exact(width)).rev() {
        go_on_in_row(wide, set, &mut reaches, radius);
    }
    wide
}

/// Goes on by one row along every column; `reaches` has a number for each.
fn go_on_in_row(wide: &mut [bool], set: &[bool], reaches: &mut [usize], radius: usize) {
    for ((wide, &set), reach) in wide.iter_mut().zip(set).zip(reaches) {
        go_on(wide, set, reach, radius);
    }
}

/// Goes on by a pixel along a line, on which the last set pixel still covers `reach` pixels.
fn go_on(wide: &mut bool, set: bool, reach: &mut usize, radius: usize) {
    *reach = if set { radius + 1 } else { reach.saturating_sub(1) };
    *wide |= *reach > 0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::SplitMix64;

    #[test]
    fn a_pixel_is_covered_if_a_set_one_is_near() {
        let mut random = SplitMix64(5);
        for (width, height) in [(1, 1), (12, 7), (7, 30), (40, 40)] {
            let mask: Vec<bool> = (0..width * height).map(|_| random.bits().is_multiple_of(23)).collect();
            for radius in [0, 1, 3, 50] {
                let near = |at: usize| {
                    let (column, row) = (at % width, at / width);
                    let mut rows = row.saturating_sub(radius)..(row + radius + 1).min(height);
                    let columns = column.saturating_sub(radius)..(column + radius + 1).min(width);
                    rows.any(|row| mask[row * width..][columns.clone()].contains(&true))
                };
                let plain: Vec<bool> = (0..width * height).map(near).collect();
                assert_eq!(widen(&mask, width, height, radius), plain, "{width}x{height} by {radius}");
            }
        }
    }
}
