//! Convolutions with weights prepared once, above all those of 4x4 and 5x5 tiles, against the naive reference.

use kernels::{Activation, ConvShape, PreparedConvolution, Workspace, convolution_forward};

use crate::reference::*;

/// The larger tiles of outputs.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Larger {
    Of4x4,
    Of5x5,
}

impl Larger {
    /// Largest error of outputs, with inputs and weights in -1..1, relative to the largest output.
    fn rounding(self) -> f64 {
        match self {
            Self::Of4x4 => 4e-6,
            Self::Of5x5 => 8e-6,
        }
    }

    /// Root mean square of those errors, relative to that of the outputs.
    fn usual_rounding(self) -> f64 {
        match self {
            Self::Of4x4 => 1.2e-6,
            Self::Of5x5 => 2.4e-6,
        }
    }
}

/// A 3x3 convolution of `batch` images of `height` by `width`.
fn shape(
    batch: usize,
    [height, width]: [usize; 2],
    [in_channels, out_channels]: [usize; 2],
    [padding, pool]: [usize; 2],
) -> ConvShape {
    ConvShape { batch, height, width, in_channels, out_channels, kernel: 3, padding, pool }
}

/// Shapes that larger tiles pay for: exactly filled or not, with partial vectors, in one block of tiles or more.
fn shapes_of_larger_tiles() -> Vec<ConvShape> {
    vec![
        shape(3, [14, 14], [16, 24], [0, 1]),
        shape(5, [12, 12], [24, 32], [1, 2]),
        shape(50, [6, 6], [32, 64], [0, 1]),
        shape(1, [6, 6], [16, 16], [0, 1]),
        shape(1, [8, 8], [17, 19], [1, 2]),
        shape(7, [7, 7], [33, 21], [2, 1]),
        shape(25, [9, 9], [16, 18], [1, 1]),
        shape(2, [36, 15], [16, 17], [0, 2]),
        shape(9, [10, 15], [40, 17], [0, 2]),
        shape(2, [12, 7], [96, 96], [1, 1]),
        shape(3, [13, 17], [23, 70], [1, 2]),
        shape(2, [9, 13], [16, 33], [2, 1]),
        shape(4, [12, 12], [16, 24], [0, 1]),
        shape(1, [7, 7], [16, 16], [0, 1]),
        shape(30, [7, 7], [32, 40], [0, 1]),
        shape(3, [5, 10], [17, 19], [1, 1]),
        shape(2, [15, 10], [24, 17], [1, 1]),
        shape(5, [21, 11], [33, 70], [0, 1]),
    ]
}

/// The tiles that a convolution goes by where they need a quarter less multiplications than tiles of 2x2. Where none do, the bits
/// are those of [`convolution_forward`].
fn larger_tiles(s: &ConvShape) -> Option<Larger> {
    let products = |tile: usize, products: usize| {
        let along = |outputs: usize| (outputs * s.pool).div_ceil(tile);
        products * along(s.out_height()) * along(s.out_width())
    };
    let [of_2x2, of_4x4, of_5x5] = [products(2, 16), products(4, 36), products(5, 49)];
    let (tiles, least) = if s.pool == 1 && of_5x5 < of_4x4 { (Larger::Of5x5, of_5x5) } else { (Larger::Of4x4, of_4x4) };
    let supported = s.kernel == 3 && s.pool <= 2 && s.in_channels.min(s.out_channels) >= 16;
    (supported && 4 * least < 3 * of_2x2).then_some(tiles)
}

