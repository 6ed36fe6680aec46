//! Adam (Kingma and Ba, 2015), as PyTorch computes it, with decoupled weight decay (Loshchilov and Hutter, 2019) where it
//! is asked for: then it is AdamW.

use std::cell::RefCell;

use candle_core::{CpuStorage, DType, InplaceOp2, Layout, Result, Tensor, backprop::GradStore};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::layer::{Parameter, floats};
use augmentation::switch::is_default;

/// Adam's settings; the learning rate comes with each step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdamSettings {
    /// Learning rate before the schedule.
    #[schemars(extend("unit" = "step size"))]
    pub learning_rate: f64,
    /// Decay of the first moments.
    #[schemars(extend("unit" = "factor a step"))]
    pub beta1: f64,
    /// Decay of the second moments.
    #[schemars(extend("unit" = "factor a step"))]
    pub beta2: f64,
    /// Added to the root of the second moments.
    #[schemars(extend("unit" = "gradient"))]
    pub epsilon: f64,
    /// Fraction of a matrix that a step with learning rate 1 takes away; vectors (biases, scales and shifts) are left alone.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("unit" = "fraction", "default" = 0.0))]
    pub weight_decay: f64,
}

impl Default for AdamSettings {
    /// PyTorch's.
    fn default() -> Self {
        Self::with_learning_rate(1e-3)
    }
}

impl AdamSettings {
    /// PyTorch's defaults with this learning rate.
    pub fn with_learning_rate(learning_rate: f64) -> Self {
        Self { learning_rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 }
    }
}

impl AdamSettings {
    /// Takes the decayed fraction from a matrix.
    fn decay(&self, parameter: &Parameter, learning_rate: f64) -> Result<()> {
        if self.weight_decay == 0.0 || parameter.var.rank() < 2 {
            return Ok(());
        }
        let kept = 1.0 - learning_rate * self.weight_decay;
        parameter.var.set(&(parameter.var.as_detached_tensor() * kept)?)
    }
}

/// First and second moments of one parameter's gradient.
#[derive(Debug, Clone)]
enum Moments {
    /// In memory, changed in place.
    Host { first: Vec<f32>, second: Vec<f32> },
    /// On another device, replaced.
    Device { first: Tensor, second: Tensor },
}

/// The optimiser and its state.
#[derive(Debug)]
pub struct Adam {
    settings: AdamSettings,
    parameters: Vec<Parameter>,
    moments: Vec<Moments>,
    steps: u64,
}

impl Adam {
    /// Starts with empty moments.
    ///
    /// # Errors
    /// Candle's, when the device has no room.
    pub fn new(settings: AdamSettings, parameters: &[Parameter]) -> Result<Self> {
        let moments = parameters.iter().map(Moments::zeros).collect::<Result<_>>()?;
        Ok(Self { settings, parameters: parameters.to_vec(), moments, steps: 0 })
    }

    /// Number of steps taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Takes one step along `gradients` with `learning_rate`. Gives the name of the first parameter that is no longer
    /// finite, if any.
    ///
    /// # Errors
    /// Candle's, when a gradient has another shape than its parameter.
    pub fn step(&mut self, gradients: &GradStore, learning_rate: f64) -> Result<Option<String>> {
        self.steps += 1;
        let step = AdamStep::new(&self.settings, learning_rate, self.steps);
        let mut first_broken = None;
        for (parameter, moments) in self.parameters.iter().zip(&mut self.moments) {
            let Some(gradient) = gradients.get(&parameter.var) else { continue };
            self.settings.decay(parameter, learning_rate)?;
            let finite = moments.step(parameter, &gradient.contiguous()?, &step)?;
            if !finite && first_broken.is_none() {
                first_broken = Some(parameter.name.clone());
            }
        }
        Ok(first_broken)
    }

    /// The state as named tensors, `adam.first.{parameter}` and `adam.second.{parameter}`.
    ///
    /// # Errors
    /// Candle's, when the device has no room.
    pub fn state(&self) -> Result<Vec<(String, Tensor)>> {
        let mut tensors = Vec::with_capacity(2 * self.moments.len());
        for (parameter, moments) in self.parameters.iter().zip(&self.moments) {
            let (first, second) = moments.tensors(parameter)?;
            tensors.push((format!("adam.first.{}", parameter.name), first));
            tensors.push((format!("adam.second.{}", parameter.name), second));
        }
        Ok(tensors)
    }

