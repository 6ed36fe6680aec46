//! The same model with its repeated numbers stored one by one.
//!
//! ONNX's own files store the whole numbers of attributes and shapes one by one; files written through protobuf's third
//! version, as `trainer`'s are, store them packed. Every reader of protobuf must take both, and rten does not.

use super::protobuf::{Fields, Malformed, Value};

/// The messages on the way to repeated numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
}

/// What a field of a message is, as far as it matters here.
enum Meaning {
    Message(Message),
    Numbers,
    Floats,
    Other,
}

impl Message {
    fn meaning(self, field: u64) -> Meaning {
        match (self, field) {
            (Self::Model, 7) => Meaning::Message(Self::Graph),
            (Self::Graph, 1) => Meaning::Message(Self::Node),
            (Self::Graph, 5) => Meaning::Message(Self::Tensor),
            (Self::Node, 5) => Meaning::Message(Self::Attribute),
            (Self::Attribute, 5) => Meaning::Message(Self::Tensor),
            (Self::Attribute, 8) | (Self::Tensor, 1) => Meaning::Numbers,
            (Self::Attribute, 7) => Meaning::Floats,
            _ => Meaning::Other,
        }
    }
}

/// Rewrites a model file.
///
/// # Errors
/// [`Malformed`] when the bytes are no ONNX file; never for one that was checked.
pub fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut written = Vec::with_capacity(bytes.len() + 1024);
    rewrite(Message::Model, Fields::of(bytes), &mut written)?;
    Ok(written)
}

fn rewrite(message: Message, fields: Fields<'_>, to: &mut Vec<u8>) -> Result<(), Malformed> {
    for field in fields {
        let (number, value) = field?;
        match (message.meaning(number), value) {
            (Meaning::Message(inner), Value::Bytes(bytes)) => {
                let mut written = Vec::with_capacity(bytes.len() + 16);
                rewrite(inner, Fields::of(bytes), &mut written)?;
                write(number, Value::Bytes(&written), to);
            }
            (Meaning::Numbers, value) => {
                let mut numbers = Vec::new();
                value.numbers(&mut numbers)?;
                numbers.iter().for_each(|&one| write(number, Value::Number(one as u64), to));
            }
            (Meaning::Floats, Value::Bytes(packed)) => {
                packed.as_chunks::<4>().0.iter().for_each(|&one| write(number, Value::Fixed32(one), to));
            }
            (_, value) => write(number, value, to),
        }
    }
    Ok(())
}

fn write(number: u64, value: Value<'_>, to: &mut Vec<u8>) {
    let tag = |wire: u64| number << 3 | wire;
    match value {
        Value::Number(value) => {
            varint(tag(0), to);
            varint(value, to);
        }
        Value::Fixed64(bytes) => {
            varint(tag(1), to);
            to.extend_from_slice(&bytes);
        }
        Value::Bytes(bytes) => {
            varint(tag(2), to);
            varint(bytes.len() as u64, to);
            to.extend_from_slice(bytes);
        }
        Value::Fixed32(bytes) => {
            varint(tag(5), to);
            to.extend_from_slice(&bytes);
        }
    }
}

fn varint(mut value: u64, to: &mut Vec<u8>) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Graph;

    #[test]
    fn a_rewritten_model_has_the_same_structure() {
        let written = unpacked(models::LEQ).unwrap();
        assert_ne!(written, models::LEQ);
        assert_eq!(Graph::read(&written), Graph::read(models::LEQ));
        assert_eq!(unpacked(&written).unwrap(), written);
    }
}
