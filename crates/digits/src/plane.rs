//! One channel of real numbers, and the working planes of a picture.

use std::ops::Range;

use crate::bounds::Bounds;
use crate::picture::{Channels, Picture};

/// Longest side, in pixels, at which ink is looked for.
///
/// Larger pictures are shrunk by averaging whole blocks. A digit ends up 20 pixels high, so one of 1/50 of a photo's
/// side still loses nothing, and the work on a 50 megapixel photo stays that of one megapixel.
pub(crate) const WORKING_SIDE: usize = 1024;

/// One channel, row by row. Brightness planes hold 0 (black) to 1 (white).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

impl Plane {
    /// A plane of the same size whose values `value(column, row, old)` gives.
    pub fn map(&self, value: impl Fn(usize, usize, f32) -> f32) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        for (row, line) in self.values.chunks_exact(self.width.max(1)).enumerate() {
            values.extend(line.iter().enumerate().map(|(column, &old)| value(column, row, old)));
        }
        Self { width: self.width, height: self.height, values }
    }

    /// The box of all values that differ from `ground`; `None` where none does.
    pub fn unlike(&self, ground: f32) -> Option<Bounds> {
        let differs = |value: &f32| *value != ground;
        let mut all: Option<Bounds> = None;
        for (row, line) in self.values.chunks_exact(self.width.max(1)).enumerate() {
            let Some(left) = line.iter().position(differs) else { continue };
            let last = line.iter().rposition(differs).unwrap_or(left);
            let here = Bounds { left, top: row, right: last + 1, bottom: row + 1 };
            all = Some(all.map_or(here, |all| all.union(&here)));
        }
        all
    }

    /// The part of it in a box that lies inside.
    pub fn cut(&self, part: &Bounds) -> Self {
        let (width, height) = (part.right - part.left, part.bottom - part.top);
        let mut values = Vec::with_capacity(width * height);
        for row in part.top..part.bottom {
            values.extend_from_slice(&self.values[row * self.width + part.left..][..width]);
        }
        Self { width, height, values }
    }
}

/// A picture at working size: brightness in luma, and in red, green and blue where the picture has colour.
#[derive(Debug)]
pub(crate) struct WorkingPlanes {
    /// Luma first, then the colour channels if any.
    pub planes: Vec<Plane>,
    /// Source pixels that one working pixel averages, along each side.
    pub block: usize,
}

/// How far apart two channels of one pixel must be, of 1, to count as colour: JPEG's rounding stays below.
const COLOUR: f32 = 16.0 / 255.0;

/// Shrinks by whole blocks and lays transparent pixels over a background.
pub(crate) fn working_planes(picture: &Picture<'_>) -> WorkingPlanes {
    let block = picture.width().max(picture.height()).div_ceil(WORKING_SIDE).max(1);
    if block == 1
        && let Some(grey) = picture.opaque_grey()
    {
        // The mean of one opaque pixel is that pixel, and the brightness of a grey is its value.
        let values = grey.iter().map(|&byte| f32::from(byte) / 255.0).collect();
        let plane = Plane { width: picture.width(), height: picture.height(), values };
        return WorkingPlanes { planes: vec![plane], block };
    }
    averaged(picture, block)
}

/// The same by the mean of each block, `block` pixels wide and high, of any picture.
pub(crate) fn averaged(picture: &Picture<'_>, block: usize) -> WorkingPlanes {
    let (width, height) = (picture.width().div_ceil(block), picture.height().div_ceil(block));
    let pixels: Vec<Translucent> = (0..height).flat_map(|row| row_of_means(picture, row * block, block)).collect();
    let fill = fill_colour(&pixels);
    let colours: Vec<[f32; 3]> = pixels.iter().map(|pixel| pixel.over(fill)).collect();
    let plane = |of: fn(&[f32; 3]) -> f32| Plane { width, height, values: colours.iter().map(of).collect() };
    let mut planes = vec![plane(luma)];
    if colours.iter().any(|&[r, g, b]| (r - g).abs().max((g - b).abs()).max((b - r).abs()) > COLOUR) {
        planes.extend([plane(|c| c[0]), plane(|c| c[1]), plane(|c| c[2])]);
    }
    WorkingPlanes { planes, block }
}

