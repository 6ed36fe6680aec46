//! A model made ready for evaluation.
//!
//! What depends on stored tensors alone is computed once. Each run of convolutions with their pooling and activation
//! becomes a [`ConvolutionChain`], whose weights are prepared once, and constant factors of matrix products are too.

use crate::budget::Budget;
use crate::convolutions::{ConvolutionChain, Tower};
use crate::fault::{EvaluationError, NodeFault};
use crate::graph::Graph;
use crate::operation::{Name, Numbers, Operation, Readers};
use crate::operator::{Compute, Inputs, operator};
use crate::signature::Port;
use crate::stored::Stored;
use crate::tensor::Tensor;

/// A loaded model: what is left to compute for each input, in order.
///
/// ```
/// use onnx::{Data, Plan, Tensor};
///
/// let mut plan = Plan::read(models::LEQ)?;
/// let pair = Tensor::new(vec![1, 2, 14, 14], Data::F32(vec![0.0; 2 * 14 * 14])).unwrap();
/// let outputs = plan.run(vec![("pair".to_owned(), pair)])?;
/// let (_, p_leq) = outputs.iter().find(|(name, _)| name == "p_leq").unwrap();
/// assert_eq!(p_leq.shape(), [1]);
/// # Ok::<(), onnx::EvaluationError>(())
/// ```
#[derive(Debug)]
pub struct Plan {
    steps: Vec<Step>,
    constants: Vec<Option<Tensor>>,
    /// Inputs as declared, with their numbers.
    inputs: Vec<(Port, usize)>,
    outputs: Vec<(String, usize)>,
    budget: Budget,
}

#[derive(Debug)]
enum Step {
    Operation(Operation, Box<dyn Compute>),
    Convolutions(Name, ConvolutionChain),
}

impl Plan {
    /// Reads an ONNX file and computes all that its inputs do not change.
    ///
    /// # Errors
    /// [`EvaluationError`] when the bytes are no ONNX file, hold what [`crate::check()`] refuses or an operator that is not
    /// computed here, or what depends on stored tensors alone cannot be computed.
    pub fn read(bytes: &[u8]) -> Result<Self, EvaluationError> {
        let graph = Graph::read(bytes)?;
        crate::check(&graph)?;
        let Stored { initializers, settings } = Stored::read(bytes)?;
        let mut numbers = Numbers::default();
        let stored: Vec<_> = graph.initializers.iter().map(|tensor| numbers.of(&tensor.name)).collect();
        let fed = graph.signature().inputs;
        let inputs = numbers.ports(&fed).into_iter().map(|(port, number)| (port.clone(), number)).collect();
        let outputs =
            numbers.ports(&graph.outputs).into_iter().map(|(port, number)| (port.name.clone(), number)).collect();
        let nodes = graph.nodes.iter().zip(settings);
        let operations: Vec<_> = nodes.map(|(node, settings)| numbers.operation(node, settings)).collect();
        let mut constants = vec![None; numbers.count()];
        for (number, tensor) in stored.into_iter().zip(initializers) {
            if let Some(number) = number {
                constants[number] = Some(tensor);
            }
        }
        let mut plan = Self { steps: Vec::new(), constants, inputs, outputs, budget: Budget::new() };
        plan.load(operations)?;
        Ok(plan)
    }

    /// Computes what is constant, and makes steps of the rest.
    fn load(&mut self, operations: Vec<Operation>) -> Result<(), EvaluationError> {
        let mut rest = Vec::new();
        for operation in operations {
            if operation.inputs.iter().flatten().all(|&input| self.constants[input].is_some()) {
                let mut compute = compute_of(&operation)?;
                let inputs = inputs_of(&operation, &self.constants, &[]);
                let made = compute.compute(&inputs, &mut self.budget).map_err(|fault| operation.failed(fault))?;
                keep(&operation, made, &mut self.constants)?;
            } else {
                rest.push(operation);
            }
        }
        let readers = Readers::of(rest.iter().map(|operation| &operation.inputs), &self.outputs, self.constants.len());
        let mut rest = rest.as_slice();
        while let Some((operation, others)) = rest.split_first() {
            if let Some((chain, length)) = ConvolutionChain::at(rest, &self.constants, &readers) {
                self.steps.push(Step::Convolutions(operation.name(), chain));
                rest = &rest[length..];
            } else {
                let mut compute = compute_of(operation)?;
                compute.prepare(&inputs_of(operation, &self.constants, &[]), &mut self.budget);
                self.steps.push(Step::Operation(operation.clone(), compute));
                rest = others;
            }
        }
        self.forget_what_is_not_read();
        Ok(())
    }

