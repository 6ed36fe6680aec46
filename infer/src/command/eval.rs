//! `infer eval`: a model's accuracy on MNIST's test split.

use std::path::PathBuf;

use clap::Args;
use digits::Verdict;
use metrics::{Accuracy, Reliability, ReliabilityBin};
use mnist::PairSet;
use serde::Serialize;

use super::ModelChoice;
use super::options::{MOST_THREADS, fraction};
use crate::exit::{self, Exit};
use infer::engine::{EngineError, Session};
use infer::test_pairs;

/// Arguments of `infer eval`.
#[derive(Debug, Args)]
pub struct Eval {
    /// Folder with MNIST's four IDX files, gzipped or not
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Draw the course's 1,000 test pairs with this data seed
    #[arg(long, value_name = "SEED", default_value = "0")]
    data_seed: u32,

    /// Fail (exit code 1) when the accuracy on the 5,000 disjoint pairs is below this, such as 85% or 0.85
    #[arg(long, value_name = "ACCURACY", value_parser = fraction, allow_negative_numbers = true)]
    at_least: Option<f64>,

    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,

    /// Threads inside the engine
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    threads: u16,

    #[command(flatten)]
    model: ModelChoice,
}

/// The result.
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
    digits: Option<Accuracy>,
    /// How many of them are called no digit; from a model that tells. All readings count them like the others.
    digits_called_no_digit: Option<usize>,
    /// `p_leq` of the disjoint pairs beside what is true.
    calibration: Reliability,
}

/// Accuracies of different readings of the same outputs.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Readings {
    /// `p_leq` >= 0.5, the answer of `infer`.
    answer: Accuracy,
    /// Comparison of the most likely digits.
    most_likely_digits: Option<Accuracy>,
    /// Probability of first <= second from both digit posteriors, at least 0.5.
    digit_posteriors: Option<Accuracy>,
}

/// Evaluates and reports; errors go to stderr.
pub fn command(request: &Eval) -> Exit {
    if let Err(exit) = request.model.check() {
        return exit;
    }
    let mnist = match test_pairs::load(request.data.as_deref()) {
        Ok(mnist) => mnist,
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let course = match test_pairs::course(&mnist, request.data_seed) {
        Ok(pairs) => pairs,
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let disjoint = PairSet::disjoint(&mnist.test);
    let (model, mut engine) = match request.model.open_one(request.threads.into()) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let evaluation = match evaluate(&model.name, model.sha256(), engine.as_mut(), &course, &disjoint) {
        Ok(evaluation) => evaluation,
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let printed = match request.json.then(|| serde_json::to_string_pretty(&evaluation)) {
        Some(Ok(object)) => exit::print_json(&(object + "\n")),
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
    engine: &mut dyn Session,
    course: &PairSet,
    disjoint: &PairSet,
) -> Result<Evaluation, EngineError> {
    let course_verdicts = test_pairs::ask(engine, course.pixels())?;
    let verdicts = test_pairs::ask(engine, disjoint.pixels())?;
    let answers: Vec<(f64, bool)> =
        verdicts.iter().zip(disjoint.targets()).map(|(verdict, truth)| (f64::from(verdict.p_leq()), truth)).collect();
    Ok(Evaluation {
        model: name.to_owned(),
        sha256,
        engine: format!("{} {}", engine.name(), engine.version()),
        course_pairs: Readings::of(&course_verdicts, course),
        disjoint_pairs: Readings::of(&verdicts, disjoint),
        digits: digits(&verdicts, disjoint),
        digits_called_no_digit: called_no_digit(&verdicts),
        calibration: Reliability::of(&answers),
    })
}

impl Readings {
    fn of(verdicts: &[Verdict], pairs: &PairSet) -> Self {
        let mut readings = Self::default();
        for (verdict, truth) in verdicts.iter().zip(pairs.targets()) {
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

fn called_no_digit(verdicts: &[Verdict]) -> Option<usize> {
    verdicts.first()?.no_digit()?;
    Some(verdicts.iter().flat_map(Verdict::shows_no_digit).filter(|called| *called).count())
}

fn digits(verdicts: &[Verdict], pairs: &PairSet) -> Option<Accuracy> {
    let mut accuracy = Accuracy::default();
    for (verdict, classes) in verdicts.iter().zip(pairs.classes()) {
        let read = verdict.digits()?;
        read.iter().zip(classes).for_each(|(guess, class)| accuracy.add(guess.digit == *class));
    }
    Some(accuracy)
}

impl Evaluation {
    fn text(&self) -> String {
        let mut text = format!("{} on {}\n", self.model, self.engine);
        for (name, readings) in
            [("course test pairs", &self.course_pairs), ("disjoint test pairs", &self.disjoint_pairs)]
        {
            text += &format!("{name}: {}\n", readings.answer);
            for (way, accuracy) in
                [("most likely digits", readings.most_likely_digits), ("digit posteriors", readings.digit_posteriors)]
            {
                text += &accuracy.map_or(String::new(), |accuracy| format!("  by {way}: {accuracy}\n"));
            }
        }
        text += &self.digits.map_or(String::new(), |accuracy| format!("test digits: {accuracy}\n"));
        if let Some(called) = self.digits_called_no_digit {
            text += &format!("test digits called no digit: {called}\n");
        }
        let Reliability { expected_calibration_error, brier, bins, .. } = &self.calibration;
        text += &format!(
            "calibration on the disjoint pairs: expected calibration error {expected_calibration_error:.2} points, \
             Brier score {brier:.4}\n\x20 p_leq            pairs  mean p_leq  pairs that are <=\n",
        );
        for ReliabilityBin { range: [from, to], pairs, mean_probability, share_leq } in bins {
            text += &format!(
                "  {from:.3} to {to:.3}  {pairs:>7}  {mean_probability:>10.3}  {:>15.1} %\n",
                100.0 * share_leq
            );
        }
        text
    }
}
