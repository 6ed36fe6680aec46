//! Several rounds of one experiment, side by side, journalled.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use candle_core::Device;
use serde::{Deserialize, Serialize};

use crate::data::{Mnist, PairSets};
use crate::training::{Evaluation, Interrupt, Progress, Training, TrainingConfig, evaluate};

/// One finished round: a line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Everything the round depends on; its seed tells the round.
    pub config: TrainingConfig,
    /// Accuracy on the round's test pairs, with the last weights.
    pub test: Evaluation,
    /// Epochs trained.
    pub epochs: usize,
    /// Training loss of the last epoch.
    pub loss: f64,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// Trains one round and evaluates it on its test pairs.
///
/// # Errors
/// Data that do not suffice, a training that leaves the finite numbers, or `None` where `interrupt` was asked.
pub fn run_round(config: &TrainingConfig, mnist: &Mnist, interrupt: &Interrupt) -> Result<Option<Round>> {
    let started = Instant::now();
    let sets = PairSets::draw(mnist, config.pairs, config.protocol.data_seed(config.seed)?)?;
    let mut training = Training::start(config, &sets.training, &Device::Cpu)?;
    training.run(&Progress::Silent, interrupt)?;
    if !training.is_finished() {
        return Ok(None);
    }
    Ok(Some(Round {
        config: config.clone(),
        test: evaluate(training.comparator(), &sets.test)?,
        epochs: training.epochs().len(),
        loss: training.epochs().last().map_or(f64::NAN, |epoch| epoch.loss),
        seconds: started.elapsed().as_secs_f64(),
    }))
}

/// Runs the rounds with seeds `0..rounds`, at most `jobs` at once, each on one thread. Finished rounds are appended to
/// `journal`; those already there are not run again. `finished` is told of each round as it ends.
///
/// # Errors
/// The first round that fails, or a journal that cannot be read or written.
pub fn run_rounds(
    config: &TrainingConfig,
    mnist: &Mnist,
    plan: &Plan,
    finished: &(impl Fn(&Round) + Sync),
) -> Result<Vec<Round>> {
    let known = read_journal(plan.journal)?;
    let belongs = |round: &&Round| TrainingConfig { seed: config.seed, ..round.config.clone() } == *config;
    let known: Vec<Round> =
        known.iter().filter(belongs).filter(|round| round.config.seed < plan.rounds).cloned().collect();
    let done = |seed: u64| known.iter().any(|round| round.config.seed == seed);
    let journal = Mutex::new(open_journal(plan.journal)?);
    let rounds = Mutex::new(known.clone());
    let next_seed = AtomicU64::new(0);
    let work = || -> Result<()> {
        loop {
            let seed = next_seed.fetch_add(1, Ordering::SeqCst);
            if seed >= plan.rounds || plan.interrupt.asked() {
                return Ok(());
            }
            if done(seed) {
                continue;
            }
            let config = TrainingConfig { seed, ..config.clone() };
            if let Some(round) = run_round(&config, mnist, plan.interrupt)? {
                append(&journal, &round)?;
                finished(&round);
                rounds.lock().expect("no thread panics with the lock").push(round);
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.jobs.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
    })?;
    let mut rounds = rounds.into_inner().expect("no thread panics with the lock");
    rounds.sort_by_key(|round| round.config.seed);
    Ok(rounds)
}

/// Which rounds to run, and how.
#[derive(Debug)]
pub struct Plan<'a> {
    /// Number of rounds; their seeds count from 0.
    pub rounds: u64,
    /// Rounds at once.
    pub jobs: usize,
    /// Where finished rounds are kept.
    pub journal: &'a Path,
    /// Ends the run early.
    pub interrupt: &'a Interrupt,
}

/// The rounds in a journal, none when there is no such file. A torn last line, left by a killed run, is dropped with a
/// word on stderr.
///
/// # Errors
/// A journal that cannot be read, or a line before the last that is no round.
pub fn read_journal(path: &Path) -> Result<Vec<Round>> {
    let text = match std::fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut rounds = Vec::new();
    let last = text.lines().count();
    for (number, line) in text.lines().enumerate() {
        match serde_json::from_str(line) {
            Ok(round) => rounds.push(round),
            Err(_) if number + 1 == last && !text.ends_with('\n') => {
                eprintln!("{}: the last line is torn (a killed run); that round is run again", path.display());
            }
            Err(error) => bail!("{} line {}: not a finished round: {error}", path.display(), number + 1),
        }
    }
    Ok(rounds)
}

/// Opens a journal for appending, without a torn last line.
fn open_journal(path: &Path) -> Result<File> {
    let context = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(context)?;
    }
    let file = OpenOptions::new().create(true).append(true).open(path).with_context(context)?;
    let bytes = std::fs::read(path).with_context(context)?;
    let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    file.set_len(whole as u64).with_context(context)?;
    Ok(file)
}

fn append(journal: &Mutex<File>, round: &Round) -> Result<()> {
    let mut line = serde_json::to_vec(round)?;
    line.push(b'\n');
    let mut file = journal.lock().expect("no thread panics with the lock");
    file.write_all(&line).and_then(|()| file.sync_data()).context("cannot append to the journal")
}
