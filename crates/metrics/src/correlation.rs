//! How two measurements go together.

/// Pearson's correlation of pairs of measurements; `None` with fewer than two pairs, or if one side has no spread.
///
/// ```
/// let r = metrics::pearson(&[[1.0, 2.0], [2.0, 4.0], [3.0, 5.0]]).expect("both sides have spread");
/// assert!((r - 0.981_980_506_061_965_8).abs() < 1e-12); // numpy.corrcoef
/// assert_eq!(metrics::pearson(&[[1.0, 2.0], [1.0, 3.0]]), None);
/// ```
pub fn pearson(pairs: &[[f64; 2]]) -> Option<f64> {
    let n = pairs.len() as f64;
    let mean = |side: usize| pairs.iter().map(|pair| pair[side]).sum::<f64>() / n;
    let means = [mean(0), mean(1)];
    let products =
        |a: usize, b: usize| -> f64 { pairs.iter().map(|pair| (pair[a] - means[a]) * (pair[b] - means[b])).sum() };
    let spread = (products(0, 0) * products(1, 1)).sqrt();
    (spread > 0.0).then(|| products(0, 1) / spread)
}
