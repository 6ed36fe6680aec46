//! Convolutions one after the other, with pooling and activation, computed by the kernels.

use std::sync::Arc;

use kernels::{Activation, ConvShape, PreparedConvolution};

use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::maps::{Explanation, Maps};
use crate::operation::{Operation, Readers};
use crate::settings::Settings;
use crate::tensor::Tensor;

/// A run of nodes `Conv`, each with an optional `Relu` and `MaxPool` behind it in either order (they commute), of which
/// nothing but the last value is read by others.
#[derive(Debug)]
pub(crate) struct ConvolutionChain {
    input: usize,
    output: usize,
    blocks: Vec<Block>,
}

/// One convolution block as the graph describes it: convolution, bias, then pooling and activation.
#[derive(Debug, Clone)]
pub struct Layer {
    /// `[out_channels, in_channels, kernel, kernel]`.
    weight: Arc<[f32]>,
    bias: Vec<f32>,
    in_channels: usize,
    kernel: usize,
    padding: usize,
    pool: usize,
    activation: Activation,
}

/// A run of convolutions: what it was given, and what each of them made of it.
#[derive(Debug, Clone)]
pub struct Tower {
    /// The input, then the output of each layer.
    pub maps: Vec<Maps>,
    /// The layers' weights and shapes.
    pub layers: Vec<Layer>,
}

/// A layer and its weights in the kernels' order.
#[derive(Debug)]
struct Block {
    layer: Layer,
    /// Made for the first images, whose size the graph does not tell.
    prepared: Option<PreparedConvolution>,
    /// The memory of what the last evaluation made.
    stale: Vec<f32>,
}

impl ConvolutionChain {
    /// The chain that `operations` begin with, and of how many of them it is made.
    pub fn at(operations: &[Operation], constants: &[Option<Tensor>], readers: &Readers) -> Option<(Self, usize)> {
        let input = operations.first()?.input(0)?;
        let (mut value, mut length, mut blocks) = (input, 0, Vec::new());
        while let Some(convolution) = operations.get(length).filter(|next| next.input(0) == Some(value)) {
            if !blocks.is_empty() && !readers.is_read_once(value) {
                break;
            }
            let Some(mut layer) = Layer::of(convolution, constants) else { break };
            value = convolution.output()?;
            length += 1;
            while let Some(next) = operations.get(length).filter(|next| next.input(0) == Some(value)) {
                let Some(output) = next.output().filter(|_| readers.is_read_once(value)) else { break };
                if !layer.absorb(next) {
                    break;
                }
                value = output;
                length += 1;
            }
            blocks.push(Block { layer, prepared: None, stale: Vec::new() });
        }
        (length > 0).then_some((Self { input, output: value, blocks }, length))
    }

    /// What it reads.
    pub fn input(&self) -> usize {
        self.input
    }

    /// What it computes.
    pub fn output(&self) -> usize {
        self.output
    }

    /// Computes the chain's output, `[batch, channels, height, width]` like its input. What each layer computes is kept
    /// in `towers`, if they are given.
    ///
    /// # Errors
    /// When the input is not float32, or not of four dimensions that the convolutions fit.
    pub fn run(
        &mut self,
        input: &Tensor,
        budget: &mut Budget,
        towers: Option<&mut Vec<Tower>>,
    ) -> Result<Tensor, NodeFault> {
        let [images, channels, height, width] = input.axes()?;
        budget.values(input.shape())?;
        let values = channels_last(input.float32()?, images, channels, height * width);
        let mut maps = Maps { images, height, width, channels, values };
        let mut kept = Vec::new();
        let mut maker: Option<&mut Block> = None;
        for block in &mut self.blocks {
            let next = block.run(&maps, budget)?;
            let before = std::mem::replace(&mut maps, next);
            if towers.is_some() {
                kept.push(before);
            } else if let Some(maker) = maker {
                maker.stale = before.values;
            }
            maker = Some(block);
        }
        let Maps { height, width, channels, .. } = maps;
        let output = channels_first(&maps.values, images, channels, height * width);
        if let Some(towers) = towers {
            kept.push(maps);
            let layers = self.blocks.iter().map(|block| block.layer.clone()).collect();
            towers.push(Tower { maps: kept, layers });
        }
        Tensor::of_floats(vec![images, channels, height, width], output)
    }
}

