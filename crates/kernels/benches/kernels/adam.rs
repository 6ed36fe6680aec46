//! Adam's step over parameters of the shipped networks' sizes.

use crate::uniform;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use kernels::{Adam, adam_step};

/// The largest weights of report A's ConvNet, of its MLP, and of `leq`.
#[divan::bench(args = [64 * 32 * 9, 392 * 128, 192 * 96 * 9])]
fn parameters(bencher: Bencher, len: usize) {
    let (mut parameters, gradients) = (uniform(1, len), uniform(2, len));
    let (mut means, mut squares) = (vec![0.0; len], vec![0.0; len]);
    let adam = Adam { learning_rate: 1e-6, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mut step = 0;
    bencher.counter(ItemsCount::new(len)).bench_local(|| {
        step += 1;
        adam_step(black_box(&mut parameters), black_box(&gradients), &mut means, &mut squares, &adam, step)
    });
}
