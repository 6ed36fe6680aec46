//! What a run amounts to, for people.

use infer::batch::record::Record;
use infer::batch::tally::{Failure, KEPT, Tally};
use metrics::Accuracy;

use crate::terminal::harmless;

/// For people: failures by name, then accuracy, where mistakes are, and the worst of them.
pub fn text(tally: &Tally) -> String {
    let mut text = String::new();
    for Failure { row, error } in &tally.failures {
        text += &format!("row {row}: {}\n", harmless(error));
    }
    let more = tally.failed - tally.failures.len() as u64;
    if more > 0 {
        text += &format!("and {more} more rows without an answer\n");
    }
    if tally.accuracy.all > 0 {
        text += &format!("accuracy: {}\n{}{}", tally.accuracy, mistakes_by_digits(tally), worst_mistakes(tally));
    }
    text
}

fn mistakes_by_digits(tally: &Tally) -> String {
    let pairs = tally
        .by_digits
        .iter()
        .enumerate()
        .flat_map(|(first, row)| row.iter().enumerate().map(move |(second, accuracy)| (first, second, accuracy)));
    let mut wrong: Vec<_> = pairs.filter(|(_, _, accuracy)| accuracy.right < accuracy.all).collect();
    wrong.sort_by_key(|(first, second, Accuracy { right, all })| (std::cmp::Reverse(all - right), *first, *second));
    if wrong.is_empty() {
        return String::new();
    }
    let which = if tally.digits_are_true { "" } else { ", as read" };
    let mut text = format!("most mistakes by pair of digits{which}:\n");
    for (first, second, Accuracy { right, all }) in wrong.iter().take(KEPT) {
        text += &format!("  {first} and {second}: {} of {all} wrong\n", all - right);
    }
    text
}

fn worst_mistakes(tally: &Tally) -> String {
    if tally.worst.is_empty() {
        return String::new();
    }
    let mut text = "worst mistakes:\n".to_owned();
    for Record { row, left, right, p_leq, .. } in &tally.worst {
        let p_leq = p_leq.unwrap_or(f32::NAN);
        text += &format!("  row {row}: {} and {}, p_leq {p_leq:.4}\n", harmless(left), harmless(right));
    }
    text
}

#[cfg(test)]
mod tests {
    use infer::batch::{Answer, Row, Truth};

    use super::*;

    /// A 7 and a 2, as read; `None` for a row without an answer.
    fn tally(answers: &[(Option<f32>, Option<Truth>)]) -> Tally {
        let mut tally = Tally::new();
        for (number, &(p_leq, truth)) in (1..).zip(answers) {
            let mut digits = [[0.0; 10]; 2];
            (digits[0][7], digits[1][2]) = (0.75, 1.0);
            let verdict = p_leq.map(|p_leq| digits::Verdict::new(p_leq, Some(digits)).unwrap());
            let row = Row { number, pictures: ["a,b.png".into(), "say \"c\".png".into()], truth, fault: None };
            let result = verdict.ok_or_else(|| "x: no such file".to_owned());
            tally.add(&Record::from(&Answer { row, result }), truth);
        }
        tally
    }

    #[test]
    fn accuracy_and_the_worst_mistakes_are_told() {
        let leq = |leq| Some(Truth { leq, digits: None });
        let report = text(&tally(&[
            (Some(0.9), leq(true)),
            (Some(0.1), None),
            (Some(0.6), leq(false)),
            (Some(0.99), leq(false)),
            (Some(0.2), leq(true)),
        ]));
        assert!(report.contains("accuracy: 25.00 % (1 of 4;"), "{report}");
        assert!(report.contains("by pair of digits, as read:\n  7 and 2: 3 of 4 wrong"), "{report}");
        assert!(report.contains("  row 4: a,b.png and say \"c\".png, p_leq 0.9900"), "{report}");
    }

    #[test]
    fn true_digits_take_the_place_of_those_read() {
        let report = text(&tally(&[(Some(0.9), Some(Truth { leq: false, digits: Some([5, 3]) }))]));
        assert!(report.contains("by pair of digits:\n  5 and 3: 1 of 1 wrong"), "{report}");
    }

    #[test]
    fn many_failures_are_counted_and_the_first_named() {
        let report = text(&tally(&[(None, None); 12]));
        assert!(report.starts_with("row 1: x: no such file\n") && report.contains("and 2 more rows"), "{report}");
        assert!(!report.contains("accuracy"));
    }
}
