//! SHA-256 as 64 lower-case hexadecimal digits.

use std::fmt::Write;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// SHA-256 of `bytes`, 64 hexadecimal digits.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// SHA-256 of everything read from `source`, 64 hexadecimal digits.
///
/// ```
/// use std::io::Read;
///
/// let zeros = std::io::repeat(0).take(1_000_000);
/// assert!(files::sha256_of(zeros)?.starts_with("d29751f2"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If `source` cannot be read.
pub fn sha256_of(mut source: impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&digest.finalize())),
            count => digest.update(&buffer[..count]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    #[test]
    fn the_standards_example_has_the_standards_sum() {
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256("abc"), wanted);
        assert_eq!(sha256_of("abc".as_bytes()).unwrap(), wanted);
        // More than is read at once.
        let long = vec![7u8; 200_000];
        assert_eq!(sha256_of(long.as_slice()).unwrap(), sha256(&long));
    }
}
