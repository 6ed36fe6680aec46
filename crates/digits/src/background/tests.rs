use super::*;
use crate::seeded;

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
        let found = fit(&plane).over(width, height);
        let farthest = (0..paper.len()).map(|at| (found[at] - paper[at]).abs()).fold(0.0, f32::max);
        assert!(farthest < STEP as f32, "{width}x{height}: {farthest}");
    }
}

#[test]
fn a_fit_that_goes_on_where_it_settled_stays_there() {
    let (plane, _) = lit_paper(140, 140);
    let Surface(settled) = fit(&plane);
    let next = biweight_round(&plain::samples(&plane, false), &settled);
    let moved: f64 = next.iter().zip(&settled).map(|(now, before)| (now - before).abs()).sum();
    assert!(moved < SETTLED, "{moved}");
}

#[test]
fn a_surface_is_at_every_pixel_what_its_terms_add_up_to() {
    let mut surfaces = vec![[0.0; TERMS], [0.7, 0.0, 0.0, 0.0, 0.0, 0.0], [-0.0, 0.1, -0.2, 0.0, 0.3, 0.0]];
    surfaces.extend(seeded::planes().iter().map(|plane| fit(plane).0));
    for (number, surface) in surfaces.into_iter().enumerate() {
        for (width, height) in [(140, 140), (31, 47), (9, 1), (1, 1)] {
            let plain: Vec<f32> =
                (0..width * height).map(|at| dot(&surface, &plain::terms(width, height, at)) as f32).collect();
            assert_eq!(Surface(surface).over(width, height), plain, "{number}, {width}x{height}: {surface:?}");
        }
    }
}

#[test]
fn a_fit_is_to_the_bit_what_all_its_rounds_give() {
    for (number, plane) in seeded::planes().iter().enumerate() {
        assert_eq!(fit(plane).0, plain::fit(plane), "{number}: {}x{}", plane.width, plane.height);
    }
}

/// Large borders have more pixels than a fit looks at.
#[test]
fn samples_of_the_border_are_every_so_many_of_its_pixels() {
    for (width, height) in [(900, 700), (500, 400), (30, 600), (600, 30), (3, 2), (2, 1), (1, 2), (1, 1)] {
        let plane = Plane { width, height, values: vec![0.5; width * height] };
        let quick = samples(&plane, &Places::of(width, height), &border(width, height));
        let places = |samples: &[Sample]| samples.iter().map(|sample| (sample.x, sample.y)).collect::<Vec<_>>();
        assert_eq!(places(&quick), places(&plain::samples(&plane, true)), "{width}x{height}");
    }
}

#[test]
fn deviations_are_those_of_numbers_in_order() {
    for plane in seeded::planes() {
        let values = plane.values.iter().map(|&value| f64::from(value) - 0.3);
        let plain = plain::deviation(values.clone().collect());
        assert_eq!(deviation(values), plain);
        let low: Vec<f32> = plane.values.iter().map(|value| value - 0.3).collect();
        assert_eq!(deviation_of(&low), plain::deviation(low.iter().map(|&value| f64::from(value)).collect()));
    }
}

/// The fit as its definition reads: every round in full, every pixel's place by itself.
mod plain {
    use super::*;

    pub fn fit(plane: &Plane) -> [f64; TERMS] {
        let border = samples(plane, true);
        let mut values: Vec<f64> = border.iter().map(|sample| sample.value).collect();
        let mut level = [0.0; TERMS];
        level[0] = median(&mut values, f64::total_cmp).unwrap_or_default();
        let tilted = settle(level, |surface| {
            let weights = border.iter().map(|sample| 1.0 / sample.residual(surface).abs().max(STEP));
            weighted_fit::<PLANE_TERMS>(&border, surface, weights)
        });
        let all = samples(plane, false);
        settle(tilted, |surface| {
            let residuals = || all.iter().map(|sample| sample.residual(surface));
            let spread = deviation(residuals().collect()).max(STEP);
            let weights = residuals().map(|residual| {
                let distance = residual / (TUKEY * spread);
                if distance.abs() < 1.0 { (1.0 - distance * distance).powi(2) } else { 0.0 }
            });
            weighted_fit::<TERMS>(&all, surface, weights)
        })
    }

    pub fn deviation(residuals: Vec<f64>) -> f64 {
        let mut sizes: Vec<f64> = residuals.into_iter().map(f64::abs).collect();
        1.4826 * median(&mut sizes, f64::total_cmp).unwrap_or_default()
    }

    pub fn samples(plane: &Plane, border_only: bool) -> Vec<Sample> {
        let (width, height) = (plane.width, plane.height);
        let frame = |side: usize| ((side as f64 * BORDER) as usize).max(1);
        let (across, down) = (frame(width), frame(height));
        let in_border = |column: usize, row: usize| {
            column < across || row < down || column + across >= width || row + down >= height
        };
        let wanted = |at: &usize| !border_only || in_border(at % width, at / width);
        let pixels: Vec<usize> = (0..plane.values.len()).filter(wanted).collect();
        let step = (pixels.len() / SAMPLES) | 1;
        let sample = |at: usize| {
            let [_, x, y, ..] = terms(width, height, at);
            Sample { x, y, value: f64::from(plane.values[at]) }
        };
        pixels.into_iter().step_by(step).map(sample).collect()
    }

    pub fn terms(width: usize, height: usize, at: usize) -> [f64; TERMS] {
        let across = |at: usize, side: usize| {
            if side > 1 { 2.0 * at as f64 / (side - 1) as f64 - 1.0 } else { 0.0 }
        };
        let (x, y) = (across(at % width, width), across(at / width, height));
        [1.0, x, y, x * x, x * y, y * y]
    }
}