/// From `[images, channels, pixels]` to `[images, pixels, channels]`.
fn channels_last(values: &[f32], images: usize, channels: usize, pixels: usize) -> Vec<f32> {
    if channels == 1 || pixels == 1 {
        return values.to_vec();
    }
    let image = |at: usize| &values[at * channels * pixels..(at + 1) * channels * pixels];
    let of_image = |image: &'_ [f32], into: &mut Vec<f32>| {
        for pixel in 0..pixels {
            into.extend((0..channels).map(|channel| image[channel * pixels + pixel]));
        }
    };
    let mut turned = Vec::with_capacity(values.len());
    (0..images).for_each(|at| of_image(image(at), &mut turned));
    turned
}

/// From `[images, pixels, channels]` to `[images, channels, pixels]`: the same with both names exchanged.
fn channels_first(values: &[f32], images: usize, channels: usize, pixels: usize) -> Vec<f32> {
    channels_last(values, images, pixels, channels)
}

/// Whether the kernels compute this shape within the limits of an evaluation.
pub(crate) fn is_computable(shape: &ConvShape) -> bool {
    let [into, out] = [shape.in_channels, shape.out_channels].map(|channels| channels.next_multiple_of(16));
    let sides = [shape.height, shape.width].map(|side| side.saturating_add(shape.padding.saturating_mul(2)));
    shape.is_valid()
        && Budget::allows(&[shape.batch.saturating_add(1), sides[0], sides[1], into.max(out)])
        && Budget::allows(&[shape.kernel.max(6), shape.kernel.max(6), into, out])
}

impl Layer {
    /// What an operation computes, if it is a convolution of the kernels' kind.
    fn of(operation: &Operation, constants: &[Option<Tensor>]) -> Option<Self> {
        let constant = |at: usize| constants.get(operation.input(at)?)?.as_ref();
        let settings = &operation.settings;
        let weight = constant(1).filter(|_| operation.operator == "Conv")?;
        let [out_channels, in_channels, kernel, kernel_width] = weight.axes().ok()?;
        let bias = match operation.input(2) {
            None => vec![0.0; out_channels],
            Some(_) => constant(2)?.floats()?.to_vec(),
        };
        let pads = settings.ints("pads").unwrap_or(&[0; 4]);
        let given = settings.ints("kernel_shape").unwrap_or(&[]);
        let is_plain = kernel == kernel_width
            && bias.len() == out_channels
            && (given.is_empty() || (given.len() == 2 && given.iter().all(|&side| side == kernel as i64)))
            && all_equal(settings.ints("strides"), 1)
            && all_equal(settings.ints("dilations"), 1)
            && settings.int_or("group", 1) == 1
            && settings.text("auto_pad").is_none_or(|how| how == b"NOTSET")
            && pads.len() == 4
            && pads.iter().all(|pad| *pad == pads[0]);
        let padding = usize::try_from(pads.first().copied().filter(|_| is_plain)?).ok()?;
        let (weight, activation) = (weight.floats()?.into(), Activation::Identity);
        Some(Self { weight, bias, in_channels, kernel, padding, pool: 1, activation })
    }

    /// Takes the operation behind the convolution into the layer, if it is its activation or its pooling.
    fn absorb(&mut self, next: &Operation) -> bool {
        match next.operator.as_str() {
            "Relu" if self.activation == Activation::Identity => {
                self.activation = Activation::Relu;
                true
            }
            "MaxPool" if self.pool == 1 => match pooling(&next.settings) {
                Some(pool) => {
                    self.pool = pool;
                    true
                }
                None => false,
            },
            _ => false,
        }
    }

    /// Sides of kernel, padding and pooling windows.
    pub fn shape(&self) -> [usize; 3] {
        [self.kernel, self.padding, self.pool]
    }

    /// Weights and biases.
    pub fn parameters(&self) -> usize {
        self.weight.len() + self.bias.len()
    }

    /// The layer for a batch of images of this size.
    fn conv_shape(&self, batch: usize, height: usize, width: usize) -> ConvShape {
        ConvShape {
            batch,
            height,
            width,
            in_channels: self.in_channels,
            out_channels: self.bias.len(),
            kernel: self.kernel,
            padding: self.padding,
            pool: self.pool,
        }
    }

