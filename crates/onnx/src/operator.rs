//! What the operators of ONNX compute, one family a file.

use std::fmt::Debug;

use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::Tensor;

mod axes;
mod batch_normalization;
mod broadcast;
mod compare;
mod convolution;
mod elementwise;
mod indexing;
mod number;
mod pooling;
mod product;
mod reduction;
mod shaping;
mod softmax;
mod two_inputs;
mod window;

/// An operation whose settings are read.
pub(crate) trait Compute: Debug + Send {
    /// Takes in what it needs of constant inputs, once; inputs that are not constant are `None`.
    fn prepare(&mut self, _constants: &Inputs<'_>, _budget: &mut Budget) {}

    /// Its outputs.
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault>;
}

/// What an operation reads; `None` is an optional input left out.
#[derive(Debug)]
pub(crate) struct Inputs<'a>(pub Vec<Option<&'a Tensor>>);

impl<'a> Inputs<'a> {
    pub fn get(&self, at: usize) -> Result<&'a Tensor, NodeFault> {
        self.optional(at).ok_or(NodeFault::Arity)
    }

    pub fn optional(&self, at: usize) -> Option<&'a Tensor> {
        self.0.get(at).copied().flatten()
    }
}

/// An operator with its settings and the number of its outputs; `None` for one that is not computed here.
pub(crate) fn operator(name: &str, settings: &Settings, outputs: usize) -> Result<Option<Box<dyn Compute>>, NodeFault> {
    Ok(Some(match name {
        "Abs" | "Elu" | "Erf" | "Exp" | "Gelu" | "HardSigmoid" | "HardSwish" | "LeakyRelu" | "Log" | "Neg"
        | "Reciprocal" | "Relu" | "Selu" | "Sigmoid" | "Sign" | "Softplus" | "Softsign" | "Sqrt" | "Tanh" => {
            Box::new(elementwise::Function::of(name, settings)?)
        }
        "Add" | "Sub" | "Mul" | "Div" | "Pow" | "PRelu" | "Max" | "Min" | "Sum" | "Mean" => {
            Box::new(two_inputs::TwoInputs::of(name))
        }
        "Clip" => Box::new(two_inputs::Clip),
        "Where" => Box::new(compare::Where),
        "Equal" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual" => Box::new(compare::Comparison::of(name)),
        "And" | "Or" | "Not" => Box::new(compare::Logic::of(name)),
        "ReduceMax" | "ReduceMean" | "ReduceMin" | "ReduceSum" | "ReduceLogSumExp" | "GlobalAveragePool"
        | "GlobalMaxPool" => Box::new(reduction::Reduction::of(name, settings)),
        "ArgMax" => Box::new(reduction::ArgMax::of(settings)),
        "Softmax" | "LogSoftmax" => Box::new(softmax::Softmax::of(name, settings)),
        "Constant" | "Flatten" | "Identity" | "Reshape" | "Shape" | "Squeeze" | "Unsqueeze" => {
            Box::new(shaping::Shaping::of(name, settings)?)
        }
        "Concat" | "Gather" | "Slice" | "Split" | "Transpose" => {
            Box::new(indexing::Indexing::of(name, settings, outputs)?)
        }
        "Cast" => Box::new(number::Cast::of(settings)?),
        "DequantizeLinear" => Box::new(number::Dequantize::of(settings)?),
        "Gemm" => Box::new(product::Gemm::of(settings)),
        "MatMul" => Box::new(product::MatMul::default()),
        "BatchNormalization" => Box::new(batch_normalization::BatchNormalization::of(settings)?),
        "Conv" => Box::new(convolution::Convolution::of(settings)?),
        "AveragePool" | "MaxPool" => Box::new(pooling::Pooling::of(name, settings)?),
        _ => return Ok(None),
    }))
}
