//! The comparison computed from digit posteriors: `p_leq = sum over i <= j of p_first(i) p_second(j)`.
//!
//! It has no parameters. Its logit is `ln p_leq - ln p_greater`. Both probabilities are summed separately to keep
//! precision near 1, and clamped to [`SMALLEST`] before the logarithm.

use candle_core::{CpuStorage, CustomOp1, D, Device, Layout, Result, Shape, Tensor};
use digits::contract::CLASSES;

use crate::layer::{Kernels, floats, with_floats};
use crate::onnx::{Attribute, Graph, Value};

/// Lower bound of a probability before its logarithm.
pub(crate) const SMALLEST: f32 = 1e-6;

type Classes = [f32; CLASSES];

/// Logits of "first <= second", `[B]`, from the logits of both digits, `[B, 2, 10]`.
pub(super) fn leq_logit(digit_logits: &Tensor, kernels: Kernels) -> Result<Tensor> {
    match kernels {
        Kernels::Fused => digit_logits.contiguous()?.apply_op1(PosteriorComparison),
        Kernels::Plain => leq_logit_plain(digit_logits),
    }
}

/// The same with Candle's operators.
fn leq_logit_plain(digit_logits: &Tensor) -> Result<Tensor> {
    let probabilities = candle_nn::ops::softmax(digit_logits, D::Minus1)?;
    let side = |side: usize| probabilities.narrow(1, side, 1)?.squeeze(1)?.contiguous();
    let (first, second) = (side(0)?, side(1)?);
    let logarithm = |counted: fn(usize, usize) -> bool| -> Result<Tensor> {
        let counted = Tensor::from_vec(matrix(counted), (CLASSES, CLASSES), first.device())?;
        let sum = first.matmul(&counted.to_dtype(first.dtype())?)?.mul(&second)?.sum(1)?;
        sum.maximum(f64::from(SMALLEST))?.log()
    };
    logarithm(|i, j| i <= j)?.sub(&logarithm(|i, j| i > j)?)
}

/// A 10x10 matrix: 1 where `counted` holds for row and column, else 0.
fn matrix(counted: impl Fn(usize, usize) -> bool) -> Vec<f32> {
    (0..CLASSES * CLASSES).map(|index| f32::from(u8::from(counted(index / CLASSES, index % CLASSES)))).collect()
}

/// Adds the comparison's nodes. `probabilities` are `[batch, 2, 10]`.
pub(crate) fn export(graph: &mut Graph, probabilities: &Value) -> Value {
    let smallest = graph.floats("smallest", &[SMALLEST]);
    let axis = graph.ints("class_axis", &[1]);
    let mut side = |name: &str, side: i64| {
        let index = graph.int(name, side);
        graph.node("Gather", &[probabilities, &index], &[Attribute::int("axis", 1)])
    };
    let (first, second) = (side("first", 0), side("second", 1));
    let mut logarithm = |name: &str, counted: fn(usize, usize) -> bool| {
        let counted = graph.matrix(name, [CLASSES, CLASSES], &matrix(counted));
        let sums = graph.node("MatMul", &[&first, &counted], &[]);
        let weighed = graph.node("Mul", &[&sums, &second], &[]);
        let probability = graph.node("ReduceSum", &[&weighed, &axis], &[Attribute::int("keepdims", 0)]);
        let clipped = graph.node("Clip", &[&probability, &smallest], &[]);
        graph.node("Log", &[&clipped], &[])
    };
    let (leq, greater) = (logarithm("leq", |i, j| i <= j), logarithm("greater", |i, j| i > j));
    graph.node("Sub", &[&leq, &greater], &[])
}

/// `[B, 2, 10]` to `[B]`, with its own gradient.
struct PosteriorComparison;

/// One pair's digit probabilities and the sums derived from them.
struct Compared {
    first: Classes,
    second: Classes,
    /// Probability that the first digit is at most each digit.
    at_most: Classes,
    /// Probability that the first digit is greater than each digit.
    more: Classes,
    leq: f32,
    greater: f32,
}

impl Compared {
    fn of(first: &Classes, second: &Classes) -> Self {
        let (first, second) = (softmax(first), softmax(second));
        let (mut at_most, mut more) = (first, [0.0; CLASSES]);
        for digit in 1..CLASSES {
            at_most[digit] += at_most[digit - 1];
        }
        for digit in (1..CLASSES).rev() {
            more[digit - 1] = more[digit] + first[digit];
        }
        let (leq, greater) = (dot(&at_most, &second), dot(&more, &second));
        Self { first, second, at_most, more, leq, greater }
    }

    fn logit(&self) -> f32 {
        self.leq.max(SMALLEST).ln() - self.greater.max(SMALLEST).ln()
    }

    /// The logit's gradient with respect to both digits' logits.
    fn gradients(&self) -> [Classes; 2] {
        let inverse = |probability: f32| if probability > SMALLEST { 1.0 / probability } else { 0.0 };
        let (leq, greater) = (inverse(self.leq), -inverse(self.greater));
        let second = std::array::from_fn(|digit| leq * self.at_most[digit] + greater * self.more[digit]);
        // The second digit is at least i with the first probability, less than i with the second.
        let (mut first, mut less) = ([0.0; CLASSES], 0.0);
        for (gradient, probability) in first.iter_mut().zip(self.second) {
            *gradient = leq * (1.0 - less) + greater * less;
            less += probability;
        }
        [through_softmax(&self.first, &first), through_softmax(&self.second, &second)]
    }
}

