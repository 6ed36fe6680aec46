//! Naive kernels in plain loops and double precision, random shapes, and comparisons.

use kernels::{Activation, ConvShape};
use pulp::Arch;

/// Accumulated single-precision error, relative to the largest value.
pub const ROUNDING: f64 = 2e-6;

/// Every SIMD level of this machine.
pub fn levels() -> Vec<Arch> {
    let mut levels = vec![Arch::Scalar];
    #[cfg(target_arch = "x86_64")]
    {
        levels.extend(pulp::x86::V3::try_new().map(Arch::V3));
        levels.extend(pulp::x86::V4::try_new().map(Arch::V4));
    }
    #[cfg(not(target_arch = "x86_64"))]
    levels.push(Arch::new());
    levels
}

/// A small generator (SplitMix64). Every run tests the same cases.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + (self.next() % (high - low + 1) as u64) as usize
    }

    /// A few distinct values that stay exact in single precision even after a test's sums: ties are exact and common.
    pub fn exact(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| (self.between(0, 8) as f32 - 4.0) / 4.0).collect()
    }

    /// Uniform from -1 to 1.
    pub fn uniform(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0).collect()
    }

    pub fn conv_shape(&mut self) -> ConvShape {
        loop {
            let few = self.between(0, 1) == 0;
            let shape = ConvShape {
                batch: self.between(1, 9),
                height: self.between(2, 15),
                width: self.between(2, 15),
                in_channels: self.between(1, if few { 5 } else { 40 }),
                out_channels: self.between(1, if few { 20 } else { 70 }),
                kernel: self.between(1, 5),
                padding: self.between(0, 2),
                pool: self.between(1, 3),
            };
            let fits = |size: usize| size + 2 * shape.padding + 1 >= shape.kernel + shape.pool;
            if fits(shape.height) && fits(shape.width) {
                return shape;
            }
        }
    }
}

pub const ACTIVATIONS: [Activation; 6] = [
    Activation::Identity,
    Activation::Relu,
    Activation::LeakyRelu(0.25),
    Activation::Selu,
    Activation::Sigmoid,
    Activation::Tanh,
];

/// Activations whose values and gradients are exact for exact inputs.
pub fn is_exact(activation: Activation) -> bool {
    matches!(activation, Activation::Identity | Activation::Relu | Activation::LeakyRelu(_))
}

pub fn activate(activation: Activation, x: f64) -> f64 {
    let (scale, alpha) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    match activation {
        Activation::Identity => x,
        Activation::Relu => {
            if x < 0.0 {
                0.0
            } else {
                x
            }
        }
        Activation::LeakyRelu(slope) => {
            if x < 0.0 {
                x * f64::from(slope)
            } else {
                x
            }
        }
        Activation::Selu => {
            if x > 0.0 {
                scale * x
            } else {
                scale * alpha * x.exp_m1()
            }
        }
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Tanh => x.tanh(),
    }
}

/// The derivative of the activation, from its input.
pub fn slope(activation: Activation, x: f64) -> f64 {
    let (scale, alpha) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    match activation {
        Activation::Identity => 1.0,
        Activation::Relu => f64::from(x > 0.0),
        Activation::LeakyRelu(slope) => {
            if x > 0.0 {
                1.0
            } else {
                f64::from(slope)
            }
        }
        Activation::Selu => {
            if x > 0.0 {
                scale
            } else {
                scale * alpha * x.exp()
            }
        }
        Activation::Sigmoid => activate(activation, x) * (1.0 - activate(activation, x)),
        Activation::Tanh => 1.0 - x.tanh() * x.tanh(),
    }
}

/// The pooled convolution before its activation, and the window index of each maximum.
pub struct Pooled {
    pub values: Vec<f64>,
    pub places: Vec<u8>,
}

/// Visits every product of the convolution at a kept position: (image, y, x, out channel, input index, weight index).
pub fn for_products(s: &ConvShape, image: usize, y: usize, x: usize, out: usize, mut visit: impl FnMut(usize, usize)) {
    for ky in 0..s.kernel {
        for kx in 0..s.kernel {
            let (iy, ix) = ((y + ky).wrapping_sub(s.padding), (x + kx).wrapping_sub(s.padding));
            if iy < s.height && ix < s.width {
                for c in 0..s.in_channels {
                    visit(
                        ((image * s.height + iy) * s.width + ix) * s.in_channels + c,
                        ((out * s.in_channels + c) * s.kernel + ky) * s.kernel + kx,
                    );
                }
            }
        }
    }
}

pub fn convolve(s: &ConvShape, x: &[f64], weight: &[f64], bias: &[f64]) -> Pooled {
    let mut pooled = Pooled { values: Vec::new(), places: Vec::new() };
    for image in 0..s.batch {
        for py in 0..s.out_height() {
            for px in 0..s.out_width() {
                for (out, bias) in bias.iter().enumerate() {
                    let mut best = f64::NEG_INFINITY;
                    let mut best_place = 0;
                    for place in 0..s.pool * s.pool {
                        let mut z = *bias;
                        let (y, column) = (py * s.pool + place / s.pool, px * s.pool + place % s.pool);
                        for_products(s, image, y, column, out, |i, w| z += x[i] * weight[w]);
                        if z > best || z.is_nan() {
                            (best, best_place) = (z, place);
                        }
                    }
                    pooled.values.push(best);
                    pooled.places.push(best_place as u8);
                }
            }
        }
    }
    pooled
}

pub struct Gradients {
    pub dx: Vec<f64>,
    pub dweight: Vec<f64>,
    pub dbias: Vec<f64>,
}

pub fn convolve_backward(
    s: &ConvShape,
    x: &[f64],
    weight: &[f64],
    pooled: &Pooled,
    activation: Activation,
    dy: &[f64],
) -> Gradients {
    let mut g =
        Gradients { dx: vec![0.0; x.len()], dweight: vec![0.0; weight.len()], dbias: vec![0.0; s.out_channels] };
    let mut index = 0;
    for image in 0..s.batch {
        for py in 0..s.out_height() {
            for px in 0..s.out_width() {
                for out in 0..s.out_channels {
                    let place = usize::from(pooled.places[index]);
                    let (y, column) = (py * s.pool + place / s.pool, px * s.pool + place % s.pool);
                    let dz = dy[index] * slope(activation, pooled.values[index]);
                    g.dbias[out] += dz;
                    for_products(s, image, y, column, out, |i, w| {
                        g.dx[i] += dz * weight[w];
                        g.dweight[w] += dz * x[i];
                    });
                    index += 1;
                }
            }
        }
    }
    g
}

pub fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

/// Panics unless `actual` is within `tolerance` of `expected`, relative to the largest absolute value of `expected`.
pub fn assert_close(actual: &[f32], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    let size = expected.iter().fold(1.0, |size: f64, value| size.max(value.abs()));
    for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        let error = (f64::from(*actual) - expected).abs();
        assert!(error <= tolerance * size, "{what}: {actual} at {index}, expected {expected} (of {size})");
    }
}
