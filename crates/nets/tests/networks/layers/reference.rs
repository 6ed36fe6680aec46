//! Convolutions with strides, and depthwise ones, in plain loops and double precision: values and all gradients.

use nets::layer::Activation;

/// Added to the variance by batch normalisation.
const EPSILON: f64 = 1e-5;

/// A convolution with its activation, and with batch normalisation as it is before any step: scale 1, shift 0.
#[derive(Debug, Clone, Copy)]
pub struct Convolution {
    pub batch: usize,
    pub height: usize,
    pub width: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub kernel: usize,
    pub padding: usize,
    pub stride: usize,
    /// Whether each channel has a kernel of its own; `outputs` equals `inputs` then.
    pub depthwise: bool,
    pub batch_norm: bool,
    pub activation: Option<Activation>,
}

/// Images are `[batch, height, width, channels]`.
pub struct Forward {
    /// What the activation is applied to.
    pub potentials: Vec<f64>,
    pub output: Vec<f64>,
    /// Mean of each channel before normalisation.
    pub mean: Vec<f64>,
    /// Biased variance of each channel before normalisation.
    variance: Vec<f64>,
}

pub struct Gradients {
    pub input: Vec<f64>,
    pub weight: Vec<f64>,
    pub bias: Vec<f64>,
    /// Of the scale of batch normalisation.
    pub scale: Vec<f64>,
    /// Of the shift of batch normalisation.
    pub shift: Vec<f64>,
}

impl Convolution {
    /// Rows and columns of the output.
    pub fn positions(&self) -> [usize; 2] {
        [self.height, self.width].map(|side| (side + 2 * self.padding - self.kernel) / self.stride + 1)
    }

    /// Input channels of each output channel.
    fn sources(&self) -> usize {
        if self.depthwise { 1 } else { self.inputs }
    }

    /// Values that each output is a sum of, those on padding included.
    pub fn fan_in(&self) -> usize {
        self.sources() * self.kernel * self.kernel
    }

    /// Values that a channel is normalised over.
    pub fn count(&self) -> f64 {
        let [rows, columns] = self.positions();
        (self.batch * rows * columns) as f64
    }

    /// Calls `visit(output index, input index, weight index)` for every product that is not on padding.
    fn for_products(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let ([rows, columns], taps) = (self.positions(), self.kernel * self.kernel);
        for output in 0..self.batch * rows * columns * self.outputs {
            let (position, channel) = (output / self.outputs, output % self.outputs);
            let (image, y, x) = (position / (rows * columns), position / columns % rows, position % columns);
            for tap in 0..taps {
                let row = (y * self.stride + tap / self.kernel).wrapping_sub(self.padding);
                let column = (x * self.stride + tap % self.kernel).wrapping_sub(self.padding);
                if row >= self.height || column >= self.width {
                    continue;
                }
                let pixel = (image * self.height + row) * self.width + column;
                for source in 0..self.sources() {
                    let input = if self.depthwise { channel } else { source };
                    let weight = (channel * self.sources() + source) * taps + tap;
                    visit(output, pixel * self.inputs + input, weight);
                }
            }
        }
    }

    /// The mean of each channel of what `value` gives for each index.
    fn channel_means(&self, value: impl Fn(usize) -> f64) -> Vec<f64> {
        let values = self.count() as usize * self.outputs;
        let sum = |channel: usize| (channel..values).step_by(self.outputs).map(&value).sum::<f64>();
        (0..self.outputs).map(|channel| sum(channel) / self.count()).collect()
    }

    /// `weight` is `[outputs, inputs, kernel, kernel]`, depthwise `[outputs, 1, kernel, kernel]`.
    pub fn forward(&self, x: &[f64], weight: &[f64], bias: &[f64]) -> Forward {
        let mut z = vec![0.0; self.count() as usize * self.outputs];
        z.iter_mut().enumerate().for_each(|(index, z)| *z = bias[index % self.outputs]);
        self.for_products(|output, input, tap| z[output] += x[input] * weight[tap]);
        let mean = self.channel_means(|index| z[index]);
        let variance = self.channel_means(|index| (z[index] - mean[index % self.outputs]).powi(2));
        if self.batch_norm {
            for (index, z) in z.iter_mut().enumerate() {
                let channel = index % self.outputs;
                *z = (*z - mean[channel]) / (variance[channel] + EPSILON).sqrt();
            }
        }
        let output = z.iter().map(|&z| activated(self.activation, z)[0]).collect();
        Forward { potentials: z, output, mean, variance }
    }

    /// The gradients from `dy`, that of the output.
    pub fn backward(&self, forward: &Forward, x: &[f64], weight: &[f64], dy: &[f64]) -> Gradients {
        let normalised = &forward.potentials;
        let slopes = normalised.iter().map(|&potential| activated(self.activation, potential)[1]);
        let mut dz: Vec<f64> = slopes.zip(dy).map(|(slope, dy)| slope * dy).collect();
        let (shift, scale) = (self.channel_means(|index| dz[index]), self.channel_means(|at| dz[at] * normalised[at]));
        if self.batch_norm {
            for (index, dz) in dz.iter_mut().enumerate() {
                let channel = index % self.outputs;
                let deviation = (forward.variance[channel] + EPSILON).sqrt();
                *dz = (*dz - shift[channel] - normalised[index] * scale[channel]) / deviation;
            }
        }
        let (mut of_input, mut of_weight) = (vec![0.0; x.len()], vec![0.0; weight.len()]);
        self.for_products(|output, input, tap| {
            of_input[input] += dz[output] * weight[tap];
            of_weight[tap] += dz[output] * x[input];
        });
        let sums = |means: Vec<f64>| -> Vec<f64> { means.into_iter().map(|mean| mean * self.count()).collect() };
        let bias = sums(self.channel_means(|index| dz[index]));
        Gradients { input: of_input, weight: of_weight, bias, scale: sums(scale), shift: sums(shift) }
    }

    /// Running mean and variance after the first batch.
    pub fn running_statistics(&self, forward: &Forward) -> [Vec<f64>; 2] {
        let unbiased = self.count() / (self.count() - 1.0);
        let variance = forward.variance.iter().map(|variance| 0.9 + 0.1 * unbiased * variance);
        [forward.mean.iter().map(|mean| 0.1 * mean).collect(), variance.collect()]
    }
}

/// An activation's value and its derivative.
fn activated(activation: Option<Activation>, x: f64) -> [f64; 2] {
    let (scale, alpha) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    match activation {
        None => [x, 1.0],
        Some(Activation::Relu) => [x.max(0.0), f64::from(x > 0.0)],
        Some(Activation::Tanh) => [x.tanh(), 1.0 - x.tanh().powi(2)],
        Some(Activation::Sigmoid) => {
            let value = 1.0 / (1.0 + (-x).exp());
            [value, value * (1.0 - value)]
        }
        Some(Activation::Selu) if x > 0.0 => [scale * x, scale],
        Some(Activation::Selu) => [scale * alpha * x.exp_m1(), scale * alpha * x.exp()],
        Some(Activation::LeakyRelu { .. }) if x > 0.0 => [x, 1.0],
        Some(Activation::LeakyRelu { slope }) => [f64::from(slope) * x, f64::from(slope)],
    }
}
