//! How large every tensor of a graph becomes for a number of pairs, and how much work it is, before any engine runs it.
//!
//! Sizes follow from the input's and from stored numbers alone. What cannot be followed is refused, and so is a graph that
//! needs more memory or time than any comparator does.

use std::collections::HashMap;

use digits::SIDE;
use digits::contract::INPUT_PAIR;

use super::graph::{Graph, Initializer, MOST_VALUES, Node};
use super::refusal::Refusal;

mod arithmetic;
mod arrangement;
mod product;
#[cfg(test)]
mod trial;
mod window;

/// Numbers in all tensors of a run, at most: 512 MiB of float32.
pub const MOST_ELEMENTS: u64 = 1 << 27;

/// Numbers in all tensors for one pair, at most: 64 MiB of float32. leq has a million.
const MOST_ELEMENTS_A_PAIR: u64 = 1 << 24;

/// Multiplications for one pair, at most: about a second of one core. leq has 24 million.
const MOST_WORK_A_PAIR: u64 = 1 << 30;

/// ONNX's numbers of element types.
const FLOAT32: u64 = 1;
const UINT8: u64 = 2;
const INT32: u64 = 6;
const INT64: u64 = 7;
const BOOL: u64 = 9;

/// What running a graph takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Numbers in all tensors that are made.
    pub elements: u64,
    /// Multiplications.
    pub work: u64,
}

/// A tensor, as far as it is known without running anything.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    /// Its element type as ONNX numbers it.
    element: u64,
    /// Its dimensions.
    shape: Vec<u64>,
    /// Its numbers, if they are few, whole, and do not depend on the pictures.
    values: Option<Vec<i64>>,
}

impl Known {
    fn new(element: u64, shape: Vec<u64>) -> Self {
        Self { element, shape, values: None }
    }

    fn of(tensor: &Initializer) -> Option<Self> {
        let shape: Option<Vec<u64>> = tensor.shape.iter().map(|&size| u64::try_from(size).ok()).collect();
        Some(Self { element: tensor.element, shape: shape?, values: tensor.values.clone() })
    }

    fn count(&self) -> Option<u64> {
        self.shape.iter().try_fold(1u64, |count, &size| count.checked_mul(size))
    }

    fn is_float(&self) -> bool {
        matches!(self.element, FLOAT32 | 10 | 11 | 16)
    }
}

/// What a node makes: its outputs and its multiplications, or why that is not known.
type Made = Result<(Vec<Known>, u64), String>;

/// A node and what it reads, `None` for optional inputs left out.
struct Step<'a> {
    node: &'a Node,
    inputs: Vec<Option<&'a Known>>,
}

impl Graph {
    /// What running the graph on `pairs` pairs takes.
    ///
    /// # Errors
    /// [`Refusal::Size`] and others for a graph whose sizes cannot be followed, do not fit each other, or are beyond bounds.
    pub fn cost(&self, pairs: u64) -> Result<Cost, Refusal> {
        let mut known: HashMap<&str, Known> = HashMap::new();
        for tensor in &self.initializers {
            let size =
                Known::of(tensor).ok_or_else(|| Refusal::Unbounded(tensor.name.clone(), "its size".to_owned()))?;
            known.insert(&tensor.name, size);
        }
        let side = SIDE as u64;
        known.insert(INPUT_PAIR, Known::new(FLOAT32, vec![pairs, 2, side, side]));
        let mut cost = Cost::default();
        for node in &self.nodes {
            let (made, work) =
                Step::of(node, &known).and_then(|step| step.made()).map_err(|fault| unbounded(node, fault))?;
            cost.work = cost.work.saturating_add(work);
            for (output, made) in node.outputs.iter().zip(made).filter(|(output, _)| !output.is_empty()) {
                cost.elements = cost.elements.saturating_add(elements(&made).map_err(|fault| unbounded(node, fault))?);
                known.insert(output, made);
            }
            if node.outputs.iter().any(|output| !output.is_empty() && !known.contains_key(output.as_str())) {
                return Err(unbounded(node, "it has more outputs than are known".to_owned()));
            }
        }
        self.check_outputs(&known, pairs)?;
        Ok(cost)
    }

    /// Checks that a graph can be bounded, and that one pair is within bounds.
    ///
    /// # Errors
    /// As [`Graph::cost`].
    pub fn check_cost(&self) -> Result<(), Refusal> {
        for pairs in [1, 2] {
            let Cost { elements, work } = self.cost(pairs)?;
            if elements > pairs * MOST_ELEMENTS_A_PAIR {
                return Err(Refusal::Memory(elements / pairs));
            }
            if work > pairs * MOST_WORK_A_PAIR {
                return Err(Refusal::Work(work / pairs));
            }
        }
        Ok(())
    }

