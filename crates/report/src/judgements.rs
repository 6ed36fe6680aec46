//! `judgements.json`: every test behind a verdict, in numbers, to be checked by other programs.

use anyhow::Result;
use serde::Serialize;

use metrics::{Difference, Pairing, Summary, six_decimals};
use study::declaration::{ClaimKind, ProtocolName, Published, Report, Statistic};
use study::judge::{
    Comparison, InPyTorch, Judged, Judgement, LEVEL, MARGIN, Power, Spread, TIMES_BETTER, Tested, Value, ValueVerdict,
};

/// The file's name in the results folder.
pub(super) const FILE: &str = "judgements.json";
/// How the file begins.
pub(super) const BEGINNING: &str = "{\n  \"margin\": ";

/// The file.
#[derive(Debug, Serialize)]
struct File<'a> {
    margin: f64,
    level: f64,
    times_better: f64,
    power: Option<PowerRow>,
    counts: Counts,
    values: Vec<ValueRow<'a>>,
    explanations: Vec<ExplanationRow<'a>>,
    claims: Vec<ClaimRow<'a>>,
}

#[derive(Debug, Serialize)]
struct PowerRow {
    deviation: f64,
    rounds: usize,
    difference: f64,
}

#[derive(Debug, Serialize)]
struct Counts {
    values: usize,
    equivalent: usize,
    different: usize,
    inconclusive: usize,
    not_judged: usize,
    claims: usize,
    deviations: usize,
    deviations_that_differ: usize,
    deviations_that_differ_corrected: usize,
}

/// A distinct published value under a protocol.
#[derive(Debug, Serialize)]
struct ValueRow<'a> {
    report: Report,
    protocol: ProtocolName,
    places: Vec<PlaceRow<'a>>,
    published: Published,
    statistic: Statistic,
    n: usize,
    value: Option<f64>,
    deviation: Option<f64>,
    test: Option<TestRow>,
    corrected_p: f64,
    equivalence_p: Option<f64>,
    verdict: &'static str,
    deviations: Option<SpreadRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pytorch: Option<PyTorchRow>,
}

/// PyTorch's rounds of the recipe.
#[derive(Debug, Serialize)]
struct PyTorchRow {
    n: usize,
    mean: f64,
    deviation: f64,
    ours: TestRow,
    published: TestRow,
}

#[derive(Debug, Serialize)]
struct PlaceRow<'a> {
    study: &'a str,
    cell: &'a str,
    figure: &'a str,
}

/// A difference and its test.
#[derive(Debug, Serialize)]
struct TestRow {
    difference: f64,
    standard_error: f64,
    freedom: f64,
    interval: [f64; 2],
    p: f64,
    n: [usize; 2],
    paired: bool,
}

#[derive(Debug, Serialize)]
struct SpreadRow {
    ours: f64,
    published: f64,
    n: [usize; 2],
    p: f64,
    corrected_p: f64,
}

#[derive(Debug, Serialize)]
struct ExplanationRow<'a> {
    of: PlaceRow<'a>,
    figure_value: f64,
    by: [&'a str; 2],
    protocol: ProtocolName,
    difference: f64,
    standard_error: f64,
    p: f64,
    log_times_better: f64,
    explains: bool,
}

#[derive(Debug, Serialize)]
struct ClaimRow<'a> {
    id: &'a str,
    study: &'a str,
    kind: ClaimKind,
    repeats: Option<&'a str>,
    protocol: Option<ProtocolName>,
    verdict: &'static str,
    comparisons: Vec<ComparisonRow<'a>>,
}

#[derive(Debug, Serialize)]
struct ComparisonRow<'a> {
    first: &'a str,
    second: &'a str,
    means: [f64; 2],
    #[serde(flatten)]
    test: TestRow,
    corrected_p: f64,
    family: usize,
}

/// Everything judged, as JSON.
///
/// # Errors
/// If a number cannot be written as JSON.
pub(super) fn json(judged: &Judged) -> Result<String> {
    let both = [ProtocolName::Fixed, ProtocolName::Redrawn];
    let values = both.iter().flat_map(|&protocol| judged.values(protocol).iter().map(move |value| (protocol, value)));
    let fixed = judged.values(ProtocolName::Fixed).iter();
    let file = File {
        margin: MARGIN,
        level: LEVEL,
        times_better: TIMES_BETTER,
        power: judged.power().map(PowerRow::new),
        counts: Counts::of(judged),
        values: values.map(|(protocol, value)| ValueRow::new(protocol, value)).collect(),
        explanations: fixed
            .flat_map(|value| judged.tested(value).into_iter().map(move |tested| ExplanationRow::new(value, &tested)))
            .collect(),
        claims: judged.judgements.iter().map(ClaimRow::new).collect(),
    };
    Ok(serde_json::to_string_pretty(&file)? + "\n")
}

