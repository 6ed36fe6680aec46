//! Measurements of a shipped network: the rows of `results/models/NAME.json`, also shown on its card.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use digits::drawn::TEST_SEED;
use metrics::{Accuracy, OverImages, Reliability, ReliabilityBin, Summary};
use mnist::{Mnist, Orders, PairSet};
use nets::network::Comparator;
use nets::training::{
    Round, TrainingConfig, evaluate, every_ordered_pair_over_images, no_digit_probabilities, outputs,
};

use super::answered::{Answered, answered};
use super::drawings::Drawing;
use super::non_digits::{self, KindJudgement};
use super::readings::drawn_accuracy;

/// Permutations of the test images, each giving disjoint pairs.
const PERMUTATIONS: u32 = 20;
/// Non-digits of each kind that a network is judged on.
const NON_DIGITS_OF_A_KIND: usize = 24;

/// One measurement of a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFigure {
    /// Short name.
    pub what: String,
    /// Description.
    pub words: String,
    /// The value, in `unit`.
    pub value: f64,
    /// `%`, `points` for percentage points, or what a size counts.
    pub unit: String,
    /// Number of pairs, digits, images, or permutations; 1 for a size.
    pub n: usize,
    /// Standard deviation over permutations, or the standard error over images.
    #[serde(rename = "deviation", default, skip_serializing_if = "Option::is_none")]
    pub standard_deviation: Option<f64>,
    /// 95 % confidence interval: Wilson's for an accuracy, Student's for a mean over permutations, the bootstrap's over images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
    /// Reliability bins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bins: Vec<ReliabilityBin>,
    /// The command that repeats the measurement.
    pub command: String,
}

/// Measures a network trained with `config` on its round's test pairs. Every row records `command`.
///
/// # Errors
/// If there are too few data; candle's, if the device is out of memory.
pub fn judged_on_test_pairs(
    comparator: &Comparator,
    config: &TrainingConfig,
    mnist: &Mnist,
    command: &str,
) -> Result<Vec<ModelFigure>> {
    let test = Round::draw(config, mnist)?.test;
    Ok(vec![ModelFigure { command: command.to_owned(), ..on_test_pairs(comparator, &test)? }])
}

fn on_test_pairs(comparator: &Comparator, test: &PairSet) -> Result<ModelFigure> {
    let here = evaluate(comparator, test)?;
    Ok(accuracy_row("pairs_1000", &format!("the round's {} test pairs", here.learned_head.all), here.learned_head))
}

/// Measures a network on its round's test pairs, all test images, and transformed digits. Takes one or two minutes.
///
/// # Errors
/// As [`judged_on_test_pairs`].
pub fn judged(
    comparator: &Comparator,
    config: &TrainingConfig,
    mnist: &Mnist,
    command: &str,
) -> Result<Vec<ModelFigure>> {
    let test = Round::draw(config, mnist)?.test;
    let mut rows = vec![on_test_pairs(comparator, &test)?];
    let permutations =
        (0..PERMUTATIONS).map(|seed| Orders::draw(mnist, seed).test(mnist, 0..mnist.test.images.len() / 2));
    let permutations: Vec<PairSet> = permutations.collect::<Result<_, _>>()?;
    rows.extend(over_permutations(comparator, &permutations)?);
    if let Some(digits) = evaluate(comparator, &permutations[0])?.digits {
        rows.push(accuracy_row("digits", &format!("all {} test digits", digits.all), digits));
    }
    rows.extend(every_ordered_pair_over_images(comparator, &permutations[0])?.map(over_images));
    let meets_all = config.recipe.drawn.is_some_and(|drawn| drawn.all_kinds);
    rows.extend(of_non_digits(comparator, &permutations[0], meets_all)?);
    for drawing in Drawing::ALL {
        let drawn = drawn_accuracy(comparator, drawing, &test, &mnist.test)?;
        let name = drawing.name();
        rows.push(accuracy_row(
            &format!("drawn/{name}"),
            &format!("the same pairs drawn {name}, as the tools prepare them"),
            drawn,
        ));
    }
    rows.iter_mut().for_each(|row| command.clone_into(&mut row.command));
    Ok(rows)
}

