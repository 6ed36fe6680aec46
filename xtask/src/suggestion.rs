//! Which known name somebody most likely meant.

/// The sentence that refuses `name`, with the nearest of the names `known`, or all of them where none is near.
pub fn unknown(kind: &str, name: &str, known: &[&str]) -> String {
    let nearest = known.iter().min_by_key(|candidate| distance(name, candidate));
    match nearest.filter(|candidate| distance(name, candidate) <= 2) {
        Some(candidate) => format!("there is no {kind} {name}, did you mean {candidate}?"),
        None => format!("there is no {kind} {name}, only {}", known.join(", ")),
    }
}

/// Levenshtein's distance: the fewest letters to add, drop or change to come from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_letters_added_dropped_and_changed() {
        assert_eq!(distance("test", "test"), 0);
        assert_eq!(distance("tests", "test"), 1);
        assert_eq!(distance("set-up", "setup"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "demo"), 4);
    }

    #[test]
    fn a_name_near_to_none_gets_the_whole_list() {
        assert_eq!(
            unknown("command", "benchmark", &["setup", "demo"]),
            "there is no command benchmark, only setup, demo"
        );
    }
}
