//! The Adam optimiser's step (Kingma and Ba 2015).

use pulp::{Arch, Simd, WithSimd};

/// Adam's hyperparameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// Learning rate.
    pub learning_rate: f64,
    /// Decay rate of the first moment (mean gradient).
    pub beta1: f64,
    /// Decay rate of the second moment (mean squared gradient).
    pub beta2: f64,
    /// Added to the denominator.
    pub epsilon: f64,
}

/// Applies step number `step` (the first is 1): updates parameters and both moments with PyTorch's formula, without
/// weight decay. Returns whether all parameters are finite afterwards.
///
/// ```
/// use kernels::{Adam, adam_step};
///
/// let adam = Adam { learning_rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/// let (mut parameters, mut means, mut squares) = ([1.0, 2.0], [0.0; 2], [0.0; 2]);
/// // The first step is as long as the learning rate, whatever the gradient's size.
/// assert!(adam_step(&mut parameters, &[0.5, -7.0], &mut means, &mut squares, &adam, 1));
/// assert!((parameters[0] - 0.9).abs() < 1e-6 && (parameters[1] - 2.1).abs() < 1e-6);
/// ```
///
/// # Panics
/// If the slices differ in length.
pub fn adam_step(
    parameters: &mut [f32],
    gradients: &[f32],
    means: &mut [f32],
    squares: &mut [f32],
    adam: &Adam,
    step: u64,
) -> bool {
    let len = parameters.len();
    assert!(gradients.len() == len && means.len() == len && squares.len() == len, "Adam's slices must match");
    let step = i32::try_from(step).unwrap_or(i32::MAX);
    let factors = Factors {
        mean: (1.0 - adam.beta1) as f32,
        keep_square: adam.beta2 as f32,
        square: (1.0 - adam.beta2) as f32,
        inverse_root: (1.0 / (1.0 - adam.beta2.powi(step)).sqrt()) as f32,
        epsilon: adam.epsilon as f32,
        step: -(adam.learning_rate / (1.0 - adam.beta1.powi(step))) as f32,
    };
    Arch::new().dispatch(AdamStep { parameters, gradients, means, squares, factors })
}

/// The scalars of one step, computed in double precision as in PyTorch.
#[derive(Clone, Copy)]
struct Factors {
    mean: f32,
    keep_square: f32,
    square: f32,
    inverse_root: f32,
    epsilon: f32,
    step: f32,
}

struct AdamStep<'a> {
    parameters: &'a mut [f32],
    gradients: &'a [f32],
    means: &'a mut [f32],
    squares: &'a mut [f32],
    factors: Factors,
}

impl Factors {
    /// The new (parameter, mean, square).
    #[inline(always)]
    fn update<S: Simd>(
        self,
        simd: S,
        parameter: S::f32s,
        gradient: S::f32s,
        mean: S::f32s,
        square: S::f32s,
    ) -> (S::f32s, S::f32s, S::f32s) {
        let change = simd.mul_f32s(simd.splat_f32s(self.mean), simd.sub_f32s(gradient, mean));
        let mean = simd.add_f32s(mean, change);
        let new = simd.mul_f32s(simd.mul_f32s(simd.splat_f32s(self.square), gradient), gradient);
        let square = simd.add_f32s(simd.mul_f32s(square, simd.splat_f32s(self.keep_square)), new);
        // PyTorch divides. Multiplying by the reciprocal rounds slightly differently and is several times faster.
        let root = simd.mul_f32s(simd.sqrt_f32s(square), simd.splat_f32s(self.inverse_root));
        let denominator = simd.add_f32s(root, simd.splat_f32s(self.epsilon));
        let change = simd.div_f32s(simd.mul_f32s(simd.splat_f32s(self.step), mean), denominator);
        (simd.add_f32s(parameter, change), mean, square)
    }
}

impl WithSimd for AdamStep<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> bool {
        // Stays 0 until an infinite value or NaN is multiplied by 0.
        let mut lost = simd.splat_f32s(0.0);
        let (parameters, parameters_tail) = S::as_mut_simd_f32s(self.parameters);
        let (gradients, gradients_tail) = S::as_simd_f32s(self.gradients);
        let (means, means_tail) = S::as_mut_simd_f32s(self.means);
        let (squares, squares_tail) = S::as_mut_simd_f32s(self.squares);
        for (((parameter, gradient), mean), square) in parameters.iter_mut().zip(gradients).zip(means).zip(squares) {
            (*parameter, *mean, *square) = self.factors.update(simd, *parameter, *gradient, *mean, *square);
            lost = simd.mul_add_e_f32s(*parameter, simd.splat_f32s(0.0), lost);
        }
        if !gradients_tail.is_empty() {
            let (parameter, mean, square) = self.factors.update(
                simd,
                simd.partial_load_f32s(parameters_tail),
                simd.partial_load_f32s(gradients_tail),
                simd.partial_load_f32s(means_tail),
                simd.partial_load_f32s(squares_tail),
            );
            lost = simd.mul_add_e_f32s(parameter, simd.splat_f32s(0.0), lost);
            simd.partial_store_f32s(parameters_tail, parameter);
            simd.partial_store_f32s(means_tail, mean);
            simd.partial_store_f32s(squares_tail, square);
        }
        simd.reduce_sum_f32s(lost) == 0.0
    }
}
