//! What a run amounts to: failures, and where rows are labelled, accuracy and the mistakes behind it.

use metrics::Accuracy;
use serde::Serialize;

use super::Truth;
use super::record::Record;
use crate::escape::harmless;

/// Mistakes and failures that are kept, and pairs of digits that are shown.
const KEPT: usize = 10;

/// Counts of a run.
#[derive(Debug, Clone, Default, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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
        if let Some([first, second]) = truth.digits.or(read) {
            self.by_digits[usize::from(first)][usize::from(second)].add(right);
        }
        if !right {
            self.keep_if_worst(record);
        }
    }

    fn keep_if_worst(&mut self, record: &Record) {
        let confidence = |record: &Record| record.p_leq.map_or(0.0, |p_leq| (p_leq - 0.5).abs());
        let at = self.worst.partition_point(|kept| confidence(kept) >= confidence(record));
        if at < KEPT {
            self.worst.insert(at, record.clone());
            self.worst.truncate(KEPT);
        }
    }

    /// For people: failures by name, then accuracy, where mistakes are, and the worst of them.
    pub fn report(&self) -> String {
        let mut text = String::new();
        for Failure { row, error } in &self.failures {
            text += &format!("row {row}: {}\n", harmless(error));
        }
        let more = self.failed - self.failures.len() as u64;
        if more > 0 {
            text += &format!("and {more} more rows without an answer\n");
        }
        if self.accuracy.all > 0 {
            text += &format!("accuracy: {}\n{}{}", self.accuracy, self.mistakes_by_digits(), self.worst_mistakes());
        }
        text
    }

    fn mistakes_by_digits(&self) -> String {
        let pairs = self
            .by_digits
            .iter()
            .enumerate()
            .flat_map(|(first, row)| row.iter().enumerate().map(move |(second, share)| (first, second, share)));
        let mut wrong: Vec<_> = pairs.filter(|(_, _, share)| share.right < share.all).collect();
        wrong.sort_by_key(|(first, second, share)| (std::cmp::Reverse(share.all - share.right), *first, *second));
        if wrong.is_empty() {
            return String::new();
        }
        let which = if self.digits_are_true { "" } else { ", as read" };
        let mut text = format!("most mistakes by pair of digits{which}:\n");
        for (first, second, Accuracy { right, all }) in wrong.iter().take(KEPT) {
            text += &format!("  {first} and {second}: {} of {all} wrong\n", all - right);
        }
        text
    }

    fn worst_mistakes(&self) -> String {
        if self.worst.is_empty() {
            return String::new();
        }
        let mut text = "worst mistakes:\n".to_owned();
        for Record { row, left, right, p_leq, .. } in &self.worst {
            let p_leq = p_leq.unwrap_or(f32::NAN);
            text += &format!("  row {row}: {} and {}, p_leq {p_leq:.4}\n", harmless(left), harmless(right));
        }
        text
    }
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
        let report = tally.report();
        assert!(report.contains("accuracy: 25.00 % (1 of 4;"), "{report}");
        assert!(report.contains("by pair of digits, as read:\n  7 and 2: 3 of 4 wrong"), "{report}");
        assert!(report.contains("  row 4: a,b.png and say \"c\".png, p_leq 0.9900"), "{report}");
    }

    #[test]
    fn true_digits_take_the_place_of_those_read() {
        let tally = tally(&[(0.9, Some(Truth { leq: false, digits: Some([5, 3]) }))]);
        assert!(tally.report().contains("by pair of digits:\n  5 and 3: 1 of 1 wrong"), "{}", tally.report());
    }

    #[test]
    fn many_failures_are_counted_and_the_first_named() {
        let mut tally = Tally::new();
        for number in 1..=12 {
            let mut record = Record::from(&answer(number, 0.5, None));
            (record.leq, record.error) = (None, Some("x: no such file".to_owned()));
            tally.add(&record, None);
        }
        let report = tally.report();
        assert!(report.starts_with("row 1: x: no such file\n") && report.contains("and 2 more rows"), "{report}");
        assert!(!report.contains("accuracy"));
    }
}
