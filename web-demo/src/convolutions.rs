//! Convolutions one after the other, with pooling and activation, computed by the trainer's kernels.

use std::collections::HashMap;

use candle_core::{Result, Tensor};
use candle_onnx::onnx::NodeProto;
use kernels::{Activation, ConvShape, PreparedConvolution, Workspace};

use crate::trace::{Explanation, Maps, Tower};

/// A run of nodes `Conv`, each with an optional `Relu` and `MaxPool` behind it in either order (they commute), of which
/// nothing but the last value is read by others.
#[derive(Debug)]
pub struct ConvolutionChain {
    input: String,
    output: String,
    blocks: Vec<Block>,
    workspace: Workspace,
}

/// One convolution block as the graph describes it: convolution, bias, then pooling and activation.
#[derive(Debug, Clone)]
pub struct Layer {
    /// `[out_channels, in_channels, kernel, kernel]`.
    weight: Tensor,
    bias: Vec<f32>,
    padding: usize,
    pool: usize,
    activation: Activation,
}

/// A layer and its weights in the kernels' order.
#[derive(Debug)]
struct Block {
    layer: Layer,
    /// Made for the first images, whose size the graph does not tell.
    prepared: Option<PreparedConvolution>,
}

impl ConvolutionChain {
    /// The chain that `nodes`, the rest of the graph `all`, begin with, and of how many nodes it is made.
    pub fn at(
        all: &[NodeProto],
        nodes: &[NodeProto],
        constants: &HashMap<String, Tensor>,
        outputs: &[String],
    ) -> Option<(Self, usize)> {
        let input = nodes.first()?.input.first()?.clone();
        let (mut value, mut length, mut blocks) = (input.clone(), 0, Vec::new());
        while let Some(block) = nodes.get(length).filter(|node| node.input.first() == Some(&value)) {
            if !blocks.is_empty() && !is_read_once(all, &value, outputs) {
                break;
            }
            let Some(mut layer) = Layer::of(block, constants) else { break };
            value.clone_from(&nodes[length].output[0]);
            length += 1;
            while let Some(next) = nodes.get(length).filter(|next| next.input.first() == Some(&value)) {
                if !is_read_once(all, &value, outputs) || !layer.absorb(next) {
                    break;
                }
                value.clone_from(&next.output[0]);
                length += 1;
            }
            blocks.push(Block { layer, prepared: None });
        }
        let chain = Self { input, output: value, blocks, workspace: Workspace::new() };
        (length > 0).then_some((chain, length))
    }

    /// The name of what it reads.
    pub fn input(&self) -> &str {
        &self.input
    }

    /// The name of what it computes.
    pub fn output(&self) -> &str {
        &self.output
    }

    /// Computes the chain's output, `[batch, channels, height, width]` like its input. What each layer computes is kept
    /// in `towers`, if they are given.
    ///
    /// # Errors
    /// When the input is missing, or not of four dimensions that the convolutions fit.
    pub fn run(&mut self, values: &HashMap<String, Tensor>, towers: Option<&mut Vec<Tower>>) -> Result<Tensor> {
        let Some(input) = values.get(&self.input) else { candle_core::bail!("there is no {}", self.input) };
        let (batch, _, mut height, mut width) = input.dims4()?;
        let mut x = input.permute((0, 2, 3, 1))?.flatten_all()?.to_vec1::<f32>()?;
        let mut channels = input.dim(1)?;
        let mut maps = Vec::new();
        let mut keep = |x: &Vec<f32>, height, width, channels| {
            if towers.is_some() {
                maps.push(Maps { images: batch, height, width, channels, values: x.clone() });
            }
        };
        keep(&x, height, width, channels);
        for block in &mut self.blocks {
            let prepared = block.prepared(height, width, channels)?;
            let shape = prepared.shape(batch);
            let mut y = vec![0.0; shape.output_len()];
            prepared.forward(&mut self.workspace, batch, &x, &mut y);
            (x, height, width, channels) = (y, shape.out_height(), shape.out_width(), shape.out_channels);
            keep(&x, height, width, channels);
        }
        if let Some(towers) = towers {
            towers.push(Tower { maps, layers: self.blocks.iter().map(|block| block.layer.clone()).collect() });
        }
        let output = Tensor::from_vec(x, (batch, height, width, channels), input.device())?;
        output.permute((0, 3, 1, 2))?.contiguous()
    }
}

impl Layer {
    /// What a node computes, if it is a convolution of the kernels' kind.
    fn of(node: &NodeProto, constants: &HashMap<String, Tensor>) -> Option<Self> {
        let constant = |at: usize| constants.get(node.input.get(at)?);
        let weight = constant(1)?;
        let (out_channels, _, kernel, kernel_width) = weight.dims4().ok()?;
        let bias = match node.input.len() {
            2 => vec![0.0; out_channels],
            _ => constant(2)?.to_vec1::<f32>().ok()?,
        };
        let pads = integers(node, "pads").unwrap_or(&[0; 4]);
        let is_plain = node.op_type == "Conv"
            && kernel == kernel_width
            && bias.len() == out_channels
            && all_equal(integers(node, "strides"), 1)
            && all_equal(integers(node, "dilations"), 1)
            && integer(node, "group").is_none_or(|group| group == 1)
            && text(node, "auto_pad").is_none_or(|how| how == b"NOTSET")
            && pads.len() == 4
            && pads.iter().all(|pad| *pad == pads[0] && *pad >= 0);
        is_plain.then(|| Self {
            weight: weight.clone(),
            bias,
            padding: pads[0] as usize,
            pool: 1,
            activation: Activation::Identity,
        })
    }

