//! Protocol Buffers' wire format, as far as ONNX files use it: a walk over fields that copies nothing and trusts nothing.

use std::fmt;

/// The fields of one message, in the order in which they are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

/// One field's value; what it means depends on the field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// A varint: numbers, enums, booleans.
    Number(u64),
    /// Eight bytes.
    Fixed64([u8; 8]),
    /// Text, bytes, a message, or packed numbers.
    Bytes(&'a [u8]),
    /// Four bytes.
    Fixed32([u8; 4]),
}

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed(pub(super) &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}

impl<'a> Fields<'a> {
    pub fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn field(&mut self) -> Result<(u64, Value<'a>), Malformed> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => Value::Fixed64(self.array()?),
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).map_err(|_| Malformed("a field is longer than the file"))?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Fixed32(self.array()?),
            _ => return Err(Malformed("a field has an unknown wire type")),
        };
        match tag >> 3 {
            0 => Err(Malformed("a field has the number 0")),
            number => Ok((number, value)),
        }
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for (position, &byte) in self.rest.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7F) << (7 * position);
            if byte < 0x80 {
                self.rest = &self.rest[position + 1..];
                return Ok(value);
            }
        }
        Err(Malformed("a number does not end"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Malformed("it ends within a field"))?;
        self.rest = rest;
        Ok(*taken)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed("it ends within a field"))?;
        self.rest = rest;
        Ok(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

impl<'a> Value<'a> {
    pub fn number(self) -> Result<u64, Malformed> {
        match self {
            Self::Number(value) => Ok(value),
            _ => Err(Malformed("a number is stored as something else")),
        }
    }

    pub fn bytes(self) -> Result<&'a [u8], Malformed> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(Malformed("a message or text is stored as something else")),
        }
    }

    pub fn text(self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed("a text is not UTF-8"))
    }

    pub fn fields(self) -> Result<Fields<'a>, Malformed> {
        Ok(Fields::of(self.bytes()?))
    }

    /// Hands out a repeated float32: one, or several packed.
    pub fn each_float(self, mut take: impl FnMut(f32) -> Result<(), Malformed>) -> Result<(), Malformed> {
        match self {
            Self::Fixed32(bytes) => take(f32::from_le_bytes(bytes)),
            Self::Bytes(packed) => {
                packed.as_chunks::<4>().0.iter().try_for_each(|bytes| take(f32::from_le_bytes(*bytes)))
            }
            _ => Err(Malformed("a number is stored as something else")),
        }
    }

    /// Hands out a repeated number: one, or several packed.
    pub fn each_number(self, mut take: impl FnMut(i64) -> Result<(), Malformed>) -> Result<(), Malformed> {
        match self {
            Self::Number(value) => take(value as i64),
            Self::Bytes(packed) => {
                let mut fields = Fields::of(packed);
                while !fields.rest.is_empty() {
                    take(fields.varint()? as i64)?;
                }
                Ok(())
            }
            _ => Err(Malformed("a number is stored as something else")),
        }
    }

    /// A repeated number, of a file that was read within limits before.
    pub fn numbers(self, into: &mut Vec<i64>) -> Result<(), Malformed> {
        self.each_number(|number| {
            into.push(number);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u64, Value<'_>)>, Malformed> {
        Fields::of(bytes).collect()
    }

    #[test]
    fn fields_of_every_kind_are_walked() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x1D, 0, 0, 0, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0];
        let fields = all(&bytes).unwrap();
        let wanted = [
            (1, Value::Number(150)),
            (2, Value::Bytes(b"hi")),
            (3, Value::Fixed32([0; 4])),
            (4, Value::Fixed64([0; 8])),
        ];
        assert_eq!(fields, wanted);
    }

    #[test]
    fn what_ends_early_or_has_no_meaning_is_malformed() {
        for bytes in
            [&[0x08][..], &[0x12, 5, 1], &[0x0B], &[0x02, 0], &[0xFF; 12], &[0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]]
        {
            assert!(all(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn numbers_are_read_seven_bits_at_a_time() {
        let cases: [(&[u8], u64); 3] = [
            (&[0x80, 0x01], 128),
            (&[0xFF, 0xFF, 0x03], 0xFFFF),
            (&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], u64::MAX),
        ];
        for (bytes, number) in cases {
            assert_eq!(all(&[&[0x08][..], bytes].concat()), Ok(vec![(1, Value::Number(number))]));
        }
        assert!(Fields::of(&[]).next().is_none());
    }

    #[test]
    fn a_walk_ends_at_its_first_fault() {
        let mut fields = Fields::of(&[0x0B, 0x08, 1]);
        assert!(fields.next().is_some_and(|field| field.is_err()) && fields.next().is_none());
        assert_eq!(Malformed("it is torn").to_string(), "it is torn");
    }

    #[test]
    fn a_value_is_taken_as_what_it_is_only() {
        let [number, text, not_text] = [Value::Number(7), Value::Bytes(b"hi"), Value::Bytes(&[0xFF])];
        assert_eq!((number.number(), text.bytes(), text.text()), (Ok(7), Ok(&b"hi"[..]), Ok("hi")));
        assert!(
            text.number().is_err() && number.bytes().is_err() && number.text().is_err() && number.fields().is_err()
        );
        assert!(not_text.text().is_err());
        let fields: Vec<_> = Value::Bytes(&[0x08, 1]).fields().unwrap().collect();
        assert_eq!(fields, [Ok((1, Value::Number(1)))]);
    }

    #[test]
    fn repeated_numbers_are_handed_out_packed_or_not() {
        let floats = |value: Value<'_>| {
            let mut all = Vec::new();
            let read = value.each_float(|float| {
                all.push(float);
                Ok(())
            });
            read.map(|()| all)
        };
        assert_eq!(floats(Value::Fixed32(1.5f32.to_le_bytes())), Ok(vec![1.5]));
        let packed = [1.5f32, -2.0].map(f32::to_le_bytes).concat();
        assert_eq!(floats(Value::Bytes(&packed)), Ok(vec![1.5, -2.0]));
        assert!(floats(Value::Number(1)).is_err());
        let numbers = |value: Value<'_>| {
            let mut all = Vec::new();
            value.numbers(&mut all).map(|()| all)
        };
        assert_eq!(numbers(Value::Number(u64::MAX)), Ok(vec![-1]));
        assert_eq!(numbers(Value::Bytes(&[1, 0x80, 0x01])), Ok(vec![1, 128]));
        assert!(numbers(Value::Bytes(&[1, 0x80])).is_err() && numbers(Value::Fixed32([0; 4])).is_err());
    }
}
