//! Tensors: a shape and its values, row by row.

use crate::budget::product;
use crate::fault::NodeFault;
use crate::graph::NO_TENSOR;
use crate::signature::{Dimension, Port};

/// The values of a tensor.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// float32.
    F32(Vec<f32>),
    /// int64: shapes, axes and indices.
    I64(Vec<i64>),
    /// int32.
    I32(Vec<i32>),
    /// uint8: stored weights.
    U8(Vec<u8>),
    /// int8: stored weights.
    I8(Vec<i8>),
    /// bool.
    Bool(Vec<bool>),
}

/// A tensor, row-major: the last index changes fastest.
///
/// ```
/// use onnx::{Data, Tensor};
///
/// let matrix = Tensor::new(vec![2, 2], Data::F32(vec![1.0, 2.0, 3.0, 4.0])).unwrap();
/// assert_eq!(matrix.shape(), [2, 2]);
/// assert!(Tensor::new(vec![2, 3], Data::F32(vec![1.0])).is_none());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Data,
}

/// Does the same with the values of any type.
macro_rules! for_any {
    ($data:expr, $values:ident => $made:expr) => {
        match $data {
            Data::F32($values) => Data::F32($made),
            Data::I64($values) => Data::I64($made),
            Data::I32($values) => Data::I32($made),
            Data::U8($values) => Data::U8($made),
            Data::I8($values) => Data::I8($made),
            Data::Bool($values) => Data::Bool($made),
        }
    };
}

impl Tensor {
    /// A tensor of these values; `None` if their number is not that of the shape, or is more than 2²⁶.
    pub fn new(shape: Vec<usize>, data: Data) -> Option<Self> {
        (product(&shape) == Some(data.len())).then_some(Self { shape, data })
    }

    /// Lengths of its axes; empty for a single number.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether it is of the element type and shape of a port, as far as the port declares them.
    pub(crate) fn is_as_declared(&self, port: &Port) -> bool {
        let fits = |(declared, &length): (&Dimension, &usize)| match declared {
            Dimension::Fixed(declared) => usize::try_from(*declared) == Ok(length),
            Dimension::Dynamic(_) => true,
        };
        let is_of_shape = self.shape.len() == port.shape.len() && port.shape.iter().zip(&self.shape).all(fits);
        let is_undeclared = port.element == NO_TENSOR;
        (is_undeclared || port.element == self.data.element()) && (port.shape.is_empty() || is_of_shape)
    }

    /// Its values, row by row.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Its values, if they are float32.
    pub fn floats(&self) -> Option<&[f32]> {
        match &self.data {
            Data::F32(values) => Some(values),
            _ => None,
        }
    }

    /// The same values in another shape.
    pub(crate) fn reshaped(self, shape: Vec<usize>) -> Result<Self, NodeFault> {
        Self::new(shape, self.data).ok_or(NodeFault::Shape)
    }

    pub(crate) fn of(shape: Vec<usize>, data: Data) -> Result<Self, NodeFault> {
        Self::new(shape, data).ok_or(NodeFault::Shape)
    }

    pub(crate) fn of_floats(shape: Vec<usize>, values: Vec<f32>) -> Result<Self, NodeFault> {
        Self::of(shape, Data::F32(values))
    }

    /// The shape of a tensor of `N` axes.
    pub(crate) fn axes<const N: usize>(&self) -> Result<[usize; N], NodeFault> {
        self.shape.as_slice().try_into().map_err(|_| NodeFault::Shape)
    }

    pub(crate) fn float32(&self) -> Result<&[f32], NodeFault> {
        self.floats().ok_or(NodeFault::Element)
    }

    /// Whole numbers: int64 or int32.
    pub(crate) fn integers(&self) -> Result<Vec<i64>, NodeFault> {
        match &self.data {
            Data::I64(values) => Ok(values.clone()),
            Data::I32(values) => Ok(values.iter().map(|&value| i64::from(value)).collect()),
            _ => Err(NodeFault::Element),
        }
    }

    /// Steps between neighbours along each axis.
    pub(crate) fn strides(&self) -> Vec<usize> {
        let mut strides = vec![1; self.shape.len()];
        for axis in (1..self.shape.len()).rev() {
            strides[axis - 1] = strides[axis] * self.shape[axis].max(1);
        }
        strides
    }

    /// The tensor of `shape` whose value at each index is this tensor's at the sum of that index's `offsets`, which are
    /// given axis by axis and lie within this tensor.
    pub(crate) fn picked(&self, shape: Vec<usize>, offsets: &[Vec<usize>]) -> Result<Self, NodeFault> {
        let mut sums = if offsets.iter().any(Vec::is_empty) { Vec::new() } else { vec![0] };
        for axis in offsets.iter().rev() {
            sums = axis.iter().flat_map(|first| sums.iter().map(move |rest| first + rest)).collect();
        }
        Self::of(shape, self.data.at(&sums))
    }

    /// How many values it has.
    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }
}

impl Data {
    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::U8(values) => values.len(),
            Self::I8(values) => values.len(),
            Self::Bool(values) => values.len(),
        }
    }

    /// ONNX's name of the element type.
    pub fn element(&self) -> &'static str {
        match self {
            Self::F32(_) => "float32",
            Self::I64(_) => "int64",
            Self::I32(_) => "int32",
            Self::U8(_) => "uint8",
            Self::I8(_) => "int8",
            Self::Bool(_) => "bool",
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn at(&self, indices: &[usize]) -> Self {
        for_any!(self, values => indices.iter().map(|&index| values[index]).collect())
    }

    /// A part of the values.
    pub(crate) fn part(&self, from: usize, length: usize) -> Self {
        for_any!(self, values => values.iter().skip(from).take(length).copied().collect())
    }

    /// Appends values of the same type.
    pub(crate) fn append(&mut self, other: Self) -> Result<(), NodeFault> {
        match (self, other) {
            (Self::F32(all), Self::F32(more)) => all.extend(more),
            (Self::I64(all), Self::I64(more)) => all.extend(more),
            (Self::I32(all), Self::I32(more)) => all.extend(more),
            (Self::U8(all), Self::U8(more)) => all.extend(more),
            (Self::I8(all), Self::I8(more)) => all.extend(more),
            (Self::Bool(all), Self::Bool(more)) => all.extend(more),
            _ => return Err(NodeFault::Element),
        }
        Ok(())
    }
}
