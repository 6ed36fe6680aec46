//! Whether the data of a JPEG's scan are as many blocks as its frame has: an end marker may follow data that were cut short,
//! and the decoder fills the rest with what zeros mean.
//!
//! Only the common kind is looked at: sequential, Huffman-coded, one scan of all components. Codes are walked over without
//! computing a pixel.

/// Blocks along both sides of a unit, of one component, and the tables of its codes.
#[derive(Debug, Clone, Copy, Default)]
struct Component {
    id: u8,
    blocks: usize,
    dc: usize,
    ac: usize,
}

/// A table of Huffman codes.
#[derive(Debug, Clone, Default)]
struct Codes {
    /// Length and symbol of the code that the next eight bits begin with; length 0 for longer codes.
    short: Vec<(u8, u8)>,
    /// For each length from 1: one more than its last code, and what is added to a code for the index of its symbol.
    long: Vec<(u32, i32)>,
    symbols: Vec<u8>,
}

/// What is announced before a scan.
#[derive(Debug, Default)]
struct Frame {
    units: usize,
    components: Vec<Component>,
    /// DC tables 0 to 3, then AC tables 0 to 3.
    codes: [Codes; 8],
    restart: usize,
}

/// Whether the scan holds all units but one at most; true for every kind of JPEG that is not looked at.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let Some((frame, data)) = Frame::read(bytes) else { return true };
    let mut bits = Bits { data, buffer: 0, count: 0, is_over: false };
    for unit in 0..frame.units {
        if frame.restart > 0 && unit > 0 && unit % frame.restart == 0 {
            bits.restart();
        }
        for component in &frame.components {
            for _ in 0..component.blocks {
                if frame.block(component, &mut bits).is_none() {
                    // What means nothing is left to the decoder.
                    return !bits.is_over || unit + 1 >= frame.units;
                }
            }
        }
    }
    true
}

impl Frame {
    /// The frame and what follows the header of its scan; `None` for a kind that is not looked at.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut frame = Self::default();
        let mut at = 2;
        loop {
            let marker = match *bytes.get(at..at + 2)? {
                [0xFF, 0xFF] => {
                    at += 1;
                    continue;
                }
                [0xFF, marker] => marker,
                _ => return None,
            };
            let length = usize::from(u16::from_be_bytes(*bytes.get(at + 2..)?.first_chunk()?));
            let segment = bytes.get(at + 4..at + 2 + length)?;
            at += 2 + length;
            match marker {
                0xC0 | 0xC1 => frame.read_frame(segment)?,
                0xC4 => frame.read_codes(segment)?,
                0xC2 | 0xC3 | 0xC5..=0xCF => return None,
                0xDD => frame.restart = usize::from(u16::from_be_bytes(*segment.first_chunk()?)),
                0xDA => {
                    frame.read_scan(segment)?;
                    return Some((frame, bytes.get(at..)?));
                }
                _ => {}
            }
        }
    }

    fn read_frame(&mut self, segment: &[u8]) -> Option<()> {
        let [8, high, low, width_high, width_low, count, components @ ..] = segment else { return None };
        let [height, width] =
            [[*high, *low], [*width_high, *width_low]].map(|side| usize::from(u16::from_be_bytes(side)));
        let sides = |factors: u8| (usize::from(factors >> 4), usize::from(factors & 15));
        let (components, _) = components.as_chunks::<3>();
        if components.len() != usize::from(*count) || height == 0 {
            return None;
        }
        let most = components.iter().map(|part| sides(part[1])).fold((1, 1), |a, b| (a.0.max(b.0), a.1.max(b.1)));
        // A single component is not interleaved: its unit is one block.
        let (across, down) = if components.len() == 1 { (8, 8) } else { (8 * most.0, 8 * most.1) };
        self.units = width.div_ceil(across) * height.div_ceil(down);
        let is_single = components.len() == 1;
        self.components = components
            .iter()
            .map(|&[id, factors, _]| {
                let (across, down) = sides(factors);
                Component { id, blocks: if is_single { 1 } else { across * down }, dc: 0, ac: 0 }
            })
            .collect();
        Some(())
    }

    fn read_codes(&mut self, mut segment: &[u8]) -> Option<()> {
        while let [which, rest @ ..] = segment {
            let (lengths, rest) = rest.split_first_chunk::<16>()?;
            let count = lengths.iter().map(|&count| usize::from(count)).sum();
            let (symbols, rest) = rest.split_at_checked(count)?;
            let table = usize::from(which >> 4 & 1) * 4 + usize::from(which & 3);
            self.codes[table] = Codes::of(lengths, symbols);
            segment = rest;
        }
        Some(())
    }

    fn read_scan(&mut self, segment: &[u8]) -> Option<()> {
        let (count, rest) = segment.split_first()?;
        let (parts, _) = rest.get(..2 * usize::from(*count))?.as_chunks::<2>();
        if parts.len() != self.components.len() || parts.is_empty() {
            return None;
        }
        for (component, [id, tables]) in self.components.iter_mut().zip(parts) {
            if component.id != *id {
                return None;
            }
            (component.dc, component.ac) = (usize::from(tables >> 4 & 3), 4 + usize::from(tables & 3));
        }
        Some(())
    }

    /// Walks over one block; `None` where the data end or mean nothing.
    fn block(&self, component: &Component, bits: &mut Bits) -> Option<()> {
        let length = self.codes[component.dc].next(bits)?;
        bits.skip(u32::from(length.min(16)))?;
        let mut at = 1;
        while at < 64 {
            let symbol = self.codes[component.ac].next(bits)?;
            match (symbol >> 4, symbol & 15) {
                (15, 0) => at += 16,
                (_, 0) => break,
                (run, length) => {
                    at += usize::from(run) + 1;
                    bits.skip(u32::from(length))?;
                }
            }
        }
        Some(())
    }
}

