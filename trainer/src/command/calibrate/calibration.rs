//! What held-out digits say.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use digits::contract::CLASSES;
use metrics::six_decimals;
use nets::training::{LabelledLogits, TrainingConfig, fitted_temperature, negative_log_likelihood};
use serde::Serialize;

use crate::say::{self, say};

/// The result of the calibration.
#[derive(Debug, Serialize)]
pub struct Calibration<'a> {
    experiment: &'a str,
    protocol: &'a str,
    seed: u64,
    folds: u32,
    folds_trained: u32,
    held_out_digits: usize,
    held_out_digits_right: usize,
    held_out_digit_accuracy: f64,
    temperature: f64,
    negative_log_likelihood: f64,
    negative_log_likelihood_at_temperature: f64,
    /// Of a network that tells "no digit".
    #[serde(skip_serializing_if = "Option::is_none")]
    no_digit: Option<NoDigitCalibration>,
    command: String,
}

/// What held-out digits say about "no digit".
#[derive(Debug, Serialize)]
struct NoDigitCalibration {
    /// Distorted held-out digits called no digit as the network was trained.
    digits_called: usize,
    /// What to add to its logit so that the allowed share of them is, and no more.
    shift: f64,
}

/// Fraction of held-out digits, distorted as the training distorts them, that may be called no digit.
const CALLED_NO_DIGIT: f64 = 0.001;

/// The same where the training leaves artefacts of preparation on them, which no longer let all be read. Chosen on pictures for
/// development: UCI's digits, of which few may be refused, and drawings of what is none, of which few may be answered surely.
const CALLED_NO_DIGIT_WITH_ARTEFACTS: f64 = 0.115;

impl NoDigitCalibration {
    fn of(config: &TrainingConfig, logits: &[f32]) -> Option<Self> {
        let has_artefacts = config.recipe.augmentation.as_ref().is_some_and(|it| it.artefacts.is_some());
        let allowed = if has_artefacts { CALLED_NO_DIGIT_WITH_ARTEFACTS } else { CALLED_NO_DIGIT };
        let mut sorted = logits.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        // The first that may no longer be called so.
        let first_kept = sorted.get((allowed * logits.len() as f64) as usize)?;
        let shift = ((-f64::from(*first_kept) * 1e3).floor() - 1.0) / 1e3;
        Some(Self { digits_called: logits.iter().filter(|&&logit| logit >= 0.0).count(), shift })
    }
}

impl<'a> Calibration<'a> {
    /// Fits a temperature to held-out `digits`, and a shift to their logits of "no digit", where there are any. `folds` are
    /// all and those that were trained.
    pub fn of(
        config: &'a TrainingConfig,
        digits: &[LabelledLogits],
        no_digit: &[f32],
        [folds, folds_trained]: [u32; 2],
        command: String,
    ) -> Self {
        let temperature = fitted_temperature(digits);
        let right = digits.iter().filter(|(logits, label)| largest(logits) == usize::from(*label)).count();
        Self {
            experiment: &config.name,
            protocol: config.protocol.name(),
            seed: config.seed,
            folds,
            folds_trained,
            held_out_digits: digits.len(),
            held_out_digits_right: right,
            held_out_digit_accuracy: right as f64 / digits.len() as f64,
            temperature: six_decimals(temperature),
            negative_log_likelihood: six_decimals(negative_log_likelihood(digits, 1.0)),
            negative_log_likelihood_at_temperature: six_decimals(negative_log_likelihood(digits, temperature)),
            no_digit: NoDigitCalibration::of(config, no_digit),
            command,
        }
    }

    /// Prints the result, then writes it: where the one cannot be done, the other still is.
    ///
    /// # Errors
    /// When the file cannot be written, else when stdout cannot.
    pub fn print_and_write(&self, out: &Path) -> Result<()> {
        let printed = self.print();
        files::write_with_folders(out, serde_json::to_string_pretty(self)? + "\n")?;
        say!("wrote {}", out.display());
        Ok(printed?)
    }

    fn print(&self) -> std::io::Result<()> {
        let mut stdout = say::stdout();
        let Self { temperature, held_out_digits: digits, held_out_digits_right: right, .. } = self;
        writeln!(stdout, "temperature {temperature:.4}, from {right} right of {digits} held-out digits")?;
        if let Some(NoDigitCalibration { digits_called, shift }) = &self.no_digit {
            writeln!(stdout, "no digit: {digits_called} distorted ones called so; shift {shift}")?;
        }
        Ok(())
    }
}

fn largest(logits: &[f32; CLASSES]) -> usize {
    (0..CLASSES).fold(0, |best, class| if logits[class] > logits[best] { class } else { best })
}
