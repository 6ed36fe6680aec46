//! The numerical revision counts up whenever trainings give other bits.

use candle_core::Device;
use mnist::{Mnist, PairSets, default_folder};
use nets::training::{Interrupt, Training};
use study::experiment::named;
use study::run::{NUMERICAL_REVISION, Versions};

/// Trainings that together use every kernel, loss, optimiser and augmentation.
const EXPERIMENTS: [&str; 6] =
    ["report-a-headline", "report-a-mlp-ws-aux", "report-b", "report-b-dropout", "leq-1000", "target-only"];

/// Revision, vector instructions, and the checksum of all losses and weights after two short epochs of each training. Machines
/// of other instructions have other bits, so their checksums need a line of their own.
const FINGERPRINTS: [(u32, &str, &str); 2] = [
    (3, "AVX-512", "b5d59d55ea1e18c9667787dce4ea8fd3f900480a1e49c2341d09dd91cedf541a"),
    (3, "AVX2", "a7b34c8e2ccef2bbff85a023795ade812a212ae06bc5958e3c2bffbde677c504"),
];

/// Bits of every loss and every weight of two short epochs.
fn bits(name: &str, mnist: &Mnist) -> Vec<u8> {
    let mut config = named(name).unwrap();
    (config.recipe.epochs, config.pairs) = (2, 200);
    config.recipe.validation_pairs = config.recipe.validation_pairs.min(50);
    let pairs = PairSets::draw(mnist, config.pairs, 0).unwrap().training;
    let mut training = Training::start(&config, &pairs, &Device::Cpu).unwrap();
    training.run(&Interrupt::never(), |_| {}).unwrap();
    let mut bytes: Vec<u8> = training.epochs().iter().flat_map(|epoch| epoch.loss.to_le_bytes()).collect();
    for parameter in training.comparator().parameters().iter() {
        let values: Vec<f32> = parameter.var.flatten_all().unwrap().to_vec1().unwrap();
        bytes.extend(values.into_iter().flat_map(f32::to_le_bytes));
    }
    bytes
}

/// Checksum of the bits of all trainings, each on a thread of its own: none depends on what runs beside it.
fn fingerprint() -> String {
    let mnist = &Mnist::load(&default_folder()).unwrap();
    let bytes = std::thread::scope(|scope| {
        let trainings = EXPERIMENTS.map(|name| scope.spawn(move || bits(name, mnist)));
        trainings.map(|training| training.join().unwrap()).concat()
    });
    files::sha256(&bytes)
}

/// Where the bits are others, count [`NUMERICAL_REVISION`] up, note the new checksum here, and train the studies again.
#[test]
fn trainings_give_the_bits_of_their_numerical_revision() {
    let instructions = Versions::here().instructions;
    let known = FINGERPRINTS.iter().filter(|(revision, ..)| *revision == NUMERICAL_REVISION);
    assert!(known.clone().count() > 0, "revision {NUMERICAL_REVISION} has no fingerprint");
    for (_, _, expected) in known.filter(|(_, of, _)| *of == instructions) {
        assert_eq!(fingerprint(), *expected, "{instructions}");
    }
}