impl PowerRow {
    fn new(power: Power) -> Self {
        let Power { standard_deviation, rounds, difference } = power;
        Self { deviation: six_decimals(standard_deviation), rounds, difference: six_decimals(difference) }
    }
}

impl Counts {
    fn of(judged: &Judged) -> Self {
        let values = judged.values(ProtocolName::Fixed);
        let count = |verdict| judged.count(ProtocolName::Fixed, verdict);
        let spreads: Vec<Spread> = values.iter().filter_map(|value| value.spread).collect();
        Self {
            values: values.len(),
            equivalent: count(ValueVerdict::Equivalent),
            different: count(ValueVerdict::Different),
            inconclusive: count(ValueVerdict::Inconclusive),
            not_judged: count(ValueVerdict::NotJudged),
            claims: judged.claims().count(),
            deviations: spreads.len(),
            deviations_that_differ: spreads.iter().filter(|spread| spread.p < LEVEL).count(),
            deviations_that_differ_corrected: spreads.iter().filter(|spread| spread.corrected_p < LEVEL).count(),
        }
    }
}

impl<'a> ValueRow<'a> {
    fn new(protocol: ProtocolName, value: &'a Value<'a>) -> Self {
        let summary = Summary::of(&value.rounds);
        let statistic = value.against.map(|against| against.value).or(summary.map(|summary| summary.mean));
        Self {
            report: value.report,
            protocol,
            places: places(value),
            published: value.published,
            statistic: value.statistic,
            n: value.rounds.len(),
            value: statistic.map(six_decimals),
            deviation: summary.map(|summary| six_decimals(summary.standard_deviation)),
            test: value.against.map(|against| TestRow::new(&against.difference)),
            corrected_p: significant(value.corrected_p),
            equivalence_p: value.against.map(|against| significant(against.difference.equivalence_p(MARGIN))),
            verdict: value.verdict.word(),
            deviations: value.spread.map(SpreadRow::new),
            pytorch: value.pytorch.as_ref().map(PyTorchRow::new),
        }
    }
}

fn places<'a>(value: &Value<'a>) -> Vec<PlaceRow<'a>> {
    let places = value.places.iter();
    places.map(|place| PlaceRow { study: &place.study.name, cell: place.cell, figure: place.figure }).collect()
}

impl TestRow {
    fn new(difference: &Difference) -> Self {
        Self {
            difference: six_decimals(difference.estimate),
            standard_error: six_decimals(difference.standard_error),
            freedom: six_decimals(difference.freedom),
            interval: difference.interval.map(six_decimals),
            p: significant(difference.p),
            n: difference.n,
            paired: difference.pairing == Pairing::Paired,
        }
    }
}

impl PyTorchRow {
    fn new(pytorch: &InPyTorch<'_>) -> Self {
        let Summary { mean, standard_deviation, n, .. } = pytorch.rounds;
        Self {
            n,
            mean: six_decimals(mean),
            deviation: six_decimals(standard_deviation),
            ours: TestRow::new(&pytorch.ours),
            published: TestRow::new(&pytorch.against.difference),
        }
    }
}

impl SpreadRow {
    fn new(spread: Spread) -> Self {
        let [ours, published] = spread.standard_deviations.map(six_decimals);
        let [p, corrected_p] = [spread.p, spread.corrected_p].map(significant);
        Self { ours, published, n: spread.n, p, corrected_p }
    }
}

impl<'a> ExplanationRow<'a> {
    fn new(value: &Value<'a>, tested: &Tested<'a>) -> Self {
        let mut places = places(value);
        Self {
            of: places.swap_remove(0),
            figure_value: value.published.mean,
            by: tested.by,
            protocol: tested.protocol,
            difference: six_decimals(tested.against.difference.estimate),
            standard_error: six_decimals(tested.against.difference.standard_error),
            p: significant(tested.against.difference.p),
            log_times_better: six_decimals(tested.times_better.ln()),
            explains: tested.explains(),
        }
    }
}

impl<'a> ClaimRow<'a> {
    fn new(judgement: &'a Judgement<'a>) -> Self {
        Self {
            id: &judgement.claim.id,
            study: judgement.study,
            kind: judgement.claim.kind,
            repeats: judgement.claim.repeats.as_deref(),
            protocol: judgement.protocol,
            verdict: judgement.verdict.word(judgement.claim),
            comparisons: judgement.comparisons.iter().map(ComparisonRow::new).collect(),
        }
    }
}

impl<'a> ComparisonRow<'a> {
    fn new(comparison: &'a Comparison) -> Self {
        Self {
            first: &comparison.first,
            second: &comparison.second,
            means: comparison.means.map(six_decimals),
            test: TestRow::new(&comparison.difference),
            corrected_p: significant(comparison.corrected_p),
            family: comparison.family_size,
        }
    }
}

/// A p-value with six significant digits.
fn significant(p: f64) -> f64 {
    format!("{p:.5e}").parse().unwrap_or(p)
}
