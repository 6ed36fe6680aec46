//! Everything judged, once for all pages.

use metrics::{detectable_difference, median};

use super::value::{Value, values};
use super::verdict::{Judgement, judge};
use super::{Results, Tested, ValueVerdict, tested};
use crate::declaration::{Cell, ClaimKind, ProtocolName};

/// All results with their verdicts.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// What is judged.
    pub results: &'a Results,
    /// Claims and questions of all trained studies, in page order.
    pub judgements: Vec<Judgement<'a>>,
    fixed: Vec<Value<'a>>,
    redrawn: Vec<Value<'a>>,
}

/// What so many rounds can show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// Median of the published standard deviations, in percentage points.
    pub standard_deviation: f64,
    /// Rounds of each mean.
    pub rounds: usize,
    /// Difference that a t-test finds four times out of five, before correction, in percentage points.
    pub difference: f64,
}

impl<'a> Judged<'a> {
    /// Judges every value, claim and question.
    pub fn new(results: &'a Results) -> Self {
        let trained = results.studies.iter().filter(|study| study.progress()[0] > 0);
        Self {
            results,
            judgements: trained.flat_map(|study| judge(results, study)).collect(),
            fixed: values(results, ProtocolName::Fixed),
            redrawn: values(results, ProtocolName::Redrawn),
        }
    }

    /// Every distinct published value under a protocol.
    pub fn values(&self, protocol: ProtocolName) -> &[Value<'a>] {
        match protocol {
            ProtocolName::Fixed => &self.fixed,
            ProtocolName::Redrawn => &self.redrawn,
        }
    }

    /// The published value that a cell trains, under a protocol.
    pub fn value(&self, study: &str, cell: &Cell, protocol: ProtocolName) -> Option<&Value<'a>> {
        let published = cell.published?;
        self.values(protocol).iter().find(|value| {
            let mut places = value.places.iter();
            value.published.mean == published.mean
                && places.any(|place| place.study.name == study && place.cell == cell.name)
        })
    }

    /// Alternative readings of a value under the published protocol.
    pub fn tested(&self, value: &Value<'a>) -> Vec<Tested<'a>> {
        tested(self.results, value)
    }

    /// The claims of the reports, each once: under the published protocol, or without one.
    pub fn claims(&self) -> impl Iterator<Item = &Judgement<'a>> {
        self.judgements.iter().filter(|judgement| {
            let once = judgement.claim.kind == ClaimKind::Claim && judgement.claim.repeats.is_none();
            once && judgement.protocol != Some(ProtocolName::Redrawn)
        })
    }

    /// The number of distinct values with a verdict under a protocol.
    pub fn count(&self, protocol: ProtocolName, verdict: ValueVerdict) -> usize {
        self.values(protocol).iter().filter(|value| value.verdict == verdict).count()
    }

    /// What ten rounds on both sides can show, at the median of the published standard deviations.
    pub fn power(&self) -> Option<Power> {
        let published: Vec<f64> = self.fixed.iter().filter_map(|value| value.published.standard_deviation).collect();
        let (standard_deviation, rounds) = (median(&published)?, 10);
        let difference = detectable_difference(standard_deviation, rounds, 0.8);
        Some(Power { standard_deviation, rounds, difference })
    }
}
