//! Cuts MNIST's test split into the files that the page and its tests read.
//!
//! * `mnist_files samples MODEL OUT`: the digits that the page offers as samples.
//! * `mnist_files reference MODEL OUT`: 1,000 pairs with the logits that the model gives them natively.
//! * `mnist_files pairs MODEL OUT`: the pairs on which the page tallies its networks, for `web_demo::TestPairs`.
//! * `mnist_files hard MODEL OUT`: the pairs that the model finds hardest, for the game.
//!
//! The first two are little-endian and begin with the sizes that the rest follows from; their readers are
//! `www/samples.js` and the browser test. That of the last is `www/hard.js`.

use anyhow::{Context, Result, bail};
use digits::DigitImage;
use mnist::{Mnist, Split, default_folder};
use web_demo::{Answer, Network, Pair};

/// Pairs that are looked through for mistakes, and that the reference holds: digit i beside digit i + 1,000.
const PAIRS: usize = 1000;
/// Pairs on which networks are tallied: the first ones of those.
const TALLIED: usize = 200;
/// Sample digits of each class: the first ones of the test split, whether easy or not.
const OF_EACH_CLASS: usize = 2;
/// The wrong answers that the model is surest of.
const MISTAKES: usize = 6;
/// Pairs of which the game takes its rounds.
const HARD: usize = 40;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, model, out] = arguments.as_slice() else {
        bail!("wants three arguments: samples, reference, pairs or hard, the model file, and the file to write");
    };
    let bytes = files::read(model.as_ref(), onnx::MAX_FILE_BYTES).with_context(|| format!("cannot read {model}"))?;
    let (split, network) = (Mnist::load(&default_folder())?.test, Network::from_bytes(&bytes)?);
    let contents = match what.as_str() {
        "samples" => samples(&split, &network)?,
        "reference" => reference(&split, &network)?,
        "pairs" => pairs(&split),
        "hard" => hard(&split, &network)?,
        other => bail!("knows samples, reference, pairs and hard, not {other}"),
    };
    std::fs::write(out, contents).with_context(|| format!("cannot write {out}"))
}

/// The test digits that make a pair.
fn pair(number: usize) -> [usize; 2] {
    [number, number + PAIRS]
}

fn answers(split: &Split, network: &Network) -> Result<Vec<Answer>> {
    let image = |index: usize| DigitImage::from_mnist(&split.images[index]);
    let pairs: Vec<Pair> = (0..PAIRS).map(|number| pair(number).map(image)).collect();
    let mut answers = Vec::with_capacity(PAIRS);
    for batch in pairs.chunks(100) {
        answers.extend(network.compare(batch)?);
    }
    Ok(answers)
}

/// Count of digits and of mistakes, a byte each; each digit's index in the test split (u16), label and 28x28 pixels; the
/// mistakes as pairs of digits' numbers, a byte each.
fn samples(split: &Split, network: &Network) -> Result<Vec<u8>> {
    let mut digits: Vec<usize> = Vec::new();
    for class in 0..10 {
        digits.extend((0..split.labels.len()).filter(|&index| split.labels[index] == class).take(OF_EACH_CLASS));
    }
    let mut wrong: Vec<(f32, usize)> = Vec::new();
    for (number, answer) in answers(split, network)?.iter().enumerate() {
        let [first, second] = pair(number).map(|index| split.labels[index]);
        if answer.verdict().is_leq() != (first <= second) {
            wrong.push((answer.verdict().confidence(), number));
        }
    }
    wrong.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut mistakes = Vec::new();
    for &(_, number) in wrong.iter().take(MISTAKES) {
        for index in pair(number) {
            mistakes.push(digits.len() as u8);
            digits.push(index);
        }
    }
    let mut file = vec![digits.len() as u8, (mistakes.len() / 2) as u8];
    for index in digits {
        file.extend((index as u16).to_le_bytes());
        file.push(split.labels[index]);
        file.extend(split.images[index]);
    }
    file.extend(mistakes);
    Ok(file)
}

/// The pairs whose right answer the model gives the least probability: for each digit its index in the test
/// split (u16), label and 28x28 bytes.
fn hard(split: &Split, network: &Network) -> Result<Vec<u8>> {
    let truth = |number: usize, p_leq: f32| {
        let [first, second] = pair(number).map(|index| split.labels[index]);
        if first <= second { p_leq } else { 1.0 - p_leq }
    };
    let answers = answers(split, network)?;
    let mut order: Vec<(f32, usize)> =
        answers.iter().enumerate().map(|(number, answer)| (truth(number, answer.verdict().p_leq()), number)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut file = Vec::new();
    for index in order.iter().take(HARD).flat_map(|&(_, number)| pair(number)) {
        file.extend((index as u16).to_le_bytes());
        file.push(split.labels[index]);
        file.extend(split.images[index]);
    }
    Ok(file)
}

/// For each digit of each pair its label and 28x28 bytes.
fn pairs(split: &Split) -> Vec<u8> {
    let digits = (0..TALLIED).flat_map(pair);
    digits.flat_map(|index| std::iter::once(split.labels[index]).chain(split.images[index])).collect()
}

/// Count of pairs (u32); for each pair both images of 28x28 bytes; for each pair 21 float32: the logit of `p_leq`, ten
/// logits of the first digit, ten of the second.
fn reference(split: &Split, network: &Network) -> Result<Vec<u8>> {
    let mut file = (PAIRS as u32).to_le_bytes().to_vec();
    for number in 0..PAIRS {
        pair(number).into_iter().for_each(|index| file.extend(split.images[index]));
    }
    for answer in answers(split, network)? {
        let digits = answer.digit_logits().context("the reference wants a model with digit heads")?;
        let logits = std::iter::once(answer.leq_logit()).chain(digits.as_flattened().iter().copied());
        logits.for_each(|logit| file.extend(logit.to_le_bytes()));
    }
    Ok(file)
}
