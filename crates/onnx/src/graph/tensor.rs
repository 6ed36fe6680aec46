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

/// Most dimensions of a tensor.
const MOST_DIMENSIONS: usize = 16;

/// Reads `TensorProto`.
pub(super) fn tensor(value: Value<'_>) -> Result<Initializer, Malformed> {
    let mut tensor = Initializer::default();
    let mut raw: &[u8] = &[];
    let mut typed = Typed::default();
    for field in value.fields()? {
        match field? {
            (1, value) => value.each_number(|size| push_dimension(&mut tensor.shape, size))?,
            (2, value) => tensor.element = value.number()?,
            (3, _) => return Err(Malformed("a tensor is stored in segments")),
            (4, value) => tensor.has_non_finite |= !floats_are_finite(value)?,
            (5 | 7, value) => value.each_number(|number| typed.take(number))?,
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
    tensor.has_non_finite |= match tensor.element {
        FLOAT16 => typed.has_non_finite_half,
        BFLOAT16 => typed.has_non_finite_bfloat,
        _ => false,
    };
    tensor.values = values(&tensor, raw, typed);
    Ok(tensor)
}

fn push_dimension(shape: &mut Vec<i64>, size: i64) -> Result<(), Malformed> {
    if shape.len() >= MOST_DIMENSIONS {
        return Err(Malformed("a tensor has more than 16 dimensions"));
    }
    shape.push(size);
    Ok(())
}

/// Numbers stored one by one: what is kept of them, since each takes a byte of the file and eight of memory.
#[derive(Debug, Default)]
struct Typed {
    /// The first ones, [`MOST_VALUES`] at most.
    first: Vec<i64>,
    /// How many there are.
    count: u64,
    /// Whether any is NaN or infinite, if they are the bits of 16-bit floats.
    has_non_finite_half: bool,
    has_non_finite_bfloat: bool,
}

impl Typed {
    fn take(&mut self, number: i64) -> Result<(), Malformed> {
        self.count += 1;
        if self.count <= MOST_VALUES {
            self.first.push(number);
        }
        self.has_non_finite_half |= !half_is_finite(number as u16);
        self.has_non_finite_bfloat |= !bfloat_is_finite(number as u16);
        Ok(())
    }
}

/// The numbers of a short list of whole ones.
fn values(tensor: &Initializer, raw: &[u8], typed: Typed) -> Option<Vec<i64>> {
    let count = tensor.count().filter(|&count| count <= MOST_VALUES)?;
    let values: Vec<i64> = match (tensor.element, tensor.raw_bytes) {
        (INT32 | INT64, None) if typed.count == count => typed.first,
        (INT32, Some(_)) => raw.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes).into()).collect(),
        (INT64, Some(_)) => raw.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect(),
        _ => return None,
    };
    let fit = tensor.element == INT64 || values.iter().all(|&value| i32::try_from(value).is_ok());
    (fit && values.len() as u64 == count).then_some(values)
}

fn half_is_finite(bits: u16) -> bool {
    const EXPONENT: u16 = 0x7C00;
    bits & EXPONENT != EXPONENT
}

fn bfloat_is_finite(bits: u16) -> bool {
    const EXPONENT: u16 = 0x7F80;
    bits & EXPONENT != EXPONENT
}

