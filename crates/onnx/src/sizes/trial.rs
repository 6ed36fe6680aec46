//! One operation on tensors of given sizes, for tests.

use super::{FLOAT32, INT64, Known, Made, Step};
use crate::graph::{Attribute, Node};

/// Float32 of these dimensions.
pub(super) fn floats(shape: &[u64]) -> Known {
    Known::new(FLOAT32, shape.to_vec())
}

/// Known whole numbers.
pub(super) fn whole(values: &[i64]) -> Known {
    Known { values: Some(values.to_vec()), ..Known::new(INT64, vec![values.len() as u64]) }
}

/// An operation.
pub(super) struct Trial {
    node: Node,
    inputs: Vec<Option<Known>>,
}

impl Trial {
    pub(super) fn new<const N: usize>(operator: &str, inputs: [Known; N]) -> Self {
        let node = Node { operator: operator.to_owned(), outputs: vec!["y".to_owned()], ..Node::default() };
        Self { node, inputs: inputs.into_iter().map(Some).collect() }
    }

    /// Leaves an optional input out.
    pub(super) fn without(mut self, input: usize) -> Self {
        self.inputs[input] = None;
        self
    }

    pub(super) fn outputs(mut self, count: usize) -> Self {
        self.node.outputs = (0..count).map(|number| format!("y{number}")).collect();
        self
    }

    pub(super) fn ints(mut self, name: &str, ints: &[i64]) -> Self {
        self.node.attributes.push(Attribute { name: name.to_owned(), ints: ints.to_vec(), ..Attribute::default() });
        self
    }

    pub(super) fn attribute(mut self, attribute: Attribute) -> Self {
        self.node.attributes.push(attribute);
        self
    }

    /// Everything it makes, and its multiplications.
    pub(super) fn made(&self) -> Made {
        Step { node: &self.node, inputs: self.inputs.iter().map(Option::as_ref).collect() }.made()
    }

    /// The one tensor that it makes.
    pub(super) fn one(&self) -> Known {
        let (mut made, _) = self.made().unwrap_or_else(|fault| panic!("{}: {fault}", self.node.operator));
        assert_eq!(made.len(), 1, "{}", self.node.operator);
        made.remove(0)
    }

    /// Its one tensor's dimensions.
    pub(super) fn shape(&self) -> Vec<u64> {
        self.one().shape
    }

    /// Its one tensor's known numbers.
    pub(super) fn values(&self) -> Option<Vec<i64>> {
        self.one().values
    }

    pub(super) fn work(&self) -> u64 {
        self.made().unwrap_or_else(|fault| panic!("{}: {fault}", self.node.operator)).1
    }

    /// Why it is not followed.
    pub(super) fn fault(&self) -> String {
        match self.made() {
            Ok((made, _)) => panic!("{} makes {made:?}", self.node.operator),
            Err(fault) => fault,
        }
    }
}
