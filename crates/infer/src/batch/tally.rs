//! What a run amounts to: failures, and where rows are labelled, accuracy and the mistakes behind it.

use metrics::Accuracy;
use serde::{Deserialize, Serialize};

use super::Truth;
use super::record::Record;

/// Mistakes and failures that are kept.
pub const KEPT: usize = 10;

/// Counts of a run.
///
/// ```
/// use infer::batch::record::Record;
/// use infer::batch::tally::Tally;
/// use infer::batch::{Answer, Row, Truth};
///
/// let truth = Truth::read("1", ["", ""]).unwrap();
/// let row = Row { number: 1, pictures: ["a.png".into(), "b.png".into()], truth, fault: None };
/// let answer = Answer { row, result: Ok(digits::Verdict::new(0.9, None)?) };
/// let mut tally = Tally::new();
/// tally.add(&Record::from(&answer), truth);
/// assert_eq!((tally.accuracy.right, tally.accuracy.all), (1, 1));
/// # Ok::<(), digits::NotAProbability>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// All rows.
    pub rows: u64,
    /// Rows without an answer.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<Failure>,
    /// Labelled rows that were answered.
    pub accuracy: Accuracy,
    /// The same by pair of digits `[first][second]`: the true ones where rows name them, else those read.
    pub by_digits: [[Accuracy; 10]; 10],
    /// Whether all pairs of digits are the true ones.
    pub digits_are_true: bool,
    /// The most confident wrong answers, the worst first.
    pub worst: Vec<Record>,
}

/// A row without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its number.
    pub row: u64,
    /// Why.
    pub error: String,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new() -> Self {
        Self { digits_are_true: true, ..Self::default() }
    }

    /// Counts a row.
    pub fn add(&mut self, record: &Record, truth: Option<Truth>) {
        self.rows += 1;
        if let Some(error) = &record.error {
            self.failed += 1;
            if self.failures.len() < KEPT {
                self.failures.push(Failure { row: record.row, error: error.clone() });
            }
        }
        let (Some(leq), Some(truth)) = (record.leq, truth) else { return };
        let right = leq == truth.leq;
        self.accuracy.add(right);
        self.digits_are_true &= truth.digits.is_some();
        let read = record.left_digit.zip(record.right_digit).map(|(first, second)| [first, second]);
        let digits = truth.digits.or(read).map(|digits| digits.map(usize::from));
        let counted = digits.and_then(|[first, second]| self.by_digits.get_mut(first)?.get_mut(second));
        if let Some(accuracy) = counted {
            accuracy.add(right);
        }
        if !right {
            self.keep_if_worst(record);
        }
    }

    fn keep_if_worst(&mut self, record: &Record) {
        let at = self.worst.partition_point(|kept| confidence(kept) >= confidence(record));
        if at < KEPT {
            self.worst.insert(at, record.clone());
            self.worst.truncate(KEPT);
        }
    }

    /// Counts what another shard of the same list counted, in any order of the shards.
    pub fn join(&mut self, other: Self) {
        self.rows += other.rows;
        self.failed += other.failed;
        self.failures.extend(other.failures);
        self.failures.sort_by_key(|failure| failure.row);
        self.failures.truncate(KEPT);
        self.accuracy += other.accuracy;
        let cells = self.by_digits.iter_mut().flatten();
        cells.zip(other.by_digits.into_iter().flatten()).for_each(|(sum, cell)| *sum += cell);
        self.digits_are_true &= other.digits_are_true;
        self.worst.extend(other.worst);
        self.worst.sort_by(|a, b| confidence(b).total_cmp(&confidence(a)).then(a.row.cmp(&b.row)));
        self.worst.truncate(KEPT);
    }
}

/// How far an answer is from undecided.
fn confidence(record: &Record) -> f32 {
    record.p_leq.map_or(0.0, |p_leq| (p_leq - 0.5).abs())
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::answer;
    use super::*;

    fn tally(answers: &[(f32, Option<Truth>)]) -> Tally {
        let mut tally = Tally::new();
        for (number, (p_leq, truth)) in (1..).zip(answers) {
            tally.add(&Record::from(&answer(number, *p_leq, None)), *truth);
        }
        tally
    }

    #[test]
    fn accuracy_counts_labelled_rows_only_and_mistakes_are_listed_worst_first() {
        let leq = |leq| Some(Truth { leq, digits: None });
        let tally = tally(&[(0.9, leq(true)), (0.1, None), (0.6, leq(false)), (0.99, leq(false)), (0.2, leq(true))]);
        assert_eq!(tally.accuracy, Accuracy { right: 1, all: 4 });
        assert_eq!(tally.worst.iter().map(|record| record.row).collect::<Vec<_>>(), [4, 5, 3]);
        assert_eq!((tally.by_digits[7][2], tally.digits_are_true), (Accuracy { right: 1, all: 4 }, false));
    }

    #[test]
    fn true_digits_take_the_place_of_those_read() {
        let tally = tally(&[(0.9, Some(Truth { leq: false, digits: Some([5, 3]) }))]);
        assert_eq!((tally.by_digits[5][3], tally.digits_are_true), (Accuracy { right: 0, all: 1 }, true));
    }

    #[test]
    fn many_failures_are_counted_and_the_first_kept() {
        let mut tally = Tally::new();
        for number in 1..=12 {
            let mut record = Record::from(&answer(number, 0.5, None));
            (record.leq, record.error) = (None, Some("x: no such file".to_owned()));
            tally.add(&record, None);
        }
        assert_eq!((tally.failed, tally.failures.len(), tally.failures[0].row), (12, KEPT, 1));
        assert_eq!(tally.accuracy.all, 0);
    }

    #[test]
    fn tallies_of_shards_together_are_the_tally_of_the_list() {
        let answers: Vec<(f32, Option<Truth>)> = (0..60)
            .map(|at| {
                let truth = Truth { leq: at % 4 == 0, digits: (at % 5 > 0).then_some([at % 10, 9 - at % 10]) };
                (0.55 + f32::from(at / 7) / 20.0, (at % 6 > 0).then_some(truth))
            })
            .collect();
        let mut whole = Tally::new();
        let mut shards = [(); 3].map(|()| Tally::new());
        for (number, (p_leq, truth)) in (1u64..).zip(&answers) {
            let mut record = Record::from(&answer(number, *p_leq, None));
            if number % 3 == 0 {
                (record.leq, record.error) = (None, Some("x: no such file".to_owned()));
            }
            whole.add(&record, *truth);
            shards[number as usize / 2 % 3].add(&record, *truth);
        }
        let [first, second, third] = shards;
        let mut joined = third;
        joined.join(first);
        joined.join(second);
        assert_eq!(joined, whole);
        assert!(whole.worst.len() == KEPT && whole.failures.len() == KEPT && whole.failed == 20);
        let written = serde_json::to_vec(&whole).unwrap();
        assert_eq!(serde_json::from_slice::<Tally>(&written).unwrap(), whole);
    }
}
