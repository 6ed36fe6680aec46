//! Values put together, taken apart or in another order.

use super::axes::axis;
use super::{Compute, Inputs};
use crate::budget::{Budget, MOST_DIMENSIONS, product};
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::Tensor;

#[derive(Debug)]
pub(super) enum Indexing {
    Concat { axis: i64 },
    Gather { axis: i64 },
    Slice,
    Split { axis: i64, parts: i64 },
    Transpose { order: Option<Vec<i64>> },
}

impl Indexing {
    pub fn of(name: &str, settings: &Settings, outputs: usize) -> Result<Self, NodeFault> {
        Ok(match name {
            "Concat" => Self::Concat { axis: settings.int("axis").ok_or(NodeFault::Setting("axis"))? },
            "Gather" => Self::Gather { axis: settings.int_or("axis", 0) },
            "Slice" => Self::Slice,
            "Split" => {
                Self::Split { axis: settings.int_or("axis", 0), parts: settings.int_or("num_outputs", outputs as i64) }
            }
            _ => Self::Transpose { order: settings.ints("perm").map(<[i64]>::to_vec) },
        })
    }
}

impl Compute for Indexing {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let x = inputs.get(0)?;
        Ok(match self {
            Self::Concat { axis } => vec![concat(inputs, *axis, budget)?],
            Self::Gather { axis } => vec![gather(x, inputs.get(1)?, *axis, budget)?],
            Self::Slice => vec![slice(x, inputs, budget)?],
            Self::Split { axis, parts } => split(x, inputs.optional(1), *axis, *parts, budget)?,
            Self::Transpose { order } => {
                let rank = x.shape().len();
                let order = match order {
                    Some(order) => order.iter().map(|&at| axis(at, rank)).collect::<Result<Vec<_>, _>>()?,
                    None => (0..rank).rev().collect(),
                };
                vec![transposed(x, &order, budget)?]
            }
        })
    }
}

/// The tensor with its axes in another order, which names each once.
pub(super) fn transposed(x: &Tensor, order: &[usize], budget: &mut Budget) -> Result<Tensor, NodeFault> {
    let rank = x.shape().len();
    if order.len() != rank || (0..rank).any(|axis| !order.contains(&axis)) {
        return Err(NodeFault::Shape);
    }
    let shape: Vec<usize> = order.iter().map(|&axis| x.shape()[axis]).collect();
    budget.values(&shape)?;
    if order.is_sorted() {
        return Ok(x.clone());
    }
    let strides = x.strides();
    let offsets: Vec<Vec<usize>> = order.iter().map(|&axis| steps(x.shape()[axis], strides[axis])).collect();
    x.picked(shape, &offsets)
}

/// The offsets of all positions along an axis.
fn steps(length: usize, stride: usize) -> Vec<usize> {
    (0..length).map(|at| at * stride).collect()
}

/// The offsets of every axis of a tensor.
fn all_steps(x: &Tensor) -> Vec<Vec<usize>> {
    x.shape().iter().zip(x.strides()).map(|(&length, stride)| steps(length, stride)).collect()
}

fn concat(inputs: &Inputs<'_>, along: i64, budget: &mut Budget) -> Result<Tensor, NodeFault> {
    let first = inputs.get(0)?;
    let along = axis(along, first.shape().len())?;
    let tensors = (0..inputs.0.len()).map(|at| inputs.get(at)).collect::<Result<Vec<_>, _>>()?;
    let mut shape = first.shape().to_vec();
    shape[along] = 0;
    for tensor in &tensors {
        let fits = |at: usize| at == along || tensor.shape()[at] == shape[at];
        if tensor.shape().len() != shape.len() || !(0..shape.len()).all(fits) {
            return Err(NodeFault::Shape);
        }
        shape[along] = shape[along].checked_add(tensor.shape()[along]).ok_or(NodeFault::TooLarge)?;
    }
    budget.values(&shape)?;
    let outer = product(&shape[..along]).ok_or(NodeFault::TooLarge)?;
    budget.products(&[outer, tensors.len()])?;
    let mut data = first.data().part(0, 0);
    for at in 0..outer {
        for tensor in &tensors {
            let length = tensor.len() / outer;
            data.append(tensor.data().part(at * length, length))?;
        }
    }
    Tensor::of(shape, data)
}

