//! Temperature scaling: the one number by which logits are divided so that probabilities match what comes true.

use digits::contract::CLASSES;

/// Temperatures that are looked among: beyond, the data say nothing.
const COLDEST: f64 = 0.05;
const HOTTEST: f64 = 20.0;
/// Halvings of the logarithm of the temperature: far beyond what float32 logits tell apart.
const HALVINGS: usize = 60;

/// Logits of ten digits and which digit it was.
pub type LabelledLogits = ([f32; CLASSES], u8);

/// The temperature by which logits must be divided for the least mean negative log-likelihood of the labels: Guo et al.,
/// *On calibration of modern neural networks* (2017). Between 0.05 and 20.
pub fn fitted_temperature(digits: &[LabelledLogits]) -> f64 {
    // The likelihood is concave in the inverse temperature, so its derivative has one root.
    let (mut low, mut high) = ((1.0 / HOTTEST).ln(), (1.0 / COLDEST).ln());
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if likelihood_slope(digits, middle.exp()) >= 0.0 { low = middle } else { high = middle }
    }
    (-f64::midpoint(low, high)).exp()
}

/// Derivative of the mean log-likelihood by the inverse temperature.
fn likelihood_slope(digits: &[LabelledLogits], inverse: f64) -> f64 {
    let slope = |(logits, label): &LabelledLogits| {
        let probabilities = softmax(logits, inverse);
        let expected: f64 = probabilities.iter().zip(logits).map(|(p, &logit)| p * f64::from(logit)).sum();
        f64::from(logits[usize::from(*label)]) - expected
    };
    digits.iter().map(slope).sum()
}

/// Mean negative log-likelihood of the labels, in nats, with logits divided by `temperature`.
pub fn negative_log_likelihood(digits: &[LabelledLogits], temperature: f64) -> f64 {
    let loss = |(logits, label): &LabelledLogits| -softmax(logits, 1.0 / temperature)[usize::from(*label)].ln();
    digits.iter().map(loss).sum::<f64>() / digits.len() as f64
}

fn softmax(logits: &[f32; CLASSES], inverse: f64) -> [f64; CLASSES] {
    let largest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let powers = logits.map(|logit| (inverse * (f64::from(logit) - largest)).exp());
    let total: f64 = powers.iter().sum();
    powers.map(|power| power / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, Stream};

    /// Digits whose labels are drawn from the posterior of their logits, which are then multiplied by `factor`.
    fn digits(factor: f32) -> Vec<LabelledLogits> {
        let mut stream = Stream::new(0, Purpose::Split);
        (0..20_000)
            .map(|_| {
                let logits: [f32; CLASSES] = std::array::from_fn(|_| 2.0 * stream.gaussians()[0]);
                let (mut chance, mut label) = (f64::from(stream.unit()), 0);
                for (class, probability) in softmax(&logits, 1.0).into_iter().enumerate() {
                    if chance >= 0.0 {
                        label = class as u8;
                    }
                    chance -= probability;
                }
                (logits.map(|logit| factor * logit), label)
            })
            .collect()
    }

    #[test]
    fn the_temperature_is_what_logits_were_multiplied_by() {
        for factor in [0.5, 1.0, 3.0] {
            let fitted = fitted_temperature(&digits(factor));
            assert!((fitted / f64::from(factor) - 1.0).abs() < 0.03, "{fitted} for {factor}");
        }
    }

    #[test]
    fn the_fitted_temperature_has_the_least_loss() {
        let digits = digits(2.0);
        let fitted = fitted_temperature(&digits);
        let least = negative_log_likelihood(&digits, fitted);
        for other in [0.9 * fitted, 1.1 * fitted] {
            assert!(negative_log_likelihood(&digits, other) > least);
        }
    }

    #[test]
    fn digits_that_are_all_right_give_the_coldest_temperature() {
        let mut logits = [0.0; CLASSES];
        logits[3] = 5.0;
        assert!((fitted_temperature(&[(logits, 3)]) - COLDEST).abs() < 1e-9);
    }
}
