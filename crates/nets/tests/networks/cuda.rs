//! Gradients on a CUDA device compared with those on the CPU, both with Candle's operators.
//!
//! Needs `--features cuda` and a GPU; otherwise it reports why it is skipped.

use candle_core::{Device, Tensor};
use mnist::{Mnist, PairSets, default_folder};
use nets::layer::{Activation, Kernels, Pass};
use nets::network::{Comparator, ConvNet, Mlp, NetworkSpec, Normalisation, ReportB};
use nets::training::{LossWeights, total_loss};
use random::{Purpose, Stream};

/// Largest allowed difference, as a fraction of the gradient's largest value.
const TOLERANCE: f32 = 1e-4;

fn gradients(spec: &NetworkSpec, device: &Device) -> Vec<(String, Vec<f32>)> {
    let pairs = PairSets::draw(&Mnist::load(&default_folder()).unwrap(), 8, 0).unwrap().training;
    let normalisation = Normalisation { mean: 33.0, standard_deviation: 71.0 };
    let comparator = Comparator::build(spec, normalisation, &mut Stream::new(0, Purpose::Weights), device).unwrap();
    let batch = comparator.batch(&pairs).unwrap();
    let mut dropout = Stream::new(0, Purpose::Dropout);
    let outputs = comparator.forward(&batch, &mut Pass::training(&mut dropout, Kernels::Plain)).unwrap();
    let digits = if spec.auxiliary { 1.0 } else { 0.0 };
    let store = total_loss(&outputs, &batch, &LossWeights { leq: 1.0, digits, ..LossWeights::COMPARISON })
        .unwrap()
        .backward()
        .unwrap();
    let flat = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1().unwrap();
    let trained = comparator.parameters().trained.iter();
    trained.map(|parameter| (parameter.name.clone(), flat(store.get(&parameter.var).unwrap()))).collect()
}

#[test]
fn every_layers_gradient_on_cuda_is_that_of_the_cpu() {
    let cuda = match Device::new_cuda(0) {
        Ok(cuda) => cuda,
        Err(error) => return eprintln!("skipped for want of a GPU: {error}"),
    };
    let every_layer = [
        ConvNet { batch_norm: true, ..ConvNet::default() }.spec(),
        ConvNet { weight_sharing: true, auxiliary: true, activation: Activation::Sigmoid, ..ConvNet::default() }.spec(),
        Mlp { activation: Activation::Selu, dropout: 0.2, ..Mlp::default() }.spec(),
        Mlp { activation: Activation::Tanh, weight_sharing: true, auxiliary: true, ..Mlp::default() }.spec(),
        ReportB { weight_sharing: false, auxiliary: true, dropout: true }.spec(),
    ];
    for spec in every_layer {
        for ((name, cpu), (_, gpu)) in gradients(&spec, &Device::Cpu).into_iter().zip(gradients(&spec, &cuda)) {
            let scale = cpu.iter().fold(1e-2_f32, |largest, value| largest.max(value.abs()));
            let difference = cpu.iter().zip(&gpu).map(|(cpu, gpu)| (cpu - gpu).abs()).fold(0.0, f32::max);
            assert!(difference <= TOLERANCE * scale, "{name}: differs by {difference:e} at a scale of {scale:e}");
        }
    }
}
