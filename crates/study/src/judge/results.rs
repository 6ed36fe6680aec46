//! The studies' journals, cell by cell.

use std::collections::{BTreeMap, HashMap};

use super::against::AgainstPublished;
use crate::declaration::{Cell, CellRef, FigureKind, ProtocolName, Reading, Statistic, Study};
use crate::run::{Outcome, Trial};
use metrics::{Difference, Summary, paired, welch};

/// The trials of all studies.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// The studies in page order.
    pub studies: Vec<StudyResults>,
    /// Result files quoted by studies, by name in the results folder.
    pub quoted: BTreeMap<String, serde_json::Value>,
    /// The rounds trained in PyTorch.
    pub pytorch: super::PyTorchRounds,
    /// Measurements of the shipped models, by name.
    pub models: crate::model::Models,
}

/// A study and its trials.
#[derive(Debug, Clone)]
pub struct StudyResults {
    /// The study.
    pub study: Study,
    trials: HashMap<(String, ProtocolName), Vec<Trial>>,
}

/// Accuracies of one cell under one protocol, by one reading.
#[derive(Debug, Clone)]
pub struct CellSample<'a> {
    /// The cell's study.
    pub study: &'a Study,
    /// The cell.
    pub cell: &'a Cell,
    /// The reading.
    pub reading: Reading,
    /// The protocol.
    pub protocol: ProtocolName,
    /// Accuracy in percent by seed.
    pub by_seed: BTreeMap<u64, f64>,
}

impl StudyResults {
    /// Keeps the trials that match the current declaration, ordered by seed.
    pub fn new(study: Study, trials: impl IntoIterator<Item = Trial>) -> Self {
        let mut by_id: HashMap<String, Trial> = trials.into_iter().map(|trial| (trial.id.clone(), trial)).collect();
        let mut kept = HashMap::new();
        for cell in &study.cells {
            for &protocol in &cell.protocols {
                let trials = cell.identities(protocol).iter().filter_map(|id| by_id.remove(id)).collect();
                kept.insert((cell.name.clone(), protocol), trials);
            }
        }
        Self { study, trials: kept }
    }

    /// A cell's trials, ordered by seed.
    pub fn trials(&self, cell: &Cell, protocol: ProtocolName) -> &[Trial] {
        self.trials.get(&(cell.name.clone(), protocol)).map_or(&[], Vec::as_slice)
    }

    /// Every trial, cell by cell as declared.
    pub fn all_trials(&self) -> impl Iterator<Item = &Trial> {
        self.plan().flat_map(|(cell, protocol)| self.trials(cell, protocol))
    }

    /// Number of finished trials and of declared trials.
    pub fn progress(&self) -> [usize; 2] {
        let planned = self.plan().map(|(cell, _)| cell.rounds as usize).sum();
        [self.all_trials().count(), planned]
    }

    /// A cell's accuracies by one reading. The learned head is left out where only digits are trained.
    pub fn sample<'a>(&'a self, cell: &'a Cell, protocol: ProtocolName, reading: Reading) -> CellSample<'a> {
        self.sample_of(cell, protocol, reading, |trial| trial.percent(reading))
    }

    /// As [`StudyResults::sample`], on the validation pairs.
    pub fn validation_sample<'a>(&'a self, cell: &'a Cell, protocol: ProtocolName) -> CellSample<'a> {
        self.sample_of(cell, protocol, cell.reading, |trial| {
            Some(100.0 * cell.reading.of(trial.validation.as_ref()?)?.value())
        })
    }

    /// The cells of a series.
    pub fn series<'a>(&'a self, series: &'a str) -> impl Iterator<Item = &'a Cell> {
        self.study.cells.iter().filter(move |cell| cell.series == series)
    }

    /// Number of a cell's trainings that diverged.
    pub fn diverged(&self, cell: &Cell, protocol: ProtocolName) -> usize {
        self.trials(cell, protocol).iter().filter(|trial| trial.outcome != Outcome::Finished).count()
    }

    fn plan(&self) -> impl Iterator<Item = (&Cell, ProtocolName)> {
        self.study.cells.iter().flat_map(|cell| cell.protocols.iter().map(move |&protocol| (cell, protocol)))
    }

