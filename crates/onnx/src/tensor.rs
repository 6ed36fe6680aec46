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

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(shape: &[usize]) -> Tensor {
        let count = shape.iter().product();
        Tensor::of_floats(shape.to_vec(), (0..count).map(|at: usize| at as f32).collect()).unwrap()
    }

    /// Two values of every element type.
    fn of_every_type() -> [Data; 6] {
        [
            Data::F32(vec![1.0, 2.0]),
            Data::I64(vec![1, 2]),
            Data::I32(vec![1, 2]),
            Data::U8(vec![1, 2]),
            Data::I8(vec![1, 2]),
            Data::Bool(vec![true, false]),
        ]
    }

    #[test]
    fn a_tensor_is_as_declared_in_type_and_shape_as_far_as_they_are() {
        let port = |element: &str, shape: &[Dimension]| {
            floats(&[2, 3]).is_as_declared(&Port {
                name: String::new(),
                element: element.to_owned(),
                shape: shape.to_vec(),
            })
        };
        let [two, three, any] = [Dimension::Fixed(2), Dimension::Fixed(3), Dimension::Dynamic("batch".to_owned())];
        assert!(port("float32", &[two.clone(), three.clone()]) && port("float32", &[any, three.clone()]));
        assert!(port("float32", &[]) && port(NO_TENSOR, &[]) && port(NO_TENSOR, &[two.clone(), three.clone()]));
        assert!(!port("int64", &[two.clone(), three.clone()]) && !port("int64", &[]));
        assert!(!port("float32", &[three.clone(), three.clone()]) && !port("float32", std::slice::from_ref(&two)));
        assert!(!port(NO_TENSOR, std::slice::from_ref(&two)) && !port("float32", &[Dimension::Fixed(-2), three]));
    }

    #[test]
    fn values_are_told_by_their_type() {
        let names = of_every_type().map(|data| data.element());
        assert_eq!(names, ["float32", "int64", "int32", "uint8", "int8", "bool"]);
        for data in of_every_type() {
            assert!(data.len() == 2 && !data.is_empty() && data.part(0, 0).is_empty(), "{data:?}");
            assert_eq!((data.part(1, 1).len(), data.at(&[1, 0, 1]).len()), (1, 3));
        }
        let (whole, short) = (Data::I64(vec![5, 7]), Data::I32(vec![5, 7]));
        let integers = |data: &Data| Tensor::of(vec![2], data.clone()).unwrap().integers();
        assert_eq!((integers(&whole), integers(&short)), (Ok(vec![5, 7]), Ok(vec![5, 7])));
        assert_eq!(integers(&Data::U8(vec![5, 7])), Err(NodeFault::Element));
        let bytes = Tensor::of(vec![2], Data::U8(vec![5, 7])).unwrap();
        assert_eq!((bytes.floats(), bytes.float32()), (None, Err(NodeFault::Element)));
        assert_eq!(floats(&[2]).float32(), Ok(&[0.0, 1.0][..]));
    }

    #[test]
    fn only_values_of_one_type_are_joined() {
        for (number, first) in of_every_type().into_iter().enumerate() {
            for (other, more) in of_every_type().into_iter().enumerate() {
                let mut all = first.clone();
                let joined = all.append(more);
                assert_eq!((joined.is_ok(), all.len()), (number == other, if number == other { 4 } else { 2 }));
            }
        }
    }

    #[test]
    fn shapes_lengths_and_steps_follow_from_each_other() {
        let tensor = floats(&[2, 3, 4]);
        assert_eq!((tensor.strides(), tensor.len(), tensor.axes()), (vec![12, 4, 1], 24, Ok([2, 3, 4])));
        assert_eq!(tensor.axes::<2>(), Err(NodeFault::Shape));
        assert_eq!(floats(&[2, 0, 4]).strides(), [4, 4, 1]);
        assert_eq!(tensor.clone().reshaped(vec![4, 6]).map(|tensor| tensor.shape), Ok(vec![4, 6]));
        assert_eq!(tensor.reshaped(vec![4, 5]), Err(NodeFault::Shape));
    }

    #[test]
    fn values_are_picked_by_the_sums_of_their_offsets() {
        let tensor = floats(&[3, 4]);
        let picked = tensor.picked(vec![2, 2], &[vec![8, 0], vec![1, 3]]).unwrap();
        assert_eq!((picked.shape(), picked.float32()), (&[2, 2][..], Ok(&[9.0, 11.0, 1.0, 3.0][..])));
        assert_eq!(tensor.picked(vec![0, 2], &[Vec::new(), vec![1, 3]]).map(|none| none.len()), Ok(0));
        assert_eq!(tensor.picked(vec![2, 0], &[vec![8, 0], Vec::new()]).map(|none| none.len()), Ok(0));
        assert_eq!(tensor.picked(Vec::new(), &[]).map(|one| one.data), Ok(Data::F32(vec![0.0])));
    }
}
