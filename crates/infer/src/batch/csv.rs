//! Fields of one line of CSV (RFC 4180) or TSV. A row is a line: quoted fields do not go on in the next.

/// Splits a line, without its line break, into fields.
///
/// # Errors
/// What is wrong with its quotes.
pub(super) fn fields(line: &[u8], separator: u8) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix(b"\"") {
            Some(quoted) => quoted_field(quoted)?,
            None => {
                let end = rest.iter().position(|&byte| byte == separator).unwrap_or(rest.len());
                (rest[..end].to_vec(), &rest[end..])
            }
        };
        fields.push(field);
        match after.split_first() {
            None => return Ok(fields),
            Some((&byte, after)) if byte == separator => rest = after,
            Some(_) => return Err("something follows a closing quote"),
        }
    }
}

/// A field after its opening quote, and what follows its closing quote.
fn quoted_field(mut rest: &[u8]) -> Result<(Vec<u8>, &[u8]), &'static str> {
    let mut field = Vec::new();
    loop {
        let end = rest.iter().position(|&byte| byte == b'"').ok_or("a quote is not closed on its line")?;
        field.extend_from_slice(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix(b"\"") {
            Some(after) => {
                field.push(b'"');
                rest = after;
            }
            None => return Ok((field, rest)),
        }
    }
}

/// Appends a field, quoted where it must be. A line break within becomes a space, since a row is a line.
pub(super) fn write_field(line: &mut Vec<u8>, field: &[u8], separator: u8) {
    let special = |&byte: &u8| byte == separator || matches!(byte, b'"' | b'\n' | b'\r');
    if !field.iter().any(special) {
        line.extend_from_slice(field);
        return;
    }
    line.push(b'"');
    for &byte in field {
        match byte {
            b'"' => line.extend_from_slice(b"\"\""),
            b'\n' | b'\r' => line.push(b' '),
            _ => line.push(byte),
        }
    }
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Result<Vec<String>, &'static str> {
        let fields = fields(line.as_bytes(), b',')?;
        Ok(fields.into_iter().map(|field| String::from_utf8(field).unwrap()).collect())
    }

    #[test]
    fn fields_are_split_at_separators_outside_quotes() {
        assert_eq!(texts("a,b,c").unwrap(), ["a", "b", "c"]);
        assert_eq!(texts("").unwrap(), [""]);
        assert_eq!(texts(",").unwrap(), ["", ""]);
        assert_eq!(texts(r#""a,b","say ""so""",c"#).unwrap(), ["a,b", "say \"so\"", "c"]);
    }

    #[test]
    fn quotes_that_do_not_fit_are_refused() {
        assert_eq!(texts(r#""a,b"#), Err("a quote is not closed on its line"));
        assert_eq!(texts(r#""a"b,c"#), Err("something follows a closing quote"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for field in ["plain", "a,b", "say \"so\"", ""] {
            let mut line = Vec::new();
            write_field(&mut line, field.as_bytes(), b',');
            line.extend(b",x");
            assert_eq!(fields(&line, b',').unwrap()[0], field.as_bytes());
        }
    }
}
