//! Convolution of any stride, padding, dilation and number of groups, by its definition.

use super::window::{Along, Windows};
use super::{Compute, Inputs};
use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::Tensor;

#[derive(Debug)]
pub(super) struct Convolution {
    windows: Windows,
    groups: usize,
}

impl Convolution {
    pub fn of(settings: &Settings) -> Result<Self, NodeFault> {
        let groups = usize::try_from(settings.int_or("group", 1)).ok().filter(|&groups| groups > 0);
        Ok(Self { windows: Windows::of(settings)?, groups: groups.ok_or(NodeFault::Setting("group"))? })
    }
}

/// One output channel's share of the operands.
struct Channel<'a> {
    /// Its input channels, map by map.
    maps: &'a [f32],
    kernels: &'a [f32],
    bias: f32,
    rows: Along,
    columns: Along,
}

impl Channel<'_> {
    fn value(&self, row: usize, column: usize) -> f32 {
        let (map_len, kernel_len) = (self.rows.input * self.columns.input, self.rows.side() * self.columns.side());
        let mut sum = self.bias;
        for (map, kernel) in self.maps.chunks_exact(map_len.max(1)).zip(self.kernels.chunks_exact(kernel_len)) {
            for (ky, y) in self.rows.under(row) {
                for (kx, x) in self.columns.under(column) {
                    sum += map[y * self.columns.input + x] * kernel[ky * self.columns.side() + kx];
                }
            }
        }
        sum
    }
}

impl Compute for Convolution {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let (x, weight) = (inputs.get(0)?, inputs.get(1)?);
        let ([images, channels, height, width], [out_channels, depth, tall, wide]) = (x.axes()?, weight.axes()?);
        let fits = depth.checked_mul(self.groups) == Some(channels) && out_channels.is_multiple_of(self.groups);
        let [rows, columns] = self.windows.over([height, width], Some([tall, wide]))?;
        let bias = inputs.optional(2).map(Tensor::float32).transpose()?;
        if !fits || bias.is_some_and(|bias| bias.len() != out_channels) {
            return Err(NodeFault::Shape);
        }
        let shape = vec![images, out_channels, rows.output, columns.output];
        let count = budget.values(&shape)?;
        budget.products(&[count, depth, tall, wide])?;
        let (x, weight) = (x.float32()?, weight.float32()?);
        let (group_len, kernels_len) = (depth * height * width, depth * tall * wide);
        let mut y = Vec::with_capacity(count);
        for at in (0..images).flat_map(|image| (0..out_channels).map(move |channel| (image, channel))) {
            let (image, channel) = at;
            let group = image * self.groups + channel / (out_channels / self.groups);
            let maps = &x[group * group_len..(group + 1) * group_len];
            let kernels = &weight[channel * kernels_len..(channel + 1) * kernels_len];
            let channel = Channel { maps, kernels, bias: bias.map_or(0.0, |bias| bias[channel]), rows, columns };
            for row in 0..rows.output {
                y.extend((0..columns.output).map(|column| channel.value(row, column)));
            }
        }
        Ok(vec![Tensor::of_floats(shape, y)?])
    }
}
