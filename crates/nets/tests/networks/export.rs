//! The exported file: its bytes, its graph, and the agreement of ONNX Runtime with Candle.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use candle_core::Device;
use candle_onnx::onnx::ModelProto;
use digits::contract;
use mnist::{Mnist, PairSet, PairSets, default_folder};
use nets::export::{Metadata, export};
use nets::layer::{Activation, ConvSpec, DepthwiseSpec, LayerSpec, SqueezeExcitationSpec};
use nets::network::{Comparator, ConvNet, DigitTower, Mlp, NetworkSpec, Normalisation, ReportB, TowerOutput};
use nets::onnx::{Storage, rounded_to_8_bits, text_form};
use nets::training::{
    AdamSettings, COURSE_PAIRS, Interrupt, LossWeights, Recipe, Schedule, Scope, Shuffle, Training, TrainingConfig,
    no_digit_probabilities, outputs,
};
use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;
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
        ("leq-1000", digit_tower(TowerOutput::Digits)),
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

fn library() -> PathBuf {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.setup/onnxruntime");
    let name = format!("libonnxruntime{}", std::env::consts::DLL_SUFFIX);
    std::env::var_os("ORT_DYLIB_PATH").map_or_else(|| set_up.join(name), PathBuf::from)
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

/// ONNX Runtime allows one environment per process.
static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(|| ort::init_from(library()).unwrap().build().unwrap());

fn session(model: &[u8]) -> Session {
    Session::builder(&ENVIRONMENT).unwrap().commit_from_memory(model).unwrap()
}

/// The outputs of these names, from one run.
fn by_onnx_runtime<const N: usize>(session: &mut Session, pairs: &PairSet, names: [&str; N]) -> [Vec<f32>; N] {
    let input = TensorRef::from_array_view(([pairs.len(), 2, 14, 14], pairs.pixels())).unwrap();
    let outputs = session.run(ort::inputs![contract::INPUT_PAIR => input]).unwrap();
    names.map(|name| outputs[name].try_extract_tensor::<f32>().unwrap().1.to_vec())
}

fn largest_difference(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f32::max)
}

/// ONNX Runtime gives for all 1,000 test pairs what Candle gives.
fn agrees(spec: &NetworkSpec) {
    let training = trained(spec);
    let model = exported(training.comparator()).encode_to_vec();
    let mut session = session(&model);
    let ours = outputs(training.comparator(), &SETS.test).unwrap();

    let logits = ours.leq_logit.to_vec1::<f32>().unwrap();
    let names = [contract::OUTPUT_LEQ_LOGIT, contract::OUTPUT_P_LEQ];
    let [theirs, p_leq] = by_onnx_runtime(&mut session, &SETS.test, names);
    assert_eq!(theirs.len(), COURSE_PAIRS);
    assert!(largest_difference(&logits, &theirs) <= LOGIT_TOLERANCE, "{}", largest_difference(&logits, &theirs));
    assert!(logits.iter().zip(&theirs).all(|(ours, theirs)| (*ours >= 0.0) == (*theirs >= 0.0)));
    assert!(p_leq.iter().zip(&theirs).all(|(p, logit)| (p - 1.0 / (1.0 + (-logit).exp())).abs() < 1e-6));
    if spec.auxiliary {
        let digits = ours.digit_logits.unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let names = [contract::OUTPUT_DIGIT_LOGITS, contract::OUTPUT_DIGIT_PROBS];
        let [theirs, probabilities] = by_onnx_runtime(&mut session, &SETS.test, names);
        assert!(largest_difference(&digits, &theirs) <= LOGIT_TOLERANCE);
        assert!(probabilities.chunks(10).all(|digit| (digit.iter().sum::<f32>() - 1.0).abs() < 1e-5));
    }
}

#[test]
fn onnx_runtime_agrees_with_candle_about_convnets() {
    agrees(&headline());
    agrees(&ConvNet { batch_norm: true, ..ConvNet::default() }.spec());
}

#[test]
fn onnx_runtime_agrees_with_candle_about_mlps() {
    agrees(&Mlp { activation: Activation::Selu, weight_sharing: true, auxiliary: true, ..Mlp::default() }.spec());
    agrees(&Mlp { activation: Activation::Tanh, ..Mlp::default() }.spec());
}

#[test]
fn onnx_runtime_agrees_with_candle_about_report_bs_networks() {
    agrees(&ReportB { weight_sharing: true, auxiliary: true, dropout: true }.spec());
    agrees(&ReportB { weight_sharing: false, auxiliary: true, dropout: false }.spec());
}

#[test]
fn onnx_runtime_agrees_with_candle_about_a_tower_that_reads_digits() {
    agrees(&digit_tower(TowerOutput::Digits));
}

#[test]
fn onnx_runtime_agrees_with_candle_about_a_tower_of_ordered_classes() {
    agrees(&digit_tower(TowerOutput::OrderedClasses));
}

#[test]
fn onnx_runtime_agrees_with_candle_about_a_tower_that_scores() {
    agrees(&digit_tower(TowerOutput::Score));
}

#[test]
fn onnx_runtime_agrees_with_candle_about_every_kind_of_block() {
    agrees(&blocks());
}

fn weights_in_8_bits_give_what_candle_gives_with_them_rounded(spec: &NetworkSpec) {
    let training = trained(spec);
    let comparator = training.comparator();
    for parameter in comparator.parameters().trained.iter().filter(|parameter| parameter.var.rank() > 1) {
        parameter.var.set(&rounded_to_8_bits(&parameter.var).unwrap()).unwrap();
    }
    let model = export(comparator, Storage::Uint8, &metadata()).unwrap().encode_to_vec();
    let whole = export(comparator, Storage::Float32, &metadata()).unwrap().encode_to_vec();
    assert!(3 * model.len() < whole.len(), "{} of {} bytes", model.len(), whole.len());
    let mut session = session(&model);
    let ours = outputs(comparator, &SETS.test).unwrap().leq_logit.to_vec1::<f32>().unwrap();
    let [theirs] = by_onnx_runtime(&mut session, &SETS.test, [contract::OUTPUT_LEQ_LOGIT]);
    assert!(largest_difference(&ours, &theirs) <= LOGIT_TOLERANCE, "{}", largest_difference(&ours, &theirs));
}

