//! The generator of the course's pair sets: MT19937 as used by `torch.manual_seed` and `torch.randperm` on the CPU.

const STATE: usize = 624;
const SHIFT: usize = 397;

/// Mersenne Twister MT19937 with the classic `init_genrand` seeding (Matsumoto and Nishimura, 1998).
///
/// ```
/// let mut generator = mnist::Mt19937::new(5489);
/// assert_eq!(generator.bits(), 3_499_211_612); // as in the authors' reference output
/// let mut order = generator.permutation(10);
/// order.sort();
/// assert_eq!(order, (0..10).collect::<Vec<_>>());
/// ```
#[derive(Debug, Clone)]
pub struct Mt19937 {
    state: [u32; STATE],
    next: usize,
}

impl Mt19937 {
    /// The state after `torch.manual_seed(seed)`.
    pub fn new(seed: u32) -> Self {
        let mut state = [seed; STATE];
        for index in 1..STATE {
            let previous = state[index - 1];
            state[index] = 1_812_433_253_u32.wrapping_mul(previous ^ (previous >> 30)).wrapping_add(index as u32);
        }
        Self { state, next: STATE }
    }

    /// The next 32 bits.
    pub fn bits(&mut self) -> u32 {
        if self.next == STATE {
            self.twist();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// `torch.randperm(length)` for a length below 2^32.
    pub fn permutation(&mut self, length: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..length).collect();
        for index in 0..length.saturating_sub(1) {
            let offset = self.bits() as usize % (length - index);
            order.swap(index, index + offset);
        }
        order
    }

    fn twist(&mut self) {
        for index in 0..STATE {
            let mixed = (self.state[index] & 0x8000_0000) | (self.state[(index + 1) % STATE] & 0x7fff_ffff);
            let odd = if mixed & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[index] = self.state[(index + SHIFT) % STATE] ^ (mixed >> 1) ^ odd;
        }
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First and 10,000th output of the reference `mt19937ar.c` with `init_genrand(5489)`, its default seed.
    #[test]
    fn the_reference_outputs_are_met() {
        let mut generator = Mt19937::new(5489);
        assert_eq!(generator.bits(), 3_499_211_612);
        (0..9_998).for_each(|_| _ = generator.bits());
        assert_eq!(generator.bits(), 4_123_659_995);
    }

    #[test]
    fn permutations_of_no_and_one_thing_draw_nothing() {
        let mut generator = Mt19937::new(0);
        assert!(generator.permutation(0).is_empty());
        assert_eq!(generator.permutation(1), [0]);
        assert_eq!(generator.bits(), Mt19937::new(0).bits());
    }
}