    fn sample_of<'a>(
        &'a self,
        cell: &'a Cell,
        protocol: ProtocolName,
        reading: Reading,
        percent: impl Fn(&Trial) -> Option<f64>,
    ) -> CellSample<'a> {
        let trials = self.trials(cell, protocol).iter();
        let by_seed = trials.filter_map(|trial| Some((trial.seed, percent(trial)?))).collect();
        CellSample { study: &self.study, cell, reading, protocol, by_seed }
    }
}

impl Results {
    /// The study called `name`.
    pub fn study(&self, name: &str) -> Option<&StudyResults> {
        self.studies.iter().find(|results| results.study.name == name)
    }

    /// The sample that a claim of `study` refers to.
    ///
    /// # Errors
    /// If the study, the cell or the cell's protocol does not exist.
    pub fn sample(&self, study: &str, reference: &CellRef, protocol: ProtocolName) -> Result<CellSample<'_>, String> {
        let (results, cell) = self.cell(study, reference)?;
        if !cell.protocols.contains(&protocol) {
            return Err(format!("{} is not trained under the protocol {protocol}", cell.name));
        }
        Ok(results.sample(cell, protocol, reference.reading.unwrap_or(cell.reading)))
    }

    /// The cell that a claim of `study` refers to.
    ///
    /// # Errors
    /// If the study or the cell does not exist.
    pub fn cell(&self, study: &str, reference: &CellRef) -> Result<(&StudyResults, &Cell), String> {
        let name = reference.study.as_deref().unwrap_or(study);
        let results = self.study(name).ok_or_else(|| format!("there is no study called {name}"))?;
        let cell = results.study.cells.iter().find(|cell| cell.name == reference.cell);
        Ok((results, cell.ok_or_else(|| format!("the study {name} has no cell called {}", reference.cell))?))
    }
}

impl CellSample<'_> {
    /// The cell's title for sentences: series, label, the axis of a curve, and the reading if it is not the cell's
    /// default.
    pub fn title(&self) -> String {
        let Cell { series, label, .. } = self.cell;
        let name = match (&self.study.x_label, label.parse::<f64>()) {
            (Some(what), Ok(_)) => format!("{series}, {what} {label}"),
            _ if series.ends_with(label) || (self.study.kind == FigureKind::Curve) => series.clone(),
            _ => format!("{series}, {label}"),
        };
        match self.reading == self.cell.reading {
            true => name,
            false => format!("{name} ({})", self.reading.title()),
        }
    }

    /// Accuracies in percent, ordered by seed.
    pub fn values(&self) -> Vec<f64> {
        self.by_seed.values().copied().collect()
    }

    /// Mean, standard deviation and interval; `None` without trials.
    pub fn summary(&self) -> Option<Summary> {
        Summary::of(&self.values())
    }

    /// Mean accuracy in percent, for ordering.
    pub fn mean(&self) -> f64 {
        self.summary().map_or(f64::NEG_INFINITY, |summary| summary.mean)
    }

    /// These rounds against the cell's published value; `None` without one, or if the error of either is unknown.
    pub fn against_published(&self) -> Option<AgainstPublished> {
        AgainstPublished::new(self.cell.published?, Statistic::Mean, &self.values(), self.protocol)
    }

    /// Whether all rounds have been trained.
    pub fn is_complete(&self) -> bool {
        self.by_seed.len() as u64 >= self.cell.rounds
    }

    /// This sample's mean minus the other's. Rounds are paired by seed if they share their data (`redrawn`) or their
    /// network (two readings of one cell).
    pub fn minus(&self, other: &Self) -> Option<Difference> {
        let one_cell = self.study.name == other.study.name && self.cell.name == other.cell.name;
        let one_protocol = self.protocol == other.protocol;
        if one_protocol && (one_cell || self.protocol == ProtocolName::Redrawn) {
            let partner = |(seed, &value)| Some([value, *other.by_seed.get(seed)?]);
            let pairs: Vec<[f64; 2]> = self.by_seed.iter().filter_map(partner).collect();
            if pairs.len() >= 2 {
                return paired(&pairs);
            }
        }
        welch(&self.values(), &other.values())
    }
}
