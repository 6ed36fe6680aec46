//! Activation functions, each with PyTorch's value and gradient at its kink.

use candle_core::{Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SpecError;
use crate::onnx::{Attribute, Graph, Value};

/// SELU's constants (Klambauer et al., 2017).
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// A function applied to every value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// max(x, 0); its gradient at 0 is 0.
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// 1 / (1 + exp(-x)).
    Sigmoid,
    /// scale * (max(x, 0) + alpha * (exp(min(x, 0)) - 1)).
    Selu,
    /// x where positive, slope * x elsewhere; its gradient at 0 is the slope.
    LeakyRelu {
        /// Gradient for x <= 0, 0 to 1.
        #[schemars(extend("unit" = "factor"))]
        slope: f32,
    },
}

impl Activation {
    /// Checks the setting of an activation of the kind of layer called `layer`.
    ///
    /// # Errors
    /// A slope outside 0 to 1: the kernels need a monotone function.
    pub(super) fn check(&self, layer: &'static str) -> std::result::Result<(), SpecError> {
        match *self {
            Self::LeakyRelu { slope } if !(0.0..=1.0).contains(&slope) => {
                Err(SpecError::OutOfRange { layer, field: "slope", found: slope.to_string(), wanted: "0 to 1" })
            }
            _ => Ok(()),
        }
    }

    /// Applies the function with Candle's operators.
    ///
    /// # Errors
    /// Candle's, if the device fails.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        match *self {
            Self::Relu => positive(input)?.where_cond(input, &input.zeros_like()?),
            Self::Tanh => input.tanh(),
            Self::Sigmoid => candle_nn::ops::sigmoid(input),
            Self::Selu => {
                let positive = positive(input)?;
                // The exponent is clamped to 0 first: an overflow where it is not used would give 0 * inf = NaN.
                let exponent = positive.where_cond(&input.zeros_like()?, input)?;
                let negative_part = ((exponent.exp()? - 1.0)? * (SELU_ALPHA * SELU_SCALE))?;
                positive.where_cond(&(input * SELU_SCALE)?, &negative_part)
            }
            Self::LeakyRelu { slope } => positive(input)?.where_cond(input, &(input * f64::from(slope))?),
        }
    }

    /// The same function for the fused kernels.
    pub fn kernel(&self) -> kernels::Activation {
        match *self {
            Self::Relu => kernels::Activation::Relu,
            Self::Tanh => kernels::Activation::Tanh,
            Self::Sigmoid => kernels::Activation::Sigmoid,
            Self::Selu => kernels::Activation::Selu,
            Self::LeakyRelu { slope } => kernels::Activation::LeakyRelu(slope),
        }
    }

    /// Adds the function's node.
    pub fn export(&self, graph: &mut Graph, input: &Value) -> Value {
        match *self {
            Self::Relu => graph.node("Relu", &[input], &[]),
            Self::Tanh => graph.node("Tanh", &[input], &[]),
            Self::Sigmoid => graph.node("Sigmoid", &[input], &[]),
            Self::Selu => graph.node("Selu", &[input], &[]),
            Self::LeakyRelu { slope } => graph.node("LeakyRelu", &[input], &[Attribute::float("alpha", slope)]),
        }
    }
}

fn positive(input: &Tensor) -> Result<Tensor> {
    input.gt(0.0)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    fn value_and_gradient(activation: Activation, at: f64) -> (f64, f64) {
        let input = Var::new(&[at], &Device::Cpu).unwrap();
        let output = activation.forward(&input).unwrap();
        let gradients = output.backward().unwrap();
        let only = |tensor: &Tensor| tensor.to_vec1::<f64>().unwrap()[0];
        (only(&output), only(gradients.get(&input).unwrap()))
    }

    #[test]
    fn gradients_at_the_kink_are_pytorchs() {
        assert_eq!(value_and_gradient(Activation::Relu, 0.0), (0.0, 0.0));
        assert_eq!(value_and_gradient(Activation::LeakyRelu { slope: 0.25 }, 0.0), (0.0, 0.25));
        let (value, gradient) = value_and_gradient(Activation::Selu, 0.0);
        assert_eq!(value, 0.0);
        assert!((gradient - SELU_ALPHA * SELU_SCALE).abs() < 1e-12);
    }

    #[test]
    fn gradients_follow_finite_differences() {
        let all = [
            Activation::Relu,
            Activation::Tanh,
            Activation::Sigmoid,
            Activation::Selu,
            Activation::LeakyRelu { slope: 0.01 },
        ];
        for activation in all {
            for at in [-2.5, -0.3, 0.4, 3.0] {
                let (_, gradient) = value_and_gradient(activation, at);
                let step = 1e-6;
                let difference =
                    value_and_gradient(activation, at + step).0 - value_and_gradient(activation, at - step).0;
                assert!((gradient - difference / (2.0 * step)).abs() < 1e-6, "{activation:?} at {at}");
            }
        }
    }

    #[test]
    fn large_inputs_stay_finite() {
        for activation in [Activation::Selu, Activation::Sigmoid, Activation::Tanh] {
            for at in [-1e4, 1e4] {
                let (value, gradient) = value_and_gradient(activation, at);
                assert!(value.is_finite() && gradient.is_finite(), "{activation:?} at {at}: {value}, {gradient}");
            }
        }
    }
}
