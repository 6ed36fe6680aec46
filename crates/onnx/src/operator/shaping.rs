//! The same values in another shape.

use super::axes::{axes, axis};
use super::{Compute, Inputs};
use crate::budget::{Budget, MOST_DIMENSIONS, product};
use crate::fault::NodeFault;
use crate::settings::{Setting, Settings};
use crate::tensor::{Data, Tensor};

#[derive(Debug)]
pub(super) enum Shaping {
    Constant(Tensor),
    Flatten {
        axis: i64,
    },
    Identity,
    /// `Reshape`.
    Wanted {
        keeps_zeros: bool,
    },
    Shape {
        start: i64,
        end: i64,
    },
    Squeeze,
    Unsqueeze,
}

impl Shaping {
    pub fn of(name: &str, settings: &Settings) -> Result<Self, NodeFault> {
        Ok(match name {
            "Constant" => Self::Constant(settings.0.iter().find_map(constant).ok_or(NodeFault::Setting("value"))?),
            "Flatten" => Self::Flatten { axis: settings.int_or("axis", 1) },
            "Identity" => Self::Identity,
            "Reshape" => Self::Wanted { keeps_zeros: settings.int_or("allowzero", 0) != 0 },
            "Shape" => Self::Shape { start: settings.int_or("start", 0), end: settings.int_or("end", i64::MAX) },
            "Squeeze" => Self::Squeeze,
            _ => Self::Unsqueeze,
        })
    }

    fn shape(&self, inputs: &Inputs<'_>, x: &Tensor) -> Result<Vec<usize>, NodeFault> {
        let shape = x.shape();
        match self {
            Self::Flatten { axis: at } => {
                let at = if *at == shape.len() as i64 { shape.len() } else { axis(*at, shape.len())? };
                let length = |shape: &[usize]| product(shape).ok_or(NodeFault::TooLarge);
                Ok(vec![length(&shape[..at])?, length(&shape[at..])?])
            }
            Self::Wanted { keeps_zeros } => wanted_shape(shape, &inputs.get(1)?.integers()?, *keeps_zeros),
            Self::Squeeze => {
                let given = inputs.optional(1).map(Tensor::integers).transpose()?;
                let given = given.map(|given| axes(&given, shape.len())).transpose()?;
                let leaves = |axis: usize| match &given {
                    Some(given) => given.contains(&axis),
                    None => shape[axis] == 1,
                };
                Ok((0..shape.len()).filter(|&axis| !leaves(axis)).map(|axis| shape[axis]).collect())
            }
            Self::Unsqueeze => {
                let given = inputs.get(1)?.integers()?;
                if given.len() > MOST_DIMENSIONS {
                    return Err(NodeFault::Shape);
                }
                let given = axes(&given, shape.len() + given.len())?;
                let mut rest = shape.iter();
                let rank = shape.len() + given.len();
                Ok((0..rank)
                    .map(|axis| if given.contains(&axis) { 1 } else { rest.next().map_or(1, |&it| it) })
                    .collect())
            }
            Self::Identity | Self::Constant(_) | Self::Shape { .. } => Ok(shape.to_vec()),
        }
    }
}

impl Compute for Shaping {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        if let Self::Constant(value) = self {
            budget.values(value.shape())?;
            return Ok(vec![value.clone()]);
        }
        let x = inputs.get(0)?;
        if let Self::Shape { start, end } = *self {
            return Ok(vec![lengths(x.shape(), start, end)?]);
        }
        let shape = self.shape(inputs, x)?;
        budget.values(&shape)?;
        Ok(vec![x.clone().reshaped(shape)?])
    }
}

/// The shape that `Reshape` is asked for: 0 keeps a length, -1 stands for the rest.
fn wanted_shape(shape: &[usize], wanted: &[i64], keeps_zeros: bool) -> Result<Vec<usize>, NodeFault> {
    let length = |(axis, &wanted): (usize, &i64)| match wanted {
        -1 => Ok(1),
        0 if !keeps_zeros => shape.get(axis).copied().ok_or(NodeFault::Shape),
        _ => usize::try_from(wanted).map_err(|_| NodeFault::Shape),
    };
    let mut lengths = wanted.iter().enumerate().map(length).collect::<Result<Vec<usize>, _>>()?;
    let mut unknown = wanted.iter().enumerate().filter(|(_, wanted)| **wanted == -1);
    if let Some((axis, _)) = unknown.next() {
        let (all, others) = (product(shape).ok_or(NodeFault::TooLarge)?, product(&lengths).ok_or(NodeFault::TooLarge)?);
        lengths[axis] = all.checked_div(others).ok_or(NodeFault::Shape)?;
    }
    if unknown.next().is_some() { Err(NodeFault::Shape) } else { Ok(lengths) }
}

/// A part of a shape as a tensor.
fn lengths(shape: &[usize], start: i64, end: i64) -> Result<Tensor, NodeFault> {
    let rank = shape.len() as i64;
    let bound = |at: i64| if at < 0 { at.saturating_add(rank) } else { at }.clamp(0, rank) as usize;
    let lengths = shape.get(bound(start)..bound(end)).unwrap_or_default();
    Tensor::of(vec![lengths.len()], Data::I64(lengths.iter().map(|&length| length as i64).collect()))
}

/// The tensor that one of the settings of `Constant` holds.
fn constant(setting: &Setting) -> Option<Tensor> {
    match setting.name.as_str() {
        "value" => setting.tensor.clone(),
        "value_float" => Tensor::new(Vec::new(), Data::F32(vec![setting.float.unwrap_or(0.0)])),
        "value_floats" => Tensor::new(vec![setting.floats.len()], Data::F32(setting.floats.clone())),
        "value_int" => Tensor::new(Vec::new(), Data::I64(vec![setting.int.unwrap_or(0)])),
        "value_ints" => Tensor::new(vec![setting.ints.len()], Data::I64(setting.ints.clone())),
        _ => None,
    }
}
