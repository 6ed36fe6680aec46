//! `trainer study run`.

mod table;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use files::cores;
use nets::training::Interrupt;
use report::duration;
use study::declaration::{Cell, MOST_ROUNDS, ProtocolName, Study};
use study::run::{
    Event, Host, JOURNAL_FILE, MOST_TRIALS, Outcome, Runner, Selection, Shard, StudyTasks, Task, Versions,
};

use super::super::follow::interrupt_on_ctrl_c;
use super::Declared;
use super::progress::Progress;
use crate::command::{Data, MOST_JOBS, ProtocolArg, Stopped, Usage};
use crate::say::{self, say};

/// Arguments of `trainer study run`.
#[derive(Debug, Args)]
pub struct RunCommand {
    /// Names of studies, or `all`
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Number of rounds per cell [default: the study's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_ROUNDS))]
    rounds: Option<u64>,
    /// Only this cell; can be repeated
    #[arg(long = "cell", value_name = "NAME")]
    cells: Vec<String>,
    /// Only this protocol [default: those of the study]
    #[arg(long, value_name = "NAME")]
    protocol: Option<ProtocolArg>,
    /// Trials in parallel, one thread each [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_JOBS))]
    jobs: Option<u64>,
    /// Run shard I of N, to spread the trials over N machines
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Try every cell: one round of one epoch, judged by its test pairs, into a temporary folder
    #[arg(long, conflicts_with_all = ["rounds", "shard"])]
    smoke: bool,
    /// Folder of the results, one folder a study [default: results; with --smoke one that is removed again]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    declared: Declared,
    #[command(flatten)]
    data: Data,
}

impl RunCommand {
    /// Runs the missing trials, then prints the results.
    pub fn run(self) -> Result<()> {
        let studies = self.declared.select(&self.names)?;
        let selection = Selection {
            rounds: self.rounds,
            cells: self.cells.clone(),
            protocol: self.protocol.map(ProtocolName::from),
            shard: self.shard,
            smoke: self.smoke,
        };
        let planned = planned(&studies, &selection)?;
        let temporary = if self.smoke && self.out.is_none() { Some(tempfile::tempdir()?) } else { None };
        let out = match (&self.out, &temporary) {
            (Some(out), _) => out.clone(),
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => PathBuf::from("results"),
        };
        let interrupt = interrupt_on_ctrl_c("stopping; finished trials are kept")?;
        let mut tasks_of_studies = Vec::new();
        for (study, tasks) in studies.iter().zip(planned) {
            let folder = out.join(&study.name);
            tasks_of_studies.push(StudyTasks::open(&study.name, tasks, &folder)?);
            write_configurations(study, &folder)?;
        }
        self.run_tasks(&tasks_of_studies, &interrupt, &out)?;
        print_results(&studies, &tasks_of_studies, &out)
    }

    fn run_tasks(&self, studies: &[StudyTasks], interrupt: &Interrupt, out: &Path) -> Result<()> {
        let mnist = self.data.load()?;
        if let Some(study) = studies.iter().find(|study| study.has_other_data(&mnist)) {
            let journal = out.join(&study.study).join(JOURNAL_FILE);
            let what = "holds trials of other data; give their folder with --data, or name another --out";
            return Err(Usage(format!("{} {what}", journal.display())).into());
        }
        let jobs = self.jobs.map_or_else(cores, |jobs| jobs as usize);
        let runner = Runner { mnist: &mnist, jobs, interrupt, versions: Versions::here(), host: Host::here() };
        let all: usize = studies.iter().map(|study| study.tasks.len()).sum();
        let missing: Vec<_> = studies.iter().flat_map(StudyTasks::missing).collect();
        let seconds = missing.iter().map(|task| task.seconds).sum::<f64>() / jobs as f64;
        say!("{} of {all} trials to run, {jobs} at once, roughly {}", missing.len(), duration(seconds));
        let progress = Progress::start(studies, jobs)?;
        let done = runner.run(studies, &|number, event: Event| progress.show(number, &event));
        progress.finish();
        done?;
        let missing: usize = studies.iter().map(|study| study.missing().len()).sum();
        if missing > 0 {
            let reason = format!(
                "stopped; {} of {all} trials are in {}; run the same command to continue",
                all - missing,
                out.display()
            );
            return Err(Stopped(reason).into());
        }
        Ok(())
    }
}

/// The trials of each study; refuses a protocol that none of the cells has, and more trials than can be listed.
fn planned(studies: &[Study], selection: &Selection) -> Result<Vec<Vec<Task>>, Usage> {
    let is_named = |cell: &&Cell| selection.cells.is_empty() || selection.cells.contains(&cell.name);
    let mut planned: Vec<Vec<Task>> = Vec::with_capacity(studies.len());
    for study in studies {
        let tasks = study.tasks(selection).map_err(|refusal| Usage(format!("study {}: {refusal}", study.name)))?;
        planned.push(tasks);
        let trials: usize = planned.iter().map(Vec::len).sum();
        if trials as u64 > MOST_TRIALS {
            let what = format!("more than {MOST_TRIALS} trials are selected; name fewer studies, cells or rounds");
            return Err(Usage(what));
        }
    }
    let mut cells = studies.iter().flat_map(|study| &study.cells).filter(is_named);
    match selection.protocol {
        Some(protocol) if !cells.any(|cell| cell.protocols.contains(&protocol)) => Err(Usage(format!(
            "no cell that is selected is trained under the protocol {protocol}: there is nothing to run; omit --protocol"
        ))),
        _ => Ok(planned),
    }
}

/// Writes every cell's training configuration of the first round by cell and protocol; journals only name the cell.
fn write_configurations(study: &Study, folder: &Path) -> Result<()> {
    let mut lines = Vec::new();
    for cell in &study.cells {
        for &protocol in &cell.protocols {
            let key = serde_json::to_string(&format!("{} {protocol}", cell.name))?;
            lines.push(format!("{key}: {}", serde_json::to_string(&cell.config(protocol, cell.seeds_from))?));
        }
    }
    let (path, text) = (folder.join("cells.json"), format!("{{\n{}\n}}\n", lines.join(",\n")));
    if files::read(&path, text.len() as u64).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    Ok(files::write_derived(&path, text)?)
}

/// For one study, a line per cell and protocol; for several, a line per study.
fn print_results(studies: &[Study], tasks: &[StudyTasks], out: &Path) -> Result<()> {
    let mut stdout = say::stdout();
    for (study, tasks) in studies.iter().zip(tasks) {
        let wanted: BTreeSet<&str> = tasks.tasks.iter().map(|task| task.id.as_str()).collect();
        let mut trials = study::run::read(&out.join(&study.name))?;
        trials.retain(|trial| wanted.contains(trial.id.as_str()));
        if studies.len() == 1 {
            stdout.write_all(table::table(study, &trials)?.as_bytes())?;
        }
        let diverged = trials.iter().filter(|trial| trial.outcome != Outcome::Finished).count();
        let diverged = if diverged > 0 { format!(", {diverged} diverged") } else { String::new() };
        writeln!(stdout, "{}: {} of {} trials{diverged}", study.name, trials.len(), wanted.len())?;
    }
    Ok(())
}
