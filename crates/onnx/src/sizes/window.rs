//! Convolutions, pooling and batch normalisation.

use super::{INT32, Known, Made, Step, one};

/// Windows over both sides of a picture.
struct Window {
    kernel: [u64; 2],
    /// Output rows and columns.
    out: [u64; 2],
}

impl Step<'_> {
    pub(super) fn convolution(&self) -> Made {
        let (weights, bias, element) = match self.node.operator.as_str() {
            "Conv" => (1, 2, self.input(0)?.element),
            "ConvInteger" => (1, usize::MAX, INT32),
            _ => (3, 8, self.input(7)?.element),
        };
        let (input, weights) = (self.input(0)?, self.input(weights)?);
        let ([batch, channels, ..], [maps, of_group, rows, columns]) = (picture(input)?, picture(weights)?);
        let group =
            u64::try_from(self.int("group", 1)).ok().filter(|&group| group > 0).ok_or("group is not positive")?;
        if of_group.checked_mul(group) != Some(channels) || maps % group != 0 {
            return Err(format!("{channels} channels do not fit weights of shape {:?}", weights.shape));
        }
        if let Some(bias) = self.inputs.get(bias).copied().flatten().filter(|bias| bias.shape != [maps]) {
            return Err(format!("a bias of shape {:?} for {maps} maps", bias.shape));
        }
        let window = self.window(input, Some([rows, columns]))?;
        let patch = product(&[of_group, rows, columns])?;
        let made = Known::new(element, vec![batch, maps, window.out[0], window.out[1]]);
        // Engines may lay out the patches of one picture.
        let patches = product(&[patch, group, window.out[0], window.out[1]])?;
        let work = product(&[batch, maps, patch, window.out[0], window.out[1]])?;
        if patches > super::MOST_ELEMENTS_A_PAIR {
            return Err(format!("its patches are {patches} numbers"));
        }
        Ok((vec![made], work))
    }

    pub(super) fn pooling(&self) -> Made {
        let input = self.input(0)?;
        let [batch, channels, ..] = picture(input)?;
        if self.node.outputs.len() > 1 {
            return Err("it has a second output".to_owned());
        }
        let window = self.window(input, None)?;
        let pads = self.ints("pads").unwrap_or_default();
        if pads.iter().zip(window.kernel.iter().cycle()).any(|(&pad, &kernel)| pad as u64 >= kernel) {
            return Err("its border is as wide as its window".to_owned());
        }
        let made = Known::new(input.element, vec![batch, channels, window.out[0], window.out[1]]);
        let work = product(&[batch, channels, window.out[0], window.out[1], window.kernel[0], window.kernel[1]])?;
        Ok((vec![made], work))
    }

    pub(super) fn global_pooling(&self) -> Made {
        let input = self.input(0)?;
        let [batch, channels, ..] = picture(input)?;
        Ok((vec![Known::new(input.element, vec![batch, channels, 1, 1])], input.count().unwrap_or(u64::MAX)))
    }

    pub(super) fn batch_normalization(&self) -> Made {
        let input = self.input(0)?;
        let channels = *input.shape.get(1).ok_or("its input has no channels")?;
        for number in 1..5 {
            if self.input(number)?.shape != [channels] {
                return Err(format!("input {number} of shape {:?} for {channels} channels", self.input(number)?.shape));
            }
        }
        if self.int("training_mode", 0) != 0 || self.node.outputs.len() > 1 {
            return Err("it trains".to_owned());
        }
        one(Known::new(input.element, input.shape.clone()))
    }

    /// The window of attributes; a convolution's is that of its weights.
    fn window(&self, input: &Known, of_weights: Option<[u64; 2]>) -> Result<Window, String> {
        let pair = |name: &str, default: u64| -> Result<[u64; 2], String> {
            let Some(ints) = self.ints(name) else { return Ok([default; 2]) };
            let sizes: Option<Vec<u64>> = ints.iter().map(|&int| u64::try_from(int).ok()).collect();
            <[u64; 2]>::try_from(sizes.unwrap_or_default()).map_err(|_| format!("{name} is {ints:?}"))
        };
        let kernel = match (of_weights, self.ints("kernel_shape")) {
            (Some(weights), None) => weights,
            (Some(weights), Some(_)) if pair("kernel_shape", 0)? != weights => {
                return Err("its kernel_shape is not that of its weights".to_owned());
            }
            _ => pair("kernel_shape", 0)?,
        };
        let (strides, dilations) = (pair("strides", 1)?, pair("dilations", 1)?);
        if [kernel, strides, dilations].concat().contains(&0) {
            return Err("a window, step or dilation of 0".to_owned());
        }
        let pads = match self.ints("pads") {
            None => [0; 4],
            Some(pads) => {
                <[i64; 4]>::try_from(pads).map_err(|_| format!("pads is {pads:?}"))?.map(|pad| pad.max(0) as u64)
            }
        };
        let mode = self.node.attributes.iter().find(|it| it.name == "auto_pad").map_or("", |it| it.text.as_str());
        let mut out = [0; 2];
        for side in 0..2 {
            let (length, step) = (input.shape[2 + side], strides[side]);
            out[side] = match mode {
                "SAME_UPPER" | "SAME_LOWER" => length.div_ceil(step),
                "" | "NOTSET" | "VALID" => {
                    let pads = if mode == "VALID" { 0 } else { pads[side] + pads[side + 2] };
                    let reach = dilations[side] * (kernel[side] - 1) + 1;
                    let free = (length + pads).checked_sub(reach).ok_or("its window is larger than its picture")?;
                    // Rounding up adds at most one window.
                    if self.int("ceil_mode", 0) != 0 { free.div_ceil(step) + 1 } else { free / step + 1 }
                }
                other => return Err(format!("auto_pad is {other:?}")),
            };
        }
        Ok(Window { kernel, out })
    }
}

/// The four dimensions of pictures or weights.
fn picture(tensor: &Known) -> Result<[u64; 4], String> {
    <[u64; 4]>::try_from(tensor.shape.as_slice())
        .map_err(|_| format!("a tensor of shape {:?} where four are wanted", tensor.shape))
}

fn product(factors: &[u64]) -> Result<u64, String> {
    factors
        .iter()
        .try_fold(1u64, |product, &factor| product.checked_mul(factor))
        .ok_or_else(|| "beyond counting".to_owned())
}

#[cfg(test)]
mod tests;
