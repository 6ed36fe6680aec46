//! How fast each kernel is on the shapes of the shipped networks, on one thread.
//!
//! `cargo bench -p leq-kernels`, on an idle machine; `cargo bench -p leq-kernels -- leq_conv3` measures what has that in its
//! name. Where operations are counted they are the dense ones, also where a kernel skips products with zero.

mod adam;
mod batch_norm;
mod convolution;
mod linear;

fn main() {
    divan::main();
}

/// Values from -1 to 1, the same in every run (SplitMix64).
fn uniform(seed: u64, len: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}