/// Whether raw numbers are finite: none has an exponent of ones alone.
fn is_finite(element: u64, raw: &[u8]) -> bool {
    let halves =
        |is_finite: fn(u16) -> bool| raw.as_chunks::<2>().0.iter().all(|it| is_finite(u16::from_le_bytes(*it)));
    match element {
        FLOAT32 => words_are_finite(raw),
        FLOAT16 => halves(half_is_finite),
        BFLOAT16 => halves(bfloat_is_finite),
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
            assert!(!is_finite(element, &[sound, bad.clone()].concat()), "{element}");
            assert!(!is_finite(element, &[bad.clone(), bad].concat()), "{element}");
        }
        assert!(is_finite(INT32, &[0xFF; 8]));
    }

    /// A field of fewer than 128 bytes.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8][..], content].concat()
    }

    fn read(fields: &[&[u8]]) -> Initializer {
        tensor(Value::Bytes(&fields.concat())).unwrap()
    }

    fn element(number: u64) -> Vec<u8> {
        vec![2 << 3, number as u8]
    }

    #[test]
    fn a_number_that_is_not_finite_is_found_in_whichever_field_it_is() {
        let word = |value: f32| [&[4u8 << 3 | 5][..], &value.to_le_bytes()].concat();
        let double = |value: f64| [&[10u8 << 3 | 1][..], &value.to_le_bytes()].concat();
        let words = |value: f32| field(4, &[1.0, value].map(f32::to_le_bytes).concat());
        let doubles = |value: f64| field(10, &[1.0, value].map(f64::to_le_bytes).concat());
        let cases = [
            (word(1.0), word(f32::NAN)),
            (double(1.0), double(f64::NAN)),
            (words(1.0), words(f32::INFINITY)),
            (doubles(1.0), doubles(f64::INFINITY)),
        ];
        for (sound, bad) in &cases {
            assert!(!read(&[sound, sound]).has_non_finite);
            for fields in [[sound, bad], [bad, sound], [bad, bad]] {
                assert!(read(&fields.map(Vec::as_slice)).has_non_finite, "{fields:?}");
            }
        }
        let [raw, bad_raw] = [1.0, f32::NAN].map(|value| field(9, &value.to_le_bytes()));
        assert!(!read(&[&element(FLOAT32), &raw]).has_non_finite);
        assert!(read(&[&element(FLOAT32), &bad_raw]).has_non_finite);
        assert!(read(&[&element(FLOAT32), &bad_raw, &word(f32::NAN)]).has_non_finite);
    }

    #[test]
    fn floats_of_16_bits_are_looked_at_where_they_are_stored_as_numbers() {
        // As varints: infinity as a half, which is finite as a bfloat, and infinity as a bfloat.
        let (half, bfloat): ([u8; 3], [u8; 3]) = ([0x80, 0xF8, 0x01], [0x80, 0xFF, 0x01]);
        let lists =
            |bad: [u8; 3]| [bad.to_vec(), [&bad[..], &[1]].concat(), [&[1u8][..], &bad].concat(), [bad, bad].concat()];
        let is_bad = |of: u64, numbers: &[u8]| read(&[&element(of), &field(5, numbers)]).has_non_finite;
        for numbers in &lists(half) {
            assert!(is_bad(FLOAT16, numbers) && !is_bad(BFLOAT16, numbers) && !is_bad(INT32, numbers), "{numbers:?}");
        }
        assert!(lists(bfloat).iter().all(|numbers| is_bad(BFLOAT16, numbers)));
        assert!(!is_bad(FLOAT16, &[1]) && !is_bad(BFLOAT16, &[1]));
        let raw = field(9, &0x7C00u16.to_le_bytes());
        assert!(read(&[&element(FLOAT16), &field(5, &half), &raw]).has_non_finite);
    }

    #[test]
    fn short_lists_of_whole_numbers_are_read_from_raw_bytes_too() {
        let of_three = [3i64, -4, 5].map(i64::to_le_bytes).concat();
        let longs = |size: u8| read(&[&element(INT64), &field(1, &[size]), &field(9, &of_three)]);
        assert_eq!((longs(3).values, longs(3).raw_bytes), (Some(vec![3, -4, 5]), Some(24)));
        assert_eq!((longs(2).values, longs(4).values), (None, None));
        let of_two = [3i32, -4].map(i32::to_le_bytes).concat();
        let ints = |of: u64, size: u8| read(&[&element(of), &field(1, &[size]), &field(9, &of_two)]).values;
        assert_eq!(ints(INT32, 2), Some(vec![3, -4]));
        assert_eq!((ints(INT32, 1), ints(FLOAT32, 2)), (None, None));
    }

    #[test]
    fn data_in_another_file_is_seen_and_what_is_stored_wrongly_is_malformed() {
        let [here, elsewhere] = [0u8, 1].map(|location| vec![14u8 << 3, location]);
        let file = field(13, &[]);
        assert!(!read(&[&here]).external && read(&[&file]).external && read(&[&elsewhere]).external);
        for fields in [[&file, &elsewhere], [&file, &here], [&elsewhere, &here]] {
            assert!(read(&fields.map(Vec::as_slice)).external, "{fields:?}");
        }
        assert_eq!(read(&[&field(8, b"weight")]).name, "weight");
        let fault = |fields: &[u8]| tensor(Value::Bytes(fields)).unwrap_err().to_string();
        assert_eq!(fault(&field(3, &[])), "a tensor is stored in segments");
        for number in [4 << 3, 10 << 3] {
            assert_eq!(fault(&[number, 1]), "a number is stored as something else");
        }
    }
}