    /// How the value at `row` and `column` of map `channel` comes about from `input`, by the definition of convolution;
    /// `None` when there is no such value.
    pub fn explain(
        &self,
        input: &Maps,
        image: usize,
        channel: usize,
        row: usize,
        column: usize,
    ) -> Option<Explanation> {
        let shape = self.conv_shape(1, input.height, input.width);
        let is_there = is_computable(&shape) && row < shape.out_height() && column < shape.out_width();
        if !is_there || image >= input.images || input.channels != self.in_channels {
            return None;
        }
        let image = input.values.chunks_exact(shape.input_len()).nth(image)?;
        let weight = self.weight.chunks_exact(self.in_channels * self.kernel * self.kernel).nth(channel)?;
        let window = (0..self.pool * self.pool)
            .map(|at| (row * self.pool + at / self.pool, column * self.pool + at % self.pool));
        let found = window.map(|corner| self.explain_at(input, image, weight, corner));
        let total = |it: &Explanation| it.sum_of_channel + it.sum_of_others;
        let mut largest = found.reduce(|best, next| if total(&next) > total(&best) { next } else { best })?;
        largest.bias = *self.bias.get(channel)?;
        let sum = total(&largest) + largest.bias;
        largest.value = if self.activation == Activation::Relu { sum.max(0.0) } else { sum };
        Some(largest)
    }

    /// One product sum over an image, without bias and activation.
    fn explain_at(&self, input: &Maps, image: &[f32], weight: &[f32], (row, column): (usize, usize)) -> Explanation {
        let [side, padding, _] = self.shape();
        let corner = [row as i32 - padding as i32, column as i32 - padding as i32];
        let under = |channel: usize, at: usize| {
            let [y, x] = [corner[0] + (at / side) as i32, corner[1] + (at % side) as i32];
            let is_inside = (0..input.height as i32).contains(&y) && (0..input.width as i32).contains(&x);
            let pixel = y.max(0) as usize * input.width + x.max(0) as usize;
            if is_inside { image[pixel * input.channels + channel] } else { 0.0 }
        };
        let kernel = |channel: usize| &weight[channel * side * side..(channel + 1) * side * side];
        let sum = |channel: usize| -> f32 { (0..side * side).map(|at| under(channel, at) * kernel(channel)[at]).sum() };
        let sums: Vec<f32> = (0..input.channels).map(sum).collect();
        let in_channel = (0..sums.len()).max_by(|&a, &b| sums[a].abs().total_cmp(&sums[b].abs())).unwrap_or_default();
        let patch: Vec<f32> = (0..side * side).map(|at| under(in_channel, at)).collect();
        let kernel = kernel(in_channel).to_vec();
        let product = patch.iter().zip(&kernel).map(|(value, weight)| value * weight).collect();
        let sum_of_channel = sums[in_channel];
        let sum_of_others = sums.iter().sum::<f32>() - sum_of_channel;
        Explanation { corner, in_channel, patch, kernel, product, sum_of_channel, sum_of_others, bias: 0.0, value: 0.0 }
    }
}

impl Block {
    /// The maps that the layer makes of others.
    fn run(&mut self, input: &Maps, budget: &mut Budget) -> Result<Maps, NodeFault> {
        let layer = &self.layer;
        let shape = layer.conv_shape(input.images, input.height, input.width);
        if layer.in_channels != input.channels {
            return Err(NodeFault::Shape);
        }
        let of_one = ConvShape { batch: 1, ..shape };
        if !is_computable(&of_one) || !is_computable(&shape) {
            return Err(NodeFault::Shape);
        }
        let (height, width, channels) = (shape.out_height(), shape.out_width(), shape.out_channels);
        let count = budget.values(&[shape.batch, height, width, channels])?;
        budget.products(&[count, shape.pool, shape.pool, shape.in_channels, shape.kernel, shape.kernel])?;
        // All of it is written.
        let mut values = std::mem::take(&mut self.stale);
        values.resize(count, 0.0);
        if self.prepared.as_ref().is_none_or(|prepared| prepared.shape(1) != of_one) {
            self.prepared = Some(PreparedConvolution::new(&of_one, &layer.weight, &layer.bias, layer.activation));
        }
        if let (Some(prepared), 1..) = (&mut self.prepared, shape.batch) {
            prepared.forward(&mut budget.workspace, shape.batch, &input.values, &mut values);
        }
        Ok(Maps { images: shape.batch, height, width, channels, values })
    }
}

/// The side of the windows of a pooling whose windows touch, without padding.
fn pooling(settings: &Settings) -> Option<usize> {
    let window = settings.ints("kernel_shape")?;
    let &[height, width] = window else { return None };
    let is_plain = height == width
        && (2..=15).contains(&height)
        && settings.ints("strides") == Some(window)
        && all_equal(settings.ints("pads"), 0)
        && all_equal(settings.ints("dilations"), 1)
        && settings.int_or("ceil_mode", 0) == 0
        && settings.text("auto_pad").is_none_or(|how| how == b"NOTSET");
    is_plain.then_some(height as usize)
}

fn all_equal(values: Option<&[i64]>, expected: i64) -> bool {
    values.is_none_or(|values| values.iter().all(|value| *value == expected))
}