/// What a network costs and its file holds: `cost` and `bytes`.
///
/// # Errors
/// If parts of the description do not fit together.
pub fn sizes(config: &TrainingConfig, bytes: usize, command: &str) -> Result<Vec<ModelFigure>> {
    let row = |what: &str, words: &str, value: f64, unit: &str| ModelFigure {
        what: what.to_owned(),
        words: words.to_owned(),
        value: rounded(value),
        unit: unit.to_owned(),
        n: 1,
        standard_deviation: None,
        interval: None,
        bins: Vec::new(),
        command: command.to_owned(),
    };
    let millions = config.network.multiply_adds()?.image as f64 / 1e6;
    Ok(vec![
        row("cost", "multiply-adds for one digit", millions, "million"),
        row("bytes", "size of the model file", bytes as f64, "bytes"),
    ])
}

/// All ordered pairs of test images. Pairs share images, so the error is that over images.
fn over_images(over: OverImages) -> ModelFigure {
    ModelFigure {
        what: "all_pairs".to_owned(),
        words: "all ordered pairs of different test digits; its error over images, by bootstrap".to_owned(),
        value: rounded(over.percent),
        unit: "%".to_owned(),
        n: over.images,
        standard_deviation: Some(rounded(over.standard_error)),
        interval: Some(over.interval.map(rounded)),
        bins: Vec::new(),
        command: String::new(),
    }
}

/// Of a network that tells "no digit": test digits called so, and what it says about non-digits of seeds that no training
/// and no choice has seen. `meets_all` kinds, the training leaves none out.
fn of_non_digits(comparator: &Comparator, digits: &PairSet, meets_all: bool) -> Result<Vec<ModelFigure>> {
    let Some(probabilities) = no_digit_probabilities(&outputs(comparator, digits)?)? else { return Ok(Vec::new()) };
    let called = Accuracy::of(probabilities.into_iter().map(digits::is_no_digit));
    let kinds = non_digits::judged(comparator, digits, TEST_SEED, NON_DIGITS_OF_A_KIND)?;
    let sum = |kinds: &[&KindJudgement], of: fn(&KindJudgement) -> usize| Accuracy {
        right: kinds.iter().map(|kind| of(kind)).sum(),
        all: kinds.iter().map(|kind| kind.pairs).sum(),
    };
    let all: Vec<&KindJudgement> = kinds.iter().collect();
    let (seen, unseen): (Vec<_>, Vec<_>) = all.iter().copied().partition(|kind| meets_all || kind.in_training);
    let words = |what: &str, of: &[&KindJudgement]| format!("{what}, {} kinds", of.len());
    let sure = "non-digits answered at least 95 % sure";
    let mut rows = vec![
        accuracy_row("digits_called_no_digit", "test digits called no digit", called),
        accuracy_row("non_digits_refused", &words("non-digits told to be none", &all), sum(&all, |kind| kind.refused)),
        accuracy_row("non_digits_sure", &words(sure, &all), sum(&all, |kind| kind.sure)),
        accuracy_row(
            "non_digits_sure_seen",
            &words(&format!("{sure}, of kinds that training has, from other seeds"), &seen),
            sum(&seen, |kind| kind.sure),
        ),
        accuracy_row(
            "non_digits_framed_sure_seen",
            &words(&format!("{sure} by the network alone, of kinds that training has"), &seen),
            sum(&seen, |kind| kind.framed_sure),
        ),
    ];
    if !unseen.is_empty() {
        rows.extend([
            accuracy_row(
                "non_digits_framed_sure_unseen",
                &words(&format!("{sure} by the network alone, of kinds that training leaves out"), &unseen),
                sum(&unseen, |kind| kind.framed_sure),
            ),
            accuracy_row(
                "non_digits_sure_unseen",
                &words(&format!("{sure}, of kinds that training leaves out"), &unseen),
                sum(&unseen, |kind| kind.sure),
            ),
        ]);
    }
    for kind in kinds {
        let (what, words) = (format!("non_digit/{}", kind.kind), format!("{sure}: {}", kind.kind));
        rows.push(accuracy_row(&what, &words, Accuracy { right: kind.sure, all: kind.pairs }));
    }
    Ok(rows)
}