/// Brightness of a colour by ITU-R BT.601, the weights that JPEG uses. Exact for greys, so that bytes survive.
fn luma(&[r, g, b]: &[f32; 3]) -> f32 {
    if r == g && g == b { r } else { 0.299 * r + 0.587 * g + 0.114 * b }
}

/// A colour multiplied by its alpha, all of 1.
#[derive(Debug, Clone, Copy)]
struct Translucent {
    colour: [f32; 3],
    alpha: f32,
}

impl Translucent {
    fn over(&self, fill: [f32; 3]) -> [f32; 3] {
        std::array::from_fn(|c| self.colour[c] + (1.0 - self.alpha) * fill[c])
    }
}

/// Means of the blocks of source pixels whose first row is `top`, cut at the picture's edge.
fn row_of_means(picture: &Picture<'_>, top: usize, block: usize) -> Vec<Translucent> {
    let rows = top..(top + block).min(picture.height());
    let sums: Vec<Sum> = match picture.channels() {
        Channels::Luma => {
            opaque_sums::<1>(picture, rows.clone(), block).into_iter().map(|[l]| Sum::opaque([l; 3])).collect()
        }
        Channels::Rgb => opaque_sums::<3>(picture, rows.clone(), block).into_iter().map(Sum::opaque).collect(),
        Channels::Rgba => translucent_sums(picture, rows.clone(), block),
    };
    let mean = |(number, sum): (usize, &Sum)| {
        let columns = (picture.width() - number * block).min(block);
        sum.mean(columns * rows.len())
    };
    sums.iter().enumerate().map(mean).collect()
}

/// Sums of each of `N` channels over the blocks of some rows.
fn opaque_sums<const N: usize>(picture: &Picture<'_>, rows: Range<usize>, block: usize) -> Vec<[u64; N]> {
    // Down all rows first: neighbouring bytes at once.
    let mut columns = vec![0u32; N * picture.width()];
    for row in rows {
        columns.iter_mut().zip(picture.row(row)).for_each(|(sum, &byte)| *sum += u32::from(byte));
    }
    let across = |block: &[[u32; N]]| {
        let mut sum = [0; N];
        block.iter().for_each(|pixel| (0..N).for_each(|channel| sum[channel] += u64::from(pixel[channel])));
        sum
    };
    columns.as_chunks::<N>().0.chunks(block).map(across).collect()
}

/// The same where something may shine through.
fn translucent_sums(picture: &Picture<'_>, rows: Range<usize>, block: usize) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); picture.width().div_ceil(block)];
    for row in rows {
        let (pixels, _) = picture.row(row).as_chunks::<4>();
        sums.iter_mut().zip(pixels.chunks(block)).for_each(|(sum, pixels)| sum.add(pixels));
    }
    sums
}

/// Sums over the pixels of a block, of bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// Red, green and blue times alpha.
    colour: [u64; 3],
    /// Alpha; `None` where nothing shines through.
    alpha: Option<u64>,
}

/// Alpha of what nothing shines through.
const OPAQUE: u64 = 255;

impl Sum {
    fn opaque(colour: [u64; 3]) -> Self {
        Self { colour: colour.map(|sum| OPAQUE * sum), alpha: None }
    }

    fn add(&mut self, pixels: &[[u8; 4]]) {
        let alphas = self.alpha.get_or_insert_default();
        for &[red, green, blue, alpha] in pixels {
            let alpha = u64::from(alpha);
            self.colour.iter_mut().zip([red, green, blue]).for_each(|(sum, byte)| *sum += u64::from(byte) * alpha);
            *alphas += alpha;
        }
    }

    fn mean(&self, pixels: usize) -> Translucent {
        let full = pixels as f32 * OPAQUE as f32;
        // Dividing by alpha's full value first keeps an opaque byte's quotient exact.
        let alpha = self.alpha.map_or(1.0, |alpha| alpha as f32 / full);
        Translucent { colour: self.colour.map(|sum| sum as f32 / 255.0 / full), alpha }
    }
}