impl Codes {
    fn of(lengths: &[u8; 16], symbols: &[u8]) -> Self {
        let mut codes = Self { short: vec![(0, 0); 256], long: Vec::new(), symbols: symbols.to_vec() };
        let (mut code, mut index) = (0u32, 0usize);
        for (length, &count) in (1u32..).zip(lengths) {
            codes.long.push((code + u32::from(count), index as i32 - code as i32));
            for _ in 0..count {
                if length <= 8 {
                    let first = (code << (8 - length)) as usize;
                    let symbol = symbols.get(index).copied().unwrap_or(0);
                    let end = (first + (1 << (8 - length))).min(256);
                    codes.short[first.min(256)..end].fill((length as u8, symbol));
                }
                (code, index) = (code + 1, index + 1);
            }
            code <<= 1;
        }
        codes
    }

    /// The next symbol.
    fn next(&self, bits: &mut Bits) -> Option<u8> {
        bits.fill();
        let window = bits.window();
        if let Some(&(length @ 1.., symbol)) = self.short.get((window >> 8) as usize) {
            bits.skip(u32::from(length))?;
            return Some(symbol);
        }
        for (length, &(end, offset)) in (1u32..).zip(&self.long) {
            let code = window >> (16 - length);
            if code < end {
                bits.skip(length)?;
                return self.symbols.get(usize::try_from(code as i32 + offset).ok()?).copied();
            }
        }
        // Beyond the data come zeros, which may be no code.
        bits.is_over |= bits.count == 0;
        None
    }
}

/// Bits of a scan, without stuffed bytes; they end at any marker.
struct Bits<'a> {
    data: &'a [u8],
    buffer: u64,
    count: u32,
    is_over: bool,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 48 {
            match self.data {
                [0xFF, 0, rest @ ..] => (self.buffer, self.data) = (self.buffer << 8 | 0xFF, rest),
                [0xFF, ..] | [] => return,
                [byte, rest @ ..] => (self.buffer, self.data) = (self.buffer << 8 | u64::from(*byte), rest),
            }
            self.count += 8;
        }
    }

    /// The next 16 bits, zeros beyond the data.
    fn window(&self) -> u32 {
        let bits = if self.count >= 16 { self.buffer >> (self.count - 16) } else { self.buffer << (16 - self.count) };
        (bits & 0xFFFF) as u32
    }

    fn skip(&mut self, length: u32) -> Option<()> {
        if self.count < length {
            self.fill();
        }
        self.is_over |= self.count < length;
        self.count = self.count.checked_sub(length)?;
        Some(())
    }

    /// Goes on after the next restart marker, if there is one before another marker.
    fn restart(&mut self) {
        (self.buffer, self.count) = (0, 0);
        while let [first, second, rest @ ..] = self.data {
            match (first, second) {
                (0xFF, 0xD0..=0xD7) => {
                    self.data = rest;
                    return;
                }
                (0xFF, 1..=0xFE) => return,
                _ => self.data = &self.data[1..],
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
    use std::io::Cursor;

    fn jpeg(image: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn data_that_end_before_the_picture_are_found_whatever_follows() {
        let grey = GrayImage::from_fn(203, 117, |x, y| image::Luma([(x * y % 251) as u8]));
        let colour = RgbImage::from_fn(203, 117, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8]));
        let white = RgbImage::from_pixel(300, 300, image::Rgb([255; 3]));
        for image in [DynamicImage::from(grey), colour.into(), white.into()] {
            let whole = jpeg(&image);
            assert!(is_whole(&whole));
            let scan = whole.windows(2).position(|marker| marker == [0xFF, 0xDA]).unwrap() + 14;
            for share in [0.1, 0.5, 0.9] {
                let mut cut = whole[..scan + (share * (whole.len() - scan) as f64) as usize].to_vec();
                while cut.last() == Some(&0xFF) {
                    cut.pop();
                }
                cut.extend([0xFF, 0xD9]);
                assert!(!is_whole(&cut), "{} x {}, {share}", image.width(), image.height());
            }
        }
    }

    #[test]
    fn other_kinds_and_nonsense_are_left_to_the_decoder() {
        assert!(is_whole(b"\xFF\xD8"));
        assert!(is_whole(b"no JPEG"));
        assert!(is_whole(b"\xFF\xD8\xFF\xC2\0\x0B\x08\0\x10\0\x10\x01\x01\x11\0"));
    }
}
