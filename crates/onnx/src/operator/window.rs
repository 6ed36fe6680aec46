//! Windows that convolution and pooling move over images.

use crate::fault::NodeFault;
use crate::settings::Settings;

/// How windows are laid over images, rows first.
#[derive(Debug)]
pub(super) struct Windows {
    /// Sides of the window, if the settings tell.
    sides: Option<[usize; 2]>,
    strides: [usize; 2],
    dilations: [usize; 2],
    padding: Padding,
    /// Whether a last window may reach beyond the padding.
    rounds_up: bool,
}

#[derive(Debug)]
enum Padding {
    /// Before and behind, of rows and of columns.
    Given([[usize; 2]; 2]),
    /// As many windows as strides begin, the odd zero behind (or before).
    Same { odd_before: bool },
}

/// Windows along one axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Along {
    /// Length of the image.
    pub input: usize,
    /// Number of windows.
    pub output: usize,
    side: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    behind: usize,
}

impl Windows {
    pub fn of(settings: &Settings) -> Result<Self, NodeFault> {
        let pads = numbers(settings, "pads", [0, 0, 0, 0])?;
        let padding = match settings.text("auto_pad").unwrap_or(b"NOTSET") {
            b"NOTSET" | b"" => Padding::Given([[pads[0], pads[2]], [pads[1], pads[3]]]),
            b"VALID" => Padding::Given([[0; 2]; 2]),
            b"SAME_UPPER" => Padding::Same { odd_before: false },
            b"SAME_LOWER" => Padding::Same { odd_before: true },
            _ => return Err(NodeFault::Setting("auto_pad")),
        };
        let sides = settings.get("kernel_shape").map(|_| numbers(settings, "kernel_shape", [1, 1])).transpose()?;
        let (strides, dilations) = (numbers(settings, "strides", [1, 1])?, numbers(settings, "dilations", [1, 1])?);
        if [strides, dilations, sides.unwrap_or([1, 1])].as_flattened().contains(&0) {
            return Err(NodeFault::Setting("strides"));
        }
        Ok(Self { sides, strides, dilations, padding, rounds_up: settings.int_or("ceil_mode", 0) != 0 })
    }

    /// The windows of these sides, or of those of the settings, along rows and columns of an image.
    pub fn over(&self, image: [usize; 2], sides: Option<[usize; 2]>) -> Result<[Along; 2], NodeFault> {
        let sides = match (self.sides, sides) {
            (Some(own), Some(given)) if own != given => return Err(NodeFault::Shape),
            (Some(sides), _) | (None, Some(sides)) => sides,
            (None, None) => return Err(NodeFault::Setting("kernel_shape")),
        };
        Ok([self.along(0, image[0], sides[0])?, self.along(1, image[1], sides[1])?])
    }

    fn along(&self, axis: usize, input: usize, side: usize) -> Result<Along, NodeFault> {
        let (stride, dilation) = (self.strides[axis], self.dilations[axis]);
        let reach = side.checked_sub(1).and_then(|gaps| gaps.checked_mul(dilation)).ok_or(NodeFault::Shape)?;
        let (before, behind) = match self.padding {
            Padding::Given(pads) => (pads[axis][0], pads[axis][1]),
            Padding::Same { odd_before } => {
                let last = input.div_ceil(stride).saturating_sub(1).saturating_mul(stride);
                let zeros = last.saturating_add(reach + 1).saturating_sub(input);
                let (less, more) = (zeros / 2, zeros.div_ceil(2));
                if odd_before { (more, less) } else { (less, more) }
            }
        };
        let padded = input.checked_add(before).and_then(|it| it.checked_add(behind)).ok_or(NodeFault::TooLarge)?;
        let moves = padded.checked_sub(reach + 1).ok_or(NodeFault::Shape)?;
        let mut output = if self.rounds_up { moves.div_ceil(stride) } else { moves / stride } + 1;
        // A window that begins behind the image sees nothing.
        if self.rounds_up && (output - 1).saturating_mul(stride) >= input + before {
            output -= 1;
        }
        Ok(Along { input, output, side, stride, dilation, before, behind })
    }
}

impl Along {
    /// Positions of the image under window `at`, each with its place in the window.
    pub fn under(self, at: usize) -> impl Iterator<Item = (usize, usize)> {
        let first = at * self.stride;
        let position = move |place: usize| (first + place * self.dilation).checked_sub(self.before);
        (0..self.side).filter_map(move |place| Some((place, position(place).filter(|&it| it < self.input)?)))
    }

    /// Places of window `at` on the image and its padding.
    pub fn places_with_padding(self, at: usize) -> usize {
        let end = self.before + self.input + self.behind;
        (0..self.side).filter(|place| at * self.stride + place * self.dilation < end).count()
    }

    /// Places of a window.
    pub fn side(self) -> usize {
        self.side
    }
}

/// As many numbers of a setting as `usual` has.
fn numbers<const N: usize>(
    settings: &Settings,
    name: &'static str,
    usual: [usize; N],
) -> Result<[usize; N], NodeFault> {
    let Some(values) = settings.ints(name) else { return Ok(usual) };
    let values: Result<Vec<usize>, _> = values.iter().map(|&value| usize::try_from(value)).collect();
    values.ok().and_then(|values| values.try_into().ok()).ok_or(NodeFault::Setting(name))
}
