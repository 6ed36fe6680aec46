//! Work on several threads.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does work for each number on `threads` threads; results are in the numbers' order. A worker that panics leaves the default
/// for all that it did.
pub(super) fn in_parallel<T: Send + Default>(
    numbers: Range<usize>,
    threads: usize,
    work: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(numbers.start);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return done;
            }
            done.push((number, work(number)));
        }
    };
    let mut all: Vec<T> = numbers.clone().map(|_| T::default()).collect();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        for (number, result) in workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()) {
            all[number - numbers.start] = result;
        }
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_whatever_the_number_of_threads() {
        let squares: Vec<usize> = (5..40).map(|number| number * number).collect();
        for threads in [0, 1, 3, 50] {
            assert_eq!(in_parallel(5..40, threads, |number| number * number), squares);
        }
        assert!(in_parallel(7..7, 2, |number| number).is_empty());
    }
}