    /// Continues after `steps` steps with the state that `tensor` gives by name.
    ///
    /// # Errors
    /// Those of `tensor`, and candle's.
    pub fn restore(&mut self, steps: u64, tensor: impl Fn(&str) -> anyhow::Result<Tensor>) -> anyhow::Result<()> {
        self.steps = steps;
        for (parameter, moments) in self.parameters.iter().zip(&mut self.moments) {
            let first = tensor(&format!("adam.first.{}", parameter.name))?;
            let second = tensor(&format!("adam.second.{}", parameter.name))?;
            *moments = Moments::from_tensors(first, second)?;
        }
        Ok(())
    }
}

impl Moments {
    fn zeros(parameter: &Parameter) -> Result<Self> {
        let zeros = parameter.var.as_tensor().zeros_like()?;
        Self::from_tensors(zeros.clone(), zeros)
    }

    fn from_tensors(first: Tensor, second: Tensor) -> Result<Self> {
        if first.device().is_cpu() && first.dtype() == DType::F32 {
            let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
            return Ok(Self::Host { first: flat(&first)?, second: flat(&second)? });
        }
        Ok(Self::Device { first, second })
    }

    fn tensors(&self, parameter: &Parameter) -> Result<(Tensor, Tensor)> {
        match self {
            Self::Host { first, second } => {
                let tensor =
                    |values: &Vec<f32>| Tensor::from_slice(values, parameter.var.shape(), parameter.var.device());
                Ok((tensor(first)?, tensor(second)?))
            }
            Self::Device { first, second } => Ok((first.clone(), second.clone())),
        }
    }

    /// Whether the parameter is still finite; not looked at on other devices, where the loss shows it a step later.
    fn step(&mut self, parameter: &Parameter, gradient: &Tensor, step: &AdamStep) -> Result<bool> {
        match self {
            Self::Host { first, second } => {
                let update = HostUpdate {
                    step,
                    first: RefCell::new(first),
                    second: RefCell::new(second),
                    finite: RefCell::new(true),
                };
                parameter.var.as_tensor().inplace_op2(gradient, &update)?;
                Ok(update.finite.into_inner())
            }
            Self::Device { first, second } => {
                let kernels::Adam { learning_rate, beta1, beta2, epsilon } = step.settings;
                *first = ((&*first * beta1)? + (gradient * (1.0 - beta1))?)?;
                *second = ((&*second * beta2)? + (gradient.sqr()? * (1.0 - beta2))?)?;
                let denominator = ((second.sqrt()? / step.correction(beta2).sqrt())? + epsilon)?;
                let update = (first.div(&denominator)? * (learning_rate / step.correction(beta1)))?;
                parameter.var.set(&parameter.var.as_detached_tensor().sub(&update)?)?;
                Ok(true)
            }
        }
    }
}

/// One step, the same for every parameter.
struct AdamStep {
    settings: kernels::Adam,
    /// Counted from 1.
    number: u64,
}

impl AdamStep {
    fn new(settings: &AdamSettings, learning_rate: f64, number: u64) -> Self {
        let AdamSettings { beta1, beta2, epsilon, .. } = *settings;
        Self { settings: kernels::Adam { learning_rate, beta1, beta2, epsilon }, number }
    }

    /// `1 - beta ^ number`.
    fn correction(&self, beta: f64) -> f64 {
        1.0 - beta.powf(self.number as f64)
    }
}

/// One parameter's update in memory.
struct HostUpdate<'a> {
    step: &'a AdamStep,
    first: RefCell<&'a mut Vec<f32>>,
    second: RefCell<&'a mut Vec<f32>>,
    finite: RefCell<bool>,
}

