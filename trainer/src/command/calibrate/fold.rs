//! Folds: parts of the training pairs, each held out of one training, and what that training answers about it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use candle_core::Device;
use digits::contract::CLASSES;
use mnist::PairSet;
use nets::network::Comparator;
use nets::training::{Interrupt, LabelledLogits, Training, TrainingConfig, instructions, outputs};
use random::{Purpose, Stream};
use serde::{Deserialize, Serialize};
use study::run::NUMERICAL_REVISION;

use crate::command::Stopped;
use crate::command::follow::EpochProgress;

/// Largest file of a fold that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Times that each held-out digit is distorted: the few that a network takes for none must be enough to count.
const COPIES: usize = 10;

/// The answers of one fold's network about the digits that it did not see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    config: TrainingConfig,
    /// Checksum of the training data.
    data_sha256: String,
    /// Numerical revision of the program that trained it, 0 of one before there were any.
    #[serde(default)]
    numerics: u32,
    /// Vector instructions that trained it.
    #[serde(default)]
    instructions: String,
    /// Logits and labels, two a pair.
    pub digits: Vec<LabelledLogits>,
    /// Logits of "no digit", [`COPIES`] a digit, of a network that has them: of the digits distorted as its training distorts them.
    #[serde(default)]
    pub no_digit: Vec<f32>,
}

/// How the training pairs are split, and where the answers are kept.
#[derive(Debug)]
pub struct Folds {
    /// Number of folds.
    pub of: u32,
    /// Folder of the files.
    pub folder: PathBuf,
}

impl Folds {
    /// Where the answers of a fold are kept.
    pub fn path(&self, fold: u32) -> PathBuf {
        self.folder.join(format!("fold-{fold}-of-{}.json", self.of))
    }

    /// The held-out logits of one fold, read from the folder or computed by training.
    ///
    /// # Errors
    /// [`Stopped`] when interrupted, those of training, and a file that cannot be written.
    pub fn answers(
        &self,
        fold: u32,
        config: &TrainingConfig,
        data_sha256: &str,
        pairs: &PairSet,
        interrupt: &Interrupt,
    ) -> Result<Fold> {
        let (kept, held_out) = split(pairs, fold, self.of, config.seed);
        let path = self.path(fold);
        if let Some(known) = Fold::known(&path, config, data_sha256, &held_out) {
            return Ok(known);
        }
        let mut training = Training::start(config, &kept, &Device::Cpu)?;
        let progress = EpochProgress::on_stderr(config.recipe.epochs);
        training.run(interrupt, |report| progress.show(report))?;
        progress.finish();
        if !training.is_finished() {
            let reason = format!("fold {fold} was stopped; run the same command to continue");
            return Err(Stopped(reason).into());
        }
        let answered = Fold::answered(config, data_sha256, training.comparator(), &held_out)?;
        files::write_derived(&path, &serde_json::to_vec(&answered)?)?;
        Ok(answered)
    }
}

impl Fold {
    /// The answers of a network, trained as `config` says on these data, about the digits of `held_out`.
    ///
    /// # Errors
    /// A network without digit heads; candle's, when the device has no room.
    pub fn answered(
        config: &TrainingConfig,
        data_sha256: &str,
        comparator: &Comparator,
        held_out: &PairSet,
    ) -> Result<Self> {
        let outputs = outputs(comparator, held_out)?;
        let no_digit = no_digit_logits(config, comparator, held_out)?;
        let logits = outputs.digit_logits.context("the network has no digit heads: there is nothing to calibrate")?;
        let logits = logits.flatten_to(1)?.to_vec2::<f32>()?;
        let row = |row: &Vec<f32>| -> Result<[f32; CLASSES]> { Ok(row.as_slice().try_into()?) };
        let labels = held_out.classes().iter().flatten();
        let digits = logits.iter().zip(labels).map(|(logits, &label)| Ok((row(logits)?, label)));
        let digits = digits.collect::<Result<_>>()?;
        let (config, data_sha256) = (config.clone(), data_sha256.to_owned());
        Ok(Self {
            config,
            data_sha256,
            numerics: NUMERICAL_REVISION,
            instructions: instructions().to_owned(),
            digits,
            no_digit,
        })
    }

