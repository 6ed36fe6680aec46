//! Judges claims.

use super::comparison::{Comparison, compared, plain, signed};
use super::conclusion::{best, better, fewer_parameters, not_better, reaches, untestable};
use super::selection::{chosen_by_validation, winners_curse};
use super::{CellSample, Results, StudyResults};
use crate::declaration::{CellRef, ProtocolName};
use crate::declaration::{Claim, ClaimKind, Test};
use metrics::holm;

/// Significance level.
const LEVEL: f64 = 0.05;

/// The verdict on a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimVerdict {
    /// The claim holds, beyond noise.
    Reproduced,
    /// Neither the claim nor its opposite is significant.
    WithinNoise,
    /// The opposite holds, beyond noise.
    NotReproduced,
    /// The claim cannot be judged.
    Untestable {
        /// Why.
        why: String,
    },
}

/// A claim under one protocol, judged.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    /// The claim.
    pub claim: &'a Claim,
    /// The claim's study.
    pub study: &'a str,
    /// The protocol; `None` if the claim has none.
    pub protocol: Option<ProtocolName>,
    /// The verdict.
    pub verdict: ClaimVerdict,
    /// The comparisons behind it.
    pub comparisons: Vec<Comparison>,
    /// The verdict in one or two sentences.
    pub sentence: String,
}

impl ClaimVerdict {
    /// The verdict as a word, depending on whether it is a claim or a question, and what it asks.
    pub fn word(&self, claim: &Claim) -> &'static str {
        match (self, claim.kind) {
            (Self::Reproduced, ClaimKind::Claim | ClaimKind::Variant) => "reproduced",
            (Self::NotReproduced, ClaimKind::Claim | ClaimKind::Variant) => "not reproduced",
            (Self::Reproduced, ClaimKind::Question) => "yes",
            (Self::NotReproduced, ClaimKind::Question) if matches!(claim.test, Test::Reaches { .. }) => "no, less",
            (Self::NotReproduced, ClaimKind::Question) => "no, the opposite",
            (Self::WithinNoise, _) => "within noise",
            (Self::Untestable { .. }, _) => "untestable",
        }
    }

    /// The verdict on a difference that should be above 0.
    pub(super) fn of(estimate: f64, p: f64) -> Self {
        match (p < LEVEL, estimate > 0.0) {
            (false, _) => Self::WithinNoise,
            (true, true) => Self::Reproduced,
            (true, false) => Self::NotReproduced,
        }
    }
}

impl Judgement<'_> {
    /// Whether the claim only lacks trials.
    pub fn needs_trials(&self) -> bool {
        matches!(self.verdict, ClaimVerdict::Untestable { .. }) && !matches!(self.claim.test, Test::Untestable(_))
    }
}

/// Judges every claim of a study under each applicable protocol, in file order.
pub fn judge<'a>(results: &'a Results, of: &'a StudyResults) -> Vec<Judgement<'a>> {
    let claims = of.study.claims.iter();
    let mut drafts: Vec<Draft> = claims.flat_map(|claim| Draft::all(results, of, claim)).collect();
    correct(&mut drafts);
    drafts.into_iter().map(Draft::judge).collect()
}

/// A claim with its comparisons, before correction.
struct Draft<'a> {
    results: &'a Results,
    of: &'a StudyResults,
    claim: &'a Claim,
    protocol: Option<ProtocolName>,
    comparisons: Result<Vec<Comparison>, String>,
    complete: bool,
}

/// Holm's correction over all comparisons of one family under one protocol.
fn correct(drafts: &mut [Draft]) {
    let key = |draft: &Draft| (draft.claim.family.clone().unwrap_or_else(|| draft.claim.id.clone()), draft.protocol);
    let keys: Vec<_> = drafts.iter().map(key).collect();
    for family in &keys {
        let members = drafts.iter_mut().zip(&keys).filter(|(_, key)| *key == family).map(|(draft, _)| draft);
        let mut comparisons: Vec<&mut Comparison> =
            members.flat_map(|draft| draft.comparisons.iter_mut().flatten()).collect();
        correct_together(&mut comparisons);
    }
}

fn correct_together(comparisons: &mut [&mut Comparison]) {
    let p_values: Vec<f64> = comparisons.iter().map(|comparison| comparison.difference.p).collect();
    for (comparison, corrected) in comparisons.iter_mut().zip(holm(&p_values)) {
        (comparison.corrected_p, comparison.family_size) = (corrected, p_values.len());
    }
}

/// The verdict of several comparisons of one question: what any of them shows, unless they contradict each other.
fn any_way(comparisons: &[Comparison]) -> ClaimVerdict {
    let verdicts = comparisons.iter().map(|one| ClaimVerdict::of(one.difference.estimate, one.corrected_p));
    let shown: Vec<ClaimVerdict> = verdicts.filter(|verdict| *verdict != ClaimVerdict::WithinNoise).collect();
    match shown.as_slice() {
        [first, rest @ ..] if rest.iter().all(|verdict| verdict == first) => first.clone(),
        _ => ClaimVerdict::WithinNoise,
    }
}

