//! Builders for ONNX graphs. Elements keep the order in which they were added, so the bytes depend only on the network.

use candle_core::{DType, Result, Tensor};
use candle_onnx::onnx::{
    AttributeProto, GraphProto, NodeProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto,
    attribute_proto::AttributeType, tensor_proto::DataType, tensor_shape_proto, type_proto,
};

use super::storage::{Quantised, Storage, ZERO_POINT};

/// The name of a tensor in a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(String);

impl Value {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// An attribute of a node.
#[derive(Debug, Clone)]
pub struct Attribute(AttributeProto);

impl Attribute {
    /// An integer.
    pub fn int(name: &str, value: i64) -> Self {
        Self(AttributeProto { i: value, ..Self::of(name, AttributeType::Int) })
    }

    /// Integers.
    pub fn ints(name: &str, values: &[i64]) -> Self {
        Self(AttributeProto { ints: values.to_vec(), ..Self::of(name, AttributeType::Ints) })
    }

    /// A float.
    pub fn float(name: &str, value: f32) -> Self {
        Self(AttributeProto { f: value, ..Self::of(name, AttributeType::Float) })
    }

    fn of(name: &str, kind: AttributeType) -> AttributeProto {
        AttributeProto { name: name.to_owned(), r#type: kind as i32, ..Default::default() }
    }
}

/// One axis of an input or output.
#[derive(Debug, Clone, Copy)]
pub enum Axis {
    /// A named dynamic length.
    Dynamic(&'static str),
    /// A fixed length.
    Fixed(usize),
}

/// A graph being built.
///
/// ```
/// use nets::onnx::{Axis, Graph};
///
/// let mut graph = Graph::new("doubled");
/// let axes = [Axis::Dynamic("batch"), Axis::Fixed(3)];
/// let input = graph.input("x", &axes);
/// let two = graph.floats("two", &[2.0]);
/// let doubled = graph.node("Mul", &[&input, &two], &[]);
/// graph.output("y", &axes, &doubled);
/// assert_eq!(graph.finish().node[0].op_type, "Mul");
/// ```
#[derive(Debug, Default)]
pub struct Graph {
    proto: GraphProto,
    scope: String,
    storage: Storage,
}

impl Graph {
    /// An empty graph.
    pub fn new(name: &str) -> Self {
        Self { proto: GraphProto { name: name.to_owned(), ..Default::default() }, ..Self::default() }
    }

    /// Sets the storage of weights added by [`Graph::weights`] from now on.
    pub fn store_weights_as(&mut self, storage: Storage) {
        self.storage = storage;
    }

    /// Prefixes the names of elements added from now on with the layer `path`; dots become underscores.
    pub fn within(&mut self, path: &str) {
        self.scope = path.replace('.', "_");
    }

    /// Declares a float32 input.
    pub fn input(&mut self, name: &str, axes: &[Axis]) -> Value {
        self.proto.input.push(value_info(name, axes));
        Value(name.to_owned())
    }

    /// Declares the float32 output `name`, computed by the node of `value`; that node's result is renamed.
    ///
    /// # Panics
    /// If no node computes `value`.
    pub fn output(&mut self, name: &str, axes: &[Axis], value: &Value) -> Value {
        let made = self.proto.node.iter_mut().flat_map(|node| &mut node.output).find(|output| **output == value.0);
        name.clone_into(made.expect("an output is computed by a node"));
        let inputs = self.proto.node.iter_mut().flat_map(|node| &mut node.input);
        inputs.filter(|input| **input == value.0).for_each(|input| name.clone_into(input));
        self.proto.output.push(value_info(name, axes));
        Value(name.to_owned())
    }

    /// Stores a float32 tensor under the current scope. Storing the same tensor twice under one name gives one shared
    /// initialiser.
    ///
    /// # Errors
    /// Candle's, if the tensor cannot be read.
    pub fn initializer(&mut self, name: &str, tensor: &Tensor) -> Result<Value> {
        let values = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Ok(self.store(name, DataType::Float, tensor.dims(), bytes))
    }

