//! Comparisons, and what is made of their answers.

use super::broadcast::{joined, joint_shape, spread, zip};
use super::{Compute, Inputs};
use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::tensor::{Data, Tensor};

/// A comparison of two float32 or int64.
#[derive(Debug, Clone, Copy)]
pub(super) enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    pub fn of(name: &str) -> Self {
        match name {
            "Equal" => Self::Equal,
            "Greater" => Self::Greater,
            "GreaterOrEqual" => Self::GreaterOrEqual,
            "Less" => Self::Less,
            _ => Self::LessOrEqual,
        }
    }

    fn holds<T: PartialOrd>(self, a: T, b: T) -> bool {
        match self {
            Self::Equal => a == b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
        }
    }
}

impl Compute for Comparison {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let (shape, a, b) = joined(inputs.get(0)?, inputs.get(1)?, budget)?;
        let answers = match (a.data(), b.data()) {
            (Data::F32(a), Data::F32(b)) => zip(a, b, |a, b| self.holds(a, b)),
            (Data::I64(a), Data::I64(b)) => zip(a, b, |a, b| self.holds(a, b)),
            _ => return Err(NodeFault::Element),
        };
        Ok(vec![Tensor::of(shape, Data::Bool(answers))?])
    }
}

/// A function of bools.
#[derive(Debug, Clone, Copy)]
pub(super) enum Logic {
    And,
    Or,
    Not,
}

impl Logic {
    pub fn of(name: &str) -> Self {
        match name {
            "And" => Self::And,
            "Or" => Self::Or,
            _ => Self::Not,
        }
    }
}

impl Compute for Logic {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let first = inputs.get(0)?;
        let second = if matches!(self, Self::Not) { first } else { inputs.get(1)? };
        let (shape, a, b) = joined(first, second, budget)?;
        let (Data::Bool(a), Data::Bool(b)) = (a.data(), b.data()) else { return Err(NodeFault::Element) };
        let answers = match self {
            Self::And => zip(a, b, |a, b| a && b),
            Self::Or => zip(a, b, |a, b| a || b),
            Self::Not => a.iter().map(|a| !a).collect(),
        };
        Ok(vec![Tensor::of(shape, Data::Bool(answers))?])
    }
}

/// One of two values, as the first input says.
#[derive(Debug)]
pub(super) struct Where;

impl Compute for Where {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let (condition, a, b) = (inputs.get(0)?, inputs.get(1)?, inputs.get(2)?);
        let shape = joint_shape(condition.shape(), &joint_shape(a.shape(), b.shape())?)?;
        budget.values(&shape)?;
        let condition = spread(condition, &shape, budget)?;
        let (a, b) = (spread(a, &shape, budget)?, spread(b, &shape, budget)?);
        let Data::Bool(condition) = condition.data() else { return Err(NodeFault::Element) };
        let data = match (a.data(), b.data()) {
            (Data::F32(a), Data::F32(b)) => Data::F32(chosen(condition, a, b)),
            (Data::I64(a), Data::I64(b)) => Data::I64(chosen(condition, a, b)),
            _ => return Err(NodeFault::Element),
        };
        Ok(vec![Tensor::of(shape, data)?])
    }
}

fn chosen<T: Copy>(condition: &[bool], a: &[T], b: &[T]) -> Vec<T> {
    condition.iter().zip(a.iter().zip(b)).map(|(&is_first, (&a, &b))| if is_first { a } else { b }).collect()
}
