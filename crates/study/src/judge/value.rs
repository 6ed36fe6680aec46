//! Every distinct published value with its verdict.

use std::collections::BTreeMap;

use metrics::{holm, same_variance_p};

use super::against::{AgainstPublished, ValueVerdict};
use super::pytorch::InPyTorch;
use super::{Results, StudyResults};
use crate::declaration::{Cell, CellRef, ProtocolName, Published, Reading, Report, Statistic, Study};

/// A published value, however often its report uses it, and our rounds of its training from all studies.
#[derive(Debug, Clone)]
pub struct Value<'a> {
    /// The report.
    pub report: Report,
    /// Where it is published, in page order.
    pub places: Vec<Place<'a>>,
    /// The value.
    pub published: Published,
    /// Whether it is a mean or a median.
    pub statistic: Statistic,
    /// What of the network's answer it is about.
    pub reading: Reading,
    /// Title of the first cell.
    pub title: String,
    /// Our accuracies in percent, ordered by seed.
    pub rounds: Vec<f64>,
    /// The comparison; `None` if the error of either side is unknown.
    pub against: Option<AgainstPublished>,
    /// The p-value of the difference with Holm's correction over all values; 1 without a comparison.
    pub corrected_p: f64,
    /// The verdict.
    pub verdict: ValueVerdict,
    /// The comparison of standard deviations, under the published protocol.
    pub spread: Option<Spread>,
    /// The same recipe in PyTorch, under the published protocol.
    pub pytorch: Option<InPyTorch<'a>>,
}

/// Where a value is published, and what trains it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place<'a> {
    /// The study of the cell that trains it.
    pub study: &'a Study,
    /// That cell.
    pub cell: &'a str,
    /// The figure or table.
    pub figure: &'a str,
}

/// A published standard deviation against ours, by the F-test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Ours, then the published one, in percentage points.
    pub standard_deviations: [f64; 2],
    /// The numbers of rounds.
    pub n: [usize; 2],
    /// The p-value before correction.
    pub p: f64,
    /// The p-value with Holm's correction over all published standard deviations.
    pub corrected_p: f64,
}

/// A published value of one cell.
struct Printed<'a> {
    of: &'a StudyResults,
    cell: &'a Cell,
    reading: Reading,
    published: Published,
    statistic: Statistic,
    figure: &'a str,
}

/// Every distinct published value with our rounds under `protocol`, in page order. Readings other than the first are no
/// values of their own.
pub fn values(results: &Results, protocol: ProtocolName) -> Vec<Value<'_>> {
    let trainings = Trainings::of(results, protocol);
    let mut values: Vec<(String, Value)> = Vec::new();
    for printed in printed(results).filter(|printed| printed.cell.protocols.contains(&protocol)) {
        let training = printed.cell.training(protocol);
        let Printed { published: Published { mean, .. }, statistic, reading, .. } = printed;
        let key = format!("{:?} {mean} {statistic:?} {} {training}", printed.of.study.report, reading.name());
        let place = Place { study: &printed.of.study, cell: &printed.cell.name, figure: printed.figure };
        match values.iter_mut().find(|(known, _)| *known == key) {
            Some((_, value)) => value.places.push(place),
            None => {
                let rounds = trainings.rounds(&training, reading);
                values.push((key, Value::new(&printed, place, rounds, protocol)));
            }
        }
    }
    let mut values: Vec<Value> = values.into_iter().map(|(_, value)| value).collect();
    correct(&mut values);
    if protocol == ProtocolName::Fixed {
        for value in &mut values {
            value.pytorch = value.in_pytorch(results);
        }
    }
    values
}

/// Every published value of every trained study.
fn printed(results: &Results) -> impl Iterator<Item = Printed<'_>> {
    let trained = results.studies.iter().filter(|study| study.progress()[0] > 0);
    trained.flat_map(move |of| {
        let study = &of.study;
        let figure = study.figure.as_deref().unwrap_or_default();
        let own = study.cells.iter().filter(|cell| !study.is_other_reading(cell)).filter_map(move |cell| {
            let (published, reading) = (cell.published?, cell.reading);
            Some(Printed { of, cell, reading, published, statistic: Statistic::Mean, figure })
        });
        let further = study.also_published.iter().filter_map(move |further| {
            let (of, cell) = results.cell(&study.name, &further.cell).ok()?;
            let reading = further.cell.reading.unwrap_or(cell.reading);
            let (published, statistic) = (further.published(), further.statistic);
            Some(Printed { of, cell, reading, published, statistic, figure: &further.place })
        });
        own.chain(further)
    })
}

