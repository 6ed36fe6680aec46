//! What a network costs, by its description alone.

use anyhow::Result;
use nets::export::file_bytes;
use nets::network::NetworkSpec;
use nets::onnx::Storage;

/// What a network costs, by its description alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Multiply-adds for one image, or for both images of a pair where a tower sees them stacked.
    pub multiply_adds: usize,
    /// Trained values.
    pub parameters: usize,
    /// Bytes of the model file without metadata, with weights in 8 bits.
    pub bytes: usize,
    /// The same with weights in float32.
    pub float32_bytes: usize,
}

impl Cost {
    /// Counts what `network` costs.
    ///
    /// # Errors
    /// If parts of the description do not fit together; candle's, when there is no room.
    pub fn of(network: &NetworkSpec) -> Result<Self> {
        Ok(Self {
            multiply_adds: network.multiply_adds()?.image,
            parameters: network.parameter_count()?,
            bytes: file_bytes(network, Storage::Uint8)?,
            float32_bytes: file_bytes(network, Storage::Float32)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nets::network::DigitTower;

    #[test]
    fn eight_bits_take_about_a_quarter_of_the_bytes() {
        let network = DigitTower { channels: [16, 24, 48, 64, 128], ..DigitTower::default() }.spec();
        let cost = Cost::of(&network).unwrap();
        assert_eq!(cost.multiply_adds, 3_233_216);
        // Weights and biases, and besides them names, shapes and nodes.
        let weights = 9 * (16 + 16 * 24 + 24 * 48 + 48 * 64 + 64 * 128) + 10 * 128;
        assert!((weights..weights + 20_000).contains(&cost.bytes), "{} bytes", cost.bytes);
        assert!((4 * weights..4 * weights + 20_000).contains(&cost.float32_bytes), "{} bytes", cost.float32_bytes);
        assert_eq!(cost.parameters, weights + 10 + 2 * (16 + 24 + 48 + 64 + 128));
    }
}
