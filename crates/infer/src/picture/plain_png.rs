//! The most common small PNG, decoded without allocating: 8 bits a channel, grey or colour, not interlaced.
//!
//! A general decoder sets up windows and buffers for every file, which costs more than decoding a digit. What is unusual
//! in any way, damaged above all, is left to the general decoder: this one never explains, it declines.

use digits::Channels;
use flate2::{Crc, Decompress, FlushDecompress, Status};

/// Most pixels that are decoded here; beyond, set-up no longer counts, and memory that is kept would.
const MOST_PIXELS: usize = 1 << 20;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A decoder that keeps its memory from picture to picture.
pub(super) struct PlainPng {
    inflater: Decompress,
    /// The data chunks of a picture that has several, joined.
    joined: Vec<u8>,
    /// Every row with its filter's number before it.
    filtered: Vec<u8>,
    /// The row above the first: zeros.
    blank: Vec<u8>,
}

/// A decoded picture's form; its bytes are where the caller wanted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// What the bytes of a pixel are.
    pub channels: Channels,
}

#[derive(Clone, Copy)]
struct Header {
    width: usize,
    height: usize,
    channels: Channels,
}

impl Default for PlainPng {
    fn default() -> Self {
        let (joined, filtered, blank) = Default::default();
        Self { inflater: Decompress::new(true), joined, filtered, blank }
    }
}

impl PlainPng {
    /// Decodes a file into `pixels`; `None` if it is not of the kind that this decoder knows, or not sound.
    pub fn decode(&mut self, bytes: &[u8], pixels: &mut Vec<u8>) -> Option<Decoded> {
        let mut rest = bytes.strip_prefix(SIGNATURE)?;
        let header = match chunk(&mut rest)? {
            (b"IHDR", data) => header(data)?,
            _ => return None,
        };
        self.joined.clear();
        let mut only: &[u8] = &[];
        loop {
            match chunk(&mut rest)? {
                (b"IEND", []) => break,
                (b"IDAT", data) if only.is_empty() && self.joined.is_empty() => only = data,
                (b"IDAT", data) => {
                    if self.joined.is_empty() {
                        self.joined.extend_from_slice(only);
                    }
                    self.joined.extend_from_slice(data);
                }
                // Data, then something else, then data again is not allowed; and what may change how the picture looks,
                // or is no part of PNG, is not for this decoder.
                (b"gAMA" | b"cHRM" | b"sRGB" | b"pHYs" | b"tIME" | b"tEXt", _) => {}
                _ => return None,
            }
        }
        let packed = if self.joined.is_empty() { only } else { &self.joined };
        inflate(&mut self.inflater, packed, &mut self.filtered, header.height * (1 + header.row()))?;
        self.blank.resize(header.row(), 0);
        header.unfilter(&mut self.filtered, &self.blank)?;
        header.copy(&self.filtered, pixels);
        Some(Decoded { width: header.width, height: header.height, channels: header.channels })
    }
}

/// The next chunk's type and data, its checksum verified.
fn chunk<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8; 4], &'a [u8])> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (body, after) = after.split_at_checked(length.checked_add(4)?)?;
    let (sum, after) = after.split_first_chunk::<4>()?;
    let mut crc = Crc::new();
    crc.update(body);
    if crc.sum() != u32::from_be_bytes(*sum) {
        return None;
    }
    *rest = after;
    body.split_first_chunk::<4>()
}

fn header(data: &[u8]) -> Option<Header> {
    let data: &[u8; 13] = data.try_into().ok()?;
    let (size, [8, colour, 0, 0, 0]) = data.split_at(8) else { return None };
    let side = |at: usize| u32::from_be_bytes([size[at], size[at + 1], size[at + 2], size[at + 3]]) as usize;
    let channels = match colour {
        0 => Channels::Luma,
        2 => Channels::Rgb,
        6 => Channels::Rgba,
        _ => return None,
    };
    let (width, height) = (side(0), side(4));
    let count = width.checked_mul(height)?;
    (1..=MOST_PIXELS).contains(&count).then_some(Header { width, height, channels })
}

/// Inflates all of `packed`, which must give exactly `length` bytes and end there, its checksum right.
fn inflate(inflater: &mut Decompress, packed: &[u8], out: &mut Vec<u8>, length: usize) -> Option<()> {
    out.clear();
    out.resize(length, 0);
    inflater.reset(true);
    let status = inflater.decompress(packed, out, FlushDecompress::Finish).ok()?;
    let [read, written] = [inflater.total_in(), inflater.total_out()];
    (status == Status::StreamEnd && read == packed.len() as u64 && written == length as u64).then_some(())
}

impl Header {
    /// Bytes of a row.
    fn row(&self) -> usize {
        self.width * self.channels.bytes()
    }