    /// Drops the constants that no step reads any more.
    fn forget_what_is_not_read(&mut self) {
        let read = self.steps.iter().filter_map(|step| match step {
            Step::Operation(operation, _) => Some(&operation.inputs),
            Step::Convolutions(..) => None,
        });
        let readers = Readers::of(read, &self.outputs, self.constants.len());
        for (value, constant) in self.constants.iter_mut().enumerate() {
            if !readers.is_read(value) {
                *constant = None;
            }
        }
    }

    /// The model's outputs for its inputs, both by name. Inputs that the model does not have are ignored.
    ///
    /// # Errors
    /// [`EvaluationError`] when an input is missing or not as the file declares it, or a node cannot be computed.
    pub fn run(&mut self, inputs: Vec<(String, Tensor)>) -> Result<Vec<(String, Tensor)>, EvaluationError> {
        self.evaluate(inputs, None)
    }

    /// What the convolutions compute on the way to the answer, in the graph's order.
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub fn trace(&mut self, inputs: Vec<(String, Tensor)>) -> Result<Vec<Tower>, EvaluationError> {
        let mut towers = Vec::new();
        self.evaluate(inputs, Some(&mut towers))?;
        Ok(towers)
    }

    fn evaluate(
        &mut self,
        mut given: Vec<(String, Tensor)>,
        mut towers: Option<&mut Vec<Tower>>,
    ) -> Result<Vec<(String, Tensor)>, EvaluationError> {
        self.budget.refill();
        let mut values = vec![None; self.constants.len()];
        for (port, number) in &self.inputs {
            let at = given.iter().position(|(name, _)| *name == port.name);
            let at = at.ok_or_else(|| EvaluationError::NoInput(port.name.clone()))?;
            let (name, tensor) = given.swap_remove(at);
            if !tensor.is_as_declared(port) {
                return Err(EvaluationError::Input(name));
            }
            values[*number] = Some(tensor);
        }
        for step in &mut self.steps {
            match step {
                Step::Operation(operation, compute) => {
                    let inputs = inputs_of(operation, &self.constants, &values);
                    let made = compute.compute(&inputs, &mut self.budget).map_err(|fault| operation.failed(fault))?;
                    keep(operation, made, &mut values)?;
                }
                Step::Convolutions(name, chain) => {
                    let input = value(chain.input(), &self.constants, &values).ok_or(NodeFault::Arity);
                    let output = input.and_then(|input| chain.run(input, &mut self.budget, towers.as_deref_mut()));
                    values[chain.output()] = Some(output.map_err(|fault| name.failed(fault))?);
                }
            }
        }
        let output = |(name, number): &(String, usize)| {
            let made = values[*number].take().or_else(|| self.constants[*number].clone());
            made.map(|tensor| (name.clone(), tensor)).ok_or_else(|| EvaluationError::NoOutput(name.clone()))
        };
        self.outputs.iter().map(output).collect()
    }
}

/// What an operation computes.
fn compute_of(operation: &Operation) -> Result<Box<dyn Compute>, EvaluationError> {
    let compute = operator(&operation.operator, &operation.settings, operation.outputs.len())
        .map_err(|fault| operation.failed(fault))?;
    compute.ok_or_else(|| EvaluationError::Operator(operation.operator.clone()))
}

fn value<'a>(number: usize, constants: &'a [Option<Tensor>], values: &'a [Option<Tensor>]) -> Option<&'a Tensor> {
    let given = |among: &'a [Option<Tensor>]| among.get(number).and_then(Option::as_ref);
    given(values).or_else(|| given(constants))
}

fn inputs_of<'a>(operation: &Operation, constants: &'a [Option<Tensor>], values: &'a [Option<Tensor>]) -> Inputs<'a> {
    Inputs(operation.inputs.iter().map(|input| value((*input)?, constants, values)).collect())
}

/// Puts what an operation made among the values.
fn keep(operation: &Operation, made: Vec<Tensor>, values: &mut [Option<Tensor>]) -> Result<(), EvaluationError> {
    let mut made = made.into_iter();
    for output in &operation.outputs {
        let tensor = made.next();
        if let Some(number) = *output {
            values[number] = Some(tensor.ok_or_else(|| operation.failed(NodeFault::Arity))?);
        }
    }
    Ok(())
}
