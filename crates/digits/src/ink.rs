//! From brightness to ink: which side of the paper's brightness the ink is on, how much there is, and what is noise.

use serde::Serialize;

use crate::background;
use crate::plane::Plane;

/// Whether ink is darker or lighter than what it is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Polarity {
    /// A pen on paper.
    DarkOnLight,
    /// Chalk on a board, and MNIST.
    LightOnDark,
}

/// Least contrast between ink and paper, of 1, that counts as ink. A pencil has 0.2 and more; JPEG's blocks, paper grain
/// and sensor noise stay below 0.05.
pub(crate) const LEAST_CONTRAST: f32 = 0.08;

/// Deviations of the paper's noise above which a pixel is not noise: five leave less than one false pixel in a million.
pub(crate) const NOISE_DEVIATIONS: f32 = 5.0;

/// Least headroom that brightness is divided by: below it the division would only enlarge noise.
const LEAST_HEADROOM: f32 = 0.2;

/// Contrast that is more than rounding, and how much more of it than grain there is where a shadow or a table does not fit
/// the surface.
const MISFIT: f32 = 0.02;
const MISFIT_RATIO: f32 = 4.0;

/// Luma is kept unless a single channel shows this much more contrast: it has the least noise of all.
const COLOUR_ADVANTAGE: f32 = 1.25;

/// The strokes of a picture: 0 paper, 1 full ink.
#[derive(Debug)]
pub(crate) struct InkMap {
    pub ink: Plane,
    pub polarity: Polarity,
    /// Difference of brightness between full ink and paper, of 1.
    pub contrast: f32,
    /// Whether the paper's brightness is not the smooth surface that it was taken for.
    pub misfit: bool,
    /// Standard deviation of the paper's noise on the stretched scale; 0 for a clean picture.
    pub noise: f32,
}

/// The ink of the plane that shows it best, or `None` when no plane shows any.
///
/// Planes are luma, then red, green and blue: yellow on white is bright in luma, and dark in blue.
pub(crate) fn find(planes: &[Plane]) -> Option<InkMap> {
    let mut best: Option<InkMap> = None;
    for map in planes.iter().filter_map(ink_of) {
        let needed = best.as_ref().map_or(0.0, |best| best.contrast * COLOUR_ADVANTAGE);
        if map.contrast > needed {
            best = Some(map);
        }
    }
    best
}

fn ink_of(plane: &Plane) -> Option<InkMap> {
    let paper = background::fit(plane).over(plane.width, plane.height);
    let above: Vec<f32> = plane.values.iter().zip(&paper).map(|(value, paper)| value - paper).collect();
    let polarity = polarity(&above)?;
    let values = contrast_map(&above, &paper, polarity);
    let contrast = Plane { width: plane.width, height: plane.height, values };
    let noise = noise(&contrast.values);
    let full = full_contrast(contrast.values.iter().copied(), floor(noise))?;
    let ink = contrast.map(|_, _, value| (value / full).clamp(0.0, 1.0));
    let misfit = noise > MISFIT && noise > MISFIT_RATIO * grain(&contrast) && !is_two_toned(&ink);
    Some(InkMap { ink, polarity, contrast: difference(&above, &contrast, full), misfit, noise: noise / full })
}

/// The side of the paper's brightness with more energy beyond noise; `None` when neither has any. `above` is how much
/// brighter than the paper each pixel is.
fn polarity(above: &[f32]) -> Option<Polarity> {
    let quiet = above.iter().filter(|value| value.abs() <= QUIET).count();
    let floor = if quiet > above.len() / 2 { LEAST_CONTRAST } else { floor(noise(above)) };
    let (mut light, mut dark) = (0.0f64, 0.0f64);
    for &value in above {
        if value > floor {
            light += f64::from(value * value);
        } else if -value > floor {
            dark += f64::from(value * value);
        }
    }
    match () {
        () if light > dark => Some(Polarity::LightOnDark),
        () if dark > 0.0 => Some(Polarity::DarkOnLight),
        () => None,
    }
}

/// Median size of differences up to which noise does not raise the [`floor`]: five deviations of it are 0.074.
const QUIET: f32 = 0.01;

