//! The brightness of the paper under the ink: a smooth surface that shadows and vignettes bend and strokes do not.

use crate::median::median;
use crate::plane::Plane;

/// Coefficients of 1, x, y, x², xy, y² with x and y from -1 to 1 across the picture.
///
/// A quadratic follows a lamp's gradient or a lens's vignette, and is too stiff to follow a stroke.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surface([f64; TERMS]);

const TERMS: usize = 6;
/// Terms of a plane: what a frame of border pixels determines safely even where a stroke crosses it.
const PLANE_TERMS: usize = 3;

/// Pixels that a fit looks at, about, evenly spread: far more than six coefficients need.
const SAMPLES: usize = 4_000;

/// Fraction of each side that counts as border. Digits are written inside; the border is paper, but for crossing strokes.
const BORDER: f64 = 0.04;

/// Residuals below one step of 8 bits are rounding, not information.
const STEP: f64 = 1.0 / 255.0;

/// Tukey's biweight constant: 95 % efficient on Gaussian noise, blind to anything beyond 4.685 deviations, as ink is.
const TUKEY: f64 = 4.685;

/// Rounds of reweighting, at most; four or five are usual.
const ROUNDS: usize = 12;

/// A round that moves the surface by less than this anywhere is the last: a twentieth of a step of 8 bits.
const SETTLED: f64 = STEP / 20.0;

impl Surface {
    /// Brightness of the paper at a pixel.
    pub fn at(&self, plane: &Plane, column: usize, row: usize) -> f32 {
        dot(&self.0, &terms(plane, column, row)) as f32
    }
}

/// Fits the paper's brightness.
///
/// First a plane through the border by least absolute deviations, which up to half of the border being ink does not
/// move; from there a quadratic through all pixels by Tukey's biweight, which lets go of the ink, a minority.
pub(crate) fn fit(plane: &Plane) -> Surface {
    let border = samples(plane, true);
    let mut values: Vec<f64> = border.iter().map(|sample| sample.value).collect();
    let mut level = [0.0; TERMS];
    level[0] = median(&mut values, f64::total_cmp).unwrap_or_default();
    let tilted = settle(level, |surface| {
        weighted_fit::<PLANE_TERMS>(&border, surface, |residual| 1.0 / residual.abs().max(STEP))
    });
    let all = samples(plane, false);
    Surface(settle(tilted, |surface| biweight_round(&all, surface)))
}

/// One round by Tukey's biweight.
fn biweight_round(samples: &[Sample], surface: &[f64; TERMS]) -> [f64; TERMS] {
    let spread = deviation(samples.iter().map(|sample| sample.residual(surface)).collect()).max(STEP);
    weighted_fit::<TERMS>(samples, surface, |residual| {
        let distance = residual / (TUKEY * spread);
        if distance.abs() < 1.0 { (1.0 - distance * distance).powi(2) } else { 0.0 }
    })
}

/// Reweights until the surface stays where it is.
fn settle(mut surface: [f64; TERMS], round: impl Fn(&[f64; TERMS]) -> [f64; TERMS]) -> [f64; TERMS] {
    for _ in 0..ROUNDS {
        let next = round(&surface);
        // No term is larger than 1 anywhere in the picture.
        let moved: f64 = next.iter().zip(&surface).map(|(now, before)| (now - before).abs()).sum();
        surface = next;
        if moved < SETTLED {
            break;
        }
    }
    surface
}

/// Standard deviation of the majority: 1.4826 times the median of absolute values, as for Gaussian noise about zero.
pub(crate) fn deviation(residuals: Vec<f64>) -> f64 {
    let mut sizes: Vec<f64> = residuals.into_iter().map(f64::abs).collect();
    1.4826 * median(&mut sizes, f64::total_cmp).unwrap_or_default()
}

/// One pixel that a fit looks at.
struct Sample {
    terms: [f64; TERMS],
    value: f64,
}

impl Sample {
    fn residual(&self, surface: &[f64; TERMS]) -> f64 {
        self.value - dot(surface, &self.terms)
    }
}

fn samples(plane: &Plane, border_only: bool) -> Vec<Sample> {
    let frame = |side: usize| ((side as f64 * BORDER) as usize).max(1);
    let (across, down) = (frame(plane.width), frame(plane.height));
    let in_border = |column: usize, row: usize| {
        column < across || row < down || column + across >= plane.width || row + down >= plane.height
    };
    let wanted = |at: &usize| !border_only || in_border(at % plane.width, at / plane.width);
    let pixels: Vec<usize> = (0..plane.values.len()).filter(wanted).collect();
    // An odd step does not walk down the same columns of an even-sided picture.
    let step = (pixels.len() / SAMPLES) | 1;
    pixels
        .into_iter()
        .step_by(step)
        .map(|at| Sample {
            terms: terms(plane, at % plane.width, at / plane.width),
            value: f64::from(plane.values[at]),
        })
        .collect()
}

