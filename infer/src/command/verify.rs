//! `infer verify`: compares the other engines with ONNX Runtime on real pairs.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::options::amount_up_to;
use crate::exit::{self, Exit};
use crate::terminal;
use infer::engine::{self, Engine, EngineError, EngineKind, Outputs, Session};
use infer::model::Model;
use infer::test_pairs;
use mnist::PairSet;

/// Largest tolerance: beyond, two engines may give opposite answers.
const MOST_TOLERANCE: f64 = 0.5;

/// Arguments of `infer verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// ONNX models; the built-in one if none is named
    #[arg(value_name = "MODEL")]
    models: Vec<PathBuf>,

    /// Folder with MNIST's four IDX files, gzipped or not
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Largest allowed difference of a probability
    ///
    /// Engines sum in different orders, which changes a float32 probability by a few millionths.
    #[arg(long, value_name = "DIFFERENCE", default_value = "0.0001", value_parser = amount_up_to(MOST_TOLERANCE), allow_negative_numbers = true)]
    tolerance: f64,

    /// Print one JSON object per model and engine instead of text
    #[arg(long)]
    json: bool,

    /// Run the engine for model files in this process: faster, but an engine crash ends infer
    #[arg(long, requires = "models")]
    trust: bool,

    /// Use this ONNX Runtime library
    #[arg(long, value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
}

/// Differences between two engines on one model.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Agreement {
    model: String,
    engines: [String; 2],
    pairs: usize,
    /// Largest differences.
    p_leq: f32,
    leq_logit: f32,
    digit_probs: Option<f32>,
    no_digit: Option<f32>,
    /// Images that one engine calls no digit and the other does not.
    refusals_that_differ: usize,
    /// Pairs that one engine calls <= and the other >.
    decisions_that_differ: usize,
    tolerance: f32,
    agrees: bool,
}

/// Why a model could not be verified.
#[derive(Debug, thiserror::Error)]
enum VerifyError {
    #[error(transparent)]
    Model(#[from] infer::model::ModelError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("{0}: no engine but ONNX Runtime computes this model, so there is nothing to compare")]
    OneEngine(String),
}

type Opened = Result<Box<dyn Session>, EngineError>;

/// An engine that was opened; one that cannot compute the model is named and left out.
fn computing(opened: Opened) -> Option<Opened> {
    match opened {
        Err(error @ EngineError::Unloadable { .. }) => {
            terminal::note(&error);
            None
        }
        opened => Some(opened),
    }
}

/// Verifies every model; errors go to stderr.
pub fn command(request: &Verify) -> Exit {
    let pairs = match test_pairs::load(request.data.as_deref()) {
        Ok(mnist) => PairSet::disjoint(&mnist.test),
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let models: Vec<Option<PathBuf>> = match request.models.as_slice() {
        [] => vec![None],
        models => models.iter().cloned().map(Some).collect(),
    };
    let mut worst = Exit::Done;
    for model in models {
        match verify(request, model.as_deref(), &pairs) {
            Ok(agreements) => {
                let shown: String = agreements.iter().map(|agreement| agreement.shown(request.json)).collect();
                worst = worst.max(exit::print(&shown));
                if !agreements.iter().all(|agreement| agreement.agrees) {
                    worst = worst.max(Exit::SomeInputsFailed);
                }
            }
            Err(error) => worst = worst.max(exit::complain(Exit::CannotWork, &error)),
        }
    }
    worst
}

/// Agreement of every other engine with ONNX Runtime.
fn verify(request: &Verify, model: Option<&std::path::Path>, pairs: &PairSet) -> Result<Vec<Agreement>, VerifyError> {
    let model = Model::choose(model)?;
    let open = |kind: EngineKind| -> Opened {
        let engine = Engine {
            kind: Some(kind),
            library: request.onnxruntime.clone(),
            worker: super::worker(request.trust),
            ..Engine::best()
        };
        engine::open_one(&model, &engine)
    };
    let mut first = open(EngineKind::Ort)?;
    let others = engine::built_in().iter().filter(|kind| **kind != EngineKind::Ort);
    let mut others = others.map(|kind| open(*kind)).filter_map(computing).collect::<Result<Vec<_>, _>>()?;
    if others.is_empty() {
        return Err(VerifyError::OneEngine(model.name));
    }
    let named = |engine: &dyn Session| format!("{} {}", engine.name(), engine.version());
    let agreement = |other: &dyn Session| Agreement {
        model: model.name.clone(),
        engines: [named(first.as_ref()), named(other)],
        pairs: pairs.len(),
        p_leq: 0.0,
        leq_logit: 0.0,
        digit_probs: None,
        no_digit: None,
        refusals_that_differ: 0,
        decisions_that_differ: 0,
        tolerance: request.tolerance as f32,
        agrees: true,
    };
    let mut agreements: Vec<Agreement> = others.iter().map(|other| agreement(other.as_ref())).collect();
    for chunk in test_pairs::chunks(pairs.pixels()) {
        let outputs = first.infer(chunk)?;
        for (agreement, other) in agreements.iter_mut().zip(&mut others) {
            agreement.add(&outputs, &other.infer(chunk)?);
        }
    }
    agreements.iter_mut().for_each(Agreement::judge);
    Ok(agreements)
}

/// Largest difference; NaN if either side is NaN, so it never passes a tolerance.
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |most, difference| if difference <= most { most } else { difference })
}

