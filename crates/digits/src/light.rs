//! Ink against its own surroundings: how far below the paper around it each pixel is, whatever the light there.
//!
//! A closing fills strokes and leaves the edges of shadows, tables and sheets where they are, since half a plane holds
//! a square everywhere. So neither counts as ink.

use crate::bounds::Bounds;
use crate::morphology;
use crate::plane::Plane;

/// Least brightness of paper that darkness is divided by: below it the division would only enlarge noise.
const LEAST_LIGHT: f32 = 0.12;

/// Contrast below which nothing is ink, of 1.
const LEAST_CONTRAST: f32 = 0.05;

/// How far below its surroundings each pixel is, as a fraction of their brightness.
#[derive(Debug, Clone)]
pub(crate) struct Contrast {
    /// 0 paper, 1 black on it.
    pub ink: Plane,
    /// Brightness of the paper, strokes filled.
    pub paper: Plane,
    /// Brightness of the sheet, as [`brightest`] has it of the paper.
    pub brightest: f32,
    /// Contrast that noise alone does not reach.
    pub floor: f32,
}

impl Contrast {
    /// Measures dark ink against what a closing of `radius` leaves; for light ink give the inverted plane.
    pub fn of(plane: &Plane, radius: usize) -> Self {
        let mut paper = morphology::close(&softened(plane), radius);
        // Softening spreads what is bright over its border; there, the paper is no brighter than it was before.
        let sharp = morphology::close(plane, radius);
        for (soft, &sharp) in paper.values.iter_mut().zip(&sharp.values) {
            if sharp < *soft {
                *soft = sharp;
            }
        }
        let raw: Vec<f32> = plane
            .values
            .iter()
            .zip(&paper.values)
            .map(|(&value, &paper)| (paper - value) / if paper > LEAST_LIGHT { paper } else { LEAST_LIGHT })
            .collect();
        let brightest = brightest(&paper);
        let (usual, noise) = usual_and_noise(&raw, &paper, BRIGHT * brightest);
        let values = raw.into_iter().map(|value| (value - usual).clamp(0.0, 1.0)).collect();
        let ink = Plane { width: plane.width, height: plane.height, values };
        Self { ink, paper, brightest, floor: (5.0 * noise).max(LEAST_CONTRAST) }
    }

    /// Contrast of full ink: Otsu's upper class among what is above the floor, its 85th percentile. Of ink on bright paper; where
    /// there is none, the digit is in deep shadow, and all ink counts.
    pub fn full(&self) -> Option<f32> {
        self.full_of(&self.ink)
    }

    /// As [`Contrast::full`], of ink of which something was taken away.
    pub fn full_of(&self, ink: &Plane) -> Option<f32> {
        let bright = BRIGHT * self.brightest;
        let lit = ink.values.iter().zip(&self.paper.values).filter(|&(_, &paper)| paper >= bright);
        let full = crate::ink::full_contrast(lit.map(|(ink, _)| *ink), self.floor);
        full.or_else(|| {
            let in_shadow = crate::ink::full_contrast(ink.values.iter().copied(), self.floor);
            in_shadow.filter(|&full| full > SHADOWED * self.floor)
        })
    }
}