/// What lies under transparent pixels; black where there are none, since nothing of it shows.
///
/// Mostly opaque (a photo with rounded corners): the median of what is visible, its paper. Mostly transparent (ink drawn
/// on nothing): white under dark ink, black under light ink, so that ink of either kind shows.
fn fill_colour(pixels: &[Translucent]) -> [f32; 3] {
    if pixels.iter().all(|pixel| pixel.alpha == 1.0) {
        return [0.0; 3];
    }
    let mut visible: Vec<[f32; 3]> = pixels
        .iter()
        .filter(|pixel| pixel.alpha > 0.5)
        .map(|pixel| pixel.colour.map(|value| value / pixel.alpha))
        .collect();
    if 2 * visible.len() > pixels.len() {
        let middle = visible.len() / 2;
        return std::array::from_fn(|c| visible.select_nth_unstable_by(middle, |a, b| a[c].total_cmp(&b[c])).1[c]);
    }
    let seen: f32 = pixels.iter().map(|pixel| luma(&pixel.colour)).sum();
    let weight: f32 = pixels.iter().map(|pixel| pixel.alpha).sum();
    if seen > 0.5 * weight { [0.0; 3] } else { [1.0; 3] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opaque_grey_picture_is_what_its_means_are() {
        let bytes: Vec<u8> = (0..=255).flat_map(|byte| [byte, byte, byte, 255]).collect();
        let luma: Vec<u8> = (0..=255).collect();
        for picture in [Picture::rgba(32, 8, &bytes).unwrap(), Picture::luma(8, 32, &luma).unwrap()] {
            let (quick, means) = (working_planes(&picture), averaged(&picture, 1));
            assert_eq!([quick.block, quick.planes.len()], [means.block, means.planes.len()]);
            assert_eq!(quick.planes[0].width, means.planes[0].width);
            let bits = |of: &WorkingPlanes| of.planes[0].values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&quick), bits(&means));
        }
    }

    #[test]
    fn the_mean_of_a_block_is_that_of_its_pixels_whatever_their_channels() {
        let (width, height, block) = (11, 7, 4);
        let byte = |at: usize| (at * 89 % 251) as u8;
        for channels in [Channels::Luma, Channels::Rgb, Channels::Rgba] {
            let bytes: Vec<u8> = (0..width * height * channels.bytes()).map(byte).collect();
            let picture = Picture::new(channels, width, height, &bytes).unwrap();
            let rgba = |at: usize| match channels {
                Channels::Luma => [bytes[at], bytes[at], bytes[at], 255],
                Channels::Rgb => [bytes[3 * at], bytes[3 * at + 1], bytes[3 * at + 2], 255],
                Channels::Rgba => [bytes[4 * at], bytes[4 * at + 1], bytes[4 * at + 2], bytes[4 * at + 3]],
            };
            for (number, mean) in row_of_means(&picture, 4, block).into_iter().enumerate() {
                let columns = number * block..((number + 1) * block).min(width);
                let places = (4..height).flat_map(|row| columns.clone().map(move |column| row * width + column));
                let pixels: Vec<[f32; 4]> = places.map(|at| rgba(at).map(f32::from)).collect();
                let of = |value: fn(&[f32; 4]) -> f32| pixels.iter().map(value).sum::<f32>() / pixels.len() as f32;
                let wanted = [of(|it| it[0] * it[3]), of(|it| it[1] * it[3]), of(|it| it[2] * it[3])];
                for (mean, wanted) in mean.colour.into_iter().zip(wanted) {
                    assert!((mean - wanted / 65_025.0).abs() < 1e-5, "{channels:?}: {mean} {wanted}");
                }
                assert!((mean.alpha - of(|it| it[3]) / 255.0).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn what_differs_from_the_ground_is_in_its_box() {
        let mut plane = Plane { width: 9, height: 7, values: vec![0.5; 63] };
        assert_eq!(plane.unlike(0.5), None);
        (plane.values[2 * 9 + 3], plane.values[5 * 9 + 1]) = (0.0, 1.0);
        let bounds = Bounds { left: 1, top: 2, right: 4, bottom: 6 };
        assert_eq!(plane.unlike(0.5), Some(bounds));
        assert_eq!(plane.cut(&bounds).values[..4], [0.5, 0.5, 0.0, 0.5]);
    }
}
