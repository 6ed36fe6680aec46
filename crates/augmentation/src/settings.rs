//! The ranges of augmentation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Artefacts;
use crate::switch::{Switchable, on_or_off};

/// Ranges that the distortion of each image is drawn from, uniformly but for the elastic field.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Augmentation {
    /// Largest rotation either way, in degrees.
    #[schemars(extend("unit" = "degrees"))]
    pub rotation: f32,
    /// Largest logarithm of the scale of each axis, either way.
    #[schemars(extend("unit" = "logarithm"))]
    pub log_scale: f32,
    /// Largest shear either way, in columns a row.
    #[schemars(extend("unit" = "columns a row"))]
    pub shear: f32,
    /// Largest shift either way along each axis, in pixels.
    #[schemars(extend("unit" = "pixels"))]
    pub shift: f32,
    /// Standard deviation of the nodes of the elastic displacement, in pixels.
    #[schemars(extend("unit" = "pixels"))]
    pub elastic: f32,
    /// Largest move towards the 3x3 dilation, or erosion, as a fraction, 0 to 1.
    #[schemars(extend("unit" = "fraction"))]
    pub thickness: f32,
    /// Least and largest sharpening: how many times its difference from the 3x3 mean is added to a pixel.
    #[schemars(extend("unit" = "factor"))]
    pub sharpening: [f32; 2],
    /// Largest fraction of the ink that is taken away, 0 to 1.
    #[schemars(extend("unit" = "fraction"))]
    pub faintness: f32,
    /// Largest standard deviation of the Gaussian noise added to each pixel, in grey levels.
    #[schemars(extend("unit" = "grey levels"))]
    pub noise: f32,
    /// Fraction of the training's steps, at its end, over which all ranges shrink linearly to `last_strength`.
    #[schemars(extend("unit" = "fraction"))]
    pub wind_down: f32,
    /// Fraction of the ranges that is left at the last step; below 1 only with `wind_down` above 0.
    #[schemars(extend("unit" = "fraction"))]
    pub last_strength: f32,
    /// Artefacts of preparation, which leaves something over or takes something away: a table of probabilities, or `true` for
    /// the usual ones.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "on_or_off")]
    pub artefacts: Option<Artefacts>,
}

impl Default for Augmentation {
    fn default() -> Self {
        Self::NONE
    }
}

impl Switchable for Augmentation {
    const EXPECTED: &'static str = "a table of ranges, `digits`, `drawings`, `everybody` or `none`";
    const WORDS: &'static [&'static str] = &["none", "digits", "drawings", "everybody"];

    fn on() -> Self {
        Self::DIGITS
    }

    fn named(word: &str) -> Option<Self> {
        match word {
            "digits" => Some(Self::DIGITS),
            "drawings" => Some(Self::DRAWINGS),
            "everybody" => Some(Self::EVERYBODY),
            _ => None,
        }
    }
}

impl Augmentation {
    /// What suits digits of 14x14 pixels.
    pub const DIGITS: Self = Self {
        rotation: 12.0,
        log_scale: 0.12,
        shear: 0.2,
        shift: 1.0,
        elastic: 0.6,
        thickness: 0.2,
        sharpening: [-0.15, 0.4],
        faintness: 0.0,
        noise: 0.0,
        wind_down: 0.4,
        last_strength: 0.3,
        artefacts: None,
    };

    /// What suits digits that anyone draws with anything: wider ranges than [`Augmentation::DIGITS`], faint ink and noise.
    pub const DRAWINGS: Self = Self {
        rotation: 18.0,
        log_scale: 0.16,
        shear: 0.25,
        shift: 1.2,
        elastic: 0.6,
        thickness: 0.4,
        sharpening: [-0.3, 0.5],
        faintness: 0.4,
        noise: 16.0,
        wind_down: 0.4,
        last_strength: 0.3,
        artefacts: None,
    };

    /// What suits digits from anybody's paper: [`Augmentation::DRAWINGS`] with what preparation leaves over.
    pub const EVERYBODY: Self = Self { artefacts: Some(Artefacts::EVERYBODY), ..Self::DRAWINGS };

    /// No change at all.
    pub const NONE: Self = Self {
        rotation: 0.0,
        log_scale: 0.0,
        shear: 0.0,
        shift: 0.0,
        elastic: 0.0,
        thickness: 0.0,
        sharpening: [0.0; 2],
        faintness: 0.0,
        noise: 0.0,
        wind_down: 0.0,
        last_strength: 1.0,
        artefacts: None,
    };

    /// What the ranges are multiplied by when this fraction of the training's steps, 0 to 1, is done.
    pub fn strength(&self, progress: f64) -> f32 {
        let into = progress - (1.0 - f64::from(self.wind_down));
        if into <= 0.0 || self.wind_down == 0.0 {
            return 1.0;
        }
        let lost = (1.0 - f64::from(self.last_strength)) * (into / f64::from(self.wind_down)).min(1.0);
        (1.0 - lost) as f32
    }

