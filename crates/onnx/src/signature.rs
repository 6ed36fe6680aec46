//! What a model file declares, and its check against the contract.

use std::collections::BTreeMap;
use std::fmt;

use digits::SIDE;
use digits::contract::{self, CLASSES, metadata};

/// What a model declares, in no engine's terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// Inputs that must be fed.
    pub inputs: Vec<Port>,
    /// Outputs.
    pub outputs: Vec<Port>,
    /// Metadata of the file, key to text.
    pub metadata: BTreeMap<String, String>,
}

/// One input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its element type as ONNX names it, such as `float32`; for what is no tensor, what it is.
    pub element: String,
    /// Its dimensions.
    pub shape: Vec<Dimension>,
}

/// One dimension of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// A size that never changes.
    Fixed(i64),
    /// Any size; the name may be empty.
    Dynamic(String),
}

impl Dimension {
    /// Its size where the batch is `pairs`.
    pub(super) fn at(&self, pairs: u64) -> u64 {
        match self {
            Self::Fixed(size) => u64::try_from(*size).unwrap_or(0),
            Self::Dynamic(_) => pairs,
        }
    }
}

/// Which outputs a model has beyond its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heads {
    /// The answer alone.
    Comparison,
    /// The answer and the digit classes of both images.
    ComparisonAndDigits,
    /// The same, and whether each image shows no digit: version 2 of the contract.
    ComparisonDigitsAndNoDigit,
}

impl Heads {
    /// Whether the digit classes are among the outputs.
    pub fn has_digits(self) -> bool {
        self != Self::Comparison
    }

    /// Whether "no digit" is among the outputs.
    pub fn tells_no_digit(self) -> bool {
        self == Self::ComparisonDigitsAndNoDigit
    }
}

/// What breaks the contract. Messages go after the model's name and a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// The metadata key that states the contract's version is missing.
    #[error(
        "breaks the contract: its metadata has no {key:?}, so it is no leq model or was saved without metadata; the \
         contract wants {key:?} to be {without:?}, or {with:?} with an output {output:?}",
        key = metadata::CONTRACT,
        without = metadata::VERSION_WITHOUT_NO_DIGIT,
        with = metadata::VERSION_WITH_NO_DIGIT,
        output = contract::OUTPUT_NO_DIGIT
    )]
    NoVersion,
    /// Another version of the contract.
    #[error(
        "breaks the contract: it follows version {0:?} of it, this program reads versions {versions}; export it again, \
         or use the program that it was made for",
        versions = metadata::VERSIONS.join(" and ")
    )]
    Version(String),
    /// Other names than the contract's.
    #[error("breaks the contract: its {which} are {found}; the contract wants {wanted}")]
    Names {
        /// `inputs` or `outputs`.
        which: &'static str,
        /// The names found.
        found: String,
        /// The names wanted.
        wanted: String,
    },
    /// An element type or shape other than the contract's.
    #[error("breaks the contract: {found} is not what the contract wants, {wanted}")]
    Type {
        /// The input or output found.
        found: Box<Port>,
        /// The same as it should be.
        wanted: Box<Port>,
    },
}

impl Signature {
    /// Checks names, element types, shapes and the contract's version.
    ///
    /// # Errors
    /// The first [`Breach`] found. What is declared and not in the contract is a breach too: nothing here would feed or
    /// read it.
    pub fn check(&self) -> Result<Heads, Breach> {
        let heads = self.heads()?;
        match self.breaches().into_iter().next() {
            Some(breach) => Err(breach),
            None => Ok(heads),
        }
    }

    /// Everything that breaks the contract. Without a version, the outputs are held against the version that they resemble.
    pub fn breaches(&self) -> Vec<Breach> {
        let (heads, version) = match self.heads() {
            Ok(heads) => (heads, None),
            Err(breach) => (self.resembles(), Some(breach)),
        };
        let ports =
            [check_ports("inputs", &self.inputs, &[input()]), check_ports("outputs", &self.outputs, &outputs(heads))];
        version.into_iter().chain(ports.into_iter().filter_map(Result::err)).collect()
    }

