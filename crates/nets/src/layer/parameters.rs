//! Named parameters in a fixed order, and their initialisation.

use candle_core::{DType, Device, Result, Shape, Tensor, Var};

use random::Stream;

/// A named tensor of a network.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Path from the network's root, for example `tower.conv1.weight`.
    pub name: String,
    /// The values.
    pub var: Var,
}

/// All tensors of a network, in the order in which its layers were built.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// Parameters updated by the optimiser.
    pub trained: Vec<Parameter>,
    /// Tensors updated by forward passes: running statistics.
    pub buffers: Vec<Parameter>,
}

impl Parameters {
    /// Trained parameters, then buffers.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.trained.iter().chain(&self.buffers)
    }

    /// The parameter or buffer called `name`.
    pub fn get(&self, name: &str) -> Option<&Var> {
        self.iter().find(|parameter| parameter.name == name).map(|parameter| &parameter.var)
    }

    /// Copies of all values, in the order of [`Parameters::iter`].
    ///
    /// # Errors
    /// Candle's, if the device is out of memory.
    pub fn values(&self) -> Result<Vec<Tensor>> {
        self.iter().map(|parameter| parameter.var.as_detached_tensor().copy()).collect()
    }

    /// Sets all values, in the order of [`Parameters::iter`].
    ///
    /// # Errors
    /// Candle's, if a shape differs.
    pub fn set(&self, values: &[Tensor]) -> Result<()> {
        self.iter().zip(values).try_for_each(|(parameter, value)| parameter.var.set(value))
    }

    /// Number of trained values.
    pub fn trained_count(&self) -> usize {
        self.trained.iter().map(|parameter| parameter.var.elem_count()).sum()
    }
}

/// Creates a network's parameters, layer by layer, named after their layers.
#[derive(Debug)]
pub struct Initialiser<'a> {
    parameters: &'a mut Parameters,
    stream: &'a mut Stream,
    device: &'a Device,
    path: String,
}

impl<'a> Initialiser<'a> {
    /// Starts at the root.
    pub fn new(parameters: &'a mut Parameters, stream: &'a mut Stream, device: &'a Device) -> Self {
        Self { parameters, stream, device, path: String::new() }
    }

    /// An initialiser for the child `name`.
    pub fn within(&mut self, name: &str) -> Initialiser<'_> {
        let path = format!("{}{name}.", self.path);
        Initialiser { parameters: self.parameters, stream: self.stream, device: self.device, path }
    }

    /// The path of the layer under construction, without a trailing dot.
    pub fn path(&self) -> &str {
        self.path.trim_end_matches('.')
    }

    /// PyTorch's default for the weights and biases of convolutions and linear layers: uniform within 1/sqrt(`fan_in`).
    ///
    /// # Errors
    /// Candle's, if the device is out of memory.
    pub fn uniform(&mut self, name: &str, shape: impl Into<Shape>, fan_in: usize) -> Result<Var> {
        let shape = shape.into();
        let bound = (1.0 / fan_in as f64).sqrt() as f32;
        let values: Vec<f32> = (0..shape.elem_count()).map(|_| self.stream.symmetric(bound)).collect();
        let var = Var::from_tensor(&Tensor::from_vec(values, shape, self.device)?)?;
        Ok(self.train(name, var))
    }

    /// A trained parameter, initially constant.
    ///
    /// # Errors
    /// Candle's, if the device is out of memory.
    pub fn constant(&mut self, name: &str, value: f32, length: usize) -> Result<Var> {
        let var = Var::from_tensor(&Tensor::full(value, length, self.device)?)?;
        Ok(self.train(name, var))
    }

    /// A buffer, initially constant.
    ///
    /// # Errors
    /// Candle's, if the device is out of memory.
    pub fn buffer(&mut self, name: &str, value: f32, length: usize) -> Result<Var> {
        let var = Var::from_tensor(&Tensor::full(value, length, self.device)?)?;
        self.parameters.buffers.push(Parameter { name: format!("{}{name}", self.path), var: var.clone() });
        Ok(var)
    }

    /// Constant zeros: neither trained nor saved in checkpoints.
    ///
    /// # Errors
    /// Candle's, if the device is out of memory.
    pub fn zeros(&mut self, length: usize) -> Result<Var> {
        Var::zeros(length, DType::F32, self.device)
    }

    fn train(&mut self, name: &str, var: Var) -> Var {
        self.parameters.trained.push(Parameter { name: format!("{}{name}", self.path), var: var.clone() });
        var
    }
}
