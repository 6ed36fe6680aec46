//! Pairs of MNIST's test digits, as other hands might have drawn them, and how well a network does on them.

use digits::scene::Scene;
use digits::{DigitImage, MNIST_SIDE, Picture, SIDE, prepare};

use crate::network::{Network, NetworkError, Pair};

const PIXELS: usize = MNIST_SIDE * MNIST_SIDE;
/// Bins of confidence, from 0.5 to 1.
const BINS: usize = 5;

/// How the digits are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// As MNIST has them.
    Clean,
    /// Turned clockwise by 15 degrees.
    Tilted,
    /// With strokes that are a pixel wider on each side.
    Thick,
    /// As a noisy camera takes them.
    Noisy,
}

impl Hand {
    /// Knows a hand by its name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "clean" => Some(Self::Clean),
            "tilted" => Some(Self::Tilted),
            "thick" => Some(Self::Thick),
            "noisy" => Some(Self::Noisy),
            _ => None,
        }
    }

    /// A digit by this hand, prepared; a drawing in which preparation finds no digit is a blank image.
    fn image(self, digit: &[u8; PIXELS], seed: u64) -> DigitImage {
        let side = Scene::default();
        let scene = match self {
            Self::Clean => return DigitImage::from_mnist(digit),
            Self::Tilted => Scene { degrees: 15.0, side: 0.7 * side.side, ..side },
            Self::Thick => Scene { thicken: 1.0, side: 0.7 * side.side, ..side },
            Self::Noisy => Scene { noise: 40.0, side: 0.7 * side.side, ..side },
        };
        let drawn = scene.draw(digit, seed);
        let prepared = Picture::luma(scene.width, scene.height, &drawn).and_then(|picture| prepare(&picture));
        prepared.map_or(DigitImage::new([0.0; SIDE * SIDE]), |prepared| prepared.image)
    }
}

/// Labelled digits: the first and the second make a pair, and so on.
#[derive(Debug)]
pub struct TestPairs {
    digits: Vec<(u8, [u8; PIXELS])>,
    hand: Hand,
    /// The pairs that are drawn already.
    drawn: Vec<Pair>,
}

/// How many answers were right, and how sure they were.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Answers.
    pub all: usize,
    /// Right ones.
    pub right: usize,
    /// Pairs that the digits alone say right, of networks that name them.
    pub right_by_digits: Option<usize>,
    /// The sum of the answers' confidence, 0.5 to 1 each.
    pub confidence: f64,
    /// The same by confidence, in equal steps from 0.5 to 1: answers, right ones, sum of confidence.
    pub bins: [(usize, usize, f64); BINS],
}

impl TestPairs {
    /// Reads a file of records: a label, then 28x28 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (records, rest) = bytes.as_chunks::<{ 1 + PIXELS }>();
        if records.is_empty() || !rest.is_empty() || records.len() % 2 == 1 {
            return None;
        }
        let digit = |record: &[u8; 1 + PIXELS]| Some((record[0], record[1..].try_into().ok()?));
        let digits = records.iter().map(digit).collect::<Option<Vec<_>>>()?;
        digits.iter().all(|(label, _)| *label < 10).then_some(Self { digits, hand: Hand::Clean, drawn: Vec::new() })
    }

    /// Pairs.
    pub fn count(&self) -> usize {
        self.digits.len() / 2
    }

    /// Has all pairs drawn by another hand from now on.
    pub fn draw_by(&mut self, hand: Hand) {
        if hand != self.hand {
            (self.hand, self.drawn) = (hand, Vec::new());
        }
    }

    /// Has `network` answer the pairs from `from` up to `to`, and counts its answers in.
    ///
    /// # Errors
    /// As [`Network::compare`].
    pub fn answer(&mut self, network: &Network, from: usize, to: usize, tally: &mut Tally) -> Result<(), NetworkError> {
        let to = to.min(self.count());
        while self.drawn.len() < to {
            let at = 2 * self.drawn.len();
            self.drawn.push([at, at + 1].map(|digit| self.hand.image(&self.digits[digit].1, digit as u64)));
        }
        let Some(pairs) = self.drawn.get(from..to) else { return Ok(()) };
        for (number, answer) in network.compare(pairs)?.iter().enumerate() {
            let at = 2 * (from + number);
            let is_leq = self.digits[at].0 <= self.digits[at + 1].0;
            let by_digits = answer.p_leq_from_digits().map(|p| (p >= 0.5) == is_leq);
            tally.add(answer.verdict().is_leq() == is_leq, by_digits, f64::from(answer.verdict().confidence()));
        }
        Ok(())
    }
}

impl Tally {
    fn add(&mut self, is_right: bool, by_digits: Option<bool>, confidence: f64) {
        self.all += 1;
        self.right += usize::from(is_right);
        if let Some(is_right) = by_digits {
            *self.right_by_digits.get_or_insert(0) += usize::from(is_right);
        }
        self.confidence += confidence;
        let bin = ((confidence - 0.5) * 2.0 * BINS as f64) as usize;
        let (all, right, sum) = &mut self.bins[bin.min(BINS - 1)];
        (*all, *right, *sum) = (*all + 1, *right + usize::from(is_right), *sum + confidence);
    }

    /// Accuracy, 0 to 1; 0 before the first.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.all.max(1) as f64
    }

    /// Mean confidence; 0 before the first answer.
    pub fn mean_confidence(&self) -> f64 {
        self.confidence / self.all.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_in_the_bin_of_their_confidence() {
        let mut tally = Tally::default();
        tally.add(true, Some(true), 0.55);
        tally.add(false, Some(true), 1.0);
        assert_eq!((tally.all, tally.right, tally.right_by_digits), (2, 1, Some(2)));
        assert_eq!((tally.bins[0].0, tally.bins[BINS - 1].0), (1, 1));
        assert!((tally.accuracy() - 0.5).abs() < 1e-9 && (tally.mean_confidence() - 0.775).abs() < 1e-9);
    }

    #[test]
    fn a_file_that_is_cut_or_holds_no_digits_is_refused() {
        assert!(TestPairs::from_bytes(&[]).is_none());
        assert!(TestPairs::from_bytes(&[3; 1 + PIXELS]).is_none());
        assert!(TestPairs::from_bytes(&[30; 2 * (1 + PIXELS)]).is_none());
        assert_eq!(TestPairs::from_bytes(&[3; 2 * (1 + PIXELS)]).unwrap().count(), 1);
        assert!(TestPairs::from_bytes(&[3; 2 * PIXELS]).is_none());
    }

    #[test]
    fn every_hand_draws_a_digit_that_preparation_finds() {
        let mut digit = [0; PIXELS];
        (5..23).for_each(|row| digit[row * MNIST_SIDE + 13..row * MNIST_SIDE + 15].fill(255));
        for name in ["clean", "tilted", "thick", "noisy"] {
            let image = Hand::named(name).unwrap().image(&digit, 7);
            assert!(image.pixels().iter().sum::<f32>() > 1000.0, "{name}");
        }
        assert_eq!(Hand::named("left"), None);
    }
}
