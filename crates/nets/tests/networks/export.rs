//! The exported file: its bytes, its graph, and what ONNX Runtime and Candle make of it.

mod model_file;
mod onnx_runtime;

use std::path::Path;
use std::sync::LazyLock;

use candle_core::Device;
use candle_onnx::onnx::ModelProto;
use digits::contract;
use mnist::{Mnist, PairSet, PairSets, default_folder};
use nets::export::{Metadata, export};
use nets::layer::{Activation, ConvSpec, DepthwiseSpec, LayerSpec, SqueezeExcitationSpec};
use nets::network::{Comparator, ConvNet, DigitTower, Mlp, NetworkSpec, Normalisation, ReportB, TowerOutput};
use nets::onnx::{Storage, text_form};
use nets::training::{
    AdamSettings, COURSE_PAIRS, Interrupt, LossWeights, Recipe, Schedule, Scope, Shuffle, Training, TrainingConfig,
};
use prost::Message;
use random::{Purpose, Stream};

/// Largest difference of a logit between Candle and ONNX Runtime.
const LOGIT_TOLERANCE: f32 = 1e-4;

/// The course's pairs.
static SETS: LazyLock<PairSets> =
    LazyLock::new(|| PairSets::draw(&Mnist::load(&default_folder()).unwrap(), COURSE_PAIRS, 0).unwrap());

/// The first `count` of some pairs.
fn first(count: u32, pairs: &PairSet) -> PairSet {
    pairs.select(&(0..count).collect::<Vec<u32>>())
}

fn headline() -> NetworkSpec {
    ConvNet { weight_sharing: true, auxiliary: true, ..ConvNet::default() }.spec()
}

fn digit_tower(output: TowerOutput) -> NetworkSpec {
    DigitTower { output, ..DigitTower::default() }.spec()
}

/// Every kind of block: strides, depthwise and pointwise convolutions, residual ones, squeeze and excitation.
fn blocks() -> NetworkSpec {
    let conv = |channels, kernel, stride, activation| {
        let padding = kernel / 2;
        LayerSpec::Conv(ConvSpec {
            channels,
            kernel,
            padding,
            stride,
            bias: false,
            batch_norm: true,
            activation,
            pool: 1,
        })
    };
    let relu = Some(Activation::Relu);
    let depthwise = LayerSpec::Depthwise(DepthwiseSpec {
        kernel: 3,
        padding: 1,
        stride: 1,
        bias: false,
        batch_norm: true,
        activation: relu,
    });
    let bottleneck = vec![conv(96, 1, 1, relu), depthwise.clone(), conv(48, 1, 1, None)];
    let squeezed = vec![
        conv(64, 3, 1, relu),
        LayerSpec::SqueezeExcitation(SqueezeExcitationSpec { features: 8 }),
        conv(64, 3, 1, None),
    ];
    let tower = vec![
        conv(48, 5, 2, relu),
        LayerSpec::Residual { layers: bottleneck },
        depthwise,
        conv(64, 3, 2, relu),
        LayerSpec::Residual { layers: squeezed },
        LayerSpec::GlobalMean,
    ];
    NetworkSpec { tower, ..digit_tower(TowerOutput::Digits) }
}

fn untrained(spec: &NetworkSpec) -> Comparator {
    let normalisation = Normalisation { mean: 33.0, standard_deviation: 71.0 };
    Comparator::build(spec, normalisation, &mut Stream::new(0, Purpose::Weights), &Device::Cpu).unwrap()
}

fn metadata() -> Metadata {
    let keys = [contract::metadata::CONTRACT, contract::metadata::STUDY, contract::metadata::SEED];
    keys.into_iter().map(|key| (key, "1".to_owned())).collect()
}

fn exported(comparator: &Comparator) -> ModelProto {
    export(comparator, Storage::Float32, &metadata()).unwrap()
}

#[test]
fn two_exports_of_one_network_are_identical_bytes() {
    for spec in [headline(), Mlp::default().spec(), ReportB::default().spec()] {
        let bytes = || exported(&untrained(&spec)).encode_to_vec();
        let first = bytes();
        assert!((0..5).all(|_| bytes() == first));
    }
}

/// `UPDATE_SNAPSHOTS=1 cargo test -p leq-nets --test networks export` rewrites the snapshots.
#[test]
fn the_graphs_are_those_of_the_snapshots() {
    let networks = [
        ("report-a-headline", headline()),
        ("report-a-convnet-batchnorm", ConvNet { batch_norm: true, ..ConvNet::default() }.spec()),
        ("report-a-mlp-selu", Mlp { activation: Activation::Selu, ..Mlp::default() }.spec()),
        ("report-b", ReportB { weight_sharing: true, auxiliary: true, dropout: true }.spec()),
        ("report-b-separate", ReportB { weight_sharing: false, auxiliary: true, dropout: false }.spec()),
        ("digit-tower", digit_tower(TowerOutput::Digits)),
        ("leq", DigitTower { no_digit: true, ..DigitTower::default() }.spec()),
        ("target-only", digit_tower(TowerOutput::OrderedClasses)),
        ("target-only-score", digit_tower(TowerOutput::Score)),
    ];
    for (name, spec) in networks {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.txt"));
        let text = text_form(&exported(&untrained(&spec)));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{}", path.display());
    }
}

#[test]
fn nothing_of_training_is_left_in_the_graph() {
    let batch_norm = ConvNet { batch_norm: true, weight_sharing: true, auxiliary: true, ..ConvNet::default() }.spec();
    let report_b = ReportB { weight_sharing: true, auxiliary: true, dropout: true }.spec();
    for spec in [batch_norm, report_b, digit_tower(TowerOutput::Digits), digit_tower(TowerOutput::Score), blocks()] {
        let graph = exported(&untrained(&spec)).graph.unwrap();
        let forbidden = ["Dropout", "Identity", "BatchNormalization", "If", "Loop", "Scan"];
        assert!(graph.node.iter().all(|node| !forbidden.contains(&node.op_type.as_str())));
        let names = graph.node.iter().flat_map(|node| &node.output);
        let names = names.chain(graph.initializer.iter().map(|tensor| &tensor.name));
        for name in names {
            assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_'), "{name}");
            assert!(!name.starts_with(|letter: char| letter.is_ascii_digit()), "{name}");
        }
    }
}

/// Trains for twenty steps, to change running statistics and weights.
fn trained(spec: &NetworkSpec) -> Training {
    let pairs = first(200, &SETS.training);
    let digits = if spec.auxiliary { 1.0 } else { 0.0 };
    let recipe = Recipe {
        epochs: 2,
        batch_size: 20,
        shuffle: Shuffle::Once,
        loss: LossWeights { leq: 1.0, digits, ..LossWeights::COMPARISON },
        adam: AdamSettings::with_learning_rate(1e-3),
        muon: None,
        schedule: Schedule::Constant,
        validation_pairs: 0,
        early_stopping: None,
        augmentation: None,
        swap_pairs: false,
        drawn: None,
        ema: None,
        teacher: None,
    };
    let protocol = mnist::Protocol::Fixed { data_seed: 0 };
    let name = "parity".to_owned();
    let config = TrainingConfig {
        name,
        network: spec.clone(),
        recipe,
        protocol,
        pairs: pairs.len(),
        seed: 0,
        scope: Scope::TestPairs,
    };
    let mut training = Training::start(&config, &pairs, &Device::Cpu).unwrap();
    training.run(&Interrupt::never(), |_| {}).unwrap();
    training
}

fn largest_difference(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f32::max)
}
