#![doc = include_str!("../README.md")]
//!
//! All random numbers of training come from here. Only the pair sets use another generator, the course's (`mnist::Mt19937`).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The purpose of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Initial weights.
    Weights,
    /// The order in which training pairs are visited.
    Order,
    /// Dropout masks.
    Dropout,
    /// The split of the pairs into training and validation.
    Split,
    /// Distortions of training images.
    Augmentation,
    /// Drawings of what is no digit and of digits in other forms: which, and when they are met.
    Drawings,
    /// The batches that running statistics are computed from anew.
    Statistics,
    /// Distortions of images that a network is judged on.
    Judging,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Weights => "weights",
            Self::Order => "order",
            Self::Dropout => "dropout",
            Self::Split => "split",
            Self::Augmentation => "augmentation",
            Self::Drawings => "drawings",
            Self::Statistics => "statistics",
            Self::Judging => "judging",
        }
    }
}

/// A seeded stream of random numbers. The same master seed and purpose give the same numbers on every machine.
///
/// ```
/// use random::{Purpose, Stream};
///
/// let mut stream = Stream::new(7, Purpose::Weights);
/// let position = stream.position();
/// assert_eq!(stream.bits(), Stream::resume(&position).bits());
/// assert_ne!(Stream::new(7, Purpose::Order).bits(), Stream::new(7, Purpose::Weights).bits());
/// ```
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

/// The position of a [`Stream`], to resume it later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamPosition {
    seed: [u8; 32],
    word: u64,
}

impl Stream {
    /// The stream for `purpose` under `master_seed`.
    pub fn new(master_seed: u64, purpose: Purpose) -> Self {
        let digest = Sha256::digest(format!("leq/{}/{master_seed}", purpose.name()));
        Self(ChaCha8Rng::from_seed(digest.into()))
    }

    /// The position that [`Stream::resume`] continues from.
    pub fn position(&self) -> StreamPosition {
        let word = u64::try_from(self.0.get_word_pos()).expect("a training draws fewer than 2^64 numbers");
        StreamPosition { seed: self.0.get_seed(), word }
    }

    /// The stream at the given position.
    pub fn resume(position: &StreamPosition) -> Self {
        let mut generator = ChaCha8Rng::from_seed(position.seed);
        generator.set_word_pos(u128::from(position.word));
        Self(generator)
    }

    /// 32 random bits.
    pub fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// `count` times 16 random bits.
    pub fn half_words(&mut self, count: usize) -> Vec<u16> {
        let mut bytes = vec![0; count.next_multiple_of(2) * 2];
        self.0.fill_bytes(&mut bytes);
        let (halves, _) = bytes.as_chunks::<2>();
        halves[..count].iter().map(|&half| u16::from_le_bytes(half)).collect()
    }

    /// `count` random bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count.next_multiple_of(4)];
        self.0.fill_bytes(&mut bytes);
        bytes.truncate(count);
        bytes
    }

    /// A number in `0.0..1.0`, a multiple of 2^-24.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A number in `-bound..bound`.
    pub fn symmetric(&mut self, bound: f32) -> f32 {
        (2.0 * self.unit() - 1.0) * bound
    }

    /// Two independent numbers from the standard normal distribution (Box and Muller, 1958).
    pub fn gaussians(&mut self) -> [f32; 2] {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let (sine, cosine) = (std::f32::consts::TAU * self.unit()).sin_cos();
        [radius * cosine, radius * sine]
    }

    /// An unbiased number in `0..limit` (Lemire's multiplication with rejection).
    ///
    /// # Panics
    /// If `limit` is 0.
    pub fn below(&mut self, limit: u32) -> u32 {
        assert!(limit > 0, "no number is below 0");
        let threshold = limit.wrapping_neg() % limit;
        loop {
            let product = u64::from(self.bits()) * u64::from(limit);
            if product as u32 >= threshold {
                return (product >> 32) as u32;
            }
        }
    }

    /// A random permutation of `0..length` (Fisher and Yates).
    pub fn permutation(&mut self, length: usize) -> Vec<u32> {
        let length = u32::try_from(length).expect("sets are smaller than 2^32");
        let mut order: Vec<u32> = (0..length).collect();
        for last in (1..length).rev() {
            order.swap(last as usize, self.below(last + 1) as usize);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_a_function_of_seed_and_purpose() {
        let first_four = |seed, purpose| -> [u32; 4] {
            let mut stream = Stream::new(seed, purpose);
            std::array::from_fn(|_| stream.bits())
        };
        assert_eq!(first_four(0, Purpose::Weights), first_four(0, Purpose::Weights));
        assert_ne!(first_four(0, Purpose::Weights), first_four(1, Purpose::Weights));
        assert_ne!(first_four(0, Purpose::Weights), first_four(0, Purpose::Order));
    }

    #[test]
    fn a_resumed_stream_goes_on_with_the_same_numbers() {
        let mut stream = Stream::new(7, Purpose::Dropout);
        (0..37).for_each(|_| _ = stream.bits());
        let mut resumed = Stream::resume(&stream.position());
        for _ in 0..100 {
            assert_eq!(stream.bits(), resumed.bits());
        }
    }

    #[test]
    fn a_permutation_holds_every_index_once() {
        let mut order = Stream::new(3, Purpose::Order).permutation(1000);
        assert_ne!(order, (0..1000).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn gaussians_have_mean_0_and_variance_1_and_are_uncorrelated() {
        let mut stream = Stream::new(0, Purpose::Augmentation);
        let drawn: Vec<[f64; 2]> = (0..50_000).map(|_| stream.gaussians().map(f64::from)).collect();
        let mean = |value: &dyn Fn(&[f64; 2]) -> f64| drawn.iter().map(value).sum::<f64>() / drawn.len() as f64;
        for side in 0..2 {
            assert!(mean(&|pair| pair[side]).abs() < 0.02);
            assert!((mean(&|pair| pair[side].powi(2)) - 1.0).abs() < 0.03);
            assert!((mean(&|pair| pair[side].powi(4)) - 3.0).abs() < 0.2);
        }
        assert!(mean(&|pair| pair[0] * pair[1]).abs() < 0.02);
    }

    #[test]
    fn numbers_below_a_limit_are_even() {
        let mut stream = Stream::new(0, Purpose::Split);
        let mut counts = [0_u32; 6];
        (0..60_000).for_each(|_| counts[stream.below(6) as usize] += 1);
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 400), "{counts:?}");
    }
}