/// Median and standard deviation of what paper alone leaves: a closing takes the brightest grain for paper, so paper is a
/// little below it. Only where it is `bright`: the grain of a table's wood is no noise of the sheet.
fn usual_and_noise(values: &[f32], paper: &Plane, bright: f32) -> (f32, f32) {
    let step = (values.len() / 20_000) | 1;
    let lit = values.iter().zip(&paper.values).step_by(step).filter(|&(_, &paper)| paper >= bright);
    let mut sample: Vec<f32> = lit.map(|(value, _)| *value).collect();
    if sample.is_empty() {
        return (0.0, 0.0);
    }
    let middle = sample.len() / 2;
    // If more than half of the values are 0, so are both medians.
    if sample.iter().filter(|&&value| value == 0.0).count() > middle {
        return (0.0, 0.0);
    }
    let usual = *sample.select_nth_unstable_by(middle, f32::total_cmp).1;
    sample.iter_mut().for_each(|value| *value = (*value - usual).abs());
    (usual, 1.4826 * *sample.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// Contrast of full ink in deep shadow, at least, in contrasts that noise on bright paper does not reach: noise is stronger there.
const SHADOWED: f32 = 2.5;

/// Fraction of the sheet's brightness that its shadowed parts have at least.
const BRIGHT: f32 = 0.6;

/// Brightness of the sheet: all but the brightest 4 % of the paper are darker.
fn brightest(paper: &Plane) -> f32 {
    let mut sample: Vec<f32> = paper.values.iter().copied().step_by((paper.values.len() / 5_000) | 1).collect();
    let at = sample.len() * 24 / 25;
    *sample.select_nth_unstable_by(at, f32::total_cmp).1
}

/// Mean of 3x3, so that single bright grains do not lift the paper.
pub(crate) fn softened(plane: &Plane) -> Plane {
    let (width, height) = (plane.width, plane.height);
    if width < 3 || height < 3 {
        return plane.clone();
    }
    let whole = Bounds { left: 0, top: 0, right: width, bottom: height };
    let ground = plane.values[0];
    // Even ground stays as it is, if the mean of three equal values is that value to the bit.
    let uneven = if (ground + ground + ground) / 3.0 == ground { plane.unlike(ground) } else { Some(whole) };
    uneven.map_or_else(|| plane.clone(), |uneven| softened_in(plane, &uneven.widened(1, width, height)))
}

/// The same within a box; pixels outside it stay as they are. The plane is 3x3 at least.
fn softened_in(plane: &Plane, part: &Bounds) -> Plane {
    let (width, height) = (plane.width, plane.height);
    let mut across = plane.values.clone();
    for row in part.top..part.bottom {
        let line = &plane.values[row * width..][..width];
        let soft = &mut across[row * width..][..width];
        for column in part.left.max(1)..part.right.min(width - 1) {
            soft[column] = (line[column - 1] + line[column] + line[column + 1]) / 3.0;
        }
    }
    let mut values = across.clone();
    for row in part.top.max(1)..part.bottom.min(height - 1) {
        let [above, here, below] = [row - 1, row, row + 1].map(|row| &across[row * width..][..width]);
        for column in part.left..part.right {
            values[row * width + column] = (above[column] + here[column] + below[column]) / 3.0;
        }
    }
    Plane { width, height, values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded;

    #[test]
    fn softening_a_part_gives_what_softening_all_gives() {
        for (number, plane) in seeded::planes().iter().enumerate() {
            let whole = Bounds { left: 0, top: 0, right: plane.width, bottom: plane.height };
            if plane.width >= 3 && plane.height >= 3 {
                assert_eq!(softened(plane).values, softened_in(plane, &whole).values, "{number}");
            }
        }
    }

    #[test]
    fn contrast_is_to_the_bit_what_its_definition_gives() {
        for (number, plane) in seeded::planes().iter().enumerate() {
            let contrast = Contrast::of(plane, 4);
            let [soft, sharp] = [&softened(plane), plane].map(|plane| morphology::close(plane, 4).values);
            let paper: Vec<f32> = soft.iter().zip(&sharp).map(|(soft, &sharp)| soft.min(sharp)).collect();
            assert_eq!(contrast.paper.values, paper, "{number}");
            let under = plane.values.iter().zip(&paper);
            let raw: Vec<f32> = under.map(|(value, paper)| (paper - value) / paper.max(LEAST_LIGHT)).collect();
            let (usual, noise) = plain_usual_and_noise(&raw, &contrast.paper);
            let ink: Vec<f32> = raw.iter().map(|value| (value - usual).clamp(0.0, 1.0)).collect();
            assert_eq!(contrast.ink.values, ink, "{number}");
            assert_eq!(contrast.floor, (5.0 * noise).max(LEAST_CONTRAST), "{number}");
        }
    }

    /// Median and standard deviation of bright paper's values, put in order.
    fn plain_usual_and_noise(values: &[f32], paper: &Plane) -> (f32, f32) {
        let bright = BRIGHT * brightest(paper);
        let lit = values.iter().zip(&paper.values).filter(|&(_, &paper)| paper >= bright);
        let mut sample: Vec<f32> = lit.map(|(value, _)| *value).collect();
        sample.sort_by(f32::total_cmp);
        let usual = sample[sample.len() / 2];
        sample.iter_mut().for_each(|value| *value = (*value - usual).abs());
        sample.sort_by(f32::total_cmp);
        (usual, 1.4826 * sample[sample.len() / 2])
    }
}