impl InplaceOp2 for HostUpdate<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(
        &self,
        parameter: &mut CpuStorage,
        layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<()> {
        let gradient = floats(gradient, gradient_layout)?;
        let (CpuStorage::F32(parameter), Some((start, end))) = (parameter, layout.contiguous_offsets()) else {
            candle_core::bail!("Adam updates contiguous float32 parameters")
        };
        let (first, second) = (&mut self.first.borrow_mut(), &mut self.second.borrow_mut());
        let parameter = &mut parameter[start..end];
        *self.finite.borrow_mut() =
            kernels::adam_step(parameter, gradient, first, second, &self.step.settings, self.step.number);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    /// Ten steps on the loss `sum(w^4)` by Candle's operators in float64 and by the kernel in float32.
    #[test]
    fn both_ways_to_take_a_step_agree() {
        let start = [0.9_f64, -0.4, 0.05, 0.0, 3.0];
        let descend = |dtype: DType| -> Vec<f64> {
            let tensor = Tensor::new(&start, &Device::Cpu).unwrap().to_dtype(dtype).unwrap();
            let var = Var::from_tensor(&tensor).unwrap();
            let parameter = Parameter { name: "w".to_owned(), var: var.clone() };
            let settings = AdamSettings::with_learning_rate(0.05);
            let mut adam = Adam::new(settings, &[parameter]).unwrap();
            for _ in 0..10 {
                let loss = var.sqr().unwrap().sqr().unwrap().sum_all().unwrap();
                assert_eq!(adam.step(&loss.backward().unwrap(), settings.learning_rate).unwrap(), None);
            }
            var.to_dtype(DType::F64).unwrap().to_vec1().unwrap()
        };
        for (kernel, operators) in descend(DType::F32).iter().zip(descend(DType::F64)) {
            assert!((kernel - operators).abs() < 1e-6, "{kernel} {operators}");
        }
    }

    /// Five steps on `sum(w^4)` and AdamW's formula in double precision; a vector does not decay.
    #[test]
    fn matrices_decay_by_adamws_formula_and_vectors_do_not() {
        let settings = AdamSettings { weight_decay: 0.3, beta2: 0.99, ..AdamSettings::with_learning_rate(0.05) };
        for dims in [vec![2, 2], vec![4]] {
            let start = [0.9_f64, -0.4, 0.05, 3.0];
            let tensor = Tensor::new(&start, &Device::Cpu).unwrap().to_dtype(DType::F32).unwrap();
            let var = Var::from_tensor(&tensor.reshape(dims.as_slice()).unwrap()).unwrap();
            let mut adam = Adam::new(settings, &[Parameter { name: "w".to_owned(), var: var.clone() }]).unwrap();
            let mut expected = start.map(|value| (value, 0.0, 0.0));
            for number in 1..=5 {
                let loss = var.sqr().unwrap().sqr().unwrap().sum_all().unwrap();
                adam.step(&loss.backward().unwrap(), 0.05).unwrap();
                for (value, first, second) in &mut expected {
                    let gradient = 4.0 * value.powi(3);
                    *value *= if dims.len() == 2 { 1.0 - 0.05 * 0.3 } else { 1.0 };
                    *first = 0.9 * *first + 0.1 * gradient;
                    *second = 0.99 * *second + 0.01 * gradient * gradient;
                    let (mean, square) =
                        (*first / (1.0 - 0.9_f64.powi(number)), *second / (1.0 - 0.99_f64.powi(number)));
                    *value -= 0.05 * mean / (square.sqrt() + 1e-8);
                }
            }
            let ours: Vec<f32> = var.flatten_all().unwrap().to_vec1().unwrap();
            for (ours, (expected, ..)) in ours.iter().zip(expected) {
                assert!((f64::from(*ours) - expected).abs() < 1e-5, "{dims:?}: {ours} {expected}");
            }
        }
    }

    #[test]
    fn a_parameter_that_is_no_longer_finite_is_named() {
        let var = Var::new(&[1.0_f32], &Device::Cpu).unwrap();
        let parameter = Parameter { name: "tower.conv1.weight".to_owned(), var: var.clone() };
        let mut adam = Adam::new(AdamSettings::with_learning_rate(1e-3), &[parameter]).unwrap();
        let loss = (var.as_tensor() * f64::INFINITY).unwrap().sum_all().unwrap();
        let broken = adam.step(&loss.backward().unwrap(), 1e-3).unwrap();
        assert_eq!(broken.as_deref(), Some("tower.conv1.weight"));
    }
}
