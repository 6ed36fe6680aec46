//! Progress of a run: bars on a terminal, otherwise occasional lines.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use report::duration;
use study::run::{Event, StudyTasks};
use terminal::harmless;

use crate::say::say;

/// Minimum time between two lines.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Shows the progress of a run on stderr.
pub struct Progress {
    jobs: usize,
    started: Instant,
    bars: Option<Bars>,
    state: Mutex<State>,
}

struct State {
    counts: Vec<Counts>,
    /// Estimated seconds of trials that are still to be run.
    left: f64,
    /// Estimated seconds of trials that this process has run.
    run: f64,
    last_line: Instant,
}

#[derive(Clone)]
struct Counts {
    name: String,
    done: usize,
    all: usize,
    /// Estimated seconds of one trial, on average.
    seconds: f64,
}

struct Bars {
    all: MultiProgress,
    style: ProgressStyle,
    studies: Vec<Mutex<Option<ProgressBar>>>,
    overall: ProgressBar,
}

impl Progress {
    /// Starts showing a run of `studies`, `jobs` trials at once.
    ///
    /// # Errors
    /// Never fails: the bars' template is valid.
    pub fn start(studies: &[StudyTasks], jobs: usize) -> Result<Self> {
        let counts = studies.iter().map(Counts::of).collect::<Vec<_>>();
        let total = counts.iter().map(|counts| counts.all).sum::<usize>();
        let left = counts.iter().map(|counts| counts.seconds * counts.all as f64).sum();
        let bars = if std::io::stderr().is_terminal() { Some(Bars::start(studies.len(), total)?) } else { None };
        let started = Instant::now();
        let state = Mutex::new(State { counts, left, run: 0.0, last_line: started });
        Ok(Self { jobs, started, bars, state })
    }

    /// Records a trial of the study with this index.
    pub fn show(&self, number: usize, event: &Event) {
        let mut state = self.state.lock().expect("no thread panics with the lock");
        let seconds = state.counts[number].seconds;
        state.counts[number].done += 1;
        state.left -= seconds;
        if matches!(event, Event::Finished(_)) {
            state.run += seconds;
        }
        let left = self.time_left(&state);
        let counts = state.counts[number].clone();
        match &self.bars {
            Some(bars) => bars.show(number, &counts, &left),
            None if state.last_line.elapsed() >= BETWEEN_LINES => {
                state.last_line = Instant::now();
                let (done, all) = totals(&state.counts);
                say!("{} {} of {}, all {done} of {all}, {left} left", counts.name, counts.done, counts.all);
            }
            None => {}
        }
    }

    /// Removes the bars.
    pub fn finish(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.all.clear();
        }
    }

    /// Estimated from this run's speed once it has one.
    fn time_left(&self, state: &State) -> String {
        let elapsed = self.started.elapsed().as_secs_f64();
        let speed = if state.run > 0.0 { state.run / elapsed } else { self.jobs as f64 };
        duration((state.left / speed).max(0.0))
    }
}

impl Counts {
    fn of(tasks: &StudyTasks) -> Self {
        let seconds: f64 = tasks.tasks.iter().map(|task| task.seconds).sum();
        let all = tasks.tasks.len();
        Self { name: tasks.study.clone(), done: 0, all, seconds: seconds / all.max(1) as f64 }
    }
}

fn totals(all: &[Counts]) -> (usize, usize) {
    (all.iter().map(|counts| counts.done).sum(), all.iter().map(|counts| counts.all).sum())
}

impl Bars {
    fn start(studies: usize, trials: usize) -> Result<Self> {
        let style = ProgressStyle::with_template("{prefix:20} {bar:30} {pos:>5}/{len:5} {msg}")?;
        let all = MultiProgress::new();
        let overall = all.add(ProgressBar::new(trials as u64).with_style(style.clone()).with_prefix("all"));
        let studies = (0..studies).map(|_| Mutex::new(None)).collect();
        Ok(Self { all, style, studies, overall })
    }

    fn show(&self, number: usize, counts: &Counts, left: &str) {
        let mut bar = self.studies[number].lock().expect("no thread panics with the lock");
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(counts.all as u64).with_style(self.style.clone());
            self.all.insert_before(&self.overall, bar.with_prefix(harmless(&counts.name)))
        });
        bar.set_position(counts.done as u64);
        self.overall.set_message(format!("{left} left"));
        self.overall.inc(1);
    }
}