    /// What a file declares must be what it computes.
    fn check_outputs(&self, known: &HashMap<&str, Known>, pairs: u64) -> Result<(), Refusal> {
        for port in &self.outputs {
            let Some(made) = known.get(port.name.as_str()) else { continue };
            let declared: Vec<u64> = port.shape.iter().map(|dimension| dimension.at(pairs)).collect();
            if made.shape != declared {
                return Err(Refusal::Computes { name: port.name.clone(), made: made.shape.clone(), declared });
            }
        }
        Ok(())
    }
}

fn unbounded(node: &Node, fault: String) -> Refusal {
    let name = node.outputs.first().map_or(node.name.as_str(), String::as_str);
    Refusal::Unbounded(format!("{} ({name})", node.operator), fault)
}

/// Numbers in a tensor; none is only allowed for lists of axes and the like.
fn elements(made: &Known) -> Result<u64, String> {
    match made.count() {
        Some(0) if made.shape.len() != 1 || made.element != INT64 => {
            Err(format!("a tensor of no numbers, {:?}", made.shape))
        }
        Some(count) => Ok(count),
        None => Err(format!("a tensor of shape {:?}, which is beyond counting", made.shape)),
    }
}

impl<'a> Step<'a> {
    fn of(node: &'a Node, known: &'a HashMap<&str, Known>) -> Result<Self, String> {
        let read = |name: &String| match name.as_str() {
            "" => Ok(None),
            name => known.get(name).map(Some).ok_or_else(|| format!("it reads {name:?}, whose size is not known")),
        };
        Ok(Self { node, inputs: node.inputs.iter().map(read).collect::<Result<_, _>>()? })
    }

    fn made(&self) -> Made {
        match self.node.operator.as_str() {
            "Conv" | "ConvInteger" | "QLinearConv" => self.convolution(),
            "MaxPool" | "AveragePool" => self.pooling(),
            "GlobalAveragePool" | "GlobalMaxPool" => self.global_pooling(),
            "BatchNormalization" => self.batch_normalization(),
            "Gemm" => self.gemm(),
            "MatMul" | "MatMulInteger" | "QLinearMatMul" => self.matmul(),
            "ArgMax" => self.reduction(),
            reduction if reduction.starts_with("Reduce") => self.reduction(),
            "Concat" => self.concat(),
            "Constant" => self.constant(),
            "Flatten" => self.flatten(),
            "Gather" => self.gather(),
            "Reshape" => self.reshape(),
            "Shape" => self.shape(),
            "Slice" => self.slice(),
            "Split" => self.split(),
            "Squeeze" => self.squeeze(),
            "Transpose" => self.transpose(),
            "Unsqueeze" => self.unsqueeze(),
            "DynamicQuantizeLinear" => self.dynamic_quantization(),
            _ => self.elementwise(),
        }
    }

    /// An input that must be there.
    fn input(&self, number: usize) -> Result<&'a Known, String> {
        self.inputs.get(number).copied().flatten().ok_or_else(|| format!("it has no input {number}"))
    }

    /// The numbers of an input, which must be stored or follow from sizes.
    fn values(&self, number: usize) -> Result<&'a [i64], String> {
        self.input(number)?.values.as_deref().ok_or_else(|| format!("its input {number} depends on the pictures"))
    }

    fn ints(&self, attribute: &str) -> Option<&'a [i64]> {
        self.node.attributes.iter().find(|it| it.name == attribute).map(|it| it.ints.as_slice())
    }

    fn int(&self, attribute: &str, default: i64) -> i64 {
        // A number of 0 may be left out of the file.
        self.ints(attribute).map_or(default, |ints| ints.first().copied().unwrap_or(0))
    }

    /// An axis that may be counted from the end.
    fn axis(&self, axis: i64, rank: usize) -> Result<usize, String> {
        let counted = if axis < 0 { axis + rank as i64 } else { axis };
        usize::try_from(counted)
            .ok()
            .filter(|&axis| axis < rank)
            .ok_or_else(|| format!("axis {axis} of {rank} dimensions"))
    }
}

/// One output and no multiplications.
fn one(made: Known) -> Made {
    Ok((vec![made], 0))
}

#[cfg(test)]
mod tests;
