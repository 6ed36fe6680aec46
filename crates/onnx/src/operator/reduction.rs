//! Many values to one: along axes, or over whole images.

use super::axes::{axes, axis};
use super::{Compute, Inputs};
use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::{Data, Tensor};

#[derive(Debug, Clone, Copy)]
enum Kind {
    Max,
    Mean,
    Min,
    Sum,
    LogSumExp,
}

impl Kind {
    fn value(self, row: &[f32]) -> f32 {
        match self {
            Self::Max => row.iter().copied().fold(f32::NEG_INFINITY, f32::max),
            Self::Min => row.iter().copied().fold(f32::INFINITY, f32::min),
            Self::Sum => row.iter().sum(),
            Self::Mean => row.iter().sum::<f32>() / row.len() as f32,
            Self::LogSumExp => log_sum_exp(row),
        }
    }
}

/// The logarithm of the sum of exponentials.
pub(super) fn log_sum_exp(row: &[f32]) -> f32 {
    let largest = Kind::Max.value(row);
    if largest.is_finite() {
        largest + row.iter().map(|value| (value - largest).exp()).sum::<f32>().ln()
    } else {
        largest
    }
}

/// A reduction to one value along some axes.
#[derive(Debug)]
pub(super) struct Reduction {
    kind: Kind,
    /// Axes from the settings, where they were until operator set 18.
    axes: Option<Vec<i64>>,
    keeps_axes: bool,
    /// Whether no axes mean none instead of all.
    none_without_axes: bool,
    /// All axes but the first two.
    is_global: bool,
}

impl Reduction {
    pub fn of(name: &str, settings: &Settings) -> Self {
        let kind = match name {
            "ReduceMax" | "GlobalMaxPool" => Kind::Max,
            "ReduceMin" => Kind::Min,
            "ReduceSum" => Kind::Sum,
            "ReduceLogSumExp" => Kind::LogSumExp,
            _ => Kind::Mean,
        };
        Self {
            kind,
            axes: settings.ints("axes").map(<[i64]>::to_vec),
            keeps_axes: settings.int_or("keepdims", 1) != 0,
            none_without_axes: settings.int_or("noop_with_empty_axes", 0) != 0,
            is_global: name.starts_with("Global"),
        }
    }

    fn axes(&self, inputs: &Inputs<'_>, rank: usize) -> Result<Vec<usize>, NodeFault> {
        if self.is_global {
            return Ok((2..rank).collect());
        }
        let given = match inputs.optional(1) {
            Some(tensor) => Some(tensor.integers()?),
            None => self.axes.clone(),
        };
        match given {
            Some(given) if !given.is_empty() => axes(&given, rank),
            _ if self.none_without_axes => Ok(Vec::new()),
            _ => Ok((0..rank).collect()),
        }
    }
}

impl Compute for Reduction {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let x = inputs.get(0)?;
        let axes = self.axes(inputs, x.shape().len())?;
        let rows = Rows::of(x, &axes, budget)?;
        let values = rows.iter()?.map(|row| self.kind.value(row)).collect();
        Ok(vec![Tensor::of_floats(reduced(x.shape(), &axes, self.keeps_axes), values)?])
    }
}

/// The index of the largest value along an axis.
#[derive(Debug)]
pub(super) struct ArgMax {
    axis: i64,
    keeps_axis: bool,
    takes_last: bool,
}

impl ArgMax {
    pub fn of(settings: &Settings) -> Self {
        Self {
            axis: settings.int_or("axis", 0),
            keeps_axis: settings.int_or("keepdims", 1) != 0,
            takes_last: settings.int_or("select_last_index", 0) != 0,
        }
    }
}

impl Compute for ArgMax {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let x = inputs.get(0)?;
        let axes = [axis(self.axis, x.shape().len())?];
        if x.shape()[axes[0]] == 0 {
            return Err(NodeFault::Shape);
        }
        let rows = Rows::of(x, &axes, budget)?;
        let is_better = |value: f32, best: f32| if self.takes_last { value >= best } else { value > best };
        let largest = |row: &[f32]| {
            (1..row.len()).fold(0, |best, at| if is_better(row[at], row[best]) { at } else { best }) as i64
        };
        let indices = Data::I64(rows.iter()?.map(largest).collect());
        Ok(vec![Tensor::of(reduced(x.shape(), &axes, self.keeps_axis), indices)?])
    }
}

/// The shape without `axes`, or with length 1 along them.
fn reduced(shape: &[usize], axes: &[usize], keeps_axes: bool) -> Vec<usize> {
    let lengths = shape.iter().enumerate().filter(|(axis, _)| keeps_axes || !axes.contains(axis));
    lengths.map(|(axis, &length)| if axes.contains(&axis) { 1 } else { length }).collect()
}

/// A tensor with some axes moved behind the others, which makes rows of them.
struct Rows {
    moved: Tensor,
    count: usize,
    length: usize,
}

impl Rows {
    fn of(x: &Tensor, axes: &[usize], budget: &mut Budget) -> Result<Self, NodeFault> {
        let shape = x.shape();
        let count = budget.values(&reduced(shape, axes, false))?;
        let length = budget.values(&axes.iter().map(|&axis| shape[axis]).collect::<Vec<_>>())?;
        let mut order: Vec<usize> = (0..shape.len()).filter(|axis| !axes.contains(axis)).collect();
        order.extend(axes);
        Ok(Self { moved: super::indexing::transposed(x, &order, budget)?, count, length })
    }

    fn iter(&self) -> Result<impl Iterator<Item = &[f32]>, NodeFault> {
        let values = self.moved.float32()?;
        Ok((0..self.count).map(|row| &values[row * self.length..(row + 1) * self.length]))
    }
}