fn gather(x: &Tensor, indices: &Tensor, along: i64, budget: &mut Budget) -> Result<Tensor, NodeFault> {
    let along = axis(along, x.shape().len())?;
    let length = x.shape()[along];
    let of_index = indices.integers()?;
    let positions = of_index.iter().map(|&index| axis(index, length)).collect::<Result<Vec<_>, _>>()?;
    let shape = [&x.shape()[..along], indices.shape(), &x.shape()[along + 1..]].concat();
    budget.values(&shape)?;
    let mut offsets = all_steps(x);
    offsets[along] = positions.iter().map(|position| offsets[along][*position]).collect();
    x.picked(shape, &offsets)
}

fn slice(x: &Tensor, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Tensor, NodeFault> {
    let (starts, ends) = (inputs.get(1)?.integers()?, inputs.get(2)?.integers()?);
    let along = match inputs.optional(3) {
        Some(along) => along.integers()?,
        None => (0..starts.len() as i64).collect(),
    };
    let steps = match inputs.optional(4) {
        Some(steps) => steps.integers()?,
        None => vec![1; starts.len()],
    };
    if [ends.len(), along.len(), steps.len()] != [starts.len(); 3] || starts.len() > MOST_DIMENSIONS {
        return Err(NodeFault::Shape);
    }
    budget.values(x.shape())?;
    let mut offsets = all_steps(x);
    for at in 0..starts.len() {
        let along = axis(along[at], offsets.len())?;
        offsets[along] = sliced(&offsets[along], starts[at], ends[at], steps[at])?;
    }
    let shape = offsets.iter().map(Vec::len).collect();
    x.picked(shape, &offsets)
}

/// Every `step`th position from `start` up to but without `end`, both counted from the end where negative.
fn sliced(offsets: &[usize], start: i64, end: i64, step: i64) -> Result<Vec<usize>, NodeFault> {
    let length = offsets.len() as i64;
    let counted = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    let stride = usize::try_from(step.unsigned_abs()).map_err(|_| NodeFault::Index)?;
    if step > 0 {
        let (start, end) = (counted(start).clamp(0, length) as usize, counted(end).clamp(0, length) as usize);
        return Ok(offsets.get(start..end).unwrap_or_default().iter().step_by(stride).copied().collect());
    }
    if step == 0 {
        return Err(NodeFault::Index);
    }
    let (first, last) = (counted(start).clamp(-1, length - 1), counted(end).clamp(-1, length - 1));
    let range = offsets.get((last + 1) as usize..(first + 1) as usize).unwrap_or_default();
    Ok(range.iter().rev().step_by(stride).copied().collect())
}

fn split(
    x: &Tensor,
    lengths: Option<&Tensor>,
    along: i64,
    parts: i64,
    budget: &mut Budget,
) -> Result<Vec<Tensor>, NodeFault> {
    let along = axis(along, x.shape().len())?;
    let whole = x.shape()[along];
    let lengths = part_lengths(lengths, whole, parts)?;
    budget.products(&[lengths.len(), x.shape().iter().fold(1, |sum, &length| sum.saturating_add(length))])?;
    budget.values(x.shape())?;
    let (all, mut from) = (all_steps(x), 0);
    let part = |length: usize| {
        let (mut offsets, mut shape) = (all.clone(), x.shape().to_vec());
        (offsets[along], shape[along]) = (all[along][from..from + length].to_vec(), length);
        from += length;
        x.picked(shape, &offsets)
    };
    lengths.into_iter().map(part).collect()
}

/// The lengths of parts of an axis of length `whole`: those given, or equal ones with a smaller last.
fn part_lengths(given: Option<&Tensor>, whole: usize, parts: i64) -> Result<Vec<usize>, NodeFault> {
    let lengths: Vec<usize> = match (given, parts) {
        (Some(given), _) => {
            let lengths = given.integers()?.into_iter().map(usize::try_from);
            lengths.collect::<Result<_, _>>().map_err(|_| NodeFault::Shape)?
        }
        (None, 1..=1024) => {
            let length = whole.div_ceil(parts as usize);
            (0..parts as usize).map(|at| length.min(whole.saturating_sub(at * length))).collect()
        }
        _ => return Err(NodeFault::Setting("num_outputs")),
    };
    let sum = lengths.iter().copied().try_fold(0, usize::checked_add);
    if sum == Some(whole) { Ok(lengths) } else { Err(NodeFault::Shape) }
}
