use super::*;
use crate::seeded;

#[test]
fn ink_is_to_the_bit_what_its_definition_gives() {
    let mut inked = 0;
    for (number, plane) in seeded::planes().iter().enumerate() {
        let (quick, plain) = (ink_of(plane), plain::ink_of(plane));
        let parts = |map: &InkMap| (map.polarity, map.contrast.to_bits(), map.misfit, map.noise.to_bits());
        assert_eq!(quick.as_ref().map(parts), plain.as_ref().map(parts), "{number}");
        if let Some((quick, plain)) = quick.zip(plain) {
            assert_eq!(quick.ink.values, plain.ink.values, "{number}");
            inked += 1;
        }
    }
    assert!(inked > 30, "{inked}");
}

#[test]
fn quiet_paper_has_the_least_floor() {
    assert_eq!(floor(noise(&[QUIET])), LEAST_CONTRAST);
}

/// Ink as its definition reads: every deviation from all values in order, both energies by themselves.
mod plain {
    use super::*;

    pub fn ink_of(plane: &Plane) -> Option<InkMap> {
        let paper = background::fit(plane).over(plane.width, plane.height);
        let above = plane.map(|column, row, value| value - paper[row * plane.width + column]);
        let polarity = polarity(&above)?;
        let contrast = above.map(|column, row, value| {
            let paper = paper[row * plane.width + column];
            match polarity {
                Polarity::DarkOnLight => -value / paper.clamp(LEAST_HEADROOM, 1.0),
                Polarity::LightOnDark => value / (1.0 - paper).clamp(LEAST_HEADROOM, 1.0),
            }
        });
        let noise = noise(&contrast);
        let full = full_contrast(contrast.values.iter().copied(), floor(noise))?;
        let ink = contrast.map(|_, _, value| (value / full).clamp(0.0, 1.0));
        let misfit = noise > MISFIT && noise > MISFIT_RATIO * grain(&contrast) && !is_two_toned(&ink);
        let difference = difference(&above.values, &contrast, full);
        Some(InkMap { ink, polarity, contrast: difference, misfit, noise: noise / full })
    }

    fn polarity(above: &Plane) -> Option<Polarity> {
        let floor = floor(noise(above));
        let energy = |sign: f32| {
            let beyond = above.values.iter().map(|value| sign * value).filter(|&value| value > floor);
            beyond.map(|value| f64::from(value * value)).sum::<f64>()
        };
        let (light, dark) = (energy(1.0), energy(-1.0));
        match () {
            () if light > dark => Some(Polarity::LightOnDark),
            () if dark > 0.0 => Some(Polarity::DarkOnLight),
            () => None,
        }
    }

    fn noise(residuals: &Plane) -> f32 {
        let mut sizes: Vec<f64> = residuals.values.iter().map(|&value| f64::from(value).abs()).collect();
        (1.4826 * *sizes.select_nth_unstable_by(residuals.values.len() / 2, f64::total_cmp).1) as f32
    }
}
