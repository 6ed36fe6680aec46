//! Activation functions and their gradients, a vector at a time.

use pulp::Simd;

/// SELU's scale (Klambauer et al. 2017), as PyTorch rounds it.
const SELU_SCALE: f32 = 1.050_701;
/// SELU's alpha times its scale.
const SELU_SCALE_ALPHA: f32 = 1.758_099_3;

/// A monotone activation function, so that it commutes with max pooling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// `x`
    Identity,
    /// `max(x, 0)`, with gradient 0 at 0.
    Relu,
    /// `x` above 0 and this slope, not negative, times `x` below.
    LeakyRelu(f32),
    /// `scale * x` above 0 and `scale * alpha * (exp(x) - 1)` below.
    Selu,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// The activation of each lane; NaN stays NaN.
    #[inline(always)]
    pub(crate) fn apply<S: Simd>(self, simd: S, x: S::f32s) -> S::f32s {
        let zero = simd.splat_f32s(0.0);
        match self {
            Self::Identity => x,
            Self::Relu => simd.select_f32s(simd.less_than_f32s(x, zero), zero, x),
            Self::LeakyRelu(slope) => {
                let below = simd.mul_f32s(x, simd.splat_f32s(slope));
                simd.select_f32s(simd.less_than_f32s(x, zero), below, x)
            }
            Self::Selu => {
                let positive = simd.greater_than_f32s(x, zero);
                let above = simd.mul_f32s(x, simd.splat_f32s(SELU_SCALE));
                let (power, rest) = exp_parts(simd, simd.select_f32s(positive, zero, x));
                let exp_minus_1 = simd.mul_add_e_f32s(power, rest, simd.sub_f32s(power, simd.splat_f32s(1.0)));
                let below = simd.mul_f32s(exp_minus_1, simd.splat_f32s(SELU_SCALE_ALPHA));
                simd.select_f32s(positive, above, below)
            }
            Self::Sigmoid => {
                let one = simd.splat_f32s(1.0);
                let (power, rest) = exp_parts(simd, simd.neg_f32s(simd.abs_f32s(x)));
                let exp = simd.mul_add_e_f32s(power, rest, power);
                let numerator = simd.select_f32s(simd.less_than_f32s(x, zero), exp, one);
                simd.div_f32s(numerator, simd.add_f32s(one, exp))
            }
            Self::Tanh => {
                let size = simd.abs_f32s(x);
                let (power, rest) = exp_parts(simd, simd.mul_f32s(size, simd.splat_f32s(-2.0)));
                let exp_minus_1 = simd.mul_add_e_f32s(power, rest, simd.sub_f32s(power, simd.splat_f32s(1.0)));
                let ratio = simd.div_f32s(exp_minus_1, simd.add_f32s(exp_minus_1, simd.splat_f32s(2.0)));
                simd.select_f32s(simd.less_than_f32s(x, zero), ratio, simd.neg_f32s(ratio))
            }
        }
    }

    /// The gradient before the activation, from the gradient after it (`dy`) and the activation's output (`y`).
    #[inline(always)]
    pub(crate) fn gradient<S: Simd>(self, simd: S, y: S::f32s, dy: S::f32s) -> S::f32s {
        let zero = simd.splat_f32s(0.0);
        let one = simd.splat_f32s(1.0);
        match self {
            Self::Identity => dy,
            Self::Relu => simd.select_f32s(simd.less_than_or_equal_f32s(y, zero), zero, dy),
            Self::LeakyRelu(slope) => {
                let below = simd.mul_f32s(dy, simd.splat_f32s(slope));
                simd.select_f32s(simd.greater_than_f32s(y, zero), dy, below)
            }
            Self::Selu => {
                let below = simd.add_f32s(y, simd.splat_f32s(SELU_SCALE_ALPHA));
                let slope = simd.select_f32s(simd.greater_than_f32s(y, zero), simd.splat_f32s(SELU_SCALE), below);
                simd.mul_f32s(dy, slope)
            }
            Self::Sigmoid => simd.mul_f32s(dy, simd.mul_f32s(y, simd.sub_f32s(one, y))),
            Self::Tanh => simd.mul_f32s(dy, simd.sub_f32s(one, simd.mul_f32s(y, y))),
        }
    }

    /// Applies the activation in place.
    #[inline(always)]
    pub(crate) fn apply_all<S: Simd>(self, simd: S, values: &mut [f32]) {
        if self == Self::Identity {
            return;
        }
        let (vectors, tail) = S::as_mut_simd_f32s(values);
        for vector in vectors {
            *vector = self.apply(simd, *vector);
        }
        if !tail.is_empty() {
            let value = self.apply(simd, simd.partial_load_f32s(tail));
            simd.partial_store_f32s(tail, value);
        }
    }

    /// Writes the gradient before the activation for rows of `channels` values to `dz` and adds its sum over the rows
    /// to `sums` (padded to whole vectors). `y` may be empty for the identity.
    #[inline(always)]
    pub(crate) fn gradient_rows<S: Simd>(
        self,
        simd: S,
        y: &[f32],
        dy: &[f32],
        dz: &mut [f32],
        channels: usize,
        sums: &mut [f32],
    ) {
        let y = if y.is_empty() { dy } else { y };
        for ((y, dy), dz) in y.chunks_exact(channels).zip(dy.chunks_exact(channels)).zip(dz.chunks_exact_mut(channels))
        {
            let (y, y_tail) = S::as_simd_f32s(y);
            let (dy, dy_tail) = S::as_simd_f32s(dy);
            let (dz, dz_tail) = S::as_mut_simd_f32s(dz);
            let (sums, _) = S::as_mut_simd_f32s(sums);
            for (((y, dy), dz), sum) in y.iter().zip(dy).zip(dz).zip(sums.iter_mut()) {
                *dz = self.gradient(simd, *y, *dy);
                *sum = simd.add_f32s(*sum, *dz);
            }
            if !dy_tail.is_empty() {
                let gradient = self.gradient(simd, simd.partial_load_f32s(y_tail), simd.partial_load_f32s(dy_tail));
                simd.partial_store_f32s(dz_tail, gradient);
                let sum = &mut sums[y.len()];
                *sum = simd.add_f32s(*sum, gradient);
            }
        }
    }
}

/// `(power, rest)` with `exp(x) = power * (1 + rest)` for `x` not above 0, where `rest` keeps its precision around 0.
#[inline(always)]
fn exp_parts<S: Simd>(simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
    // Adding this constant rounds to an integer, held in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    // Below this input the result would be subnormal.
    let lowest = simd.splat_f32s(-87.0);
    let x = simd.select_f32s(simd.less_than_f32s(x, lowest), lowest, x);
    let shifted = simd.mul_add_e_f32s(x, simd.splat_f32s(std::f32::consts::LOG2_E), simd.splat_f32s(ROUND));
    let exponent = simd.sub_f32s(shifted, simd.splat_f32s(ROUND));
    let bits = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    let power = simd.transmute_f32s_u32s(simd.add_u32s(bits, simd.splat_u32s(0x3f80_0000)));
    // ln 2 in two parts, the first exact when multiplied by the exponent.
    let r = simd.mul_add_e_f32s(exponent, simd.splat_f32s(-0.693_359_4), x);
    let r = simd.mul_add_e_f32s(exponent, simd.splat_f32s(2.121_944_4e-4), r);
    let mut polynomial = simd.splat_f32s(1.987_569_1e-4);
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        polynomial = simd.mul_add_e_f32s(polynomial, r, simd.splat_f32s(coefficient));
    }
    (power, simd.mul_add_e_f32s(simd.mul_f32s(r, r), polynomial, r))
}
