//! `infer eval`: a model's accuracy on MNIST's test split.

use std::path::PathBuf;

use clap::Args;
use digits::Verdict;
use serde::Serialize;

use super::ModelChoice;
use crate::accuracy::{Calibration, ReliabilityBin, Share};
use crate::engine::{Engine, EngineError};
use crate::exit::{self, Exit};
use crate::test_pairs::{self, TestPairs};

/// What is to be evaluated, and on what.
#[derive(Debug, Args)]
pub struct Eval {
    /// Read this folder of MNIST's four IDX files, packed or not
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Draw the course's 1,000 test pairs with this data seed
    #[arg(long, value_name = "SEED", default_value = "0")]
    data_seed: u32,

    /// Fail (exit code 1) when the accuracy on the 5,000 disjoint pairs is below this share, such as 0.85
    #[arg(long, value_name = "SHARE")]
    at_least: Option<f64>,

    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,

    /// Threads inside the engine
    #[arg(long, value_name = "N", default_value = "1")]
    threads: usize,

    #[command(flatten)]
    model: ModelChoice,
}

/// What came out.
#[derive(Debug, Serialize)]
struct Evaluation {
    model: String,
    sha256: String,
    engine: String,
    /// The course's 1,000 test pairs.
    course_pairs: Readings,
    /// All test digits in 5,000 pairs.
    disjoint_pairs: Readings,
    /// All test digits, one by one; from a model with digit heads.
    digits: Option<Share>,
    /// Confidence of the answers about the disjoint pairs.
    calibration: CalibrationReport,
}

/// Ways to read an answer from the same outputs.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Readings {
    /// `p_leq` at a half: what `infer` answers.
    answer: Share,
    /// The most likely digits, compared.
    most_likely_digits: Option<Share>,
    /// The probability of first <= second from both digits' probabilities, at a half.
    digit_posteriors: Option<Share>,
}

#[derive(Debug, Serialize)]
struct CalibrationReport {
    expected_error: f64,
    brier: f64,
    bins: Vec<ReliabilityBin>,
}

/// Evaluates and reports; errors go to stderr.
pub fn command(request: &Eval) -> Exit {
    let mnist = match test_pairs::load(request.data.as_deref()) {
        Ok(mnist) => mnist,
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let course = match TestPairs::course(&mnist, request.data_seed) {
        Ok(pairs) => pairs,
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let disjoint = TestPairs::disjoint(&mnist.test);
    let (model, mut engine) = match request.model.open_one(request.threads) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let evaluation = match evaluate(&model.name, model.sha256(), engine.as_mut(), &course, &disjoint) {
        Ok(evaluation) => evaluation,
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let printed = match request.json.then(|| serde_json::to_string_pretty(&evaluation)) {
        Some(Ok(object)) => exit::print(&(object + "\n")),
        Some(Err(error)) => return exit::complain(Exit::CannotWork, &error),
        None => exit::print(&evaluation.text()),
    };
    let reached = evaluation.disjoint_pairs.answer.value();
    match request.at_least {
        Some(wanted) if reached < wanted => exit::complain(
            Exit::SomeInputsFailed,
            &format_args!("accuracy {reached:.4} on the disjoint pairs is below --at-least {wanted}"),
        ),
        _ => printed,
    }
}

fn evaluate(
    name: &str,
    sha256: String,
    engine: &mut dyn Engine,
    course: &TestPairs,
    disjoint: &TestPairs,
) -> Result<Evaluation, EngineError> {
    let course_verdicts = course.ask(engine)?;
    let verdicts = disjoint.ask(engine)?;
    let mut calibration = Calibration::default();
    for (verdict, truth) in verdicts.iter().zip(disjoint.truths()) {
        calibration.add(f64::from(verdict.confidence()), verdict.is_leq() == truth);
    }
    Ok(Evaluation {
        model: name.to_owned(),
        sha256,
        engine: format!("{} {}", engine.name(), engine.version()),
        course_pairs: Readings::of(&course_verdicts, course),
        disjoint_pairs: Readings::of(&verdicts, disjoint),
        digits: digits(&verdicts, disjoint),
        calibration: CalibrationReport {
            expected_error: calibration.error(),
            brier: calibration.brier(),
            bins: calibration.bins(),
        },
    })
}

impl Readings {
    fn of(verdicts: &[Verdict], pairs: &TestPairs) -> Self {
        let mut readings = Self::default();
        for (verdict, truth) in verdicts.iter().zip(pairs.truths()) {
            readings.answer.add(verdict.is_leq() == truth);
            if let (Some([first, second]), Some(p_leq)) = (verdict.digits(), verdict.p_leq_from_digits()) {
                let by_digits = (first.digit <= second.digit) == truth;
                readings.most_likely_digits.get_or_insert_default().add(by_digits);
                readings.digit_posteriors.get_or_insert_default().add((p_leq >= 0.5) == truth);
            }
        }
        readings
    }
}

fn digits(verdicts: &[Verdict], pairs: &TestPairs) -> Option<Share> {
    let mut share = Share::default();
    for (verdict, classes) in verdicts.iter().zip(&pairs.classes) {
        let read = verdict.digits()?;
        read.iter().zip(classes).for_each(|(guess, class)| share.add(guess.digit == *class));
    }
    Some(share)
}

impl Evaluation {
    fn text(&self) -> String {
        let mut text = format!("{} on {}\n", self.model, self.engine);
        for (name, readings) in
            [("course test pairs", &self.course_pairs), ("disjoint test pairs", &self.disjoint_pairs)]
        {
            text += &format!("{name}: {}\n", readings.answer);
            for (way, share) in
                [("most likely digits", readings.most_likely_digits), ("digit posteriors", readings.digit_posteriors)]
            {
                text += &share.map_or(String::new(), |share| format!("  by {way}: {share}\n"));
            }
        }
        text += &self.digits.map_or(String::new(), |share| format!("test digits: {share}\n"));
        let CalibrationReport { expected_error, brier, bins } = &self.calibration;
        text += &format!(
            "calibration on the disjoint pairs: expected error {:.2} points, Brier score {brier:.4}\n\
             \x20 confidence      pairs  mean confidence  accuracy\n",
            100.0 * expected_error
        );
        for ReliabilityBin { from_to: [from, to], count, mean_confidence, accuracy } in bins {
            text += &format!(
                "  {:3.0} to {:3.0} %  {count:>7}  {:>13.1} %  {:>6.1} %\n",
                100.0 * from,
                100.0 * to,
                100.0 * mean_confidence,
                100.0 * accuracy
            );
        }
        text
    }
}
