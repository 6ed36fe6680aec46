//! Functions of one value.

use super::{Compute, Inputs};
use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::{Data, Tensor};

/// A function of float32; `Abs`, `Neg` and `Sign` are known for int64 too.
#[derive(Debug, Clone, Copy)]
pub(super) enum Function {
    Abs,
    Elu { alpha: f32 },
    Erf,
    Exp,
    Gelu,
    GeluByTanh,
    HardSigmoid { alpha: f32, beta: f32 },
    HardSwish,
    LeakyRelu { alpha: f32 },
    Log,
    Neg,
    Reciprocal,
    Relu,
    Selu { alpha: f32, gamma: f32 },
    Sigmoid,
    Sign,
    Softplus,
    Softsign,
    Sqrt,
    Tanh,
}

impl Function {
    pub fn of(name: &str, settings: &Settings) -> Result<Self, NodeFault> {
        let float = |name: &str, usual: f32| settings.float_or(name, usual);
        Ok(match name {
            "Abs" => Self::Abs,
            "Elu" => Self::Elu { alpha: float("alpha", 1.0) },
            "Erf" => Self::Erf,
            "Exp" => Self::Exp,
            "Gelu" => match settings.text("approximate").unwrap_or(b"none") {
                b"none" => Self::Gelu,
                b"tanh" => Self::GeluByTanh,
                _ => return Err(NodeFault::Setting("approximate")),
            },
            "HardSigmoid" => Self::HardSigmoid { alpha: float("alpha", 0.2), beta: float("beta", 0.5) },
            "HardSwish" => Self::HardSwish,
            "LeakyRelu" => Self::LeakyRelu { alpha: float("alpha", 0.01) },
            "Log" => Self::Log,
            "Neg" => Self::Neg,
            "Reciprocal" => Self::Reciprocal,
            "Relu" => Self::Relu,
            "Selu" => Self::Selu { alpha: float("alpha", 1.673_263_2), gamma: float("gamma", 1.050_701) },
            "Sigmoid" => Self::Sigmoid,
            "Sign" => Self::Sign,
            "Softplus" => Self::Softplus,
            "Softsign" => Self::Softsign,
            "Sqrt" => Self::Sqrt,
            _ => Self::Tanh,
        })
    }

    fn value(self, x: f32) -> f32 {
        match self {
            Self::Abs => x.abs(),
            Self::Elu { alpha } => {
                if x < 0.0 {
                    alpha * x.exp_m1()
                } else {
                    x
                }
            }
            Self::Erf => erf(x),
            Self::Exp => x.exp(),
            Self::Gelu => 0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2)),
            Self::GeluByTanh => 0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh()),
            Self::HardSigmoid { alpha, beta } => (alpha * x + beta).clamp(0.0, 1.0),
            Self::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::LeakyRelu { alpha } => {
                if x < 0.0 {
                    alpha * x
                } else {
                    x
                }
            }
            Self::Log => x.ln(),
            Self::Neg => -x,
            Self::Reciprocal => 1.0 / x,
            Self::Relu => {
                if x < 0.0 {
                    0.0
                } else {
                    x
                }
            }
            Self::Selu { alpha, gamma } => gamma * if x < 0.0 { alpha * x.exp_m1() } else { x },
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::Sign => f32::from(i8::from(x > 0.0) - i8::from(x < 0.0)),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Sqrt => x.sqrt(),
            Self::Tanh => x.tanh(),
        }
    }

    fn integer(self, x: i64) -> Result<i64, NodeFault> {
        match self {
            Self::Abs => Ok(x.wrapping_abs()),
            Self::Neg => Ok(x.wrapping_neg()),
            Self::Sign => Ok(x.signum()),
            _ => Err(NodeFault::Element),
        }
    }
}

impl Compute for Function {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let x = inputs.get(0)?;
        budget.values(x.shape())?;
        let data = match x.data() {
            Data::F32(values) => Data::F32(values.iter().map(|&value| self.value(value)).collect()),
            Data::I64(values) => Data::I64(values.iter().map(|&value| self.integer(value)).collect::<Result<_, _>>()?),
            _ => return Err(NodeFault::Element),
        };
        Ok(vec![Tensor::of(x.shape().to_vec(), data)?])
    }
}

/// The error function within 2e-7, by Abramowitz and Stegun's formula 7.1.26.
fn erf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let factors = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6];
    let polynomial = factors.iter().fold(0.0, |sum, factor| (sum + factor) * t);
    (1.0 - polynomial * (-x * x).exp()).copysign(x)
}
