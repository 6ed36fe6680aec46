//! Figures as files of results hold them.

/// Rounds to six decimals: enough for further computation, without machine-dependent rounding.
///
/// ```
/// assert_eq!(metrics::six_decimals(0.1 + 0.2), 0.3);
/// ```
pub fn six_decimals(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