#[test]
fn weights_of_a_tower_in_8_bits_give_what_candle_gives_with_the_weights_rounded() {
    weights_in_8_bits_give_what_candle_gives_with_them_rounded(&digit_tower(TowerOutput::Digits));
}

#[test]
fn weights_of_a_convnet_in_8_bits_give_what_candle_gives_with_the_weights_rounded() {
    weights_in_8_bits_give_what_candle_gives_with_them_rounded(&headline());
}

#[test]
fn weights_of_every_kind_of_block_in_8_bits_give_what_candle_gives_with_the_weights_rounded() {
    weights_in_8_bits_give_what_candle_gives_with_them_rounded(&blocks());
}

#[test]
fn a_network_that_tells_no_digit_tells_it_in_the_file_too() {
    let pairs = first(100, &SETS.test);
    let mut comparator = untrained(&DigitTower { no_digit: true, ..DigitTower::default() }.spec());
    comparator.calibrate(1.3);
    for shift in [0.0, 2.5] {
        comparator.shift_no_digit(shift);
        let ours = outputs(&comparator, &pairs).unwrap();
        let model = exported(&comparator).encode_to_vec();
        let mut session = session(&model);
        let told = no_digit_probabilities(&ours).unwrap().unwrap();
        let names = [contract::OUTPUT_NO_DIGIT, contract::OUTPUT_DIGIT_LOGITS];
        let [no_digit, digit_logits] = by_onnx_runtime(&mut session, &pairs, names);
        assert!(largest_difference(&told, &no_digit) < 1e-5, "{}", largest_difference(&told, &no_digit));
        let digits = ours.digit_logits.unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(largest_difference(&digits, &digit_logits) <= LOGIT_TOLERANCE);
    }
}

#[test]
fn a_temperature_is_inside_the_graph_and_divides_the_digit_logits() {
    let pairs = first(100, &SETS.test);
    let mut comparator = untrained(&digit_tower(TowerOutput::Digits));
    let before = outputs(&comparator, &pairs).unwrap().digit_logits.unwrap();
    comparator.calibrate(1.7);
    let ours = outputs(&comparator, &pairs).unwrap();
    let scaled = ours.digit_logits.unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let expected = (before / 1.7).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert!(largest_difference(&scaled, &expected) < 1e-6);
    let model = exported(&comparator).encode_to_vec();
    let mut session = session(&model);
    let names = [contract::OUTPUT_DIGIT_LOGITS, contract::OUTPUT_LEQ_LOGIT];
    let [digits, leq] = by_onnx_runtime(&mut session, &pairs, names);
    assert!(largest_difference(&scaled, &digits) <= LOGIT_TOLERANCE);
    assert!(largest_difference(&ours.leq_logit.to_vec1::<f32>().unwrap(), &leq) <= LOGIT_TOLERANCE);
}

#[test]
fn a_model_file_is_read_back_as_the_network_that_was_exported() {
    for (spec, storage) in [(digit_tower(TowerOutput::Digits), Storage::Float32), (blocks(), Storage::Uint8)] {
        let mut comparator = trained(&spec).into_comparator();
        if storage == Storage::Uint8 {
            for parameter in comparator.parameters().trained.iter().filter(|parameter| parameter.var.rank() > 1) {
                parameter.var.set(&rounded_to_8_bits(&parameter.var).unwrap()).unwrap();
            }
        }
        comparator.calibrate(1.3);
        let network = serde_json::to_string(&spec).unwrap();
        let metadata =
            vec![(contract::metadata::NETWORK, network), (contract::metadata::TEMPERATURE, "1.3".to_owned())];
        let model = export(&comparator, storage, &metadata).unwrap().encode_to_vec();
        let read = Comparator::from_model_file(&model, &Device::Cpu).unwrap();
        let logits = |comparator: &Comparator| {
            let logits = outputs(comparator, &SETS.test).unwrap().digit_logits.unwrap();
            logits.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        let difference = largest_difference(&logits(&comparator), &logits(&read));
        assert!(difference <= LOGIT_TOLERANCE, "{difference}");
    }
}

#[test]
fn a_file_that_is_no_model_of_ours_is_not_read_back() {
    let refused = |bytes: &[u8]| format!("{:#}", Comparator::from_model_file(bytes, &Device::Cpu).unwrap_err());
    assert!(refused(b"no model").contains("not an ONNX file"));
    assert!(refused(&exported(&untrained(&headline())).encode_to_vec()).contains("describe no network"));
    let metadata = vec![(contract::metadata::NETWORK, serde_json::to_string(&headline()).unwrap())];
    let other = export(&untrained(&headline()), Storage::Float32, &metadata).unwrap().encode_to_vec();
    assert!(refused(&other).contains("does not compare trained digit posteriors"));
    let tower = digit_tower(TowerOutput::Digits);
    let metadata = vec![(contract::metadata::NETWORK, serde_json::to_string(&tower).unwrap())];
    let mut model = export(&untrained(&tower), Storage::Float32, &metadata).unwrap();
    model.graph.as_mut().unwrap().initializer.retain(|tensor| tensor.name != "tower_conv3_weight");
    assert!(refused(&model.encode_to_vec()).contains("stores no tensor tower_conv3_weight"));
}
