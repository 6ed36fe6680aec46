//! ONNX Runtime gives what Candle gives.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use digits::contract;
use mnist::PairSet;
use nets::export::export;
use nets::layer::Activation;
use nets::network::{ConvNet, DigitTower, Mlp, NetworkSpec, ReportB, TowerOutput};
use nets::onnx::{Storage, rounded_to_8_bits};
use nets::training::{COURSE_PAIRS, no_digit_probabilities, outputs};
use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;
use prost::Message;

use super::{
    LOGIT_TOLERANCE, SETS, blocks, digit_tower, exported, first, headline, largest_difference, metadata, trained,
    untrained,
};

fn library() -> PathBuf {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.setup/onnxruntime");
    let name = format!("libonnxruntime{}", std::env::consts::DLL_SUFFIX);
    std::env::var_os("ORT_DYLIB_PATH").map_or_else(|| set_up.join(name), PathBuf::from)
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
