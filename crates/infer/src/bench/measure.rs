//! Taking samples.

use super::clock::Clock;

/// How long to measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Runs that are not counted, after the first.
    pub warm_up: usize,
    /// Counted runs, at least.
    pub runs: usize,
    /// Milliseconds that counted runs take in sum, at least.
    pub milliseconds: f64,
}

/// Most samples of one case: what is kept in JSON stays a file that opens.
const MOST_RUNS: usize = 100_000;

/// Times of one case, in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// The very first run.
    pub first: f64,
    /// Counted runs, in order.
    pub steady: Vec<f64>,
}

/// Runs `work` once, then for warming up, then for counting: at least `runs` times and for at least the time asked for.
///
/// # Errors
/// The work's own.
pub fn sample<E>(
    clock: &mut impl Clock,
    effort: &Effort,
    mut work: impl FnMut() -> Result<(), E>,
) -> Result<Samples, E> {
    let first = clock.time(&mut work)?.1;
    for _ in 0..effort.warm_up {
        work()?;
    }
    let mut steady = Vec::new();
    let mut sum = 0.0;
    while (steady.len() < effort.runs || sum < effort.milliseconds) && steady.len() < MOST_RUNS {
        let time = clock.time(&mut work)?.1;
        sum += time;
        steady.push(time);
    }
    Ok(Samples { first, steady })
}

/// The process's peak memory so far in MB of 10^6 bytes, where the system says (Linux).
pub fn peak_memory_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::clock::FakeClock;

    fn sampled(effort: Effort, times: &[f64]) -> (Samples, usize) {
        let mut count = 0;
        let mut clock = FakeClock::new(times.to_vec());
        let samples = sample(&mut clock, &effort, || {
            count += 1;
            Ok::<(), ()>(())
        });
        (samples.unwrap(), count)
    }

    #[test]
    fn the_first_run_and_warming_up_do_not_count() {
        let effort = Effort { warm_up: 3, runs: 4, milliseconds: 0.0 };
        let (samples, count) = sampled(effort, &[9.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(samples, Samples { first: 9.0, steady: vec![1.0, 2.0, 3.0, 4.0] });
        assert_eq!(count, 1 + 3 + 4);
    }

    #[test]
    fn runs_go_on_until_the_time_is_filled() {
        let effort = Effort { warm_up: 0, runs: 2, milliseconds: 10.0 };
        assert_eq!(sampled(effort, &[2.5]).0.steady.len(), 4);
        assert_eq!(sampled(effort, &[0.0]).0.steady.len(), MOST_RUNS);
    }
}
