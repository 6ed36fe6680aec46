//! Accuracy with Wilson's interval.

use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::wilson;

/// Right answers out of all.
///
/// ```
/// use metrics::Accuracy;
///
/// let accuracy = Accuracy::of([true, true, false, true]);
/// assert_eq!(accuracy.value(), 0.75);
/// assert_eq!(accuracy.to_string(), "75.00 % (3 of 4; 95 % interval 30.06 to 95.44)");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Right answers.
    pub right: usize,
    /// All answers.
    pub all: usize,
}

impl Accuracy {
    /// The accuracy of answers, each true if right.
    pub fn of(answers: impl IntoIterator<Item = bool>) -> Self {
        let mut accuracy = Self::default();
        answers.into_iter().for_each(|right| accuracy.add(right));
        accuracy
    }

    /// Counts one answer.
    pub fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.all += 1;
    }

    /// Whether there are answers, and no more right ones than all: what a file says may be otherwise.
    pub fn is_possible(&self) -> bool {
        (1..=self.all).contains(&self.right.max(1))
    }

    /// Right answers over all, 0..=1; NaN without answers.
    pub fn value(&self) -> f64 {
        self.right as f64 / self.all as f64
    }

    /// The 95 % interval of [`wilson`], both ends 0..=1.
    pub fn interval(&self) -> [f64; 2] {
        wilson(self.right, self.all)
    }
}

/// Counts the answers of another set too.
impl AddAssign for Accuracy {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.all += other.all;
    }
}

impl fmt::Display for Accuracy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.all == 0 {
            return f.write_str("none");
        }
        let [low, high] = self.interval().map(|end| 100.0 * end);
        let Self { right, all } = self;
        write!(f, "{:.2} % ({right} of {all}; 95 % interval {low:.2} to {high:.2})", 100.0 * self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accuracy_of_two_sets_together_is_that_of_their_counts() {
        let mut sum = Accuracy { right: 1, all: 4 };
        sum += Accuracy { right: 5, all: 6 };
        assert_eq!(sum, Accuracy { right: 6, all: 10 });
    }

    #[test]
    fn an_accuracy_is_told_with_its_interval() {
        let accuracy = Accuracy { right: 903, all: 1000 };
        assert_eq!(accuracy.to_string(), "90.30 % (903 of 1000; 95 % interval 88.31 to 91.98)");
        assert_eq!(Accuracy::default().to_string(), "none");
    }

    #[test]
    fn more_right_answers_than_there_are_and_none_at_all_are_not_possible() {
        let is_possible = |right, all| Accuracy { right, all }.is_possible();
        assert!(is_possible(0, 1) && is_possible(3, 3));
        assert!(!is_possible(0, 0) && !is_possible(4, 3));
    }
}