    fn has(&self, output: &str) -> bool {
        self.outputs.iter().any(|port| port.name == output)
    }

    fn heads(&self) -> Result<Heads, Breach> {
        match self.metadata.get(metadata::CONTRACT).map(String::as_str) {
            None => Err(Breach::NoVersion),
            Some(metadata::VERSION_WITH_NO_DIGIT) => Ok(Heads::ComparisonDigitsAndNoDigit),
            Some(metadata::VERSION_WITHOUT_NO_DIGIT) if self.has(contract::OUTPUT_DIGIT_PROBS) => {
                Ok(Heads::ComparisonAndDigits)
            }
            Some(metadata::VERSION_WITHOUT_NO_DIGIT) => Ok(Heads::Comparison),
            Some(other) => Err(Breach::Version(other.to_owned())),
        }
    }

    fn resembles(&self) -> Heads {
        match (self.has(contract::OUTPUT_NO_DIGIT), self.has(contract::OUTPUT_DIGIT_PROBS)) {
            (true, _) => Heads::ComparisonDigitsAndNoDigit,
            (_, true) => Heads::ComparisonAndDigits,
            _ => Heads::Comparison,
        }
    }
}

fn input() -> Port {
    port(contract::INPUT_PAIR, &[2, SIDE, SIDE])
}

fn outputs(heads: Heads) -> Vec<Port> {
    let mut wanted = vec![port(contract::OUTPUT_P_LEQ, &[]), port(contract::OUTPUT_LEQ_LOGIT, &[])];
    if heads.has_digits() {
        wanted.push(port(contract::OUTPUT_DIGIT_PROBS, &[2, CLASSES]));
        wanted.push(port(contract::OUTPUT_DIGIT_LOGITS, &[2, CLASSES]));
    }
    if heads.tells_no_digit() {
        wanted.push(port(contract::OUTPUT_NO_DIGIT, &[2]));
    }
    wanted
}

fn port(name: &str, after_batch: &[usize]) -> Port {
    let fixed = after_batch.iter().map(|&size| Dimension::Fixed(size as i64));
    let shape = [Dimension::Dynamic(contract::BATCH.to_owned())].into_iter().chain(fixed).collect();
    Port { name: name.to_owned(), element: "float32".to_owned(), shape }
}

/// Order does not matter: inputs and outputs go by name.
fn check_ports(which: &'static str, found: &[Port], wanted: &[Port]) -> Result<(), Breach> {
    let of_name = |name: &str| found.iter().find(|port| port.name == name);
    if found.len() != wanted.len() || wanted.iter().any(|port| of_name(&port.name).is_none()) {
        return Err(Breach::Names { which, found: names(found), wanted: names(wanted) });
    }
    for wanted in wanted {
        match of_name(&wanted.name) {
            Some(found) if !found.is_like(wanted) => {
                return Err(Breach::Type { found: Box::new(found.clone()), wanted: Box::new(wanted.clone()) });
            }
            _ => {}
        }
    }
    Ok(())
}

fn names(ports: &[Port]) -> String {
    match ports {
        [] => "none".to_owned(),
        _ => ports.iter().map(|port| format!("{:?}", port.name)).collect::<Vec<_>>().join(", "),
    }
}

impl Port {
    /// Same element type and shape; a dynamic dimension may have any name.
    fn is_like(&self, wanted: &Self) -> bool {
        self.element == wanted.element
            && self.shape.len() == wanted.shape.len()
            && self.shape.iter().zip(&wanted.shape).all(|pair| match pair {
                (Dimension::Dynamic(_), Dimension::Dynamic(_)) => true,
                (found, wanted) => found == wanted,
            })
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape: Vec<String> = self.shape.iter().map(Dimension::to_string).collect();
        write!(f, "{:?} of {} [{}]", self.name, self.element, shape.join(", "))
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => write!(f, "{size}"),
            Self::Dynamic(name) if name.is_empty() => f.write_str("?"),
            Self::Dynamic(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests;
