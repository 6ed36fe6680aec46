//! Clocks. The fake one makes everything that is computed from times exactly testable.

use std::time::Instant;

/// Something that times work.
pub trait Clock {
    /// Does the work and says how many milliseconds it took.
    ///
    /// # Errors
    /// The work's own.
    fn time<T, E>(&mut self, work: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E>;
}

/// The system's monotonic clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn time<T, E>(&mut self, work: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E> {
        let start = Instant::now();
        let done = work()?;
        Ok((done, start.elapsed().as_secs_f64() * 1e3))
    }
}

/// A clock that gives out times from a list, again and again, whatever the work took.
#[derive(Debug, Clone)]
pub struct FakeClock {
    times: Vec<f64>,
    next: usize,
}

impl FakeClock {
    /// A clock that gives these times, in milliseconds.
    pub fn new(times: Vec<f64>) -> Self {
        Self { times, next: 0 }
    }
}

impl Clock for FakeClock {
    fn time<T, E>(&mut self, work: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E> {
        let done = work()?;
        let time = self.times.get(self.next % self.times.len().max(1)).copied().unwrap_or(0.0);
        self.next += 1;
        Ok((done, time))
    }
}

/// The clock that the options ask for.
#[derive(Debug, Clone)]
pub enum AnyClock {
    /// The real one.
    System(SystemClock),
    /// The fake one.
    Fake(FakeClock),
}

impl Clock for AnyClock {
    fn time<T, E>(&mut self, work: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E> {
        match self {
            Self::System(clock) => clock.time(work),
            Self::Fake(clock) => clock.time(work),
        }
    }
}