    /// Undoes the filter of every row in place (PNG, 9.2); `blank` is at least a row of zeros.
    fn unfilter(&self, rows: &mut [u8], blank: &[u8]) -> Option<()> {
        let (row, step) = (self.row(), self.channels.bytes());
        let mut before = &blank[..row];
        for line in rows.chunks_exact_mut(1 + row) {
            let (filter, line) = line.split_first_mut()?;
            match *filter {
                0 => {}
                1 => (step..row).for_each(|at| line[at] = line[at].wrapping_add(line[at - step])),
                2 => line.iter_mut().zip(before).for_each(|(byte, above)| *byte = byte.wrapping_add(*above)),
                3 => average(line, before, step),
                4 => paeth(line, before, step),
                _ => return None,
            }
            before = line;
        }
        Some(())
    }

    fn copy(&self, rows: &[u8], pixels: &mut Vec<u8>) {
        pixels.clear();
        rows.chunks_exact(1 + self.row()).for_each(|line| pixels.extend_from_slice(&line[1..]));
    }
}

fn average(line: &mut [u8], before: &[u8], step: usize) {
    for at in 0..line.len() {
        let left = if at >= step { line[at - step] } else { 0 };
        line[at] = line[at].wrapping_add(((u16::from(left) + u16::from(before[at])) / 2) as u8);
    }
}

fn paeth(line: &mut [u8], before: &[u8], step: usize) {
    for at in 0..line.len() {
        let (left, corner) = if at >= step { (line[at - step], before[at - step]) } else { (0, 0) };
        line[at] = line[at].wrapping_add(predictor(left, before[at], corner));
    }
}

/// Whichever of the three neighbours is nearest to left + above - corner.
fn predictor(left: u8, above: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(above) - i16::from(corner);
    let distance = |value: u8| (estimate - i16::from(value)).abs();
    match (distance(left), distance(above), distance(corner)) {
        (l, a, c) if l <= a && l <= c => left,
        (_, a, c) if a <= c => above,
        _ => corner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};

    fn encoded(image: &DynamicImage) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn pictures() -> Vec<DynamicImage> {
        let mix = |x: u32, y: u32, by: u32| (x * x * by + y * 37 * by + x * y) as u8;
        [(1, 1), (28, 28), (61, 17), (300, 200)]
            .iter()
            .flat_map(|&(width, height)| {
                [
                    DynamicImage::from(GrayImage::from_fn(width, height, |x, y| Luma([mix(x, y, 3)]))),
                    DynamicImage::from(RgbImage::from_fn(width, height, |x, y| Rgb([1, 2, 5].map(|by| mix(x, y, by))))),
                    DynamicImage::from(RgbaImage::from_fn(width, height, |x, y| {
                        Rgba([1, 2, 5, 7].map(|by| mix(x, y, by)))
                    })),
                ]
            })
            .collect()
    }

    #[test]
    fn plain_pictures_are_decoded_as_the_general_decoder_does() {
        let mut decoder = PlainPng::default();
        let mut pixels = Vec::new();
        for image in pictures() {
            let decoded = decoder.decode(&encoded(&image), &mut pixels).unwrap();
            assert_eq!((decoded.width, decoded.height), (image.width() as usize, image.height() as usize));
            assert_eq!(decoded.channels.bytes(), usize::from(image.color().bytes_per_pixel()));
            assert_eq!(pixels, image.as_bytes());
        }
    }

    #[test]
    fn every_filter_is_undone() {
        let header = Header { width: 3, height: 6, channels: Channels::Luma };
        let mut rows = vec![0, 10, 20, 30, 1, 10, 10, 10, 2, 1, 1, 1, 3, 5, 5, 5, 4, 1, 1, 1, 4, 250, 3, 9];
        header.unfilter(&mut rows, &[0; 3]).unwrap();
        let mut pixels = Vec::new();
        header.copy(&rows, &mut pixels);
        assert_eq!(pixels[..9], [10, 20, 30, 10, 20, 30, 11, 21, 31]);
        // 5 + 11 / 2, 5 + (10 + 21) / 2, 5 + (20 + 31) / 2, then the nearest of left, above and corner.
        assert_eq!(pixels[9..15], [10, 20, 30, 11, 21, 31]);
    }

    #[test]
    fn a_damaged_or_unusual_picture_is_declined() {
        let mut decoder = PlainPng::default();
        let mut pixels = Vec::new();
        let sound = encoded(&pictures()[4]);
        for at in 8..sound.len() {
            let mut damaged = sound.clone();
            damaged[at] ^= 0x10;
            assert_eq!(decoder.decode(&damaged, &mut pixels), None, "byte {at}");
            assert_eq!(decoder.decode(&sound[..at], &mut pixels), None, "cut at {at}");
        }
        let sixteen = DynamicImage::from(pictures()[3].to_luma16());
        assert_eq!(decoder.decode(&encoded(&sixteen), &mut pixels), None);
    }
}