    /// Takes the node behind the convolution into the layer, if it is its activation or its pooling.
    fn absorb(&mut self, node: &NodeProto) -> bool {
        match node.op_type.as_str() {
            "Relu" if self.activation == Activation::Identity => {
                self.activation = Activation::Relu;
                true
            }
            "MaxPool" if self.pool == 1 && node.output.len() == 1 => match pooling(node) {
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
        [self.weight.dim(2).unwrap_or_default(), self.padding, self.pool]
    }

    /// Weights and biases.
    pub fn parameters(&self) -> usize {
        self.weight.elem_count() + self.bias.len()
    }

    /// How the value at `row` and `column` of map `channel` comes about from `input`, by the definition of convolution.
    ///
    /// # Errors
    /// Candle's, when the weights cannot be read.
    pub fn explain(
        &self,
        input: &Maps,
        image: usize,
        channel: usize,
        row: usize,
        column: usize,
    ) -> Result<Explanation> {
        let weight = self.weight.get(channel)?.flatten_all()?.to_vec1::<f32>()?;
        let bias = self.bias[channel];
        let window = (0..self.pool * self.pool)
            .map(|at| (row * self.pool + at / self.pool, column * self.pool + at % self.pool));
        let found = window.map(|corner| self.explain_at(input, image, &weight, corner));
        let total = |it: &Explanation| it.sum_of_channel + it.sum_of_others;
        let largest = found.reduce(|best, next| if total(&next) > total(&best) { next } else { best });
        let Some(mut largest) = largest else { candle_core::bail!("a pooling window is empty") };
        let sum = total(&largest) + bias;
        largest.bias = bias;
        largest.value = if self.activation == Activation::Relu { sum.max(0.0) } else { sum };
        Ok(largest)
    }

    /// One product sum, without bias and activation.
    fn explain_at(&self, input: &Maps, image: usize, weight: &[f32], (row, column): (usize, usize)) -> Explanation {
        let [side, padding, _] = self.shape();
        let corner = [row as i32 - padding as i32, column as i32 - padding as i32];
        let under = |channel: usize, at: usize| {
            let [y, x] = [corner[0] + (at / side) as i32, corner[1] + (at % side) as i32];
            let is_inside = (0..input.height as i32).contains(&y) && (0..input.width as i32).contains(&x);
            let pixel = (image * input.height + y.max(0) as usize) * input.width + x.max(0) as usize;
            if is_inside { input.values[pixel * input.channels + channel] } else { 0.0 }
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
    /// The block for images of this size.
    fn prepared(&mut self, height: usize, width: usize, in_channels: usize) -> Result<&mut PreparedConvolution> {
        let layer = &self.layer;
        let (out_channels, depth, kernel, _) = layer.weight.dims4()?;
        let (padding, pool) = (layer.padding, layer.pool);
        let shape = ConvShape { batch: 1, height, width, in_channels, out_channels, kernel, padding, pool };
        if depth != in_channels || shape.output_len() == 0 {
            candle_core::bail!("a convolution of {depth} channels does not fit {in_channels} of {height}x{width}")
        }
        if self.prepared.as_ref().is_none_or(|prepared| prepared.shape(1) != shape) {
            let weight = layer.weight.flatten_all()?.to_vec1::<f32>()?;
            self.prepared = Some(PreparedConvolution::new(&shape, &weight, &layer.bias, layer.activation));
        }
        self.prepared.as_mut().ok_or_else(|| candle_core::Error::Msg("a convolution is not prepared".to_owned()))
    }
}

/// The side of the windows of a pooling whose windows touch, without padding.
fn pooling(node: &NodeProto) -> Option<usize> {
    let window = integers(node, "kernel_shape")?;
    let &[height, width] = window else { return None };
    let is_plain = height == width
        && (2..=15).contains(&height)
        && integers(node, "strides") == Some(window)
        && all_equal(integers(node, "pads"), 0)
        && all_equal(integers(node, "dilations"), 1)
        && integer(node, "ceil_mode").is_none_or(|mode| mode == 0)
        && text(node, "auto_pad").is_none_or(|how| how == b"NOTSET");
    is_plain.then_some(height as usize)
}

fn is_read_once(all: &[NodeProto], value: &String, outputs: &[String]) -> bool {
    all.iter().flat_map(|node| &node.input).filter(|name| *name == value).count() == 1 && !outputs.contains(value)
}

fn all_equal(values: Option<&[i64]>, expected: i64) -> bool {
    values.is_none_or(|values| values.iter().all(|value| *value == expected))
}

fn integers<'a>(node: &'a NodeProto, name: &str) -> Option<&'a [i64]> {
    node.attribute.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.ints.as_slice())
}

fn integer(node: &NodeProto, name: &str) -> Option<i64> {
    node.attribute.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.i)
}

fn text<'a>(node: &'a NodeProto, name: &str) -> Option<&'a [u8]> {
    node.attribute.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.s.as_slice())
}
