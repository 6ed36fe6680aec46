//! Reads the messages of an ONNX file. Fields are numbered as in `onnx.proto`.

use super::tensor::tensor;
use super::{Attribute, Graph, NO_TENSOR, Node, element_name};
use crate::protobuf::{Fields, Malformed, Value};
use crate::signature::{Dimension, Port};

/// Most nodes, inputs, outputs, initialisers and the like in one list.
const MOST_ENTRIES: usize = 10_000;

/// Most of all of them together. An empty one takes two bytes of the file and a hundred of memory.
const MOST_ENTRIES_IN_ALL: usize = 200_000;

/// Most numbers in all attributes. One takes a byte of the file and eight of memory.
const MOST_NUMBERS: usize = 1_000_000;

/// Longest text of an attribute, in bytes. All known ones are a word.
const LONGEST_TEXT: usize = 64 << 10;

/// Counts what was read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    entries: usize,
    numbers: usize,
}

impl Reader {
    /// `ModelProto`.
    pub fn model(&mut self, bytes: &[u8]) -> Result<Graph, Malformed> {
        let mut graph = Graph::default();
        let mut has_graph = false;
        for field in Fields::of(bytes) {
            match field? {
                (1, value) => graph.ir_version = value.number()?,
                (2 | 3, value) => join(&mut graph.producer, value.text()?),
                (7, value) => {
                    has_graph = true;
                    self.graph(value, &mut graph)?;
                }
                (8, value) => self.push(&mut graph.opsets, opset(value)?)?,
                (14, value) => {
                    self.count()?;
                    let (key, text) = entry(value)?;
                    graph.metadata.insert(key, text);
                }
                (20, _) => graph.trains = true,
                (25, _) => graph.functions += 1,
                _ => {}
            }
        }
        if has_graph { Ok(graph) } else { Err(Malformed("it holds no graph")) }
    }

    /// `GraphProto`.
    fn graph(&mut self, value: Value<'_>, graph: &mut Graph) -> Result<(), Malformed> {
        for field in value.fields()? {
            match field? {
                (1, value) => {
                    let node = self.node(value)?;
                    self.push(&mut graph.nodes, node)?;
                }
                (2, value) => value.text()?.clone_into(&mut graph.name),
                (5, value) => self.push(&mut graph.initializers, tensor(value)?)?,
                (11, value) => {
                    let port = self.port(value)?;
                    self.push(&mut graph.inputs, port)?;
                }
                (12, value) => {
                    let port = self.port(value)?;
                    self.push(&mut graph.outputs, port)?;
                }
                (15, _) => graph.sparse += 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// `NodeProto`.
    fn node(&mut self, value: Value<'_>) -> Result<Node, Malformed> {
        let mut node = Node::default();
        for field in value.fields()? {
            match field? {
                (1, value) => self.push(&mut node.inputs, value.text()?.to_owned())?,
                (2, value) => self.push(&mut node.outputs, value.text()?.to_owned())?,
                (3, value) => value.text()?.clone_into(&mut node.name),
                (4, value) => value.text()?.clone_into(&mut node.operator),
                (5, value) => {
                    let attribute = self.attribute(value)?;
                    self.push(&mut node.attributes, attribute)?;
                }
                (7, value) => value.text()?.clone_into(&mut node.domain),
                _ => {}
            }
        }
        Ok(node)
    }

    /// `AttributeProto`.
    fn attribute(&mut self, value: Value<'_>) -> Result<Attribute, Malformed> {
        let mut attribute = Attribute::default();
        for field in value.fields()? {
            match field? {
                (1, value) => value.text()?.clone_into(&mut attribute.name),
                (2 | 7, value) => value.each_float(|number| self.push_number(&mut attribute.floats, number))?,
                (3 | 8, value) => value.each_number(|number| self.push_number(&mut attribute.ints, number))?,
                (4, value) => attribute.text = text_of(value)?,
                (5, value) => self.push(&mut attribute.tensors, tensor(value)?)?,
                (6 | 11, _) => attribute.holds_graph = true,
                // A note, and which of the others is filled.
                (13 | 20, _) => {}
                (other, _) => attribute.unknown = Some(other),
            }
        }
        Ok(attribute)
    }

    /// `ValueInfoProto`.
    fn port(&mut self, value: Value<'_>) -> Result<Port, Malformed> {
        let mut port = Port { name: String::new(), element: NO_TENSOR.to_owned(), shape: Vec::new() };
        for field in value.fields()? {
            match field? {
                (1, value) => value.text()?.clone_into(&mut port.name),
                (2, value) => self.read_type(&mut port, value)?,
                _ => {}
            }
        }
        Ok(port)
    }

    /// `TypeProto`, whose first field is a dense tensor's type.
    fn read_type(&mut self, port: &mut Port, value: Value<'_>) -> Result<(), Malformed> {
        for field in value.fields()? {
            let (1, value) = field? else { continue };
            for field in value.fields()? {
                match field? {
                    (1, value) => port.element = element_name(value.number()?),
                    (2, value) => self.read_shape(port, value)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// `TensorShapeProto`.
    fn read_shape(&mut self, port: &mut Port, value: Value<'_>) -> Result<(), Malformed> {
        for field in value.fields()? {
            let (1, value) = field? else { continue };
            let mut dimension = Dimension::Dynamic(String::new());
            for field in value.fields()? {
                match field? {
                    (1, value) => dimension = Dimension::Fixed(value.number()? as i64),
                    (2, value) => dimension = Dimension::Dynamic(value.text()?.to_owned()),
                    _ => {}
                }
            }
            self.push(&mut port.shape, dimension)?;
        }
        Ok(())
    }

    fn push<T>(&mut self, into: &mut Vec<T>, entry: T) -> Result<(), Malformed> {
        if into.len() >= MOST_ENTRIES {
            return Err(Malformed("it has more than 10,000 nodes, tensors, inputs or outputs"));
        }
        self.count()?;
        into.push(entry);
        Ok(())
    }

    fn count(&mut self) -> Result<(), Malformed> {
        self.entries += 1;
        if self.entries <= MOST_ENTRIES_IN_ALL {
            return Ok(());
        }
        Err(Malformed("it has more than 200,000 nodes, attributes, tensors, inputs, outputs and dimensions in all"))
    }

    fn push_number<T>(&mut self, into: &mut Vec<T>, number: T) -> Result<(), Malformed> {
        self.numbers += 1;
        if self.numbers > MOST_NUMBERS {
            return Err(Malformed("its attributes hold more than a million numbers"));
        }
        into.push(number);
        Ok(())
    }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

/// `OperatorSetIdProto`.
fn opset(value: Value<'_>) -> Result<(String, u64), Malformed> {
    let mut opset = (String::new(), 0);
    for field in value.fields()? {
        match field? {
            (1, value) => value.text()?.clone_into(&mut opset.0),
            (2, value) => opset.1 = value.number()?,
            _ => {}
        }
    }
    Ok(opset)
}

/// `StringStringEntryProto`.
fn entry(value: Value<'_>) -> Result<(String, String), Malformed> {
    let mut entry = (String::new(), String::new());
    for field in value.fields()? {
        match field? {
            (1, value) => value.text()?.clone_into(&mut entry.0),
            (2, value) => value.text()?.clone_into(&mut entry.1),
            _ => {}
        }
    }
    Ok(entry)
}

/// An attribute's text, which need not be UTF-8.
fn text_of(value: Value<'_>) -> Result<String, Malformed> {
    let bytes = value.bytes()?;
    if bytes.len() > LONGEST_TEXT {
        return Err(Malformed("an attribute's text is longer than 64 KiB"));
    }
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests;
