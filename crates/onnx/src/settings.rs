//! The settings of an operation, with their values.

use crate::fault::NodeFault;
use crate::tensor::Tensor;

/// One setting as a file stores it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Setting {
    pub name: String,
    pub int: Option<i64>,
    pub ints: Vec<i64>,
    pub float: Option<f32>,
    pub floats: Vec<f32>,
    pub text: Option<Vec<u8>>,
    pub tensor: Option<Tensor>,
}

/// All settings of one operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings(pub Vec<Setting>);

impl Settings {
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.0.iter().find(|setting| setting.name == name)
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        // Protobuf leaves out what is zero.
        self.get(name).map(|setting| setting.int.unwrap_or(0))
    }

    pub fn int_or(&self, name: &str, usual: i64) -> i64 {
        self.int(name).unwrap_or(usual)
    }

    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.get(name).map(|setting| setting.ints.as_slice())
    }

    pub fn float_or(&self, name: &str, usual: f32) -> f32 {
        self.get(name).map_or(usual, |setting| setting.float.unwrap_or(0.0))
    }

    pub fn text(&self, name: &str) -> Option<&[u8]> {
        self.get(name).map(|setting| setting.text.as_deref().unwrap_or_default())
    }

    /// An error unless the setting is missing or `wanted`.
    pub fn only(&self, name: &'static str, wanted: i64) -> Result<(), NodeFault> {
        if self.int_or(name, wanted) == wanted { Ok(()) } else { Err(NodeFault::Setting(name)) }
    }
}