    /// Stores the weights of a layer in the graph's weight storage; their first axis is the output channel.
    ///
    /// # Errors
    /// Candle's, if the tensor cannot be read.
    pub fn weights(&mut self, name: &str, tensor: &Tensor) -> Result<Value> {
        if self.storage == Storage::Float32 {
            return self.initializer(name, tensor);
        }
        let channels = tensor.dim(0)?;
        let quantised = Quantised::of(&tensor.flatten_all()?.to_vec1::<f32>()?, channels);
        let steps = self.store(name, DataType::Uint8, tensor.dims(), quantised.steps);
        let mut scale_dims = vec![1; tensor.rank()];
        scale_dims[0] = channels;
        let scales = quantised.scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
        let scales = self.store(&format!("{name}_scale"), DataType::Float, &scale_dims, scales);
        let zero = self.floats(&format!("{name}_zero"), &[ZERO_POINT]);
        let steps = self.node("Cast", &[&steps], &[Attribute::int("to", DataType::Float as i64)]);
        let centred = self.node("Sub", &[&steps, &zero], &[]);
        Ok(self.node("Mul", &[&centred, &scales], &[]))
    }

    /// Stores float32 numbers as a vector, or a single number as a scalar.
    pub fn floats(&mut self, name: &str, values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let dims: &[usize] = if values.len() == 1 { &[] } else { &[values.len()] };
        self.store(name, DataType::Float, dims, bytes)
    }

    /// Stores float32 numbers as a row-major matrix.
    pub fn matrix(&mut self, name: &str, dims: [usize; 2], values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.store(name, DataType::Float, &dims, bytes)
    }

    /// Stores an int64 scalar: an index.
    pub fn int(&mut self, name: &str, value: i64) -> Value {
        self.store(name, DataType::Int64, &[], value.to_le_bytes().to_vec())
    }

    /// Stores an int64 vector: shapes, axes, bounds of slices.
    pub fn ints(&mut self, name: &str, values: &[i64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.store(name, DataType::Int64, &[values.len()], bytes)
    }

    /// Adds a node with one result.
    pub fn node(&mut self, operator: &str, inputs: &[&Value], attributes: &[Attribute]) -> Value {
        let name = self.fresh(&operator.to_lowercase());
        self.proto.node.push(NodeProto {
            input: inputs.iter().map(|input| input.0.clone()).collect(),
            output: vec![name.clone()],
            name: format!("{name}_node"),
            op_type: operator.to_owned(),
            attribute: attributes.iter().map(|attribute| attribute.0.clone()).collect(),
            ..Default::default()
        });
        Value(name)
    }

    /// The finished graph.
    pub fn finish(self) -> GraphProto {
        self.proto
    }

    fn store(&mut self, name: &str, kind: DataType, dims: &[usize], raw_data: Vec<u8>) -> Value {
        let name = format!("{}_{name}", self.scope);
        let tensor = TensorProto {
            name: name.clone(),
            data_type: kind as i32,
            dims: dims.iter().map(|&length| length as i64).collect(),
            raw_data,
            ..Default::default()
        };
        match self.proto.initializer.iter().find(|stored| stored.name == name) {
            Some(stored) => assert!(*stored == tensor, "{name} is stored twice with different contents"),
            None => self.proto.initializer.push(tensor),
        }
        Value(name)
    }

    /// `{scope}_{operation}`, with a number from 2 if the name is taken.
    fn fresh(&self, operation: &str) -> String {
        let taken = |name: &String| self.proto.node.iter().any(|node| node.output.contains(name));
        let numbered = (2..).map(|number| format!("{}_{operation}_{number}", self.scope));
        std::iter::once(format!("{}_{operation}", self.scope))
            .chain(numbered)
            .find(|name| !taken(name))
            .expect("there is always another number")
    }
}

fn value_info(name: &str, axes: &[Axis]) -> ValueInfoProto {
    use tensor_shape_proto::{
        Dimension,
        dimension::Value::{DimParam, DimValue},
    };
    let dim = axes.iter().map(|axis| Dimension {
        value: Some(match axis {
            Axis::Dynamic(name) => DimParam((*name).to_owned()),
            Axis::Fixed(length) => DimValue(*length as i64),
        }),
        ..Default::default()
    });
    let shape = Some(TensorShapeProto { dim: dim.collect() });
    let tensor = type_proto::Tensor { elem_type: DataType::Float as i32, shape };
    let value = Some(type_proto::Value::TensorType(tensor));
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto { denotation: String::new(), value }),
        doc_string: String::new(),
    }
}
