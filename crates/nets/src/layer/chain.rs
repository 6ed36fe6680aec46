//! A chain of layers as one operation of Candle's graph on the CPU.
//!
//! Candle's backward pass adds every gradient to a tensor of zeros, even where a tensor receives only one. Between the
//! layers of a stack that addition is wasted, so a [`Chain`] passes each gradient directly to the layer before and
//! keeps the parameters' gradients for [`backward`].

use std::cell::RefCell;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, Var, bail};

use super::host_slice::with_floats;

/// Parameters with their gradients.
type ParameterGradients = Vec<(Tensor, Tensor)>;

thread_local! {
    /// Parameter gradients collected during [`backward`] on this thread.
    static PARAMETER_GRADIENTS: RefCell<Option<ParameterGradients>> = const { RefCell::new(None) };
}

/// The gradients of `loss`, including those of all parameters.
///
/// Use this instead of Candle's `backward`, which fails on fused layers.
///
/// # Errors
/// Candle's, if the device is out of memory.
pub fn backward(loss: &Tensor) -> Result<GradStore> {
    PARAMETER_GRADIENTS.set(Some(Vec::new()));
    let outcome = loss.backward();
    let collected = PARAMETER_GRADIENTS.take().unwrap_or_default();
    let mut gradients = outcome?;
    for (parameter, gradient) in collected {
        let sum = match gradients.get(&parameter) {
            Some(other) => other.add(&gradient)?,
            None => gradient,
        };
        gradients.insert(&parameter, sum);
    }
    Ok(gradients)
}

/// One operation of a chain, with its operands except the input.
trait Link: Send + Sync {
    /// Computes the input gradient, if needed, from the output gradient; appends the parameters' gradients.
    fn backward(
        &self,
        input: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
        parameters: &mut ParameterGradients,
    ) -> Result<Option<Tensor>>;
}

/// An operation without parameters.
struct Unary<O>(O);

impl<O: CustomOp1 + Send + Sync> Link for Unary<O> {
    fn backward(
        &self,
        input: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
        _: &mut ParameterGradients,
    ) -> Result<Option<Tensor>> {
        self.0.bwd(input, output, gradient)
    }
}

/// An operation with two parameters.
struct Ternary<O> {
    operation: O,
    parameters: [Var; 2],
}

impl<O: CustomOp3 + Send + Sync> Link for Ternary<O> {
    fn backward(
        &self,
        input: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
        parameters: &mut ParameterGradients,
    ) -> Result<Option<Tensor>> {
        let [first, second] = &self.parameters;
        let (dx, d_first, d_second) = self.operation.bwd(input, first, second, output, gradient)?;
        for (parameter, gradient) in [(first, d_first), (second, d_second)] {
            parameters.extend(gradient.map(|gradient| (parameter.as_tensor().clone(), gradient)));
        }
        Ok(dx)
    }
}

/// How a chain goes on from its own value, the trunk, and from what a branch computed of it.
pub(super) trait Join: Send + Sync {
    /// The value that both make.
    fn join(&self, trunk: &Tensor, beside: &Tensor) -> Result<Tensor>;

    /// The gradients of trunk and branch, from that of their join.
    fn gradients(&self, trunk: &Tensor, beside: &Tensor, gradient: &Tensor) -> Result<[Tensor; 2]>;
}

/// Operations beside the chain, joined with the value that they began with.
struct Branch {
    join: Box<dyn Join>,
    steps: Vec<Step>,
    /// What the last of the steps computes.
    beside: Tensor,
}

impl Link for Branch {
    fn backward(
        &self,
        input: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
        parameters: &mut ParameterGradients,
    ) -> Result<Option<Tensor>> {
        let [trunk, beside] = self.join.gradients(input, &self.beside, gradient)?;
        let through = backward_through(&self.steps, beside, parameters)?;
        through.map(|through| trunk.add(&through)).transpose()
    }
}

/// Image to vector.
struct Flattening;

impl Link for Flattening {
    fn backward(
        &self,
        input: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
        _: &mut ParameterGradients,
    ) -> Result<Option<Tensor>> {
        let (images, height, width, channels) = input.dims4()?;
        gradient.reshape((images, channels, height, width))?.permute((0, 2, 3, 1))?.contiguous().map(Some)
    }
}

/// A link with its input and output.
struct Step {
    link: Box<dyn Link>,
    input: Tensor,
    output: Tensor,
}

