//! What else the machine is doing, from Linux's `/proc`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;
use setup::run::say;

use super::proc::read;

/// Cores' worth of other work that a measurement bears.
const BEARABLE: f64 = 0.1;
/// A measurement this short bears as much work as one of this length: `/proc` counts in hundredths of a second.
const SHORTEST: f64 = 1.0;
/// How long to wait for other work to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// Clock ticks of `/proc` in a second.
const TICKS: f64 = 100.0;

/// What others did while something was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Load {
    /// `/proc/loadavg` before.
    pub loadavg_before: String,
    /// Cores that other processes kept busy, on average.
    pub other_cores: f64,
    /// Cores that the hypervisor gave to other machines, on average.
    pub stolen_cores: f64,
    /// How long it took.
    pub seconds: f64,
}

impl Load {
    /// Whether it was too much for an undisturbed measurement.
    pub fn disturbs(&self) -> bool {
        let bearable = BEARABLE * SHORTEST.max(self.seconds) / self.seconds;
        self.other_cores > bearable || self.stolen_cores > bearable
    }
}

/// A measurement of the load under way.
pub struct Meter {
    start: Instant,
    loadavg: String,
    before: Ticks,
}

impl Meter {
    /// Starts.
    pub fn start() -> Result<Self> {
        let loadavg = read("/proc/loadavg")?.trim().to_owned();
        Ok(Self { start: Instant::now(), loadavg, before: Ticks::now()? })
    }

    /// What others did since; children that have ended are our own.
    pub fn stop(self) -> Result<Load> {
        let seconds = self.start.elapsed().as_secs_f64();
        let after = Ticks::now()?;
        let cores = |ticks: u64| ticks as f64 / TICKS / seconds;
        let busy = after.busy.saturating_sub(self.before.busy);
        let own = after.own.saturating_sub(self.before.own);
        Ok(Load {
            loadavg_before: self.loadavg,
            other_cores: cores(busy.saturating_sub(own)),
            stolen_cores: cores(after.stolen.saturating_sub(self.before.stolen)),
            seconds,
        })
    }
}

/// Waits, a minute at most, until nothing else is at work, and gives the last look.
pub fn wait_for_calm() -> Result<Load> {
    let start = Instant::now();
    loop {
        let meter = Meter::start()?;
        std::thread::sleep(Duration::from_secs(2));
        let load = meter.stop()?;
        if !load.disturbs() {
            return Ok(load);
        }
        if start.elapsed() > PATIENCE {
            say(&format!("other work takes {:.2} cores; measuring beside it, and saying so", load.other_cores));
            return Ok(load);
        }
        say(&format!("other work takes {:.2} cores; waiting for it, a minute at most", load.other_cores));
        std::thread::sleep(Duration::from_secs(5));
    }
}

/// Counters of `/proc`.
#[derive(Debug, PartialEq)]
struct Ticks {
    /// All cores at work, for whomever.
    busy: u64,
    /// All cores taken by the hypervisor.
    stolen: u64,
    /// This process and its children that have ended.
    own: u64,
}

impl Ticks {
    fn now() -> Result<Self> {
        Self::parse(&read("/proc/stat")?, &read("/proc/self/stat")?).context("/proc does not look like Linux's")
    }

    /// From `/proc/stat` and `/proc/self/stat`, as proc(5) describes them.
    fn parse(machine: &str, process: &str) -> Option<Self> {
        let numbers =
            |text: &str| -> Vec<u64> { text.split_whitespace().filter_map(|word| word.parse().ok()).collect() };
        let cores = numbers(machine.lines().next()?.strip_prefix("cpu ")?);
        let [user, nice, system, _, _, interrupts, soft_interrupts, stolen] = *cores.first_chunk()?;
        // The name may hold anything; after it come the state, a letter, and then only numbers.
        let (_, fields) = process.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let own = fields.get(11..15)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
        Some(Self { busy: user + nice + system + interrupts + soft_interrupts, stolen, own })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_read_as_the_manual_describes_them() {
        let machine = "cpu  100 10 50 9000 70 3 7 20 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        let process = "42 (a) b) S 1 42 42 0 -1 4194560 500 600 0 0 11 12 13 14 20 0 1 0 5 6 7";
        assert_eq!(Ticks::parse(machine, process), Some(Ticks { busy: 170, stolen: 20, own: 50 }));
        assert_eq!(Ticks::parse("intr 1", process), None);
    }

    #[test]
    fn more_than_a_tenth_of_a_core_disturbs() {
        let load =
            |other_cores, stolen_cores| Load { loadavg_before: String::new(), other_cores, stolen_cores, seconds: 1.0 };
        assert!(!load(0.1, 0.0).disturbs());
        assert!(load(0.2, 0.0).disturbs());
        assert!(load(0.0, 0.2).disturbs());
    }
}
