//! The interval of a share.

use super::summary::normal_critical;

/// Wilson's 95 % interval of a share of `right` among `all`, both ends 0..=1: unlike the simple one it does not leave 0..=1.
pub fn wilson(right: usize, all: usize) -> [f64; 2] {
    let (n, z) = (all as f64, normal_critical());
    let share = right as f64 / n;
    let centre = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    [centre - half, centre + half].map(|end| (end / (1.0 + z * z / n)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_a_textbook() {
        // 81 of 263: 0.255 to 0.366.
        let [low, high] = wilson(81, 263);
        assert!((low - 0.2553).abs() < 1e-4 && (high - 0.3662).abs() < 1e-4, "{low} {high}");
    }

    #[test]
    fn nothing_wrong_does_not_mean_certainty() {
        let [low, high] = wilson(1000, 1000);
        assert!(low < 0.997 && low > 0.995 && (high - 1.0).abs() < 1e-9, "{low} {high}");
    }
}