/// Passes the gradient of the last step's output on to the first step's input; `None` if nothing before it is trained.
fn backward_through(steps: &[Step], gradient: Tensor, parameters: &mut ParameterGradients) -> Result<Option<Tensor>> {
    let mut gradient = gradient;
    for Step { link, input, output } in steps.iter().rev() {
        match link.backward(input, output, &gradient, parameters)? {
            Some(before) => gradient = before,
            None => return Ok(None),
        }
    }
    Ok(Some(gradient))
}

/// A chain under construction.
pub(super) struct Chain {
    steps: Vec<Step>,
    value: Tensor,
    input: Tensor,
    /// Any trained parameter of the chain.
    parameter: Option<Var>,
}

impl Chain {
    /// Starts a chain with `input`.
    pub fn start(input: &Tensor) -> Self {
        Self { steps: Vec::new(), value: input.detach(), input: input.clone(), parameter: None }
    }

    /// The output of the operations so far, outside Candle's graph.
    pub fn value(&self) -> &Tensor {
        &self.value
    }

    /// Whether the chain depends on a trained parameter.
    pub fn is_trained(&self) -> bool {
        self.parameter.is_some() || self.input.track_op()
    }

    /// Appends an operation without parameters.
    pub fn push_unary<O: CustomOp1 + Send + Sync + 'static>(&mut self, operation: O) -> Result<()> {
        self.value = self.value.contiguous()?;
        let output = self.value.apply_op1_no_bwd(&operation)?;
        self.push(Box::new(Unary(operation)), output);
        Ok(())
    }

    /// Appends an operation with two parameters.
    pub fn push_ternary<O>(&mut self, operation: O, first: &Var, second: &Var) -> Result<()>
    where
        O: CustomOp3 + Send + Sync + 'static,
    {
        self.value = self.value.contiguous()?;
        let output = self.value.apply_op3_no_bwd(first, second, &operation)?;
        self.parameter.get_or_insert_with(|| first.clone());
        self.push(Box::new(Ternary { operation, parameters: [first.clone(), second.clone()] }), output);
        Ok(())
    }

    /// Appends `[N, H, W, C]` to `[N, C * H * W]`.
    pub fn push_flattening(&mut self) -> Result<()> {
        let output = self.value.permute((0, 3, 1, 2))?.flatten_from(1)?;
        self.push(Box::new(Flattening), output);
        Ok(())
    }

    /// Appends `operations`, which go on from the chain's value beside it, and joins what they make with it.
    pub fn branch(
        &mut self,
        join: impl Join + 'static,
        operations: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let trunk = self.value.contiguous()?;
        let first = self.steps.len();
        self.value = trunk.clone();
        operations(self)?;
        let beside = std::mem::replace(&mut self.value, trunk).contiguous()?;
        let steps = self.steps.split_off(first);
        let output = join.join(&self.value, &beside)?;
        self.push(Box::new(Branch { join: Box::new(join), steps, beside }), output);
        Ok(())
    }

    /// Continues with `value` and blocks the gradient.
    pub fn replace(&mut self, value: Tensor) {
        self.value = value;
    }

    fn push(&mut self, link: Box<dyn Link>, output: Tensor) {
        let input = std::mem::replace(&mut self.value, output.clone());
        self.steps.push(Step { link, input, output });
    }

    /// The result as a tensor of Candle's graph, if the chain depends on a trained parameter.
    pub fn finish(self) -> Result<Tensor> {
        if self.steps.is_empty() || !self.is_trained() {
            return Ok(self.value);
        }
        let anchor = self.parameter.as_ref().map_or(&self.input, |parameter| parameter.as_tensor()).clone();
        let operation = ChainOperation { steps: self.steps, output: self.value };
        self.input.apply_op2(&anchor, operation)
    }
}

/// A finished chain. The second operand only connects it to the graph if its input is not a variable.
struct ChainOperation {
    steps: Vec<Step>,
    output: Tensor,
}

impl CustomOp2 for ChainOperation {
    fn name(&self) -> &'static str {
        "chain of layers"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let output = self.output.contiguous()?;
        let values = with_floats([&output], |[values]| Ok(values.to_vec()))?;
        Ok((CpuStorage::F32(values), self.output.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        PARAMETER_GRADIENTS.with_borrow_mut(|parameters| {
            let Some(parameters) = parameters else {
                bail!("fused layers need nets::layer::backward instead of Tensor::backward")
            };
            Ok((backward_through(&self.steps, gradient.clone(), parameters)?, None))
        })
    }
}
