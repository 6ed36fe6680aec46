//! Storage of the weights of convolutions and linear layers in a model file.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

/// Storage of weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// In float32, as trained.
    #[default]
    Float32,
    /// 8 bits per weight and a scale per output channel: a quarter of the bytes. Computation stays in float32.
    Uint8,
}

/// The step that represents 0.
pub(super) const ZERO_POINT: f32 = 128.0;
/// Steps on either side of 0.
const STEPS: f32 = 127.0;

/// Weights in 8 bits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantised {
    /// 1..=255, in the order of the weights.
    pub(super) steps: Vec<u8>,
    /// Size of a step per output channel.
    pub(super) scales: Vec<f32>,
}

impl Quantised {
    /// Rounds weights to the nearest of 255 evenly spaced values, including 0, up to the largest magnitude of their
    /// output channel. The first axis is the output channel.
    pub(super) fn of(weights: &[f32], channels: usize) -> Self {
        let rows = weights.chunks_exact(weights.len() / channels);
        let largest = |row: &[f32]| row.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
        let scales: Vec<f32> = rows.clone().map(|row| (largest(row) / STEPS).max(f32::MIN_POSITIVE)).collect();
        let steps = rows.zip(&scales).flat_map(|(row, scale)| {
            row.iter().map(move |weight| (weight / scale).round().clamp(-STEPS, STEPS) as i16 + ZERO_POINT as i16)
        });
        Self { steps: steps.map(|step| step as u8).collect(), scales }
    }

    /// The dequantised weights, computed with the same operations as in the exported graph.
    fn weights(&self) -> Vec<f32> {
        dequantised(&self.steps, &self.scales)
    }
}

/// Weights from their steps and the scale of each output channel, computed with the same operations as in the exported
/// graph.
pub(crate) fn dequantised(steps: &[u8], scales: &[f32]) -> Vec<f32> {
    let rows = steps.chunks_exact(steps.len() / scales.len()).zip(scales);
    rows.flat_map(|(row, scale)| row.iter().map(move |&step| (f32::from(step) - ZERO_POINT) * scale)).collect()
}

/// The values of `weights` after storage in 8 bits. The first axis is the output channel.
///
/// # Errors
/// Candle's, if the tensor cannot be read.
pub fn rounded_to_8_bits(weights: &Tensor) -> Result<Tensor> {
    let channels = weights.dim(0)?;
    let rounded = Quantised::of(&weights.flatten_all()?.to_vec1()?, channels).weights();
    Tensor::from_vec(rounded, weights.shape(), weights.device())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_moves_a_weight_by_half_a_step_at_most_and_keeps_zero_and_the_largest() {
        let weights = [0.0, 1.0, -0.3, 0.501, 0.0, -20.0, 3.0, 7.7];
        let quantised = Quantised::of(&weights, 2);
        let rounded = quantised.weights();
        for (place, (weight, rounded)) in weights.iter().zip(&rounded).enumerate() {
            assert!((weight - rounded).abs() <= 0.5001 * quantised.scales[place / 4], "{weight} {rounded}");
        }
        assert_eq!((rounded[0], rounded[4]), (0.0, 0.0));
        assert!((rounded[1] - 1.0).abs() < 1e-6 && (rounded[5] + 20.0).abs() < 1e-5);
    }

    #[test]
    fn rounded_weights_are_rounded_to_the_same_steps_again() {
        let weights: Vec<f32> = (0..300).map(|place| ((place * 7919) % 331) as f32 * 0.01 - 1.6).collect();
        let once = Quantised::of(&weights, 3);
        assert_eq!(Quantised::of(&once.weights(), 3).steps, once.steps);
    }

    #[test]
    fn a_channel_of_zeros_stays_zero() {
        assert_eq!(Quantised::of(&[0.0; 4], 2).weights(), [0.0; 4]);
    }
}
