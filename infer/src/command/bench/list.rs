//! Lists of numbers on the command line.

use crate::command::options::MOST_THREADS;

/// A list of positive numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List(pub(super) Vec<usize>);

/// `1,8,64` or `1-4` or both.
pub(super) fn list(text: &str) -> Result<List, String> {
    let wrong = || format!("{text:?} is not a list of numbers from 1 to 100000 such as 1,8,64 or 1-4");
    let number =
        |text: &str| text.trim().parse().ok().filter(|number| (1..=100_000).contains(number)).ok_or_else(wrong);
    let mut numbers = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (number(first)?, number(last)?);
        if last < first || last - first > 1_000 {
            return Err(wrong());
        }
        numbers.extend(first..=last);
    }
    Ok(List(numbers))
}

/// A list of numbers of threads.
pub(super) fn threads(text: &str) -> Result<List, String> {
    let threads = list(text)?;
    match threads.0.iter().find(|&&count| count as i64 > MOST_THREADS) {
        Some(count) => Err(format!("{count} threads are more than {MOST_THREADS}")),
        None => Ok(threads),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_of_numbers_are_read() {
        assert_eq!(list("1,8,64").unwrap().0, [1, 8, 64]);
        assert_eq!(list("1-3,8").unwrap().0, [1, 2, 3, 8]);
        for wrong in ["", "0", "3-1", "a", "1-99999", "1,,2"] {
            assert!(list(wrong).is_err(), "{wrong}");
        }
    }
}
