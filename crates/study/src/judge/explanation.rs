//! Other readings of a published experiment, where ours is not equivalent to the published value.

use std::collections::BTreeSet;

use super::Results;
use super::against::{AgainstPublished, LEVEL, ValueVerdict};
use super::comparison::signed;
use super::value::{Value, all_rounds};
use crate::declaration::{Cell, ProtocolName};

/// How many times better an explanation must predict the published value than our first reading: "positive evidence" of
/// Kass and Raftery (1995), stated before any comparison.
pub const TIMES_BETTER: f64 = 3.0;

/// The reading under `redrawn`.
const OTHER_PAIRS: &str = "pairs drawn again each round, as if the published pair set were another one";

/// An alternative reading of the published experiment.
#[derive(Debug, Clone)]
pub struct Tested<'a> {
    /// The reading as words.
    pub words: &'a str,
    /// The cell trained with it: its study and its name.
    pub by: [&'a str; 2],
    /// The protocol of its trials.
    pub protocol: ProtocolName,
    /// Comparison of that cell with the published value.
    pub against: AgainstPublished,
    /// Density of the published value by this reading over that by the first.
    pub times_better: f64,
}

impl<'a> Tested<'a> {
    fn new(words: &'a str, by: [&'a str; 2], protocol: ProtocolName, [first, against]: [AgainstPublished; 2]) -> Self {
        let times_better = (against.log_density() - first.log_density()).exp();
        Self { words, by, protocol, against, times_better }
    }

    /// Whether the reading predicts the published value much better than the first one, and does not differ from it.
    pub fn explains(&self) -> bool {
        self.times_better >= TIMES_BETTER && self.against.difference.p >= LEVEL
    }

    /// The test and its result as a sentence.
    pub fn sentence(&self) -> String {
        let AgainstPublished { ours, value, difference, .. } = &self.against;
        let result = match (self.explains(), self.times_better) {
            (true, _) if self.protocol == ProtocolName::Redrawn => "that would explain it",
            (true, _) => "that explains it",
            (false, TIMES_BETTER..) => "better, but it differs too, so it does not explain it",
            (false, 1.0..) => "too little to explain it",
            _ => "that does not explain it",
        };
        let predicts = if self.times_better >= 1.0 {
            format!("{} times better", times(self.times_better))
        } else {
            format!("{} times worse", times(1.0 / self.times_better))
        };
        format!(
            "With {}: {value:.2} (standard deviation {:.2}, n = {}), {} ± {:.2} from the published value, which it predicts \
             {predicts} than the first reading: {result}.",
            self.words,
            ours.standard_deviation,
            ours.n,
            signed(difference.estimate),
            difference.standard_error,
        )
    }
}

fn times(ratio: f64) -> String {
    match ratio {
        1000.0.. => "over 1,000".to_owned(),
        10.0.. => format!("{ratio:.0}"),
        _ => format!("{ratio:.1}"),
    }
}

/// Every alternative reading of a value under the published protocol; none where ours is equivalent. The last is the same
/// network on other pair sets.
pub fn tested<'a>(results: &'a Results, value: &Value<'a>) -> Vec<Tested<'a>> {
    let Some(first) = value.against.filter(|_| value.verdict != ValueVerdict::Equivalent) else { return Vec::new() };
    let compared = |cell: &Cell, protocol| {
        let rounds = all_rounds(results, cell, cell.reading, protocol);
        Some([first, AgainstPublished::new(value.published, value.statistic, &rounds, protocol)?])
    };
    let (mut tested, mut known) = (Vec::new(), BTreeSet::new());
    for place in &value.places {
        let named = place.study.explanations.iter().filter(|explanation| explanation.of == place.cell);
        tested.extend(named.filter_map(|explanation| {
            let (of, cell) = results.cell(&place.study.name, &explanation.by).ok()?;
            let compared =
                known.insert(cell.training(ProtocolName::Fixed)).then(|| compared(cell, ProtocolName::Fixed))??;
            Some(Tested::new(&explanation.words, [&of.study.name, &cell.name], ProtocolName::Fixed, compared))
        }));
    }
    let other_pairs = results.cell(&value.places[0].study.name, &value.reference()).ok().and_then(|(of, cell)| {
        let compared =
            cell.protocols.contains(&ProtocolName::Redrawn).then(|| compared(cell, ProtocolName::Redrawn))??;
        Some(Tested::new(OTHER_PAIRS, [&of.study.name, &cell.name], ProtocolName::Redrawn, compared))
    });
    tested.extend(other_pairs);
    tested
}
