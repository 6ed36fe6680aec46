//! Shapes brought together: axes of length 1 and missing leading ones repeat.

use std::borrow::Cow;

use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::tensor::Tensor;

/// The shape of which both are parts.
pub(super) fn joint_shape(a: &[usize], b: &[usize]) -> Result<Vec<usize>, NodeFault> {
    let rank = a.len().max(b.len());
    let length = |shape: &[usize], axis: usize| match (axis + shape.len()).checked_sub(rank) {
        Some(at) => shape[at],
        None => 1,
    };
    let joint = |axis: usize| match (length(a, axis), length(b, axis)) {
        (a, b) if a == b => Ok(a),
        (1, other) | (other, 1) => Ok(other),
        _ => Err(NodeFault::Shape),
    };
    (0..rank).map(joint).collect()
}

/// The tensor repeated to `shape`.
pub(super) fn spread<'a>(
    tensor: &'a Tensor,
    shape: &[usize],
    budget: &mut Budget,
) -> Result<Cow<'a, Tensor>, NodeFault> {
    if tensor.shape() == shape {
        return Ok(Cow::Borrowed(tensor));
    }
    budget.values(shape)?;
    if joint_shape(tensor.shape(), shape)? != shape {
        return Err(NodeFault::Shape);
    }
    let missing = shape.len() - tensor.shape().len();
    let strides = tensor.strides();
    let offsets: Vec<Vec<usize>> = shape
        .iter()
        .enumerate()
        .map(|(axis, &length)| match axis.checked_sub(missing) {
            Some(own) if tensor.shape()[own] != 1 => (0..length).map(|at| at * strides[own]).collect(),
            _ => vec![0; length],
        })
        .collect();
    Ok(Cow::Owned(tensor.picked(shape.to_vec(), &offsets)?))
}

/// What `function` makes of each pair of values of `shape`; a slice of one value repeats.
pub(super) fn zip<T: Copy, R>(a: &[T], b: &[T], function: impl Fn(T, T) -> R) -> Vec<R> {
    match (a, b) {
        (_, &[b]) => a.iter().map(|&a| function(a, b)).collect(),
        (&[a], _) => b.iter().map(|&b| function(a, b)).collect(),
        _ => a.iter().zip(b).map(|(&a, &b)| function(a, b)).collect(),
    }
}

/// A joint shape, and two tensors for [`zip`].
pub(super) type Joined<'a> = (Vec<usize>, Cow<'a, Tensor>, Cow<'a, Tensor>);

/// Both tensors in their joint shape, but for those of one value, which [`zip`] repeats.
pub(super) fn joined<'a>(a: &'a Tensor, b: &'a Tensor, budget: &mut Budget) -> Result<Joined<'a>, NodeFault> {
    let shape = joint_shape(a.shape(), b.shape())?;
    budget.values(&shape)?;
    let mut spread = |tensor: &'a Tensor, other: &Tensor| match tensor.len() {
        1 if other.len() != 1 => Ok(Cow::Borrowed(tensor)),
        _ => spread(tensor, &shape, budget),
    };
    let (a, b) = (spread(a, b)?, spread(b, a)?);
    Ok((shape, a, b))
}