/// Probabilities of logits.
pub(crate) fn softmax(logits: &Classes) -> Classes {
    let largest = logits.iter().fold(f32::NEG_INFINITY, |largest, &logit| largest.max(logit));
    let powers = logits.map(|logit| (logit - largest).exp());
    let total: f32 = powers.iter().sum();
    powers.map(|power| power / total)
}

/// The gradient with respect to the logits, from the gradient with respect to their probabilities.
pub(crate) fn through_softmax(probabilities: &Classes, gradient: &Classes) -> Classes {
    let mean = dot(probabilities, gradient);
    std::array::from_fn(|digit| probabilities[digit] * (gradient[digit] - mean))
}

/// The dot product.
pub(crate) fn dot(a: &Classes, b: &Classes) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The digits of every pair.
fn pairs(logits: &[f32]) -> impl Iterator<Item = &[Classes; 2]> {
    logits.as_chunks::<CLASSES>().0.as_chunks::<2>().0.iter()
}

impl CustomOp1 for PosteriorComparison {
    fn name(&self) -> &'static str {
        "comparison of digit posteriors"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let logits = floats(logits, layout)?;
        let compared: Vec<f32> = pairs(logits).map(|[first, second]| Compared::of(first, second).logit()).collect();
        let count = compared.len();
        Ok((CpuStorage::F32(compared), Shape::from(count)))
    }

    fn bwd(&self, logits: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let scaled = with_floats([logits, &gradient.contiguous()?], |[logits, gradient]| {
            let mut scaled = Vec::with_capacity(logits.len());
            for ([first, second], factor) in pairs(logits).zip(gradient) {
                let gradients = Compared::of(first, second).gradients();
                scaled.extend(gradients.as_flattened().iter().map(|value| factor * value));
            }
            Ok(scaled)
        })?;
        Tensor::from_vec(scaled, logits.shape(), &Device::Cpu).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Var};

    use super::*;

    fn logits(spread: f32) -> Vec<f32> {
        (0..7 * 2 * CLASSES).map(|index| ((index * 7919) % 31) as f32 * spread - 15.0 * spread).collect()
    }

    /// Value and gradient of `logits`, with Candle's operators in float64 or the fused operation in float32.
    fn value_and_gradient(spread: f32, kernels: Kernels) -> (Vec<f64>, Vec<f64>) {
        let dtype = if kernels == Kernels::Plain { DType::F64 } else { DType::F32 };
        let tensor = Tensor::from_vec(logits(spread), (7, 2, CLASSES), &Device::Cpu).unwrap();
        let var = Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap();
        let compared = leq_logit(&var, kernels).unwrap();
        let weights = Tensor::arange(1.0_f32, 8.0, &Device::Cpu).unwrap().to_dtype(dtype).unwrap();
        let gradients = compared.mul(&weights).unwrap().sum_all().unwrap().backward().unwrap();
        let flat = |tensor: &Tensor| tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        (flat(&compared), flat(gradients.get(&var).unwrap()))
    }

    #[test]
    fn the_fused_comparison_is_that_of_candles_operators_in_double_precision() {
        for spread in [0.01, 0.1, 0.3] {
            let (fused, plain) =
                (value_and_gradient(spread, Kernels::Fused), value_and_gradient(spread, Kernels::Plain));
            for (fused, plain) in fused.0.iter().chain(&fused.1).zip(plain.0.iter().chain(&plain.1)) {
                assert!((fused - plain).abs() <= 1e-4 * plain.abs().max(1.0), "spread {spread}: {fused} {plain}");
            }
        }
    }

    #[test]
    fn the_logit_is_that_of_the_double_sum() {
        for (logit, [first, second]) in value_and_gradient(0.1, Kernels::Fused).0.iter().zip(pairs(&logits(0.1))) {
            let (first, second) = (softmax(first), softmax(second));
            let pairs = (0..CLASSES).flat_map(|i| (i..CLASSES).map(move |j| (i, j)));
            let p_leq: f64 = pairs.map(|(i, j)| f64::from(first[i]) * f64::from(second[j])).sum();
            assert!((1.0 / (1.0 + (-logit).exp()) - p_leq).abs() < 1e-6, "{logit} {p_leq}");
        }
    }

    #[test]
    fn certain_digits_give_finite_logits_and_gradients() {
        let certain =
            |digit: usize| -> Classes { std::array::from_fn(|class| if class == digit { 200.0 } else { 0.0 }) };
        for (first, second) in [(0, 9), (9, 0), (4, 4)] {
            let compared = Compared::of(&certain(first), &certain(second));
            assert!(compared.logit().is_finite() && (compared.logit() > 0.0) == (first <= second));
            assert!(compared.gradients().as_flattened().iter().all(|gradient| gradient.is_finite()));
        }
    }
}