    /// What an earlier, stopped calibration with the same settings, data and arithmetic found about the digits of `held_out`.
    fn known(path: &Path, config: &TrainingConfig, data_sha256: &str, held_out: &PairSet) -> Option<Self> {
        let fold: Self = serde_json::from_slice(&files::read(path, MAX_FILE_BYTES).ok()?).ok()?;
        let is_of_the_same = fold.config == *config && fold.data_sha256 == data_sha256;
        let is_computed_alike = fold.numerics == NUMERICAL_REVISION && fold.instructions == instructions();
        let labels = fold.digits.iter().map(|(_, label)| label);
        let no_digits = if config.network.no_digit { COPIES * fold.digits.len() } else { 0 };
        let is_whole = labels.eq(held_out.classes().iter().flatten()) && fold.no_digit.len() == no_digits;
        let mut logits = fold.digits.iter().flat_map(|(logits, _)| logits).chain(&fold.no_digit);
        let is_sound = is_whole && logits.all(|logit| logit.is_finite());
        (is_of_the_same && is_computed_alike && is_sound).then_some(fold)
    }
}

/// What a network that tells "no digit" says of distorted copies of the digits of `held_out`: those of MNIST as they are, of clean
/// paper all, would not tell how many digits of other hands and papers it refuses.
fn no_digit_logits(config: &TrainingConfig, comparator: &Comparator, held_out: &PairSet) -> Result<Vec<f32>> {
    let mut logits = Vec::new();
    if config.network.no_digit {
        let mut stream = Stream::new(config.seed, Purpose::Judging);
        for _ in 0..COPIES {
            let mut copy = held_out.clone();
            if let Some(augmentation) = &config.recipe.augmentation {
                augmentation.apply(copy.pixels_mut(), 0.0, &mut stream);
            }
            if let Some(of_copy) = outputs(comparator, &copy)?.no_digit_logits {
                logits.extend(of_copy.to_vec1::<f32>()?);
            }
        }
    }
    Ok(logits)
}

/// Training pairs and held-out pairs of one fold.
fn split(pairs: &PairSet, fold: u32, folds: u32, seed: u64) -> (PairSet, PairSet) {
    let order = Stream::new(seed, Purpose::Split).permutation(pairs.len());
    let end = |fold: u32| pairs.len() * fold as usize / folds as usize;
    let held_out = end(fold)..end(fold + 1);
    let kept: Vec<u32> = order[..held_out.start].iter().chain(&order[held_out.end..]).copied().collect();
    (pairs.select(&kept), pairs.select(&order[held_out]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mnist::Split;

    #[test]
    fn a_fold_of_other_data_or_arithmetic_or_with_impossible_answers_is_not_taken_for_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fold.json");
        let config = study::experiment::named("leq-1000").unwrap();
        let held_out = PairSet::from_indices(&Split { images: vec![[0; 784]; 2], labels: vec![3, 7] }, &[0, 1]);
        let digits = vec![([0.5; CLASSES], 3), ([0.5; CLASSES], 7)];
        let fold = Fold {
            config: config.clone(),
            data_sha256: "this".to_owned(),
            numerics: NUMERICAL_REVISION,
            instructions: instructions().to_owned(),
            digits,
            no_digit: Vec::new(),
        };
        let known = |fold: &Fold, data_sha256: &str| {
            std::fs::write(&path, serde_json::to_vec(fold).unwrap()).unwrap();
            Fold::known(&path, &config, data_sha256, &held_out).is_some()
        };
        assert!(known(&fold, "this") && !known(&fold, "other"));
        let other_label = Fold { digits: vec![fold.digits[0], ([0.5; CLASSES], 57)], ..fold.clone() };
        let infinite = Fold { digits: vec![fold.digits[0], ([f32::INFINITY; CLASSES], 7)], ..fold.clone() };
        let short = Fold { digits: vec![fold.digits[0]], ..fold.clone() };
        let surplus = Fold { no_digit: vec![0.0; 2], ..fold.clone() };
        let earlier = Fold { numerics: NUMERICAL_REVISION - 1, ..fold.clone() };
        let elsewhere = Fold { instructions: "others".to_owned(), ..fold.clone() };
        for wrong in [other_label, infinite, short, surplus, earlier, elsewhere] {
            assert!(!known(&wrong, "this"), "{wrong:?}");
        }
    }

    #[test]
    fn folds_share_no_pair_and_together_hold_all() {
        let split_of_ten = Split { images: vec![[0; 784]; 20], labels: (0..20).map(|at| at % 10).collect() };
        let pairs = PairSet::from_indices(&split_of_ten, &(0..20).collect::<Vec<_>>());
        let parts: Vec<(PairSet, PairSet)> = (0..3).map(|fold| split(&pairs, fold, 3, 0)).collect();
        assert!(parts.iter().all(|(kept, held_out)| kept.len() + held_out.len() == 10));
        let mut held_out: Vec<[usize; 2]> =
            parts.iter().flat_map(|(_, held_out)| held_out.indices().to_vec()).collect();
        held_out.sort_unstable();
        assert_eq!(held_out, (0..10).map(|pair| [2 * pair, 2 * pair + 1]).collect::<Vec<_>>());
    }
}
