//! Training follows PyTorch: same initial weights and batch, then logits, loss, every gradient and ten steps of Adam.
//! `bench/debug_state.py` writes the states; their metadata name the PyTorch version.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use candle_core::{Device, Tensor};
use mnist::{Mnist, PairSet, PairSets, default_folder};
use nets::layer::{Activation, Kernels, Pass, backward};
use nets::network::{Batch, Comparator, ConvNet, Mlp, NetworkSpec, Normalisation, ReportB};
use nets::training::{Adam, AdamSettings, LossWeights, total_loss};
use random::{Purpose, Stream};

/// A tensor with only smaller values is compared at this scale: the gradient of a bias before batch normalisation is 0
/// except for rounding.
const SMALLEST_SCALE: f32 = 1e-2;
/// Largest allowed difference, as a fraction of the tensor's largest value. Both sides compute in float32; PyTorch's
/// own float32 and float64 differ by up to 2e-6 of that.
const TOLERANCE: f32 = 2e-5;
/// Tolerance for the losses of ten steps: Adam's first steps divide by the root of tiny second moments, which amplifies
/// rounding differences of gradients close to 0.
const STEP_TOLERANCE: f32 = 2e-4;
/// Tolerance for evaluation after ten steps with batch normalisation: the gradient of a bias before it is rounding
/// noise, which Adam turns into full steps. PyTorch's own float32 and float64 differ by 3.7e-4 here.
const EVALUATION_TOLERANCE: f32 = 1e-2;
const PAIRS: usize = 8;

struct DebugState {
    tensors: HashMap<String, Tensor>,
    metadata: HashMap<String, String>,
}

impl DebugState {
    fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../bench/debug_state/{name}.safetensors"));
        let bytes = std::fs::read(&path).unwrap();
        let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        let metadata = metadata.metadata().clone().unwrap();
        Self { tensors: candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).unwrap(), metadata }
    }

    fn tensor(&self, name: &str) -> &Tensor {
        self.tensors.get(name).unwrap_or_else(|| panic!("the debug state lacks {name}"))
    }

    fn number(&self, name: &str) -> f32 {
        self.metadata[name].parse().unwrap()
    }

    /// PyTorch numbers the layers of report B's comparison continuously; here the joined part starts again at 1.
    fn parameter(&self, kind: &str, name: &str) -> &Tensor {
        let joined = name.strip_prefix("leq_head_joined.linear");
        match joined.and_then(|rest| rest.split_once('.')) {
            Some((number, rest)) => {
                let number: usize = number.parse().unwrap();
                self.tensor(&format!("{kind}.leq_head.linear{}.{rest}", number + 2))
            }
            None => self.tensor(&format!("{kind}.{name}")),
        }
    }
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn assert_close(what: &str, ours: &Tensor, theirs: &Tensor, tolerance: f32) {
    assert_eq!(ours.dims(), theirs.dims(), "{what}");
    let (ours, theirs) = (flat(ours), flat(theirs));
    let scale = theirs.iter().fold(SMALLEST_SCALE, |largest, value| largest.max(value.abs()));
    let difference = ours.iter().zip(&theirs).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f32::max);
    assert!(difference <= tolerance * scale, "{what}: differs by {difference:e} at a scale of {scale:e}");
}

struct Followed {
    state: DebugState,
    comparator: Comparator,
    batch: Batch,
    loss: LossWeights,
    kernels: Kernels,
}

impl Followed {
    fn start(name: &str, spec: &NetworkSpec, loss: LossWeights, kernels: Kernels) -> Self {
        let state = DebugState::read(name);
        let normalisation = Normalisation { mean: state.number("mean"), standard_deviation: state.number("std") };
        let mut weights = Stream::new(0, Purpose::Weights);
        let comparator = Comparator::build(spec, normalisation, &mut weights, &Device::Cpu).unwrap();
        for parameter in &comparator.parameters().trained {
            parameter.var.set(state.parameter("initial", &parameter.name)).unwrap();
        }
        assert_eq!(FIRST_TRAINING_PAIRS.pixels(), flat(state.tensor("pair")), "the pairs themselves");
        let batch = comparator.batch(&FIRST_TRAINING_PAIRS).unwrap();
        Self { state, comparator, batch, loss, kernels }
    }

    fn follow(self) {
        self.follow_gradients();
        self.follow_ten_steps();
        self.follow_evaluation("eval_leq_logit", EVALUATION_TOLERANCE);
    }

