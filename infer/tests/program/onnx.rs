//! Small ONNX files, sound and broken, written field by field so that no ONNX library is needed.
//!
//! Field numbers are those of `onnx.proto`.

/// A model to be written: a comparator that answers by the mean of all pixels.
#[derive(Debug, Clone)]
pub struct Onnx {
    pub input: Tensor,
    pub outputs: Vec<Tensor>,
    /// Operator, inputs, output; `ReduceMean` goes over all dimensions but the first.
    pub nodes: Vec<(&'static str, Vec<&'static str>, &'static str)>,
    pub metadata: Vec<(&'static str, &'static str)>,
    /// Version of ONNX's operator set.
    pub opset: u64,
    /// Encoded fields added to `ModelProto` and to its `GraphProto`.
    pub more: Vec<u8>,
    pub more_graph: Vec<u8>,
}

/// A declared input or output.
#[derive(Debug, Clone)]
pub struct Tensor {
    pub name: &'static str,
    pub element: u64,
    /// `None` is the dynamic batch.
    pub shape: Vec<Option<u64>>,
}

pub const FLOAT: u64 = 1;
pub const DOUBLE: u64 = 11;

pub fn tensor(name: &'static str, element: u64, shape: &[Option<u64>]) -> Tensor {
    Tensor { name, element, shape: shape.to_vec() }
}

/// A model that keeps the contract, without digit heads.
pub fn sound() -> Onnx {
    Onnx {
        input: tensor("pair", FLOAT, &[None, Some(2), Some(14), Some(14)]),
        outputs: vec![tensor("p_leq", FLOAT, &[None]), tensor("leq_logit", FLOAT, &[None])],
        nodes: vec![("ReduceMean", vec!["pair"], "leq_logit"), ("Sigmoid", vec!["leq_logit"], "p_leq")],
        metadata: vec![("leq_contract", "1")],
        opset: 17,
        more: Vec::new(),
        more_graph: Vec::new(),
    }
}

impl Onnx {
    /// `ModelProto`.
    pub fn bytes(&self) -> Vec<u8> {
        let opset = [bytes(1, b""), number(2, self.opset)].concat();
        let mut model = [number(1, 8), message(7, &self.graph()), message(8, &opset), self.more.clone()].concat();
        for (key, value) in &self.metadata {
            model.extend(message(14, &[bytes(1, key.as_bytes()), bytes(2, value.as_bytes())].concat()));
        }
        model
    }

    /// `GraphProto`.
    fn graph(&self) -> Vec<u8> {
        let mut graph = bytes(2, b"leq");
        for (operator, inputs, output) in &self.nodes {
            let inputs: Vec<u8> = inputs.iter().flat_map(|input| bytes(1, input.as_bytes())).collect();
            let mut node = [inputs, bytes(2, output.as_bytes()), bytes(4, operator.as_bytes())].concat();
            if *operator == "ReduceMean" {
                let axes = (1..self.input.shape.len() as u64).flat_map(|axis| number(8, axis)).collect::<Vec<_>>();
                node.extend(message(5, &[bytes(1, b"axes"), axes, number(20, 7)].concat()));
                node.extend(message(5, &[bytes(1, b"keepdims"), number(3, 0), number(20, 2)].concat()));
            }
            graph.extend(message(1, &node));
        }
        graph.extend(message(11, &self.input.value_info()));
        self.outputs.iter().for_each(|output| graph.extend(message(12, &output.value_info())));
        graph.extend(&self.more_graph);
        graph
    }
}

impl Tensor {
    /// `ValueInfoProto`.
    fn value_info(&self) -> Vec<u8> {
        let dimension = |size: &Option<u64>| match size {
            Some(size) => message(1, &number(1, *size)),
            None => message(1, &bytes(2, b"batch")),
        };
        let shape: Vec<u8> = self.shape.iter().flat_map(dimension).collect();
        let tensor = [number(1, self.element), message(2, &shape)].concat();
        [bytes(1, self.name.as_bytes()), message(2, &message(1, &tensor))].concat()
    }
}

pub fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

pub fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

pub fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

pub fn message(field: u64, value: &[u8]) -> Vec<u8> {
    bytes(field, value)
}

/// A stored tensor: name, type, dimensions, raw data, more fields.
pub fn stored(name: &str, element: u64, shape: &[u64], data: &[u8], more: Vec<u8>) -> Vec<u8> {
    let dims: Vec<u8> = shape.iter().flat_map(|&size| number(1, size)).collect();
    message(5, &[dims, number(2, element), bytes(8, name.as_bytes()), bytes(9, data), more].concat())
}
