//! `training-step peak`: the most float32 operations that one core does in a second.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use pulp::{Arch, Simd, WithSimd};

/// Independent sums: more than a core has multiply-adds in flight, fewer than it has registers.
const SUMS: usize = 12;
/// Turns of a timed loop: some milliseconds.
const TURNS: usize = 1 << 20;
/// How long to look for the best.
const PATIENCE: Duration = Duration::from_secs(2);

/// Prints the best of many timed loops of multiply-adds in registers.
pub fn run() -> Result<()> {
    let started = Instant::now();
    let mut best = 0.0_f64;
    while started.elapsed() < PATIENCE {
        let turn = Instant::now();
        let lanes = Arch::new().dispatch(MultiplyAdd { turns: TURNS });
        let operations = (2 * lanes * SUMS * TURNS) as f64;
        best = best.max(operations / turn.elapsed().as_secs_f64() / 1e9);
    }
    println!("{}", serde_json::json!({ "gflops": best, "command": super::command_line() }));
    Ok(())
}

/// Multiplies and adds in registers; gives the number of lanes of one.
struct MultiplyAdd {
    turns: usize,
}

impl WithSimd for MultiplyAdd {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let (factor, term) = (simd.splat_f32s(black_box(0.5)), simd.splat_f32s(black_box(1.0)));
        let mut sums = [simd.splat_f32s(black_box(1.0)); SUMS];
        for _ in 0..self.turns {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, term);
            }
        }
        let total = sums.into_iter().fold(simd.splat_f32s(0.0), |total, sum| simd.add_f32s(total, sum));
        black_box(simd.reduce_sum_f32s(total));
        S::F32_LANES
    }
}
