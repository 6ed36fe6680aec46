//! One operation with its inputs, as a model file.

use candle_onnx::onnx::attribute_proto::AttributeType;
use candle_onnx::onnx::tensor_proto::DataType;
use candle_onnx::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, ValueInfoProto,
};
use onnx::{Data, EvaluationError, Plan, Tensor};
use prost::Message;

use crate::random::Random;

/// An operation whose inputs are `x0`, `x1`, ... and whose outputs are `y0`, `y1`, ...
#[derive(Debug, Clone, Default)]
pub struct Case {
    pub operator: String,
    pub inputs: Vec<Option<Tensor>>,
    pub attributes: Vec<AttributeProto>,
    pub outputs: usize,
}

impl Case {
    pub fn new(operator: &str, inputs: Vec<Tensor>) -> Self {
        let inputs = inputs.into_iter().map(Some).collect();
        Self { operator: operator.to_owned(), inputs, attributes: Vec::new(), outputs: 1 }
    }

    pub fn int(mut self, name: &str, value: i64) -> Self {
        self.attributes.push(AttributeProto { i: value, ..attribute(name, AttributeType::Int) });
        self
    }

    pub fn ints(mut self, name: &str, values: &[i64]) -> Self {
        self.attributes.push(AttributeProto { ints: values.to_vec(), ..attribute(name, AttributeType::Ints) });
        self
    }

    pub fn float(mut self, name: &str, value: f32) -> Self {
        self.attributes.push(AttributeProto { f: value, ..attribute(name, AttributeType::Float) });
        self
    }

    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.attributes.push(AttributeProto { s: value.into(), ..attribute(name, AttributeType::String) });
        self
    }

    /// The model with the first inputs fed and the others stored.
    pub fn model(&self, fed: usize) -> ModelProto {
        let name = |at: usize| if self.inputs[at].is_some() { format!("x{at}") } else { String::new() };
        let stored = (fed.min(self.inputs.len())..self.inputs.len()).filter(|&at| self.inputs[at].is_some());
        let node = NodeProto {
            op_type: self.operator.clone(),
            input: (0..self.inputs.len()).map(name).collect(),
            output: (0..self.outputs).map(|at| format!("y{at}")).collect(),
            attribute: self.attributes.clone(),
            ..Default::default()
        };
        let port = |name: String| ValueInfoProto { name, ..Default::default() };
        model(GraphProto {
            node: vec![node],
            input: (0..fed.min(self.inputs.len())).map(name).filter(|name| !name.is_empty()).map(port).collect(),
            output: (0..self.outputs).map(|at| port(format!("y{at}"))).collect(),
            initializer: stored.map(|at| tensor(name(at), self.inputs[at].as_ref().unwrap())).collect(),
            ..Default::default()
        })
    }

    /// What [`Plan`] computes with the first inputs fed.
    pub fn outputs_fed(&self, fed: usize) -> Result<Vec<Tensor>, EvaluationError> {
        let mut plan = Plan::read(&self.model(fed).encode_to_vec())?;
        let inputs = self.inputs.iter().take(fed).enumerate();
        let inputs = inputs.filter_map(|(at, tensor)| Some((format!("x{at}"), tensor.clone()?))).collect();
        Ok(plan.run(inputs)?.into_iter().map(|(_, tensor)| tensor).collect())
    }

    /// What [`Plan`] computes, the same however many of the inputs are fed.
    pub fn outputs(&self) -> Vec<Tensor> {
        let expected = self.outputs_fed(0).unwrap_or_else(|error| panic!("{error} of {self:?}"));
        for fed in 1..=self.inputs.len() {
            let found = self.outputs_fed(fed).unwrap_or_else(|error| panic!("{error} of {self:?}"));
            for (found, expected) in found.iter().zip(&expected) {
                assert_alike(found, expected, &format!("{} with {fed} inputs fed", self.operator));
            }
        }
        expected
    }

    pub fn output(&self) -> Tensor {
        self.outputs().swap_remove(0)
    }
}

pub fn model(graph: GraphProto) -> ModelProto {
    let opset = OperatorSetIdProto { version: 17, ..Default::default() };
    ModelProto { ir_version: 8, opset_import: vec![opset], graph: Some(graph), ..Default::default() }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type: kind as i32, ..Default::default() }
}

/// A tensor as a file stores it.
pub fn tensor(name: String, tensor: &Tensor) -> TensorProto {
    let (kind, raw_data): (DataType, Vec<u8>) = match tensor.data() {
        Data::F32(values) => (DataType::Float, values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        Data::I64(values) => (DataType::Int64, values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        Data::I32(values) => (DataType::Int32, values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        Data::U8(values) => (DataType::Uint8, values.clone()),
        Data::I8(values) => (DataType::Int8, values.iter().map(|&value| value as u8).collect()),
        Data::Bool(values) => (DataType::Bool, values.iter().map(|&value| u8::from(value)).collect()),
    };
    let dims = tensor.shape().iter().map(|&length| length as i64).collect();
    TensorProto { name, dims, data_type: kind as i32, raw_data, ..Default::default() }
}

pub fn floats(shape: &[usize], values: &[f32]) -> Tensor {
    Tensor::new(shape.to_vec(), Data::F32(values.to_vec())).unwrap()
}

pub fn integers(values: &[i64]) -> Tensor {
    Tensor::new(vec![values.len()], Data::I64(values.to_vec())).unwrap()
}

pub fn bools(shape: &[usize], values: &[bool]) -> Tensor {
    Tensor::new(shape.to_vec(), Data::Bool(values.to_vec())).unwrap()
}

/// Values from -2 to 2.
pub fn random(random: &mut Random, shape: &[usize]) -> Tensor {
    let count = shape.iter().product();
    floats(shape, &(0..count).map(|_| random.float()).collect::<Vec<_>>())
}

/// Equal shapes, and values equal within rounding.
pub fn assert_alike(found: &Tensor, expected: &Tensor, what: &str) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    let (Some(a), Some(b)) = (found.floats(), expected.floats()) else {
        assert_eq!(found, expected, "{what}");
        return;
    };
    for (a, b) in a.iter().zip(b) {
        let is_alike = (a - b).abs() <= 1e-5 * b.abs().max(1.0) || a == b || (a.is_nan() && b.is_nan());
        assert!(is_alike, "{what}: {a} beside {b}");
    }
}
