//! Operations of a graph, with numbers for the names of their values.

use std::collections::BTreeMap;

use crate::fault::{EvaluationError, NodeFault};
use crate::graph::Node;
use crate::settings::Settings;
use crate::signature::Port;

/// What an operation is called where it fails.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    operator: String,
    node: String,
}

/// One node of a graph.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub operator: String,
    name: String,
    /// Numbers of the values that it reads; `None` for an optional one left out.
    pub inputs: Vec<Option<usize>>,
    /// Numbers of the values that it makes.
    pub outputs: Vec<Option<usize>>,
    pub settings: Settings,
}

impl Operation {
    pub fn input(&self, at: usize) -> Option<usize> {
        self.inputs.get(at).copied().flatten()
    }

    /// Its output, if it has one only.
    pub fn output(&self) -> Option<usize> {
        self.outputs.first().copied().flatten().filter(|_| self.outputs.len() == 1)
    }

    pub fn name(&self) -> Name {
        Name { operator: self.operator.clone(), node: self.name.clone() }
    }

    /// What is wrong with it, with its name.
    pub fn failed(&self, fault: NodeFault) -> EvaluationError {
        self.name().failed(fault)
    }
}

impl Name {
    /// What is wrong with the operation.
    pub fn failed(&self, fault: NodeFault) -> EvaluationError {
        EvaluationError::Node { operator: self.operator.clone(), node: self.node.clone(), fault }
    }
}

/// The numbers of a graph's values, by name.
#[derive(Debug, Default)]
pub(crate) struct Numbers<'a>(BTreeMap<&'a str, usize>);

impl<'a> Numbers<'a> {
    /// The number of a value, a new one for a new name; `None` for what is left out.
    pub fn of(&mut self, name: &'a str) -> Option<usize> {
        let next = self.0.len();
        (!name.is_empty()).then(|| *self.0.entry(name).or_insert(next))
    }

    /// How many values there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// A node with its settings.
    pub fn operation(&mut self, node: &'a Node, settings: Settings) -> Operation {
        Operation {
            operator: node.operator.clone(),
            name: node.name.clone(),
            inputs: node.inputs.iter().map(|name| self.of(name)).collect(),
            outputs: node.outputs.iter().map(|name| self.of(name)).collect(),
            settings,
        }
    }

    /// Inputs or outputs of the graph, with their numbers.
    pub fn ports(&mut self, ports: &'a [Port]) -> Vec<(&'a Port, usize)> {
        ports.iter().filter_map(|port| Some((port, self.of(&port.name)?))).collect()
    }
}

/// How often each value is read.
#[derive(Debug)]
pub(crate) struct Readers(Vec<usize>);

impl Readers {
    /// Counts what operations read, and the graph's outputs.
    pub fn of<'a>(
        inputs: impl Iterator<Item = &'a Vec<Option<usize>>>,
        outputs: &[(String, usize)],
        values: usize,
    ) -> Self {
        let mut counts = vec![0_usize; values];
        inputs.flatten().flatten().for_each(|&value| counts[value] += 1);
        // An output of the graph is never a value between two layers only.
        outputs.iter().for_each(|&(_, value)| counts[value] += 2);
        Self(counts)
    }

    pub fn is_read(&self, value: usize) -> bool {
        self.0.get(value).is_some_and(|&count| count > 0)
    }

    pub fn is_read_once(&self, value: usize) -> bool {
        self.0.get(value) == Some(&1)
    }
}
