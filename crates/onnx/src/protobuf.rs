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
}
