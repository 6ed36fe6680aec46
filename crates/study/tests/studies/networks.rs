//! The reports' networks: parameter counts from the description alone, and what is refused.

use candle_core::Device;
use nets::layer::{Activation, LayerSpec, LinearSpec};
use nets::network::{
    Arrangement, Comparator, ConvNet, DigitTower, Mlp, NetworkSpec, Normalisation, ReportB, TowerOutput,
};
use random::{Purpose, Stream};

const SIZES: [usize; 6] = [16, 32, 64, 128, 256, 512];
/// Report A's window of parameter counts.
const WINDOW: std::ops::RangeInclusive<usize> = 65_000..=75_000;

fn build(spec: &NetworkSpec, seed: u64) -> Comparator {
    let normalisation = Normalisation { mean: 33.0, standard_deviation: 71.0 };
    Comparator::build(spec, normalisation, &mut Stream::new(seed, Purpose::Weights), &Device::Cpu).unwrap()
}

/// All `(a, b, c, d)` over the sizes for which `count` falls into the window.
fn in_window(count: impl Fn([usize; 4]) -> usize) -> usize {
    let all =
        (0..SIZES.len().pow(4)).map(|index| std::array::from_fn(|axis| SIZES[index / 6_usize.pow(axis as u32) % 6]));
    all.filter(|&sizes| WINDOW.contains(&count(sizes))).count()
}

#[test]
fn report_as_counts_follow_from_the_description() {
    assert_eq!(ConvNet::default().spec().parameter_count(), Ok(66_763));
    assert_eq!(Mlp::default().spec().parameter_count(), Ok(71_915));
    assert_eq!(ConvNet { weight_sharing: true, ..ConvNet::default() }.spec().parameter_count(), Ok(82_859));
    assert_eq!(Mlp { weight_sharing: true, ..Mlp::default() }.spec().parameter_count(), Ok(47_083));
}

#[test]
fn report_bs_counts_follow_from_the_description() {
    for dropout in [false, true] {
        let network = ReportB { dropout, auxiliary: true, weight_sharing: true };
        assert_eq!(network.spec().parameter_count(), Ok(33_996));
        assert_eq!(ReportB { weight_sharing: false, ..network }.spec().parameter_count(), Ok(47_702));
    }
}

#[test]
fn a_digit_towers_count_follows_from_the_description() {
    let weights = 9 * (48 + 48 * 48 + 48 * 96 + 96 * 96 + 96 * 192);
    let tower = weights + 2 * (48 + 48 + 96 + 96 + 192);
    let with = |output| DigitTower { output, ..DigitTower::default() }.spec();
    for (output, head) in [
        (TowerOutput::Digits, 192 * 10 + 10),
        (TowerOutput::OrderedClasses, 192 * 10 + 10),
        (TowerOutput::Score, 192 + 1 + 1),
    ] {
        assert_eq!(with(output).parameter_count(), Ok(tower + head), "{output:?}");
        assert_eq!(build(&with(output), 0).parameters().trained_count(), tower + head, "{output:?}");
    }
}

#[test]
fn digits_seen_by_themselves_need_one_tower_for_both() {
    for output in [TowerOutput::OrderedClasses, TowerOutput::Score] {
        let shared = DigitTower { output, ..DigitTower::default() }.spec();
        for arrangement in [Arrangement::Stacked, Arrangement::Separate] {
            let error = NetworkSpec { arrangement, ..shared.clone() }.check().unwrap_err().to_string();
            assert!(error.contains("one tower for both"), "{error}");
        }
    }
}

#[test]
fn the_window_holds_the_27_convnets_and_55_mlps_of_report_as_search() {
    let convnets = in_window(|[a, b, c, hidden]| {
        ConvNet { channels: [a, b, c], hidden, ..ConvNet::default() }.spec().parameter_count().unwrap()
    });
    let mlps = in_window(|widths| Mlp { widths, ..Mlp::default() }.spec().parameter_count().unwrap());
    assert_eq!((convnets, mlps), (27, 55));
}

#[test]
fn built_networks_hold_what_the_description_counts() {
    let shared = ConvNet { weight_sharing: true, auxiliary: true, batch_norm: true, ..ConvNet::default() }.spec();
    assert_eq!(build(&shared, 0).parameters().trained_count(), shared.parameter_count().unwrap());
    let separate = ReportB::default().spec();
    assert_eq!(build(&separate, 0).parameters().trained_count(), separate.parameter_count().unwrap());
    // An idle digit head is counted by the reports, but not built.
    let vanilla = ConvNet::default().spec();
    let idle = 32 * 512 + 512 + 512 * 10 + 10;
    assert_eq!(build(&vanilla, 0).parameters().trained_count(), vanilla.parameter_count().unwrap() - idle);
}

