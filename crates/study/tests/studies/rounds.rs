//! The pair sets of a round: what is trained on, judged on, and left outside.

use std::collections::HashSet;

use mnist::{Mnist, default_folder};
use nets::training::{Round, TrainingConfig};

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