    fn follow_gradients(&self) {
        let mut dropout = Stream::new(0, Purpose::Dropout);
        let outputs = self.comparator.forward(&self.batch, &mut Pass::training(&mut dropout, self.kernels)).unwrap();
        assert_close("leq_logit", &outputs.leq_logit, self.state.tensor("leq_logit"), TOLERANCE);
        if let Some(logits) = &outputs.digit_logits {
            assert_close("digit_logits", logits, self.state.tensor("digit_logits"), TOLERANCE);
        }
        let loss = total_loss(&outputs, &self.batch, &self.loss).unwrap();
        assert_close(
            "loss",
            &loss.flatten_all().unwrap(),
            &self.state.tensor("loss").flatten_all().unwrap(),
            TOLERANCE,
        );
        let gradients = backward(&loss).unwrap();
        for parameter in &self.comparator.parameters().trained {
            let ours = gradients.get(&parameter.var).unwrap_or_else(|| panic!("no gradient for {}", parameter.name));
            let theirs = self.state.parameter("grad", &parameter.name);
            assert_close(&format!("gradient of {}", parameter.name), ours, theirs, TOLERANCE);
        }
        for buffer in &self.comparator.parameters().buffers {
            assert_close(&buffer.name, &buffer.var, self.state.parameter("buffer", &buffer.name), TOLERANCE);
        }
        self.follow_evaluation("eval_leq_logit_initial", TOLERANCE);
        self.reset_buffers();
    }

    fn follow_ten_steps(&self) {
        let mut dropout = Stream::new(0, Purpose::Dropout);
        let settings = AdamSettings::with_learning_rate(1e-3);
        let mut adam = Adam::new(settings, &self.comparator.parameters().trained).unwrap();
        let mut losses = Vec::new();
        for _ in 0..10 {
            let mut pass = Pass::training(&mut dropout, self.kernels);
            let outputs = self.comparator.forward(&self.batch, &mut pass).unwrap();
            let loss = total_loss(&outputs, &self.batch, &self.loss).unwrap();
            losses.push(loss.to_scalar::<f32>().unwrap());
            let broken = adam.step(&backward(&loss).unwrap(), settings.learning_rate).unwrap();
            assert_eq!(broken, None);
        }
        let losses = Tensor::new(losses, &Device::Cpu).unwrap();
        assert_close("losses of ten steps", &losses, self.state.tensor("losses"), STEP_TOLERANCE);
    }

    /// Networks with running statistics compute differently in evaluation.
    fn follow_evaluation(&self, name: &str, tolerance: f32) {
        if self.comparator.parameters().buffers.is_empty() {
            return;
        }
        let outputs = self.comparator.forward(&self.batch, &mut Pass::evaluation(self.kernels)).unwrap();
        assert_close(name, &outputs.leq_logit, self.state.tensor(name), tolerance);
    }

    /// PyTorch's ten steps start from fresh running statistics.
    fn reset_buffers(&self) {
        for buffer in &self.comparator.parameters().buffers {
            let fresh = if buffer.name.ends_with("running_var") { 1.0 } else { 0.0 };
            buffer.var.set(&buffer.var.zeros_like().unwrap().affine(1.0, fresh).unwrap()).unwrap();
        }
    }
}

/// Follows the state with both implementations of every layer.
fn follow(name: &str, spec: &NetworkSpec, loss: LossWeights) {
    for kernels in [Kernels::Plain, Kernels::Fused] {
        Followed::start(name, spec, loss, kernels).follow();
    }
}

static FIRST_TRAINING_PAIRS: LazyLock<PairSet> =
    LazyLock::new(|| PairSets::draw(&Mnist::load(&default_folder()).unwrap(), PAIRS, 0).unwrap().training);

const COMPARISON_ONLY: LossWeights = LossWeights::COMPARISON;
const WITH_AUXILIARY: LossWeights = LossWeights { leq: 0.8, digits: 1.0, ..LossWeights::COMPARISON };

fn convnet(activation: Activation) -> ConvNet {
    ConvNet { head_dropout: 0.0, activation, ..ConvNet::default() }
}

fn shared_convnet(activation: Activation) -> NetworkSpec {
    ConvNet { weight_sharing: true, auxiliary: true, ..convnet(activation) }.spec()
}

#[test]
fn the_convnet_with_weight_sharing_and_auxiliary_loss_follows_pytorch() {
    follow("convnet-ws-aux", &shared_convnet(Activation::Relu), WITH_AUXILIARY);
}

#[test]
fn the_convnet_with_sigmoids_follows_pytorch() {
    let spec = shared_convnet(Activation::Sigmoid);
    follow("convnet-ws-aux-sigmoid", &spec, WITH_AUXILIARY);
}

#[test]
fn the_vanilla_convnet_with_batch_normalisation_follows_pytorch() {
    let spec = ConvNet { batch_norm: true, ..convnet(Activation::Relu) }.spec();
    follow("convnet-vanilla-batchnorm", &spec, COMPARISON_ONLY);
}

#[test]
fn the_vanilla_mlp_with_selu_follows_pytorch() {
    let spec = Mlp { activation: Activation::Selu, ..Mlp::default() }.spec();
    follow("mlp-selu", &spec, COMPARISON_ONLY);
}

#[test]
fn the_mlp_with_weight_sharing_auxiliary_loss_and_tanh_follows_pytorch() {
    let network = Mlp { activation: Activation::Tanh, weight_sharing: true, auxiliary: true, ..Mlp::default() };
    follow("mlp-ws-aux-tanh", &network.spec(), WITH_AUXILIARY);
}

#[test]
fn report_bs_network_follows_pytorch() {
    let spec = ReportB { weight_sharing: true, auxiliary: true, dropout: false }.spec();
    follow("report-b", &spec, LossWeights { leq: 1.0, digits: 0.5, ..LossWeights::COMPARISON });
}