fn terms(plane: &Plane, column: usize, row: usize) -> [f64; TERMS] {
    let across = |at: usize, side: usize| {
        if side > 1 { 2.0 * at as f64 / (side - 1) as f64 - 1.0 } else { 0.0 }
    };
    let (x, y) = (across(column, plane.width), across(row, plane.height));
    [1.0, x, y, x * x, x * y, y * y]
}

fn dot(a: &[f64; TERMS], b: &[f64; TERMS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// One round of weighted least squares in the first `COUNT` terms; keeps `from` when the system has no solution.
fn weighted_fit<const COUNT: usize>(
    samples: &[Sample],
    from: &[f64; TERMS],
    weight: impl Fn(f64) -> f64,
) -> [f64; TERMS] {
    // Of the symmetric matrix only the part below the diagonal, and the right-hand side.
    let (mut matrix, mut side) = ([[0.0; COUNT]; COUNT], [0.0; COUNT]);
    for sample in samples {
        let weight = weight(sample.residual(from));
        if weight == 0.0 {
            continue;
        }
        for (i, row) in matrix.iter_mut().enumerate() {
            let weighted = weight * sample.terms[i];
            side[i] += weighted * sample.value;
            row[..=i].iter_mut().zip(&sample.terms).for_each(|(sum, term)| *sum += weighted * term);
        }
    }
    let mut rows = [[0.0; TERMS + 1]; TERMS];
    for i in 0..COUNT {
        for j in 0..COUNT {
            rows[i][j] = matrix[i.max(j)][i.min(j)];
        }
        rows[i][TERMS] = side[i];
    }
    solve(&mut rows, COUNT).unwrap_or(*from)
}

/// Gaussian elimination with partial pivoting; the right-hand side is the last column.
fn solve(rows: &mut [[f64; TERMS + 1]; TERMS], count: usize) -> Option<[f64; TERMS]> {
    let largest = rows.iter().flat_map(|row| &row[..count]).fold(0.0f64, |most, value| most.max(value.abs()));
    for step in 0..count {
        let pivot = (step..count).max_by(|&a, &b| rows[a][step].abs().total_cmp(&rows[b][step].abs()))?;
        rows.swap(step, pivot);
        if rows[step][step].abs() <= 1e-10 * largest {
            return None;
        }
        let top = rows[step];
        for row in &mut rows[step + 1..count] {
            let factor = row[step] / top[step];
            row.iter_mut().zip(&top).for_each(|(value, above)| *value -= factor * above);
        }
    }
    let mut solution = [0.0; TERMS];
    for i in (0..count).rev() {
        let known: f64 = (i + 1..count).map(|j| rows[i][j] * solution[j]).sum();
        solution[i] = (rows[i][TERMS] - known) / rows[i][i];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper under a lamp with a vignette, and on it a stroke through a fifth of the picture that crosses the border.
    fn lit_paper(width: usize, height: usize) -> (Plane, Vec<f32>) {
        let (mut values, mut paper) = (Vec::new(), Vec::new());
        for at in 0..width * height {
            let (x, y) = ((at % width) as f32 / width as f32 - 0.5, (at / width) as f32 / height as f32 - 0.5);
            let light = 0.8 + 0.2 * x - 0.1 * y - 0.3 * (x * x + y * y);
            paper.push(light);
            values.push(if x.abs() < 0.1 { 0.2 } else { light });
        }
        (Plane { width, height, values }, paper)
    }

    #[test]
    fn the_light_on_the_paper_is_found_under_a_stroke_that_crosses_the_border() {
        for (width, height) in [(28, 28), (140, 90), (500, 400)] {
            let (plane, paper) = lit_paper(width, height);
            let surface = fit(&plane);
            let farthest = (0..paper.len())
                .map(|at| (surface.at(&plane, at % width, at / width) - paper[at]).abs())
                .fold(0.0, f32::max);
            assert!(farthest < STEP as f32, "{width}x{height}: {farthest}");
        }
    }

    #[test]
    fn a_fit_that_goes_on_where_it_settled_stays_there() {
        let (plane, _) = lit_paper(140, 140);
        let Surface(settled) = fit(&plane);
        let next = biweight_round(&samples(&plane, false), &settled);
        let moved: f64 = next.iter().zip(&settled).map(|(now, before)| (now - before).abs()).sum();
        assert!(moved < SETTLED, "{moved}");
    }
}
