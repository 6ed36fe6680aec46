//! Runs trials of studies in parallel.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Result;
use candle_core::Device;

use super::journal::Journal;
use super::plan::Task;
use super::side_by_side::side_by_side;
use super::trial::{Host, Outcome, Trial, Versions, data_of};
use mnist::Mnist;
use nets::training::{Interrupt, NonFinite, Round, RoundEvaluation, Training, TrainingConfig, evaluate};

/// How trials are run.
#[derive(Debug)]
pub struct Runner<'a> {
    /// The images that pairs are drawn from.
    pub mnist: &'a Mnist,
    /// Trials in parallel, one thread each; no more threads start than there are trials.
    pub jobs: usize,
    /// Stops the run early.
    pub interrupt: &'a Interrupt,
    /// Recorded with every trial.
    pub versions: Versions,
    /// Recorded with every trial.
    pub host: Host,
}

/// The result of a task.
#[derive(Debug)]
pub enum Event<'a> {
    /// The trial was already in the journal.
    Known,
    /// The trial was run.
    Finished(&'a Trial),
}

/// The trials of one study and the journal that they go to.
#[derive(Debug)]
pub struct StudyTasks {
    /// The study's name.
    pub study: String,
    /// The trials to run.
    pub tasks: Vec<Task>,
    /// The journal for finished trials.
    pub journal: Mutex<Journal>,
}

impl StudyTasks {
    /// The tasks of a study with results in `folder`.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open(study: &str, tasks: Vec<Task>, folder: &Path) -> Result<Self> {
        Ok(Self { study: study.to_owned(), tasks, journal: Mutex::new(Journal::open(folder)?) })
    }

    /// The tasks that have not finished, as far as this process knows.
    pub fn missing(&self) -> Vec<&Task> {
        let journal = self.journal.lock().expect("no thread panics with the lock");
        self.tasks.iter().filter(|task| !journal.has(&task.id)).collect()
    }

    /// Whether the journal holds trials of other data than `mnist`: theirs are not to be mixed.
    pub fn has_other_data(&self, mnist: &Mnist) -> bool {
        self.journal.lock().expect("no thread panics with the lock").has_other_data(&data_of(mnist))
    }

    /// The order in which this process runs the tasks. The first process at a journal runs them longest first; others
    /// run them in random order, to avoid running the same trial twice.
    fn order(&self) -> Vec<&Task> {
        let mut tasks: Vec<&Task> = self.tasks.iter().collect();
        if !self.journal.lock().expect("no thread panics with the lock").came_first() {
            let order = RandomState::new();
            tasks.sort_by_key(|task| order.hash_one(&task.id));
        }
        tasks
    }
}

impl Runner<'_> {
    /// Runs every task that its journal lacks. `observe` receives the index of the study and the event of each task.
    /// When interrupted, running trials are abandoned and finished ones kept.
    ///
    /// # Errors
    /// The first trial that cannot be run, or a journal that cannot be read or written. A training whose loss
    /// becomes NaN or infinite is not an error: its trial is recorded as diverged.
    pub fn run(&self, studies: &[StudyTasks], observe: &(dyn Fn(usize, Event) + Sync)) -> Result<()> {
        let queue: VecDeque<(usize, &Task)> = studies
            .iter()
            .enumerate()
            .flat_map(|(number, study)| study.order().into_iter().map(move |task| (number, task)))
            .collect();
        let jobs = self.jobs.clamp(1, queue.len().max(1));
        let queue = Mutex::new(queue);
        let failed = AtomicBool::new(false);
        let work = || -> Result<()> {
            while !self.interrupt.asked() && !failed.load(Ordering::SeqCst) {
                let next = queue.lock().expect("no thread panics with the lock").pop_front();
                let Some((number, task)) = next else { break };
                let done = self.take(&studies[number], task, &|event| observe(number, event));
                done.inspect_err(|_| failed.store(true, Ordering::SeqCst))?;
            }
            Ok(())
        };
        side_by_side(jobs, work)
    }

    fn take(&self, tasks: &StudyTasks, task: &Task, observe: &dyn Fn(Event)) -> Result<()> {
        let journal = || tasks.journal.lock().expect("no thread panics with the lock");
        let known = {
            let mut journal = journal();
            journal.refresh()?;
            journal.has(&task.id)
        };
        if known {
            observe(Event::Known);
        } else if let Some(trial) = self.trial(&tasks.study, task)? {
            journal().append(&trial)?;
            observe(Event::Finished(&trial));
        }
        Ok(())
    }

    /// Trains and evaluates; `None` when interrupted.
    fn trial(&self, study: &str, task: &Task) -> Result<Option<Trial>> {
        let started = Instant::now();
        let config: &TrainingConfig = &task.config;
        let round = Round::draw(config, self.mnist)?;
        let mut training = Training::start(config, &round.training, &Device::Cpu)?;
        let initial_gradient = training.initial_gradient()?.map(six_digits);
        let outcome = match training.run(self.interrupt, |_| {}) {
            Ok(()) if !training.is_finished() => return Ok(None),
            Ok(()) => Outcome::Finished,
            Err(error) => Outcome::Diverged { reason: error.downcast::<NonFinite>()?.to_string() },
        };
        let comparator = training.comparator();
        let validation = training.validation_set().map(|pairs| evaluate(comparator, pairs)).transpose()?;
        let RoundEvaluation { test, disjoint, outside, all_pairs, held_out } = round.judge(comparator)?;
        let epochs = training.epochs();
        let validation_loss = epochs.iter().map(|epoch| epoch.validation_loss.map(six_digits)).collect();
        Ok(Some(Trial {
            id: task.id.clone(),
            study: study.to_owned(),
            cell: task.cell.clone(),
            protocol: task.protocol,
            seed: config.seed,
            data: data_of(self.mnist),
            test,
            validation,
            disjoint,
            outside,
            all_pairs,
            held_out,
            teachers_sha256: training.teachers_sha256(),
            initial_gradient,
            train_loss: epochs.iter().map(|epoch| six_digits(epoch.loss)).collect(),
            validation_loss: if config.recipe.validation_pairs > 0 { validation_loss } else { None },
            epochs: epochs.len(),
            seconds: (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
            outcome,
            versions: self.versions.clone(),
            host: self.host.clone(),
        }))
    }
}

/// Rounds to six significant digits, enough for a curve.
fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_kept_with_six_digits() {
        assert_eq!(six_digits(1.234_567_89), 1.23457);
        assert_eq!(six_digits(0.000_123_456_78), 0.000_123_457);
        assert_eq!(six_digits(0.0), 0.0);
    }
}
