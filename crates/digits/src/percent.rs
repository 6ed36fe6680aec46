//! Probabilities in percent.

use std::fmt;

/// A probability, 0 to 1, shown in percent with one decimal; never rounded to a certainty that it is not.
///
/// ```
/// use digits::Percent;
///
/// assert_eq!(Percent(0.25).to_string(), "25.0 %");
/// assert_eq!(Percent(0.999_99).to_string(), "over 99.9 %");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percent(pub f32);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            probability if probability < 0.000_5 => f.write_str("under 0.1 %"),
            probability if probability >= 0.999_5 => f.write_str("over 99.9 %"),
            probability => write!(f, "{:.1} %", 100.0 * probability),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_near_0_or_1_is_not_rounded_to_it() {
        assert_eq!(Percent(0.000_01).to_string(), "under 0.1 %");
        assert_eq!(Percent(0.999_49).to_string(), "99.9 %");
        assert_eq!(Percent(0.999_6).to_string(), "over 99.9 %");
    }
}