/// Contrast as a fraction of what the paper leaves room for: in half the light, ink is half as far below the paper.
fn contrast_map(above: &[f32], paper: &[f32], polarity: Polarity) -> Vec<f32> {
    let pixels = above.iter().zip(paper);
    match polarity {
        Polarity::DarkOnLight => pixels.map(|(above, paper)| -above / paper.clamp(LEAST_HEADROOM, 1.0)).collect(),
        Polarity::LightOnDark => {
            pixels.map(|(above, paper)| above / (1.0 - paper).clamp(LEAST_HEADROOM, 1.0)).collect()
        }
    }
}

/// Difference of brightness where contrast is full: before division by headroom, which would let the ringing of a channel
/// that the paper fills beat ink in another.
fn difference(above: &[f32], contrast: &Plane, full: f32) -> f32 {
    let inked = above.iter().zip(&contrast.values).filter(|&(_, &contrast)| contrast >= 0.8 * full);
    let (sum, count) = inked.fold((0.0f64, 0u32), |(sum, count), (above, _)| (sum + f64::from(above.abs()), count + 1));
    (sum / f64::from(count.max(1))) as f32
}

/// Standard deviation of noise from pixel to pixel, which no surface however wrong makes.
fn grain(plane: &Plane) -> f32 {
    let step = (plane.values.len() / 4_000) | 1;
    let pairs = plane.values.windows(2).step_by(step);
    background::deviation(pairs.map(|pair| f64::from(pair[1] - pair[0]) / std::f64::consts::SQRT_2)) as f32
}

/// Whether nearly all is either paper or full ink, as where strokes are so thick that they are no exception: the borders
/// of strokes are between, and a shadow or a table would be.
fn is_two_toned(ink: &Plane) -> bool {
    let step = (ink.values.len() / 20_000) | 1;
    let sample = || ink.values.iter().step_by(step);
    let full = sample().filter(|&&ink| ink > 0.8).count();
    let between = sample().filter(|&&ink| (0.2..=0.8).contains(&ink)).count();
    between as f32 <= MOST_BETWEEN * full as f32
}

/// Fraction of full ink that the borders of strokes are, at most, where strokes are thick.
const MOST_BETWEEN: f32 = 0.3;

fn noise(residuals: &[f32]) -> f32 {
    background::deviation_of(residuals) as f32
}

/// Contrast above which a pixel is ink and not noise.
fn floor(noise: f32) -> f32 {
    (NOISE_DEVIATIONS * noise).max(LEAST_CONTRAST)
}

/// Contrast of full ink: the 90th percentile of the darker class by Otsu's threshold, so that neither the grey edges of
/// strokes nor what is left of a shadow counts, and a few darker specks do not set the scale.
pub(crate) fn full_contrast(contrast: impl Iterator<Item = f32>, floor: f32) -> Option<f32> {
    let beyond: Vec<f32> = contrast.filter(|&value| value > floor).collect();
    let threshold = otsu(&beyond)?;
    let mut full: Vec<f32> = beyond.into_iter().filter(|&value| value >= threshold).collect();
    let at = full.len() * 9 / 10;
    (!full.is_empty()).then(|| *full.select_nth_unstable_by(at, f32::total_cmp).1)
}

/// Otsu's threshold (1979): the split into two classes with the largest variance between them. `None` without values.
pub(crate) fn otsu(values: &[f32]) -> Option<f32> {
    const BINS: usize = 64;
    let least = values.iter().copied().reduce(|least, value| if value < least { value } else { least })?;
    let most = values.iter().copied().fold(least, |most, value| if value > most { value } else { most });
    let width = (most - least) / BINS as f32;
    let mut counts = [0.0f64; BINS];
    for value in values {
        counts[(((value - least) / width) as usize).min(BINS - 1)] += 1.0;
    }
    let total: f64 = counts.iter().sum();
    let total_sum: f64 = counts.iter().enumerate().map(|(bin, count)| bin as f64 * count).sum();
    let (mut below, mut below_sum, mut best) = (0.0, 0.0, (0.0, 0));
    for (bin, count) in counts.iter().enumerate().take(BINS - 1) {
        below += count;
        below_sum += bin as f64 * count;
        let gap = below_sum / below.max(1.0) - (total_sum - below_sum) / (total - below).max(1.0);
        let between = below * (total - below) * gap * gap;
        if between > best.0 {
            best = (between, bin + 1);
        }
    }
    Some(least + best.1 as f32 * width)
}

#[cfg(test)]
mod tests;
