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
    /// Brightness of the paper at every pixel of a plane of `width` x `height`, row by row.
    ///
    /// Terms are added from the first to the last at each pixel, as [`dot`] does; what depends on the column or the row
    /// alone is multiplied once.
    pub fn over(&self, width: usize, height: usize) -> Vec<f32> {
        let [level, right, down, across_bend, twist, down_bend] = self.0;
        if is_black(&[0.0, right, down, across_bend, twist, down_bend]) {
            return vec![level as f32; width * height];
        }
        let places = Places::of(width, height);
        let columns: Vec<[f64; 3]> =
            places.across.iter().map(|&x| [x, level + right * x, across_bend * (x * x)]).collect();
        let mut values = Vec::with_capacity(width * height);
        for &y in &places.down {
            let (tilt, bend) = (down * y, down_bend * (y * y));
            let brightness = |&[x, along, curve]: &[f64; 3]| (along + tilt + curve + twist * (x * y) + bend) as f32;
            values.extend(columns.iter().map(brightness));
        }
        values
    }
}

/// Where columns and rows of a plane are, from -1 to 1.
struct Places {
    across: Vec<f64>,
    down: Vec<f64>,
}

impl Places {
    fn of(width: usize, height: usize) -> Self {
        let place = |at: usize, side: usize| {
            if side > 1 { 2.0 * at as f64 / (side - 1) as f64 - 1.0 } else { 0.0 }
        };
        let places = |side: usize| (0..side).map(|at| place(at, side)).collect();
        Self { across: places(width), down: places(height) }
    }
}

/// Fits the paper's brightness.
///
/// First a plane through the border by least absolute deviations, which up to half of the border being ink does not
/// move; from there a quadratic through all pixels by Tukey's biweight, which lets go of the ink, a minority.
pub(crate) fn fit(plane: &Plane) -> Surface {
    let places = Places::of(plane.width, plane.height);
    let tilted = border_plane(&samples(plane, &places, &border(plane.width, plane.height)));
    let pixels: Vec<usize> = (0..plane.values.len()).step_by(step(plane.values.len())).collect();
    let all = samples(plane, &places, &pixels);
    Surface(settle(tilted, |surface| biweight_round(&all, surface)))
}

/// A plane through samples by least absolute deviations.
fn border_plane(border: &[Sample]) -> [f64; TERMS] {
    let mut surface = [0.0; TERMS];
    // All right-hand sides of the fit would be 0, and so its solution.
    if border.iter().all(|sample| sample.value == 0.0) {
        return surface;
    }
    let mut values: Vec<f64> = border.iter().map(|sample| sample.value).collect();
    surface[0] = median(&mut values, f64::total_cmp).unwrap_or_default();
    settle(surface, |surface| {
        let weights = border.iter().map(|sample| 1.0 / sample.residual(surface).abs().max(STEP));
        weighted_fit::<PLANE_TERMS>(border, surface, weights)
    })
}

/// One round by Tukey's biweight.
fn biweight_round(samples: &[Sample], surface: &[f64; TERMS]) -> [f64; TERMS] {
    let residuals: Vec<f64> = samples.iter().map(|sample| sample.residual(surface)).collect();
    let small = residuals.iter().filter(|residual| residual.abs() <= STEP / 1.5).count();
    // More than half are that small, and so is their median: 1.4826 times it is less than a step.
    let spread = if small > residuals.len() / 2 { STEP } else { deviation(residuals.iter().copied()).max(STEP) };
    let reach = TUKEY * spread;
    let is_ink = |residual: &f64| residual.abs() >= reach;
    // Paper and surface are both black, and ink has no weight: all right-hand sides would be 0, and so the solution.
    if is_black(surface) && residuals.iter().all(|residual| *residual == 0.0 || is_ink(residual)) {
        return *surface;
    }
    let weights = residuals.iter().map(|residual| {
        let distance = residual / reach;
        if distance.abs() < 1.0 { (1.0 - distance * distance).powi(2) } else { 0.0 }
    });
    weighted_fit::<TERMS>(samples, surface, weights)
}

/// Whether a surface is 0 everywhere.
fn is_black(surface: &[f64; TERMS]) -> bool {
    surface.iter().all(|&term| term == 0.0)
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
pub(crate) fn deviation(residuals: impl Iterator<Item = f64>) -> f64 {
    // Absolute values are in the order of their bits, which compare faster.
    let mut sizes: Vec<u64> = residuals.map(|residual| residual.abs().to_bits()).collect();
    1.4826 * median(&mut sizes, u64::cmp).map(f64::from_bits).unwrap_or_default()
}

/// As [`deviation`], of float32 values.
pub(crate) fn deviation_of(residuals: &[f32]) -> f64 {
    let mut sizes: Vec<u32> = residuals.iter().map(|residual| residual.abs().to_bits()).collect();
    1.4826 * median(&mut sizes, u32::cmp).map(|bits| f64::from(f32::from_bits(bits))).unwrap_or_default()
}

/// One pixel that a fit looks at: its place, -1 to 1, and its brightness.
struct Sample {
    x: f64,
    y: f64,
    value: f64,
}

impl Sample {
    fn terms(&self) -> [f64; TERMS] {
        let Self { x, y, .. } = *self;
        [1.0, x, y, x * x, x * y, y * y]
    }

    fn residual(&self, surface: &[f64; TERMS]) -> f64 {
        self.value - dot(surface, &self.terms())
    }
}

/// Distance between samples, in pixels. An odd one does not walk down the same columns of an even-sided picture.
fn step(pixels: usize) -> usize {
    (pixels / SAMPLES) | 1
}

/// The pixels of the border that a fit looks at, in order.
fn border(width: usize, height: usize) -> Vec<usize> {
    let frame = |side: usize| ((side as f64 * BORDER) as usize).max(1);
    let (across, down) = (frame(width), frame(height));
    let mut pixels = Vec::new();
    for row in 0..height {
        let start = row * width;
        if row < down || row + down >= height {
            pixels.extend(start..start + width);
        } else {
            pixels.extend(start..start + across);
            pixels.extend(start + across.max(width - across)..start + width);
        }
    }
    let step = step(pixels.len());
    pixels.into_iter().step_by(step).collect()
}

/// Samples at `pixels`, which are in rising order.
fn samples(plane: &Plane, places: &Places, pixels: &[usize]) -> Vec<Sample> {
    let (mut row, mut start) = (0, 0);
    let sample = |&at: &usize| {
        while at - start >= plane.width {
            (row, start) = (row + 1, start + plane.width);
        }
        Sample { x: places.across[at - start], y: places.down[row], value: f64::from(plane.values[at]) }
    };
    pixels.iter().map(sample).collect()
}

fn dot(a: &[f64; TERMS], b: &[f64; TERMS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// One round of least squares in the first `COUNT` terms, with a weight for each sample; keeps `from` when the system has no
/// solution.
fn weighted_fit<const COUNT: usize>(
    samples: &[Sample],
    from: &[f64; TERMS],
    weights: impl Iterator<Item = f64>,
) -> [f64; TERMS] {
    // Of the symmetric matrix only the part below the diagonal, and the right-hand side.
    let (mut matrix, mut side) = ([[0.0; COUNT]; COUNT], [0.0; COUNT]);
    for (sample, weight) in samples.iter().zip(weights) {
        if weight == 0.0 {
            continue;
        }
        let terms = sample.terms();
        for (i, row) in matrix.iter_mut().enumerate() {
            let weighted = weight * terms[i];
            side[i] += weighted * sample.value;
            row[..=i].iter_mut().zip(&terms).for_each(|(sum, term)| *sum += weighted * term);
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
mod tests;
