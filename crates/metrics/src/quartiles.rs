//! The numbers of a box plot.

use crate::quantile;

/// The five numbers of a box plot.
///
/// ```
/// let quartiles = metrics::Quartiles::of(&[5.0, 1.0, 2.0, 4.0, 3.0]).expect("there are values");
/// assert_eq!([quartiles.first, quartiles.median, quartiles.third], [2.0, 3.0, 4.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quartiles {
    /// Smallest value at most 1.5 box lengths below the box.
    pub low: f64,
    /// First quartile: the box begins.
    pub first: f64,
    /// Median.
    pub median: f64,
    /// Third quartile: the box ends.
    pub third: f64,
    /// Largest value at most 1.5 box lengths above the box.
    pub high: f64,
}

impl Quartiles {
    /// The five numbers of `values`, with quartiles interpolated as in R's type 7; `None` if empty.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&least, &largest) = (sorted.first()?, sorted.last()?);
        let [first, median, third] = [0.25, 0.5, 0.75].map(|p| quantile(&sorted, p));
        let reach = 1.5 * (third - first);
        let low = sorted.iter().copied().find(|&value| value >= first - reach).unwrap_or(least);
        let high = sorted.iter().copied().rev().find(|&value| value <= third + reach).unwrap_or(largest);
        Some(Self { low: low.min(first), first, median, third, high: high.max(third) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R 4.2: `x <- c(90.1, 91.3, 90.8, 91.9, 85.0, 90.5, 93.0); quantile(x); boxplot.stats(x)`.
    #[test]
    fn the_box_is_that_of_r() {
        let box_ = Quartiles::of(&[90.1, 91.3, 90.8, 91.9, 85.0, 90.5, 93.0]).unwrap();
        let found = [box_.low, box_.first, box_.median, box_.third, box_.high];
        for (found, wanted) in found.into_iter().zip([90.1, 90.3, 90.8, 91.6, 93.0]) {
            assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
        }
    }

    #[test]
    fn one_value_is_all_five_and_none_is_no_box() {
        assert_eq!(
            Quartiles::of(&[2.0]).unwrap(),
            Quartiles { low: 2.0, first: 2.0, median: 2.0, third: 2.0, high: 2.0 }
        );
        assert_eq!(Quartiles::of(&[]), None);
    }
}