impl<'a> Draft<'a> {
    fn all(results: &'a Results, of: &'a StudyResults, claim: &'a Claim) -> Vec<Self> {
        if matches!(claim.test, Test::Untestable(_) | Test::FewerParameters { .. }) {
            return vec![Self { results, of, claim, protocol: None, comparisons: Ok(Vec::new()), complete: true }];
        }
        let protocols = protocols(results, of, claim);
        if protocols.is_empty() {
            let comparisons = Err("its cells have no protocol in common".to_owned());
            return vec![Self { results, of, claim, protocol: None, comparisons, complete: false }];
        }
        protocols.into_iter().map(|protocol| Self::new(results, of, claim, protocol)).collect()
    }

    fn new(results: &'a Results, of: &'a StudyResults, claim: &'a Claim, protocol: ProtocolName) -> Self {
        let mut draft =
            Self { results, of, claim, protocol: Some(protocol), comparisons: Ok(Vec::new()), complete: false };
        draft.comparisons = draft.compare(protocol);
        draft.complete = draft.samples(protocol).is_some_and(|samples| samples.iter().all(CellSample::is_complete));
        draft
    }

    fn sample(&self, reference: &CellRef, protocol: ProtocolName) -> Result<CellSample<'a>, String> {
        self.results.sample(&self.of.study.name, reference, protocol)
    }

    /// Every sample of the claim, including whole series.
    fn samples(&self, protocol: ProtocolName) -> Option<Vec<CellSample<'a>>> {
        let test = &self.claim.test;
        let mut samples: Vec<CellSample> =
            test.cells().into_iter().map(|cell| self.sample(cell, protocol)).collect::<Result<_, _>>().ok()?;
        samples.extend(test.series().into_iter().flat_map(|series| self.series(series, protocol)));
        Some(samples)
    }

    /// The samples of a series, best mean first; of means that agree in six decimals, the one declared first.
    fn series(&self, series: &'a str, protocol: ProtocolName) -> Vec<CellSample<'a>> {
        let cells = self.of.series(series).filter(|cell| cell.protocols.contains(&protocol));
        let mut samples: Vec<CellSample> = cells.map(|cell| self.of.sample(cell, protocol, cell.reading)).collect();
        let order = |sample: &CellSample| std::cmp::Reverse((1e6 * sample.mean()).round() as i64);
        samples.sort_by_key(order);
        samples
    }

    /// A cell's title and the number of its network's parameters.
    fn parameters(&self, reference: &CellRef) -> Result<(String, usize), String> {
        let (of, cell) = self.results.cell(&self.of.study.name, reference)?;
        let protocol = cell.protocols[0];
        let count = cell.config(protocol, cell.seeds_from).network.parameter_count();
        Ok((of.sample(cell, protocol, cell.reading).title(), count.map_err(|error| error.to_string())?))
    }

    fn compare(&self, protocol: ProtocolName) -> Result<Vec<Comparison>, String> {
        match &self.claim.test {
            Test::Best { cell, among } => {
                let best = self.sample(cell, protocol)?;
                let others = if among.is_empty() {
                    let mut others = self.series(&best.cell.series, protocol);
                    others.retain(|other| other.cell.name != best.cell.name);
                    others
                } else {
                    among.iter().map(|other| self.sample(other, protocol)).collect::<Result<_, _>>()?
                };
                others.iter().map(|other| compared(&best, other)).collect()
            }
            Test::Better { cell, than, .. } | Test::NotBetter { cell, than, .. } => {
                Ok(vec![compared(&self.sample(cell, protocol)?, &self.sample(than, protocol)?)?])
            }
            Test::FirstOverSecond(series) => {
                let samples = self.series(series, protocol);
                let [first, second, ..] = samples.as_slice() else {
                    return Err(format!("the series {series} has fewer than two cells"));
                };
                Ok(vec![compared(first, second)?])
            }
            Test::WinnersCurse { .. } | Test::ChosenByValidation(_) => Ok(Vec::new()),
            Test::Reaches { .. } | Test::FewerParameters { .. } | Test::Untestable(_) => Ok(Vec::new()),
        }
    }

    fn judge(mut self) -> Judgement<'a> {
        let (verdict, sentence) = match std::mem::replace(&mut self.comparisons, Ok(Vec::new())) {
            Err(why) => untestable(&why),
            Ok(comparisons) => {
                self.comparisons = Ok(comparisons);
                self.conclude()
            }
        };
        let unfinished = if self.complete || matches!(verdict, ClaimVerdict::Untestable { .. }) {
            ""
        } else {
            " Not all rounds are trained yet."
        };
        Judgement {
            claim: self.claim,
            study: &self.of.study.name,
            protocol: self.protocol,
            verdict,
            comparisons: self.comparisons.unwrap_or_default(),
            sentence: sentence + unfinished,
        }
    }

    fn conclude(&mut self) -> (ClaimVerdict, String) {
        let comparisons = self.comparisons.as_deref().unwrap_or_default();
        match (&self.claim.test, self.protocol) {
            (Test::Untestable(why), _) => untestable(why),
            (Test::FewerParameters { cell, than }, _) => {
                let counted = self.parameters(cell).and_then(|first| Ok([first, self.parameters(than)?]));
                counted.map_or_else(|why| untestable(&why), fewer_parameters)
            }
            (Test::Best { .. }, _) => best(comparisons),
            (Test::Better { cell, than, by: Some(by) }, _) => self.sized(&comparisons[0], [cell, than], *by),
            (Test::Better { .. }, _) => better(&comparisons[0]),
            (Test::NotBetter { margin, .. }, _) => not_better(&comparisons[0], *margin),
            (Test::FirstOverSecond(_), _) => {
                let (verdict, sentence) = better(&comparisons[0]);
                (verdict, sentence + " Both were picked by these very rounds, which favours the first.")
            }
            (Test::Reaches { cell, percent }, Some(protocol)) => self
                .sample(cell, protocol)
                .and_then(|sample| reaches(&sample, *percent))
                .unwrap_or_else(|why| untestable(&why)),
            (Test::WinnersCurse { series, fresh }, Some(protocol)) => {
                let samples = self.series(series, protocol);
                let again = fresh.as_deref().map(|fresh| self.series(fresh, protocol));
                self.finish(winners_curse(&samples, again.as_deref(), protocol))
            }
            (Test::ChosenByValidation(series), Some(protocol)) => {
                let samples = self.series(series, protocol);
                let validation = samples.iter().map(|sample| self.of.validation_sample(sample.cell, protocol));
                self.finish(chosen_by_validation(&samples, &validation.collect::<Vec<_>>(), protocol))
            }
            (_, None) => untestable("no protocol applies"),
        }
    }

    /// Stores the comparisons of a verdict on selection, with Holm's correction. Any of them decides.
    fn finish(&mut self, found: Result<(Vec<Comparison>, String), String>) -> (ClaimVerdict, String) {
        match found {
            Err(why) => untestable(&why),
            Ok((mut comparisons, sentence)) => {
                correct_together(&mut comparisons.iter_mut().collect::<Vec<_>>());
                let verdict = any_way(&comparisons);
                self.comparisons = Ok(comparisons);
                (verdict, sentence)
            }
        }
    }

    /// Judges a published effect size using the standard errors of both differences. A published difference on one pair set
    /// has, beside ours over many, the variance between pair sets as its error.
    fn sized(&self, comparison: &Comparison, cells: [&CellRef; 2], by: f64) -> (ClaimVerdict, String) {
        let ours = comparison.difference.standard_error;
        let theirs = match self.protocol {
            Some(ProtocolName::Redrawn) => ours * (comparison.difference.n[0] as f64).sqrt(),
            _ => self.published_standard_error(cells).unwrap_or(ours),
        };
        let combined = ours.hypot(theirs);
        let gap = comparison.difference.estimate - by;
        let verdict = if gap.abs() > 2.0 * combined {
            ClaimVerdict::NotReproduced
        } else {
            match ClaimVerdict::of(comparison.difference.estimate * by.signum(), comparison.corrected_p) {
                ClaimVerdict::Reproduced => ClaimVerdict::Reproduced,
                _ => ClaimVerdict::WithinNoise,
            }
        };
        let sentence = format!(
            "{} The report has {} points; ours is {} ± {combined:.2} from that.",
            plain(comparison),
            signed(by),
            signed(gap)
        );
        (verdict, sentence)
    }

    fn published_standard_error(&self, cells: [&CellRef; 2]) -> Option<f64> {
        let mut variance = 0.0;
        for reference in cells {
            let (_, cell) = self.results.cell(&self.of.study.name, reference).ok()?;
            let published = cell.published?;
            variance += published.standard_deviation?.powi(2) / published.round_count() as f64;
        }
        Some(variance.sqrt())
    }
}

/// The protocols of a claim: its own, or all that its cells have in common.
fn protocols(results: &Results, of: &StudyResults, claim: &Claim) -> Vec<ProtocolName> {
    if let Some(protocol) = claim.protocol {
        return vec![protocol];
    }
    let references = claim.test.cells();
    let named = references.iter().filter_map(|reference| Some(results.cell(&of.study.name, reference).ok()?.1));
    let cells: Vec<_> = named.chain(claim.test.series().into_iter().flat_map(|series| of.series(series))).collect();
    let shared = |protocol: &ProtocolName| cells.iter().all(|cell| cell.protocols.contains(protocol));
    [ProtocolName::Fixed, ProtocolName::Redrawn].into_iter().filter(shared).collect()
}
