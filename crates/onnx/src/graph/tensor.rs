//! A stored tensor: its size, whether its numbers are finite, and the numbers of shapes.

use super::Initializer;
use crate::protobuf::{Malformed, Value};

/// Most numbers whose values are followed: shapes and axes.
pub(crate) const MOST_VALUES: u64 = 64;

/// ONNX's numbers of element types.
const FLOAT32: u64 = 1;
const INT32: u64 = 6;
const INT64: u64 = 7;
const FLOAT16: u64 = 10;
const FLOAT64: u64 = 11;
const BFLOAT16: u64 = 16;

/// Reads `TensorProto`.
pub(super) fn tensor(value: Value<'_>) -> Result<Initializer, Malformed> {
    let mut tensor = Initializer::default();
    let mut raw: &[u8] = &[];
    let mut typed = Vec::new();
    for field in value.fields()? {
        match field? {
            (1, value) => {
                value.numbers(&mut tensor.shape)?;
                if tensor.shape.len() > 16 {
                    return Err(Malformed("a tensor has more than 16 dimensions"));
                }
            }
            (2, value) => tensor.element = value.number()?,
            (3, _) => return Err(Malformed("a tensor is stored in segments")),
            (4, value) => tensor.has_non_finite |= !floats_are_finite(value)?,
            (5 | 7, value) => value.numbers(&mut typed)?,
            (8, value) => value.text()?.clone_into(&mut tensor.name),
            (9, value) => {
                raw = value.bytes()?;
                tensor.raw_bytes = Some(raw.len());
            }
            (10, value) => tensor.has_non_finite |= !doubles_are_finite(value)?,
            (13, _) => tensor.external = true,
            (14, value) => tensor.external |= value.number()? != 0,
            _ => {}
        }
    }
    tensor.has_non_finite |= !is_finite(tensor.element, raw);
    if matches!(tensor.element, FLOAT16 | BFLOAT16) {
        // Stored one by one as the bits of each.
        let bits: Vec<u8> = typed.iter().flat_map(|&bits| (bits as u16).to_le_bytes()).collect();
        tensor.has_non_finite |= !is_finite(tensor.element, &bits);
    }
    tensor.values = values(&tensor, raw, typed);
    Ok(tensor)
}

/// The numbers of a short list of whole ones.
fn values(tensor: &Initializer, raw: &[u8], typed: Vec<i64>) -> Option<Vec<i64>> {
    let count = tensor.count().filter(|&count| count <= MOST_VALUES)? as usize;
    let values = match (tensor.element, tensor.raw_bytes) {
        (INT32 | INT64, None) => typed,
        (INT32, Some(_)) => raw.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes).into()).collect(),
        (INT64, Some(_)) => raw.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect(),
        _ => return None,
    };
    (values.len() == count).then_some(values)
}

/// Whether raw numbers are finite: none has an exponent of ones alone.
fn is_finite(element: u64, raw: &[u8]) -> bool {
    let halves = |exponent: u16| raw.as_chunks::<2>().0.iter().all(|it| u16::from_le_bytes(*it) & exponent != exponent);
    match element {
        FLOAT32 => words_are_finite(raw),
        FLOAT16 => halves(0x7C00),
        BFLOAT16 => halves(0x7F80),
        FLOAT64 => raw.as_chunks::<8>().0.iter().all(|it| f64::from_le_bytes(*it).is_finite()),
        _ => true,
    }
}

/// Without branches, so that it runs at the speed of memory.
fn words_are_finite(raw: &[u8]) -> bool {
    const EXPONENT: u32 = 0x7F80_0000;
    let bad = |bad: bool, word: &[u8; 4]| bad | (u32::from_le_bytes(*word) & EXPONENT == EXPONENT);
    !raw.as_chunks::<4>().0.iter().fold(false, bad)
}

fn floats_are_finite(value: Value<'_>) -> Result<bool, Malformed> {
    Ok(match value {
        Value::Bytes(packed) => words_are_finite(packed),
        Value::Fixed32(word) => words_are_finite(&word),
        _ => return Err(Malformed("a number is stored as something else")),
    })
}

fn doubles_are_finite(value: Value<'_>) -> Result<bool, Malformed> {
    Ok(match value {
        Value::Bytes(packed) => is_finite(FLOAT64, packed),
        Value::Fixed64(word) => is_finite(FLOAT64, &word),
        _ => return Err(Malformed("a number is stored as something else")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_found_in_every_float_type() {
        for (element, sound, bad) in [
            (FLOAT32, f32::MAX.to_le_bytes().to_vec(), f32::NAN.to_le_bytes().to_vec()),
            (FLOAT32, (-0.0f32).to_le_bytes().to_vec(), f32::NEG_INFINITY.to_le_bytes().to_vec()),
            (FLOAT64, f64::MIN.to_le_bytes().to_vec(), f64::INFINITY.to_le_bytes().to_vec()),
            (FLOAT16, 0x7BFFu16.to_le_bytes().to_vec(), 0xFC00u16.to_le_bytes().to_vec()),
            (BFLOAT16, 0x7F7Fu16.to_le_bytes().to_vec(), 0x7FC0u16.to_le_bytes().to_vec()),
        ] {
            assert!(is_finite(element, &[sound.clone(), sound.clone()].concat()), "{element}");
            assert!(!is_finite(element, &[sound, bad].concat()), "{element}");
        }
        assert!(is_finite(INT32, &[0xFF; 8]));
    }
}
