//! The part of a robustness report about pictures that show no digit.

use digits::drawn::KINDS;
use infer::engine::{EngineError, Session};
use infer::robustness::non_digits::{self, NonDigitAnswers};
use metrics::Accuracy;
use mnist::Split;
use serde::{Deserialize, Serialize};

use crate::terminal::note;

/// Most pairs that may be answered at least 95 % sure, in percent of all kinds' together.
const MOST_SURE: f64 = 3.0;

/// One kind's figures, as `non_digits.json` keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredKind {
    pub name: String,
    /// Whether every training with non-digits meets the kind, drawn from other seeds.
    pub in_training: bool,
    /// Drawings told to show no digit.
    pub refused: Accuracy,
    /// Pairs answered at least 95 % sure.
    pub sure: Accuracy,
}

/// Names of all kinds.
pub fn names() -> impl Iterator<Item = String> {
    KINDS.iter().map(|kind| format!("non-digit/{}", kind.name))
}

/// Measures `of_each` drawings from `first_seed` on of all kinds whose name begins with `only`, each beside a digit of `split`.
///
/// # Errors
/// The engine's.
pub fn measure(
    split: &Split,
    first_seed: u64,
    (of_each, threads): (usize, usize),
    only: Option<&str>,
    engine: &mut dyn Session,
) -> Result<Vec<MeasuredKind>, EngineError> {
    let mut measured = Vec::new();
    for (at, (kind, name)) in KINDS.iter().zip(names()).enumerate() {
        if only.is_some_and(|only| !name.starts_with(only)) {
            continue;
        }
        let first = first_seed + (at * of_each) as u64;
        let NonDigitAnswers { refused, sure } =
            non_digits::measure(split, kind, first..first + of_each as u64, threads, engine)?;
        note(&format_args!("{name}: {refused} told to be none, {sure} answered at least 95 % sure"));
        measured.push(MeasuredKind { name, in_training: kind.in_training, refused, sure });
    }
    Ok(measured)
}

/// What is said of all kinds together that more are answered surely than may be; `None` where it is not so.
pub fn beyond(measured: &[MeasuredKind]) -> Option<&'static str> {
    (100.0 * total(measured, |kind| kind.sure).value() > MOST_SURE).then_some("non-digit")
}

fn total(measured: &[MeasuredKind], of: fn(&MeasuredKind) -> Accuracy) -> Accuracy {
    let sum = |part: fn(&Accuracy) -> usize| measured.iter().map(|kind| part(&of(kind))).sum();
    Accuracy { right: sum(|share| share.right), all: sum(|share| share.all) }
}

/// The table of a page.
pub fn table(measured: &[MeasuredKind], stage: &str) -> String {
    if measured.is_empty() {
        return String::new();
    }
    let row = |name: &str, refused: Accuracy, sure: Accuracy, mark: &str| {
        let [low, high] = sure.interval().map(|share| 100.0 * share);
        let (refused, value) = (100.0 * refused.value(), 100.0 * sure.value());
        format!("| {name} | {} | {refused:.1} | {value:.1}{mark} | {low:.1} to {high:.1} |\n", sure.all)
    };
    let mut text = format!(
        "\n## No digit\n\nPictures that show no digit, drawn by `digits::drawn` from the seeds for {stage}, each beside a test \
         digit. Of all together at most {MOST_SURE} % may be answered at least 95 % sure; † marks kinds that a training \
         leaves out unless its recipe says `drawn.all_kinds`.\n\n| picture | n | told to show none, % | answered at least 95 % sure, % | 95 % interval |\n|---|---:|---:|---:|---:|\n"
    );
    let mark = if beyond(measured).is_some() { " ✗" } else { "" };
    text += &row("**all**", total(measured, |kind| kind.refused), total(measured, |kind| kind.sure), mark);
    for kind in measured {
        let unseen = if kind.in_training { "" } else { " †" };
        let name = format!("{}{unseen}", kind.name.trim_start_matches("non-digit/"));
        text += &row(&name, kind.refused, kind.sure, "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &str, sure: usize) -> MeasuredKind {
        let of = |right| Accuracy { right, all: 100 };
        MeasuredKind { name: format!("non-digit/{name}"), in_training: name != "hats", refused: of(90), sure: of(sure) }
    }

    #[test]
    fn all_kinds_together_may_be_sure_of_three_in_a_hundred() {
        assert_eq!(beyond(&[measured("stars", 6), measured("hats", 0)]), None);
        assert_eq!(beyond(&[measured("stars", 6), measured("hats", 1)]), Some("non-digit"));
        assert_eq!(beyond(&[]), None);
    }

    #[test]
    fn the_table_sums_up_and_marks_what_trainings_leave_out() {
        let table = table(&[measured("stars", 6), measured("hats", 1)], "test");
        assert!(table.contains("| **all** | 200 | 90.0 | 3.5 ✗ |"), "{table}");
        assert!(table.contains("| hats † | 100 | 90.0 | 1.0 |") && table.contains("| stars | 100 |"), "{table}");
    }
}
