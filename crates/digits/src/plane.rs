//! One channel of real numbers, and the working planes of a picture.

use crate::picture::Picture;

/// Longest side, in pixels, at which ink is looked for.
///
/// Larger pictures are shrunk by averaging whole blocks. A digit ends up 20 pixels high, so one of 1/50 of a photo's
/// side still loses nothing, and the work on a 50 megapixel photo stays that of one megapixel.
pub(crate) const WORKING_SIDE: usize = 1024;

/// One channel, row by row. Brightness planes hold 0 (black) to 1 (white).
#[derive(Debug, Clone)]
pub(crate) struct Plane {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

impl Plane {
    /// A plane of the same size whose values `value(column, row, old)` gives.
    pub fn map(&self, value: impl Fn(usize, usize, f32) -> f32) -> Self {
        let values = self.values.iter().enumerate();
        let values = values.map(|(at, &old)| value(at % self.width, at / self.width, old)).collect();
        Self { width: self.width, height: self.height, values }
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
    let (width, height) = (picture.width().div_ceil(block), picture.height().div_ceil(block));
    let mut pixels: Vec<Translucent> = Vec::with_capacity(width * height);
    for row in 0..height {
        pixels.extend((0..width).map(|column| average(picture, column * block, row * block, block)));
    }
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

/// Mean of the block of source pixels that starts at (`left`, `top`), cut at the picture's edge.
fn average(picture: &Picture<'_>, left: usize, top: usize, block: usize) -> Translucent {
    let (right, bottom) = ((left + block).min(picture.width()), (top + block).min(picture.height()));
    let (mut colour, mut alpha) = ([0u64; 3], 0u64);
    for row in top..bottom {
        for column in left..right {
            let [r, g, b, a] = picture.rgba_at(column, row).map(u64::from);
            colour = [colour[0] + r * a, colour[1] + g * a, colour[2] + b * a];
            alpha += a;
        }
    }
    let full = ((right - left) * (bottom - top)) as f32 * 255.0;
    // Dividing by alpha's full value first keeps an opaque byte's quotient exact.
    Translucent { colour: colour.map(|sum| sum as f32 / 255.0 / full), alpha: alpha as f32 / full }
}

/// What lies under transparent pixels.
///
/// Mostly opaque (a photo with rounded corners): the median of what is visible, its paper. Mostly transparent (ink drawn
/// on nothing): white under dark ink, black under light ink, so that ink of either kind shows.
fn fill_colour(pixels: &[Translucent]) -> [f32; 3] {
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
