//! Gradients, readings and steps on a CUDA device compared with those on the CPU, both with Candle's operators.
//!
//! Needs `--features cuda` and a GPU; otherwise it reports why it is skipped.

use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor};
use mnist::{Mnist, PairSet, PairSets, default_folder};
use nets::layer::{Activation, Kernels, Parameter, Pass};
use nets::network::{Comparator, ConvNet, DigitTower, Mlp, NetworkSpec, Normalisation, ReportB, TowerOutput};
use nets::training::{LossWeights, Muon, MuonSettings, evaluate, total_loss};
use random::{Purpose, Stream};

/// Largest allowed difference, as a fraction of the gradient's largest value.
const TOLERANCE: f32 = 1e-4;

fn cuda() -> Option<Device> {
    Device::new_cuda(0).inspect_err(|error| eprintln!("skipped for want of a GPU: {error}")).ok()
}

/// Networks of every arrangement and comparison, with every kind of layer that a family has.
fn every_layer() -> [NetworkSpec; 8] {
    let tower = DigitTower { channels: [6, 8, 8, 8, 12], ..DigitTower::default() };
    [
        ConvNet { batch_norm: true, ..ConvNet::default() }.spec(),
        ConvNet { weight_sharing: true, auxiliary: true, activation: Activation::Sigmoid, ..ConvNet::default() }.spec(),
        Mlp { activation: Activation::Selu, dropout: 0.2, ..Mlp::default() }.spec(),
        Mlp { activation: Activation::Tanh, weight_sharing: true, auxiliary: true, ..Mlp::default() }.spec(),
        ReportB { weight_sharing: false, auxiliary: true, dropout: true }.spec(),
        tower.spec(),
        DigitTower { output: TowerOutput::OrderedClasses, ..tower.clone() }.spec(),
        DigitTower { output: TowerOutput::Score, ..tower }.spec(),
    ]
}

/// `count` training pairs of the course.
fn course_pairs(count: usize) -> PairSet {
    PairSets::draw(&Mnist::load(&default_folder()).unwrap(), count, 0).unwrap().training
}

fn network(spec: &NetworkSpec, device: &Device) -> Comparator {
    let normalisation = Normalisation { mean: 33.0, standard_deviation: 71.0 };
    Comparator::build(spec, normalisation, &mut Stream::new(0, Purpose::Weights), device).unwrap()
}

fn gradients(comparator: &Comparator) -> GradStore {
    let batch = comparator.batch(&course_pairs(8)).unwrap();
    let mut dropout = Stream::new(0, Purpose::Dropout);
    let outputs = comparator.forward(&batch, &mut Pass::training(&mut dropout, Kernels::Plain)).unwrap();
    let digits = if comparator.spec().auxiliary { 1.0 } else { 0.0 };
    let weights = LossWeights { leq: 1.0, digits, ..LossWeights::COMPARISON };
    total_loss(&outputs, &batch, &weights).unwrap().backward().unwrap()
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Fails where two devices' values differ by more than the tolerance at their scale.
fn assert_alike(name: &str, cpu: &[f32], gpu: &[f32]) {
    assert_eq!(cpu.len(), gpu.len(), "{name}");
    let scale = cpu.iter().fold(1e-2_f32, |largest, value| largest.max(value.abs()));
    let difference = cpu.iter().zip(gpu).map(|(cpu, gpu)| (cpu - gpu).abs()).fold(0.0, f32::max);
    assert!(difference <= TOLERANCE * scale, "{name}: differs by {difference:e} at a scale of {scale:e}");
}

#[test]
fn every_layers_gradient_on_cuda_is_that_of_the_cpu() {
    let Some(cuda) = cuda() else { return };
    for spec in every_layer() {
        let (on_cpu, on_cuda) = (network(&spec, &Device::Cpu), network(&spec, &cuda));
        let (cpu, gpu) = (gradients(&on_cpu), gradients(&on_cuda));
        for (ours, theirs) in on_cpu.parameters().trained.iter().zip(&on_cuda.parameters().trained) {
            let name = format!("{} of {:?}", ours.name, spec.leq_head);
            assert_alike(&name, &flat(cpu.get(&ours.var).unwrap()), &flat(gpu.get(&theirs.var).unwrap()));
        }
    }
}

#[test]
fn networks_on_cuda_are_judged_as_on_the_cpu() {
    let Some(cuda) = cuda() else { return };
    let pairs = course_pairs(200);
    for spec in every_layer() {
        let [cpu, gpu] = [&Device::Cpu, &cuda].map(|device| evaluate(&network(&spec, device), &pairs).unwrap());
        // A logit that rounds to the other side of 0 is one pair.
        let apart = cpu.learned_head.right.abs_diff(gpu.learned_head.right);
        assert!(apart <= 1, "{:?}: {cpu:?} {gpu:?}", spec.leq_head);
        assert_eq!(cpu.digits.is_some(), gpu.digits.is_some());
    }
}

#[test]
fn a_step_of_muon_on_cuda_is_that_of_the_cpu() {
    let Some(cuda) = cuda() else { return };
    let spec = every_layer()[5].clone();
    let stepped = [&Device::Cpu, &cuda].map(|device| {
        let comparator = network(&spec, device);
        let is_matrix = |parameter: &&Parameter| parameter.var.dims().len() > 1;
        let matrices: Vec<Parameter> = comparator.parameters().trained.iter().filter(is_matrix).cloned().collect();
        let mut muon = Muon::new(MuonSettings::default(), &matrices);
        assert_eq!(muon.step(&gradients(&comparator), 1.0).unwrap(), None);
        matrices.into_iter().map(|parameter| (parameter.name, flat(parameter.var.as_tensor()))).collect::<Vec<_>>()
    });
    for ((name, cpu), (_, gpu)) in stepped[0].iter().zip(&stepped[1]) {
        assert_alike(name, cpu, gpu);
    }
}
