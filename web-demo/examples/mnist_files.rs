//! Cuts MNIST's test split into the files that the page and its tests read.
//!
//! * `mnist_files samples MODEL OUT`: the digits that the page offers as samples.
//! * `mnist_files reference MODEL OUT`: 1,000 pairs with the logits that the model gives them natively.
//!
//! Both are little-endian and begin with the sizes that the rest follows from; their readers are `www/samples.js` and
//! the browser test.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use digits::{DigitImage, MNIST_SIDE};
use web_demo::{Answer, Network, Pair};

const PIXELS: usize = MNIST_SIDE * MNIST_SIDE;
/// Pairs that are looked through for mistakes, and that the reference holds: digit i beside digit i + 1,000.
const PAIRS: usize = 1000;
/// Sample digits of each class: the first ones of the test split, whether easy or not.
const OF_EACH_CLASS: usize = 2;
/// The wrong answers that the model is surest of.
const MISTAKES: usize = 6;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, model, out] = arguments.as_slice() else {
        bail!("wants three arguments: samples or reference, the model file, and the file to write");
    };
    let bytes = std::fs::read(model).with_context(|| format!("cannot read {model}"))?;
    let (split, network) = (TestSplit::read()?, Network::from_bytes(&bytes)?);
    let contents = match what.as_str() {
        "samples" => samples(&split, &network)?,
        "reference" => reference(&split, &network)?,
        other => bail!("knows samples and reference, not {other}"),
    };
    std::fs::write(out, contents).with_context(|| format!("cannot write {out}"))
}

/// MNIST's 10,000 test digits.
struct TestSplit {
    images: Vec<[u8; PIXELS]>,
    labels: Vec<u8>,
}

impl TestSplit {
    fn read() -> Result<Self> {
        let images = unpacked("t10k-images-idx3-ubyte.gz", 16)?;
        let labels = unpacked("t10k-labels-idx1-ubyte.gz", 8)?;
        let images = images.as_chunks::<PIXELS>().0.to_vec();
        ensure!(images.len() == labels.len() && images.len() >= 2 * PAIRS, "MNIST's test split is not whole");
        Ok(Self { images, labels })
    }

    fn pair(number: usize) -> [usize; 2] {
        [number, number + PAIRS]
    }

    fn answers(&self, network: &Network) -> Result<Vec<Answer>> {
        let image = |index: usize| DigitImage::from_mnist(&self.images[index]);
        let pairs: Vec<Pair> = (0..PAIRS).map(|number| Self::pair(number).map(image)).collect();
        let mut answers = Vec::with_capacity(PAIRS);
        for batch in pairs.chunks(100) {
            answers.extend(network.compare(batch)?);
        }
        Ok(answers)
    }
}

/// An IDX file without its header.
fn unpacked(name: &str, header: usize) -> Result<Vec<u8>> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/mnist").join(name);
    let mut bytes = Vec::new();
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes)?;
    ensure!(bytes.len() > header, "{} is cut short", path.display());
    Ok(bytes.split_off(header))
}

/// Count of digits and of mistakes, a byte each; each digit's index in the test split (u16), label and 28x28 pixels; the
/// mistakes as pairs of digits' numbers, a byte each.
fn samples(split: &TestSplit, network: &Network) -> Result<Vec<u8>> {
    let mut digits: Vec<usize> = Vec::new();
    for class in 0..10 {
        digits.extend((0..split.labels.len()).filter(|&index| split.labels[index] == class).take(OF_EACH_CLASS));
    }
    let mut wrong: Vec<(f32, usize)> = Vec::new();
    for (number, answer) in split.answers(network)?.iter().enumerate() {
        let [first, second] = TestSplit::pair(number).map(|index| split.labels[index]);
        if answer.verdict().is_leq() != (first <= second) {
            wrong.push((answer.verdict().confidence(), number));
        }
    }
    wrong.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut mistakes = Vec::new();
    for &(_, number) in wrong.iter().take(MISTAKES) {
        for index in TestSplit::pair(number) {
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

/// Count of pairs (u32); for each pair both images of 28x28 bytes; for each pair 21 float32: the logit of `p_leq`, ten
/// logits of the first digit, ten of the second.
fn reference(split: &TestSplit, network: &Network) -> Result<Vec<u8>> {
    let mut file = (PAIRS as u32).to_le_bytes().to_vec();
    for number in 0..PAIRS {
        TestSplit::pair(number).into_iter().for_each(|index| file.extend(split.images[index]));
    }
    for answer in split.answers(network)? {
        let digits = answer.digit_logits().context("the reference wants a model with digit heads")?;
        let logits = std::iter::once(answer.leq_logit()).chain(digits.as_flattened().iter().copied());
        logits.for_each(|logit| file.extend(logit.to_le_bytes()));
    }
    Ok(file)
}