/// The cells of every training.
struct Trainings<'a> {
    protocol: ProtocolName,
    cells: BTreeMap<String, Vec<(&'a StudyResults, &'a Cell)>>,
}

impl<'a> Trainings<'a> {
    fn of(results: &'a Results, protocol: ProtocolName) -> Self {
        let mut cells: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for of in &results.studies {
            for cell in of.study.cells.iter().filter(|cell| cell.protocols.contains(&protocol)) {
                cells.entry(cell.training(protocol)).or_default().push((of, cell));
            }
        }
        Self { protocol, cells }
    }

    /// Accuracies in percent of every round of a training in any study, ordered by seed.
    fn rounds(&self, training: &str, reading: Reading) -> Vec<f64> {
        let mut by_seed = BTreeMap::new();
        for (of, cell) in self.cells.get(training).into_iter().flatten() {
            for (seed, value) in of.sample(cell, self.protocol, reading).by_seed {
                by_seed.entry(seed).or_insert(value);
            }
        }
        by_seed.into_values().collect()
    }
}

/// Accuracies in percent of every round of the cell's training in any study, ordered by seed.
pub(super) fn all_rounds(results: &Results, cell: &Cell, reading: Reading, protocol: ProtocolName) -> Vec<f64> {
    Trainings::of(results, protocol).rounds(&cell.training(protocol), reading)
}

impl<'a> Value<'a> {
    fn new(printed: &Printed<'a>, place: Place<'a>, rounds: Vec<f64>, protocol: ProtocolName) -> Self {
        let &Printed { published, statistic, .. } = printed;
        let against = AgainstPublished::new(published, statistic, &rounds, protocol);
        let spread = against.filter(|_| protocol == ProtocolName::Fixed).and_then(|against| Spread::of(&against));
        Self {
            report: printed.of.study.report,
            places: vec![place],
            published,
            statistic,
            reading: printed.reading,
            title: printed.of.sample(printed.cell, protocol, printed.reading).title(),
            rounds,
            against,
            corrected_p: 1.0,
            verdict: ValueVerdict::NotJudged,
            spread,
            pytorch: None,
        }
    }

    /// PyTorch's rounds of the first place that has any; they tell the learned comparison alone.
    fn in_pytorch(&self, results: &Results) -> Option<InPyTorch<'a>> {
        let mut places = self.places.iter().filter(|_| self.reading == Reading::LearnedHead);
        places.find_map(|place| {
            let of = [place.study.name.as_str(), place.cell];
            InPyTorch::new(of, &results.pytorch.of(of), &self.rounds, (self.published, self.statistic))
        })
    }

    /// The published value's cell, as a claim of its first study would name it.
    pub fn reference(&self) -> CellRef {
        CellRef { study: None, cell: self.places[0].cell.to_owned(), reading: None }
    }
}

impl Spread {
    fn of(against: &AgainstPublished) -> Option<Self> {
        let standard_deviations = [against.ours.standard_deviation, against.published.standard_deviation?];
        let n = [against.ours.n, against.published.round_count()];
        let p = same_variance_p((standard_deviations[0], n[0]), (standard_deviations[1], n[1]))?;
        Some(Self { standard_deviations, n, p, corrected_p: p })
    }
}

/// Holm's correction over all values, and over all standard deviations; then the verdicts.
fn correct(values: &mut [Value]) {
    let judged = |value: &&mut Value| value.against.is_some();
    let p_values: Vec<f64> = values.iter().filter_map(|value| Some(value.against?.difference.p)).collect();
    for (value, corrected_p) in values.iter_mut().filter(judged).zip(holm(&p_values)) {
        value.corrected_p = corrected_p;
        value.verdict =
            value.against.map_or(ValueVerdict::NotJudged, |against| ValueVerdict::of(&against, corrected_p));
    }
    let p_values: Vec<f64> = values.iter().filter_map(|value| Some(value.spread?.p)).collect();
    for (spread, corrected_p) in values.iter_mut().filter_map(|value| value.spread.as_mut()).zip(holm(&p_values)) {
        spread.corrected_p = corrected_p;
    }
}

impl Study {
    /// Whether a cell is another reading of one of the study's published values.
    pub fn is_other_reading(&self, cell: &Cell) -> bool {
        let mut own = self.explanations.iter().filter(|explanation| explanation.by.study.is_none());
        own.any(|explanation| explanation.by.cell == cell.name)
    }
}