/// Inputs, weights and biases.
struct Inputs {
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Inputs {
    /// Uniform from -1 to 1.
    fn uniform(random: &mut Random, shape: &ConvShape) -> Self {
        let [x, weight, bias] =
            [shape.input_len(), shape.weight_len(), shape.out_channels].map(|len| random.uniform(len));
        Self { x, weight, bias }
    }

    fn prepare(&self, shape: &ConvShape, activation: Activation) -> PreparedConvolution {
        PreparedConvolution::new(shape, &self.weight, &self.bias, activation)
    }

    /// What the reference computes before the activation.
    fn expected(&self, shape: &ConvShape) -> Vec<f64> {
        convolve(shape, &widen(&self.x), &widen(&self.weight), &widen(&self.bias)).values
    }
}

/// The outputs of `prepared`, with nothing written around them.
fn run(prepared: &mut PreparedConvolution, batch: usize, x: &[f32]) -> Vec<f32> {
    const GUARD: usize = 64;
    let len = prepared.shape(batch).output_len();
    // Stale outputs must not matter.
    let mut guarded = vec![f32::from_bits(0x7fc0_1234); len + 2 * GUARD];
    prepared.forward(&mut Workspace::new(), batch, x, &mut guarded[GUARD..GUARD + len]);
    let guards = guarded[..GUARD].iter().chain(&guarded[GUARD + len..]);
    assert!(
        guards.into_iter().all(|value| value.to_bits() == 0x7fc0_1234),
        "written outside: {:?}",
        prepared.shape(batch)
    );
    guarded[GUARD..GUARD + len].to_vec()
}

#[test]
fn convolutions_by_larger_tiles_round_little() {
    let mut random = Random(41);
    let shapes = shapes_of_larger_tiles();
    let with_5x5 = shapes.iter().filter(|shape| larger_tiles(shape) == Some(Larger::Of5x5)).count();
    assert_eq!([shapes.len() - with_5x5, with_5x5], [10, 8]);
    for shape in shapes {
        let tiles = larger_tiles(&shape).unwrap();
        for is_rectified in [false, true] {
            let mut inputs = Inputs::uniform(&mut random, &shape);
            if is_rectified {
                inputs.x.iter_mut().for_each(|value| *value = value.max(0.0));
            }
            let expected = inputs.expected(&shape);
            let y = run(&mut inputs.prepare(&shape, Activation::Identity), shape.batch, &inputs.x);
            assert_close(&y, &expected, tiles.rounding(), &format!("{shape:?}"));
            let (mut errors, mut squares) = (0.0, 0.0);
            for (y, expected) in y.iter().zip(&expected) {
                errors += (f64::from(*y) - expected).powi(2);
                squares += expected.powi(2);
            }
            let error = (errors / squares).sqrt();
            assert!(error <= tiles.usual_rounding(), "{shape:?}: {error:e}");
        }
    }
}

#[test]
fn every_activation_follows_convolutions_by_larger_tiles() {
    let mut random = Random(42);
    for (index, shape) in shapes_of_larger_tiles().iter().enumerate() {
        for activation in [ACTIVATIONS[index % ACTIVATIONS.len()], Activation::Relu] {
            let inputs = Inputs::uniform(&mut random, shape);
            let before = run(&mut inputs.prepare(shape, Activation::Identity), shape.batch, &inputs.x);
            let expected: Vec<f64> = before.iter().map(|z| activate(activation, f64::from(*z))).collect();
            let y = run(&mut inputs.prepare(shape, activation), shape.batch, &inputs.x);
            let tolerance = if is_exact(activation) { 0.0 } else { ROUNDING };
            assert_close(&y, &expected, tolerance, &format!("{shape:?} {activation:?}"));
        }
    }
}

#[test]
fn a_prepared_convolution_without_larger_tiles_gives_the_bits_of_one_that_packs_its_weights_each_time() {
    let mut random = Random(77);
    let mut shapes: Vec<ConvShape> = (0..60).map(|_| random.conv_shape()).collect();
    // Enough channels for larger tiles, of which too much would lie outside, or which cannot pool.
    let outputs_of_2x2_tiles = [[6, 6, 1], [6, 6, 2], [6, 10, 1], [10, 10, 2], [6, 12, 1], [2, 2, 1], [14, 10, 2]];
    shapes.extend(
        outputs_of_2x2_tiles.map(|[height, width, pool]| shape(3, [height + 2, width + 2], [24, 40], [0, pool])),
    );
    for (number, shape) in shapes.iter().enumerate() {
        let activation = [Activation::Identity, Activation::Relu][number % 2];
        let inputs = Inputs {
            x: random.exact(shape.input_len()),
            weight: random.exact(shape.weight_len()),
            bias: random.exact(shape.out_channels),
        };
        let Inputs { x, weight, bias } = &inputs;
        let mut expected = vec![f32::NAN; shape.output_len()];
        let mut argmax = vec![0; shape.output_len()];
        let workspace = &mut Workspace::new();
        convolution_forward(workspace, shape, x, weight, bias, activation, &mut expected, &mut argmax);
        let mut prepared = inputs.prepare(shape, activation);
        for _ in 0..2 {
            let y = run(&mut prepared, shape.batch, x);
            if larger_tiles(shape).is_some() {
                assert_close(&y, &widen(&expected), ROUNDING, &format!("{shape:?}"));
            } else {
                assert_eq!(y, expected, "{shape:?}");
            }
        }
    }
}

#[test]
fn an_image_gives_the_same_bits_in_every_batch() {
    let mut random = Random(43);
    for shape in shapes_of_larger_tiles() {
        let inputs = Inputs::uniform(&mut random, &shape);
        let mut prepared = inputs.prepare(&shape, Activation::Relu);
        let together = run(&mut prepared, shape.batch, &inputs.x);
        let alone: Vec<f32> =
            inputs.x.chunks_exact(shape.input_len() / shape.batch).flat_map(|x| run(&mut prepared, 1, x)).collect();
        assert_eq!(together, alone, "{shape:?}");
        assert_eq!(run(&mut prepared, 0, &[]), []);
    }
}

#[test]
fn a_nan_reaches_every_output_that_sees_it_and_no_other_image() {
    let mut random = Random(44);
    for shape in shapes_of_larger_tiles() {
        for activation in [Activation::Identity, Activation::Relu] {
            let mut inputs = Inputs::uniform(&mut random, &shape);
            let before = run(&mut inputs.prepare(&shape, activation), shape.batch, &inputs.x);
            let place = random.between(0, inputs.x.len() - 1);
            inputs.x[place] = f32::NAN;
            let expected = inputs.expected(&shape);
            let y = run(&mut inputs.prepare(&shape, activation), shape.batch, &inputs.x);
            let (image, outputs) = (place / (inputs.x.len() / shape.batch), y.len() / shape.batch);
            for (at, (y, expected)) in y.iter().zip(&expected).enumerate() {
                assert!(y.is_nan() || !expected.is_nan(), "{shape:?}");
                assert!(at / outputs == image || *y == before[at], "{shape:?}");
            }
        }
    }
}
