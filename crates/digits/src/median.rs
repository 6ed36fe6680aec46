//! Medians of what is measured in a picture.

use std::cmp::Ordering;

/// The middle value, the upper of two; none without values. The order of `values` changes.
pub(crate) fn median<T: Copy>(values: &mut [T], compare: impl FnMut(&T, &T) -> Ordering) -> Option<T> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, compare).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_value_is_the_upper_of_two_and_there_is_none_without_values() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0], f64::total_cmp), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0], f32::total_cmp), Some(3.0));
        assert_eq!(median(&mut [], f32::total_cmp), None);
    }
}
