//! The gradient before any step: what it says of an activation, and that asking for it changes nothing.

use candle_core::Device;
use mnist::{PairSet, Split};
use nets::layer::Activation;
use nets::network::{ConvNet, Mlp, NetworkSpec};
use nets::training::{Interrupt, Training, TrainingConfig};

fn pairs() -> PairSet {
    let labels: Vec<u8> = (0..40).map(|at| at % 10).collect();
    let image = |&label: &u8| std::array::from_fn(|pixel| (pixel % 28) as u8 * label);
    let images = labels.iter().map(image).collect();
    PairSet::from_indices(&Split { images, labels }, &(0..40).collect::<Vec<_>>())
}

fn training(network: &NetworkSpec, augmentation: &str) -> Training {
    let config: TrainingConfig = serde_json::from_value(serde_json::json!({
        "name": "small",
        "network": network,
        "recipe": {
            "epochs": 2,
            "batch_size": 10,
            "shuffle": "each_epoch",
            "loss": { "leq": 1.0, "digits": 0.0 },
            "adam": { "learning_rate": 1e-3 },
            "augmentation": augmentation,
        },
        "protocol": "redrawn",
        "pairs": 20,
        "seed": 0,
    }))
    .unwrap();
    Training::start(&config, &pairs(), &Device::Cpu).unwrap()
}

fn mlp(activation: Activation) -> NetworkSpec {
    Mlp { widths: [32, 32, 32, 32], activation, ..Mlp::default() }.spec()
}

#[test]
fn with_sigmoid_less_of_the_gradient_reaches_the_first_layer_than_with_relu() {
    let [sigmoid, relu] = [Activation::Sigmoid, Activation::Relu]
        .map(|activation| training(&mlp(activation), "none").initial_gradient().unwrap().unwrap());
    assert!(sigmoid < 0.1 * relu, "{sigmoid} {relu}");
}

/// Batch normalisation keeps running statistics, and dropout a stream: both must be as they were.
#[test]
fn a_training_that_is_asked_ends_with_the_same_bits() {
    let network = ConvNet { channels: [4, 4, 4], hidden: 8, batch_norm: true, ..ConvNet::default() }.spec();
    let weights = |asks: bool| {
        let mut training = training(&network, "none");
        if asks {
            assert!(training.initial_gradient().unwrap().is_some());
        }
        training.run(&Interrupt::never(), |_| {}).unwrap();
        let values = training.comparator().parameters().iter();
        values.map(|one| one.var.flatten_all().unwrap().to_vec1::<f32>().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(weights(true), weights(false));
}

#[test]
fn there_is_none_after_a_step_and_where_images_change_on_their_way() {
    let mut begun = training(&mlp(Activation::Relu), "none");
    begun.run_epoch().unwrap();
    assert_eq!(begun.initial_gradient().unwrap(), None);
    assert_eq!(training(&mlp(Activation::Relu), "digits").initial_gradient().unwrap(), None);
}
