//! What a file stores in numbers: tensors, and the settings of its operations.

use crate::budget::product;
use crate::fault::{EvaluationError, NodeFault};
use crate::protobuf::{Fields, Malformed, Value};
use crate::settings::{Setting, Settings};
use crate::tensor::{Data, Tensor};

/// The numbers of a file, in the order of [`crate::Graph::initializers`] and [`crate::Graph::nodes`].
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub initializers: Vec<Tensor>,
    pub settings: Vec<Settings>,
}

impl Stored {
    /// Reads the numbers of a file.
    ///
    /// # Errors
    /// When it is no ONNX file, or stores numbers of a type that is not computed.
    pub fn read(bytes: &[u8]) -> Result<Self, EvaluationError> {
        let mut stored = Self::default();
        for field in Fields::of(bytes) {
            let (7, graph) = field? else { continue };
            for field in graph.fields()? {
                match field? {
                    (1, node) => stored.settings.push(settings(node)?),
                    (5, value) => stored.initializers.push(tensor(value)?),
                    _ => {}
                }
            }
        }
        Ok(stored)
    }
}

fn settings(node: Value<'_>) -> Result<Settings, EvaluationError> {
    let mut settings = Settings::default();
    for field in node.fields()? {
        if let (5, value) = field? {
            settings.0.push(setting(value)?);
        }
    }
    Ok(settings)
}

fn setting(value: Value<'_>) -> Result<Setting, EvaluationError> {
    let mut setting = Setting::default();
    for field in value.fields()? {
        match field? {
            (1, value) => value.text()?.clone_into(&mut setting.name),
            (2, Value::Fixed32(bytes)) => setting.float = Some(f32::from_le_bytes(bytes)),
            (3, value) => setting.int = Some(value.number()? as i64),
            (4, value) => setting.text = Some(value.bytes()?.to_vec()),
            (5, value) => setting.tensor = Some(tensor(value)?),
            (7, value) => floats(value, &mut setting.floats)?,
            (8, value) => value.numbers(&mut setting.ints)?,
            _ => {}
        }
    }
    Ok(setting)
}

/// Repeated float32: one, or several packed.
fn floats(value: Value<'_>, into: &mut Vec<f32>) -> Result<(), Malformed> {
    match value {
        Value::Fixed32(bytes) => into.push(f32::from_le_bytes(bytes)),
        other => into.extend(other.bytes()?.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes))),
    }
    Ok(())
}

fn tensor(value: Value<'_>) -> Result<Tensor, EvaluationError> {
    let (mut name, mut element, mut shape) = (String::new(), 0, Vec::new());
    let (mut raw, mut of_floats, mut of_integers) = (None, Vec::new(), Vec::new());
    for field in value.fields()? {
        match field? {
            (1, value) => value.numbers(&mut shape)?,
            (2, value) => element = value.number()?,
            (4, value) => floats(value, &mut of_floats)?,
            (5 | 7, value) => value.numbers(&mut of_integers)?,
            (8, value) => value.text()?.clone_into(&mut name),
            (9, value) => raw = Some(value.bytes()?),
            _ => {}
        }
    }
    let made = || {
        let shape = shape.iter().map(|&size| usize::try_from(size)).collect::<Result<Vec<usize>, _>>();
        let shape = shape.map_err(|_| NodeFault::Shape)?;
        let data = match raw {
            Some(bytes) => of_bytes(element, bytes)?,
            None if product(&shape) == Some(0) => of_bytes(element, &[])?,
            None if element == 1 => Data::F32(of_floats),
            None => of_numbers(element, &of_integers)?,
        };
        Tensor::of(shape, data)
    };
    made().map_err(|fault| EvaluationError::Stored { name, fault })
}

/// Values stored one after the other, little end first. The element types are ONNX's numbers.
fn of_bytes(element: u64, bytes: &[u8]) -> Result<Data, NodeFault> {
    Ok(match element {
        1 => Data::F32(bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()),
        2 => Data::U8(bytes.to_vec()),
        3 => Data::I8(bytes.iter().map(|&byte| byte as i8).collect()),
        6 => Data::I32(bytes.as_chunks().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect()),
        7 => Data::I64(bytes.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()),
        9 => Data::Bool(bytes.iter().map(|&byte| byte != 0).collect()),
        _ => return Err(NodeFault::Element),
    })
}

/// Values stored as protobuf's numbers.
fn of_numbers(element: u64, numbers: &[i64]) -> Result<Data, NodeFault> {
    Ok(match element {
        2 => Data::U8(numbers.iter().map(|&number| number as u8).collect()),
        3 => Data::I8(numbers.iter().map(|&number| number as i8).collect()),
        6 => Data::I32(numbers.iter().map(|&number| number as i32).collect()),
        7 => Data::I64(numbers.to_vec()),
        9 => Data::Bool(numbers.iter().map(|&number| number != 0).collect()),
        _ => return Err(NodeFault::Element),
    })
}