/// PyTorch's default: weights and biases alike uniform within 1/sqrt(fan in), so of variance 1 / (3 fan in).
#[test]
fn initial_weights_and_biases_are_uniform_within_one_over_the_root_of_the_fan_in() {
    let network = build(&ConvNet { weight_sharing: true, auxiliary: true, ..ConvNet::default() }.spec(), 0);
    let fan_ins = [("tower.conv1", 9.0), ("tower.conv2", 288.0), ("tower.conv3", 256.0), ("leq_head.linear1", 64.0)];
    for (layer, fan_in) in fan_ins {
        let bound = 1.0_f64 / f64::sqrt(fan_in);
        for tensor in ["weight", "bias"] {
            let var = network.parameters().get(&format!("{layer}.{tensor}")).unwrap();
            let values: Vec<f32> = var.flatten_all().unwrap().to_vec1().unwrap();
            let largest = values.iter().fold(0.0, |largest: f64, &value| largest.max(f64::from(value).abs()));
            let variance = values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>() / values.len() as f64;
            assert!(largest <= bound && largest > 0.85 * bound, "{layer}.{tensor}: {largest} of {bound}");
            let share = variance / (bound * bound / 3.0);
            let spread = 4.0 * (0.8 / values.len() as f64).sqrt();
            assert!((share - 1.0).abs() < spread, "{layer}.{tensor}: variance is {share} of what it should be");
        }
    }
}

/// Golden: what seed 0 gives first, worked out in Python from ChaCha's definition with 8 rounds, SHA-256 of
/// `leq/weights/0` as its key. A change means that every seeded result in `results/` must be made anew.
#[test]
fn the_first_weights_of_seed_0_stay_what_they_are() {
    let network = build(&ConvNet::default().spec(), 0);
    let weight = network.parameters().get("tower.conv1.weight").unwrap().flatten_all().unwrap();
    let expected = [0.058_246_635, -0.126_881_21, -0.123_701_2, 0.152_880_7];
    assert_eq!(weight.to_vec1::<f32>().unwrap()[..4], expected);
    assert_eq!(Stream::new(0, Purpose::Weights).bits(), 2_678_168_837);
}

#[test]
fn parts_that_do_not_fit_are_named() {
    let spec = ConvNet::default().spec();
    let auxiliary = NetworkSpec { auxiliary: true, ..spec.clone() };
    assert!(auxiliary.check().unwrap_err().to_string().contains("arrangement shared or separate"));
    let image = NetworkSpec { tower: spec.tower[..2].to_vec(), ..spec.clone() };
    assert_eq!(image.check().unwrap_err().to_string(), "the tower ends in a 3x3x64 image, but it must end in a vector");
    let nine = vec![LayerSpec::Linear(LinearSpec { features: 9, activation: None })];
    let digits = NetworkSpec { digit_head: nine, ..spec.clone() };
    assert_eq!(digits.check().unwrap_err().to_string(), "the digit head gives 9 values, but it must give 10");
    let linear_first = NetworkSpec { tower: spec.digit_head.clone(), arrangement: Arrangement::Shared, ..spec };
    assert!(linear_first.check().unwrap_err().to_string().contains("linear takes a vector"));
}

#[test]
fn a_network_that_would_take_the_machines_memory_is_refused_by_its_numbers() {
    let refused = |widths| Mlp { widths, ..Mlp::default() }.spec().check().unwrap_err().to_string();
    let wide = refused([100_000_000_000, 1, 1, 1]);
    assert_eq!(wide, "linear: features is 100000000000, but it must be 1 to 1,000,000");
    let large = refused([1_000_000, 1_000_000, 1, 1]);
    assert!(
        large.starts_with("the network has 1000") && large.ends_with("at most 100,000,000 can be trained"),
        "{large}"
    );
}

#[test]
fn a_description_survives_json_and_refuses_unknown_keys() {
    let spec = ConvNet { activation: Activation::LeakyRelu { slope: 0.01 }, ..ConvNet::default() }.spec();
    let text = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<NetworkSpec>(&text).unwrap(), spec);
    let unknown = text.replacen("\"auxiliary\"", "\"auxilliary\"", 1);
    assert!(serde_json::from_str::<NetworkSpec>(&unknown).is_err());
}

#[test]
fn only_networks_that_compare_learned_digit_posteriors_can_be_calibrated() {
    let experiments = study::experiment::all().unwrap().into_iter().map(|experiment| experiment.config());
    let calibrated: Vec<String> =
        experiments.filter(|config| config.network.can_be_calibrated()).map(|config| config.name).collect();
    let expected =
        ["digit-tower", "front-teacher", "front-tower", "front-tower-1000", "leq", "leq-1000", "leq-student"];
    assert_eq!(calibrated, expected);
}
