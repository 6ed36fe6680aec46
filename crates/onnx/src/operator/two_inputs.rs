//! Functions of two values, and of several taken two by two.

use super::broadcast::{joined, zip};
use super::{Compute, Inputs};
use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::tensor::{Data, Tensor};

/// A function of two float32 or int64.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum TwoInputs {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    /// Whose second input is the slope of what is negative.
    PRelu,
    Max,
    Min,
    /// Of any number of inputs, as `Max` and `Min`.
    Sum,
    Mean,
}

impl TwoInputs {
    pub fn of(name: &str) -> Self {
        match name {
            "Add" => Self::Add,
            "Sub" => Self::Sub,
            "Mul" => Self::Mul,
            "Div" => Self::Div,
            "Pow" => Self::Pow,
            "PRelu" => Self::PRelu,
            "Max" => Self::Max,
            "Min" => Self::Min,
            "Sum" => Self::Sum,
            _ => Self::Mean,
        }
    }

    fn takes_any_number(self) -> bool {
        matches!(self, Self::Max | Self::Min | Self::Sum | Self::Mean)
    }

    fn pair(self, a: &Tensor, b: &Tensor, budget: &mut Budget) -> Result<Tensor, NodeFault> {
        let (shape, a, b) = joined(a, b, budget)?;
        let data = match (a.data(), b.data()) {
            (Data::F32(a), Data::F32(b)) => Data::F32(self.floats(a, b)),
            (Data::I64(a), Data::I64(b)) => {
                let values = zip(a, b, |a, b| self.integers(a, b));
                Data::I64(values.into_iter().collect::<Result<_, _>>()?)
            }
            _ => return Err(NodeFault::Element),
        };
        Tensor::of(shape, data)
    }

    fn floats(self, a: &[f32], b: &[f32]) -> Vec<f32> {
        match self {
            Self::Add | Self::Sum | Self::Mean => zip(a, b, |a, b| a + b),
            Self::Sub => zip(a, b, |a, b| a - b),
            Self::Mul => zip(a, b, |a, b| a * b),
            Self::Div => zip(a, b, |a, b| a / b),
            Self::Pow => zip(a, b, f32::powf),
            Self::PRelu => zip(a, b, |a, b| if a < 0.0 { a * b } else { a }),
            Self::Max => zip(a, b, f32::max),
            Self::Min => zip(a, b, f32::min),
        }
    }

    fn integers(self, a: i64, b: i64) -> Result<i64, NodeFault> {
        match self {
            Self::Add | Self::Sum => Ok(a.wrapping_add(b)),
            Self::Sub => Ok(a.wrapping_sub(b)),
            Self::Mul => Ok(a.wrapping_mul(b)),
            Self::Div => a.checked_div(b).ok_or(NodeFault::Division),
            Self::Max => Ok(a.max(b)),
            Self::Min => Ok(a.min(b)),
            Self::Pow | Self::PRelu | Self::Mean => Err(NodeFault::Element),
        }
    }
}

impl Compute for TwoInputs {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let count = inputs.0.len();
        if count != 2 && !self.takes_any_number() {
            return Err(NodeFault::Arity);
        }
        let first = inputs.get(0)?;
        budget.values(first.shape())?;
        let mut result = first.clone();
        for at in 1..count {
            result = self.pair(&result, inputs.get(at)?, budget)?;
        }
        if *self == Self::PRelu && result.shape() != first.shape() {
            return Err(NodeFault::Shape);
        }
        if *self == Self::Mean {
            result = Self::Div.pair(&result, &Tensor::of_floats(Vec::new(), vec![count as f32])?, budget)?;
        }
        Ok(vec![result])
    }
}

/// Values held between two optional bounds.
#[derive(Debug)]
pub(super) struct Clip;

impl Compute for Clip {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let x = inputs.get(0)?;
        budget.values(x.shape())?;
        let mut result = x.clone();
        for (at, function) in [(1, TwoInputs::Max), (2, TwoInputs::Min)] {
            if let Some(bound) = inputs.optional(at) {
                if bound.len() != 1 {
                    return Err(NodeFault::Shape);
                }
                result = function.pair(&result, &bound.clone().reshaped(Vec::new())?, budget)?;
            }
        }
        Ok(vec![result])
    }
}