impl Agreement {
    fn add(&mut self, a: &Outputs, b: &Outputs) {
        let worse = |old: f32, new: f32| if new <= old { old } else { new };
        self.p_leq = worse(self.p_leq, largest_difference(&a.p_leq, &b.p_leq));
        self.leq_logit = worse(self.leq_logit, largest_difference(&a.leq_logit, &b.leq_logit));
        if let (Some(a), Some(b)) = (&a.digit_probs, &b.digit_probs) {
            self.digit_probs = Some(worse(self.digit_probs.unwrap_or(0.0), largest_difference(a, b)));
        }
        if let (Some(a), Some(b)) = (&a.no_digit, &b.no_digit) {
            self.no_digit = Some(worse(self.no_digit.unwrap_or(0.0), largest_difference(a, b)));
            let differs = |(a, b): &(&f32, &f32)| digits::is_no_digit(**a) != digits::is_no_digit(**b);
            self.refusals_that_differ += a.iter().zip(b).filter(differs).count();
        }
        let differs = |(a, b): &(&f32, &f32)| (**a >= 0.5) != (**b >= 0.5);
        self.decisions_that_differ += a.p_leq.iter().zip(&b.p_leq).filter(differs).count();
    }

    fn judge(&mut self) {
        let within = |difference: f32| difference <= self.tolerance;
        let decided = self.decisions_that_differ + self.refusals_that_differ == 0;
        self.agrees =
            within(self.p_leq) && self.digit_probs.is_none_or(within) && self.no_digit.is_none_or(within) && decided;
    }

    fn shown(&self, json: bool) -> String {
        if json {
            return serde_json::to_string(self).unwrap_or_default() + "\n";
        }
        let Self { model, engines: [first, second], pairs, p_leq, leq_logit, decisions_that_differ, tolerance, .. } =
            self;
        let verdict = if self.agrees { "agree" } else { "DISAGREE" };
        let digits = self.digit_probs.map_or(String::new(), |most| format!(", digit_probs {most:.1e}"));
        let no_digit = self.no_digit.map_or(String::new(), |most| format!(", no_digit {most:.1e}"));
        let decisions_that_differ = decisions_that_differ + self.refusals_that_differ;
        format!(
            "{model}: {first} and {second} {verdict} on {pairs} pairs\n\
             \x20 largest differences: p_leq {p_leq:.1e}{digits}{no_digit} (at most {tolerance:.0e} allowed), leq_logit \
             {leq_logit:.1e}\n  decisions that differ: {decisions_that_differ}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(a: f32, b: f32) -> Agreement {
        let outputs = |p_leq: f32| Outputs {
            p_leq: vec![0.1, p_leq],
            leq_logit: vec![0.0; 2],
            digit_probs: None,
            no_digit: None,
        };
        let mut agreement = Agreement {
            model: "m".to_owned(),
            engines: ["a 1".to_owned(), "b 2".to_owned()],
            pairs: 2,
            p_leq: 0.0,
            leq_logit: 0.0,
            digit_probs: None,
            no_digit: None,
            refusals_that_differ: 0,
            decisions_that_differ: 0,
            tolerance: 1e-4,
            agrees: true,
        };
        agreement.add(&outputs(a), &outputs(b));
        agreement.judge();
        agreement
    }

    #[test]
    fn engines_that_differ_beyond_the_tolerance_or_in_a_decision_disagree() {
        assert!(agreement(0.9, 0.90005).agrees);
        assert!(!agreement(0.9, 0.901).agrees);
        let decided = agreement(0.49999, 0.50001);
        assert_eq!((decided.decisions_that_differ, decided.agrees), (1, false));
    }

    #[test]
    fn what_is_not_a_number_never_agrees() {
        assert!(!agreement(f32::NAN, 0.9).agrees);
        assert!(agreement(f32::NAN, 0.9).shown(false).contains("DISAGREE"));
    }
}
