//! From one element type to another.

use super::axes::axis;
use super::broadcast::spread;
use super::{Compute, Inputs};
use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::{Data, Tensor};

/// To another element type, numbered as in ONNX. Floats lose what is behind the point, and are held within the type.
#[derive(Debug)]
pub(super) struct Cast(i64);

impl Cast {
    pub fn of(settings: &Settings) -> Result<Self, NodeFault> {
        match settings.int("to") {
            Some(to @ (1 | 2 | 3 | 6 | 7 | 9)) => Ok(Self(to)),
            _ => Err(NodeFault::Setting("to")),
        }
    }
}

impl Compute for Cast {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let x = inputs.get(0)?;
        budget.values(x.shape())?;
        let data = match (self.0, x.data()) {
            (1, data) => Data::F32(floats(data)),
            (9, Data::F32(values)) => Data::Bool(values.iter().map(|&value| value != 0.0).collect()),
            (9, data) => Data::Bool(integers(data).into_iter().map(|value| value != 0).collect()),
            (2, Data::F32(values)) => Data::U8(values.iter().map(|&value| value as u8).collect()),
            (3, Data::F32(values)) => Data::I8(values.iter().map(|&value| value as i8).collect()),
            (6, Data::F32(values)) => Data::I32(values.iter().map(|&value| value as i32).collect()),
            (2, data) => Data::U8(integers(data).into_iter().map(|value| value as u8).collect()),
            (3, data) => Data::I8(integers(data).into_iter().map(|value| value as i8).collect()),
            (6, data) => Data::I32(integers(data).into_iter().map(|value| value as i32).collect()),
            (_, data) => Data::I64(integers(data)),
        };
        Ok(vec![Tensor::of(x.shape().to_vec(), data)?])
    }
}

fn floats(data: &Data) -> Vec<f32> {
    match data {
        Data::F32(values) => values.clone(),
        Data::I64(values) => values.iter().map(|&value| value as f32).collect(),
        Data::I32(values) => values.iter().map(|&value| value as f32).collect(),
        Data::U8(values) => values.iter().map(|&value| f32::from(value)).collect(),
        Data::I8(values) => values.iter().map(|&value| f32::from(value)).collect(),
        Data::Bool(values) => values.iter().map(|&value| f32::from(u8::from(value))).collect(),
    }
}

fn integers(data: &Data) -> Vec<i64> {
    match data {
        Data::F32(values) => values.iter().map(|&value| value as i64).collect(),
        Data::I64(values) => values.clone(),
        Data::I32(values) => values.iter().map(|&value| i64::from(value)).collect(),
        Data::U8(values) => values.iter().map(|&value| i64::from(value)).collect(),
        Data::I8(values) => values.iter().map(|&value| i64::from(value)).collect(),
        Data::Bool(values) => values.iter().map(|&value| i64::from(value)).collect(),
    }
}

/// `(x - zero_point) * scale`, with one scale in all or one for each position along an axis.
#[derive(Debug)]
pub(super) struct Dequantize {
    axis: i64,
}

impl Dequantize {
    pub fn of(settings: &Settings) -> Result<Self, NodeFault> {
        settings.only("block_size", 0)?;
        settings.only("output_dtype", 0)?;
        Ok(Self { axis: settings.int_or("axis", 1) })
    }
}

impl Compute for Dequantize {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let (x, scale) = (inputs.get(0)?, inputs.get(1)?);
        if !matches!(x.data(), Data::U8(_) | Data::I8(_) | Data::I32(_)) {
            return Err(NodeFault::Element);
        }
        let shape = match scale.shape() {
            [] | [1] => Vec::new(),
            [length] => {
                let axis = axis(self.axis, x.shape().len())?;
                let mut shape = vec![1; x.shape().len() - axis];
                shape[0] = *length;
                shape
            }
            _ => return Err(NodeFault::Shape),
        };
        budget.values(x.shape())?;
        let mut whole = |tensor: Tensor| {
            let tensor = tensor.reshaped(shape.clone())?;
            spread(&tensor, x.shape(), budget).map(|tensor| floats(tensor.data()))
        };
        let scales = scale.float32().and_then(|_| whole(scale.clone()))?;
        let zeros = inputs.optional(2).map(|zero| whole(zero.clone())).transpose()?;
        let mut values = floats(x.data());
        for (at, value) in values.iter_mut().enumerate() {
            *value = (*value - zeros.as_ref().map_or(0.0, |zeros| zeros[at])) * scales[at];
        }
        Ok(vec![Tensor::of_floats(x.shape().to_vec(), values)?])
    }
}