    /// The setting of the shrinking ranges that has no effect, and why: `wind_down` and `last_strength` act together.
    pub fn without_effect(&self) -> Option<(&'static str, &'static str)> {
        match (self.wind_down == 0.0, self.last_strength == 1.0) {
            (false, true) => Some(("augmentation.wind_down", "last_strength is 1, so no range shrinks")),
            (true, false) => Some(("augmentation.last_strength", "wind_down is 0, so no range shrinks")),
            _ => None,
        }
    }

    /// The first setting that is out of its range: its name, its value, and what is allowed.
    pub fn out_of_range(&self) -> Option<(&'static str, f32, &'static str)> {
        let [softest, sharpest] = self.sharpening;
        // Beyond, float32 overflows on the way to a pixel.
        let amounts = [
            ("augmentation.rotation", self.rotation, 0.0..=1000.0, "0 to 1,000"),
            ("augmentation.log_scale", self.log_scale, 0.0..=10.0, "0 to 10"),
            ("augmentation.shear", self.shear, 0.0..=1000.0, "0 to 1,000"),
            ("augmentation.shift", self.shift, 0.0..=1000.0, "0 to 1,000"),
            ("augmentation.elastic", self.elastic, 0.0..=1000.0, "0 to 1,000"),
            ("augmentation.sharpening", softest, -1000.0..=1000.0, "-1,000 to 1,000"),
            ("augmentation.sharpening", sharpest - softest, 0.0..=1000.0, "the lesser first, at most 1,000 apart"),
            ("augmentation.noise", self.noise, 0.0..=1000.0, "0 to 1,000"),
        ];
        let fractions = [
            ("augmentation.thickness", self.thickness),
            ("augmentation.faintness", self.faintness),
            ("augmentation.wind_down", self.wind_down),
            ("augmentation.last_strength", self.last_strength),
        ];
        let wrong = amounts.into_iter().find(|(_, value, range, _)| !range.contains(value));
        let amount = wrong.map(|(field, value, _, wanted)| (field, value, wanted));
        let no_fraction = |&(_, value): &(&str, f32)| !(0.0..=1.0).contains(&value);
        let no_probability = || self.artefacts.and_then(|artefacts| artefacts.out_of_range());
        let outside = |(field, value)| (field, value, "0 to 1");
        let wrong = amount.or_else(|| fractions.into_iter().find(no_fraction).map(outside));
        wrong.or_else(|| no_probability().map(outside))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_shrink_linearly_over_the_last_steps() {
        let strength = |progress| Augmentation::DIGITS.strength(progress);
        assert_eq!([strength(0.0), strength(0.6)], [1.0, 1.0]);
        assert!((strength(0.8) - 0.65).abs() < 1e-6 && (strength(1.0) - 0.3).abs() < 1e-6);
        assert_eq!(Augmentation::NONE.strength(1.0), 1.0);
    }

    #[test]
    fn the_two_settings_of_shrinking_ranges_act_together_or_not_at_all() {
        let named = |wind_down, last_strength| {
            let augmentation = Augmentation { wind_down, last_strength, ..Augmentation::DIGITS };
            augmentation.without_effect().map(|(field, _)| field)
        };
        assert_eq!([named(0.4, 0.3), named(0.0, 1.0)], [None; 2]);
        assert_eq!(named(0.4, 1.0), Some("augmentation.wind_down"));
        assert_eq!(named(0.0, 0.3), Some("augmentation.last_strength"));
    }

    #[test]
    fn settings_out_of_range_are_named() {
        assert_eq!(Augmentation::DIGITS.out_of_range(), None);
        let named = |augmentation: Augmentation| augmentation.out_of_range().map(|(field, ..)| field);
        assert_eq!(named(Augmentation { shift: -1.0, ..Augmentation::NONE }), Some("augmentation.shift"));
        assert_eq!(named(Augmentation { shear: f32::NAN, ..Augmentation::NONE }), Some("augmentation.shear"));
        assert_eq!(named(Augmentation { thickness: 2.0, ..Augmentation::NONE }), Some("augmentation.thickness"));
        let reversed = Augmentation { sharpening: [0.4, -0.1], ..Augmentation::NONE };
        assert_eq!(named(reversed), Some("augmentation.sharpening"));
        assert_eq!(named(Augmentation { log_scale: 1000.0, ..Augmentation::NONE }), Some("augmentation.log_scale"));
        let endless = Augmentation { sharpening: [f32::NEG_INFINITY; 2], ..Augmentation::NONE };
        assert_eq!(named(endless), Some("augmentation.sharpening"));
    }
}
