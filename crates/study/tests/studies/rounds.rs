//! The pair sets of a round: what is trained on, judged on, and left outside.

use std::collections::HashSet;

use candle_core::Device;
use mnist::{Mnist, default_folder};
use nets::network::{Comparator, Normalisation};
use nets::training::{Round, Scope, TrainingConfig};
use random::{Purpose, Stream};

#[test]
fn pairs_outside_a_round_share_no_image_with_it() {
    let mnist = Mnist::load(&default_folder()).unwrap();
    let config = TrainingConfig { seed: 3, ..study::experiment::named("leq-1000").unwrap() };
    let round = Round::draw(&config, &mnist).unwrap();
    let (outside, disjoint) = (round.outside.unwrap(), round.disjoint.unwrap());
    let own: HashSet<usize> = round.training.indices().iter().flatten().copied().collect();
    assert_eq!((outside.len(), own.len()), (10_000, 2000));
    assert!(outside.indices().iter().flatten().all(|index| !own.contains(index)));
    let test: HashSet<usize> = disjoint.indices().iter().flatten().copied().collect();
    assert_eq!(test.len(), 10_000);
    assert_eq!(disjoint.indices()[..1000], *round.test.indices());
}

#[test]
fn a_round_may_take_every_training_image_and_then_none_is_outside() {
    let mnist = Mnist::load(&default_folder()).unwrap();
    let config = TrainingConfig { pairs: 30_000, ..study::experiment::named("leq-1000").unwrap() };
    let round = Round::draw(&config, &mnist).unwrap();
    assert_eq!((round.training.len(), round.test.len(), round.outside), (30_000, 1000, None));
    let error = Round::draw(&TrainingConfig { pairs: 30_001, ..config }, &mnist).unwrap_err().to_string();
    assert!(error.contains("60002 images"), "{error}");
}

#[test]
fn a_round_that_holds_images_out_is_judged_by_them_alone() {
    let mnist = Mnist::load(&default_folder()).unwrap();
    let leq = study::experiment::named("leq-1000").unwrap();
    let config = TrainingConfig { pairs: 29_900, scope: Scope::HeldOut, ..leq };
    let round = Round::draw(&config, &mnist).unwrap();
    assert_eq!((round.test.len(), &round.disjoint, &round.outside), (100, &None, &None));
    let own: HashSet<usize> = round.training.indices().iter().flatten().copied().collect();
    assert!(round.test.indices().iter().flatten().all(|index| !own.contains(index)));
    let classes = round.test.indices().iter().map(|pair| pair.map(|index| mnist.training.labels[index]));
    assert!(classes.eq(round.test.classes().iter().copied()), "they are training images");
    let normalisation = Normalisation { mean: 33.0, standard_deviation: 71.0 };
    let mut weights = Stream::new(0, Purpose::Weights);
    let comparator = Comparator::build(&config.network, normalisation, &mut weights, &Device::Cpu).unwrap();
    let judgement = round.judge(&comparator).unwrap();
    let held_out = judgement.held_out.unwrap();
    assert_eq!((judgement.disjoint, judgement.outside), (None, None));
    assert_eq!(held_out.all_pairs.unwrap().all, 200 * 199);
    assert_eq!(held_out.distorted_digits.unwrap().all, 200);
    let error = Round::draw(&TrainingConfig { pairs: 30_000, ..config }, &mnist).unwrap_err().to_string();
    assert!(error.contains("none is held out"), "{error}");
}