/// Accuracy, calibration and sureness over disjoint pairs of all test images.
fn over_permutations(comparator: &Comparator, permutations: &[PairSet]) -> Result<Vec<ModelFigure>> {
    let all = permutations.iter().map(|pairs| answered(comparator, pairs)).collect::<candle_core::Result<Vec<_>>>()?;
    let right = |answers: &[Answered]| answers.iter().filter(|answer| answer.is_right()).count();
    let accuracy = |answers: &[Answered]| percent(right(answers), answers.len());
    let sure =
        |answers: &[Answered]| -> Vec<Answered> { answers.iter().filter(|answer| answer.is_sure).copied().collect() };
    let of_sure = |answers: &[Answered]| accuracy(&sure(answers));
    let unsure = |answers: &[Answered]| percent(answers.len() - sure(answers).len(), answers.len());
    let reliability = |answers: &[Answered]| {
        Reliability::of(&answers.iter().map(|answer| (answer.p_leq, answer.leq)).collect::<Vec<_>>())
    };
    let error = |answers: &[Answered]| reliability(answers).expected_calibration_error;
    let pooled = reliability(&all.concat());
    let pairs = permutations[0].len();
    let threshold = 100.0 * digits::SURE;
    // A network that is never sure of a permutation has no such accuracy.
    let is_sometimes_sure = all.iter().all(|answers| answers.iter().any(|answer| answer.is_sure));
    let mut rows = vec![
        mean("pairs_5000", format!("{pairs} disjoint pairs of all test images"), "%", &all, accuracy),
        ModelFigure {
            bins: pooled.bins,
            ..mean("ece", "expected calibration error of p_leq on them".into(), "points", &all, error)
        },
        mean("unsure", format!("pairs that the tools are not sure of: less than {threshold} %"), "%", &all, unsure),
    ];
    if is_sometimes_sure {
        rows.push(mean("pairs_5000_sure", "accuracy where they are sure".into(), "%", &all, of_sure));
    }
    Ok(rows)
}

fn mean(
    what: &str,
    words: String,
    unit: &str,
    permutations: &[Vec<Answered>],
    figure: impl Fn(&[Answered]) -> f64,
) -> ModelFigure {
    let values: Vec<f64> = permutations.iter().map(|answers| figure(answers)).collect();
    let Summary { n, mean, standard_deviation, interval } = Summary::of(&values).expect("there are permutations");
    let (standard_deviation, interval) = (Some(rounded(standard_deviation)), Some(interval.map(rounded)));
    let words = format!("{words}, mean of {n} permutations");
    ModelFigure {
        what: what.to_owned(),
        words,
        value: rounded(mean),
        unit: unit.to_owned(),
        n,
        standard_deviation,
        interval,
        bins: Vec::new(),
        command: String::new(),
    }
}

fn accuracy_row(what: &str, words: &str, accuracy: Accuracy) -> ModelFigure {
    let Accuracy { right, all } = accuracy;
    let interval = Some(accuracy.interval().map(|end| rounded(100.0 * end)));
    let (what, words, value) = (what.to_owned(), words.to_owned(), rounded(percent(right, all)));
    ModelFigure {
        what,
        words,
        value,
        unit: "%".to_owned(),
        n: all,
        standard_deviation: None,
        interval,
        bins: Vec::new(),
        command: String::new(),
    }
}

fn percent(part: usize, all: usize) -> f64 {
    100.0 * part as f64 / all as f64
}

/// Rounds to four decimals.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
