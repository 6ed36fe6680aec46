//! `trainer rounds`: several trainings of one experiment.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use trainer::durable_file;
use trainer::rounds::{Plan, Round, run_rounds};
use trainer::statistics::Summary;
use trainer::training::Interrupt;

use super::{Data, ExperimentArgs, Stopped};

/// Arguments of `trainer rounds`.
#[derive(Debug, Args)]
pub struct Rounds {
    #[command(flatten)]
    experiment: ExperimentArgs,
    /// Number of rounds; their seeds count from 0
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rounds: u64,
    /// Rounds at once, one thread each [default: one a core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Folder for rounds.jsonl, summary.json and README.md [default: results/EXPERIMENT]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

/// A row of summary.json.
#[derive(Debug, Serialize)]
struct Row {
    what: &'static str,
    value: f64,
    unit: &'static str,
    n: usize,
    deviation: f64,
    interval: [f64; 2],
    protocol: String,
    command: String,
}

impl Rounds {
    /// Runs the rounds that the journal lacks, then writes and prints the summary.
    pub fn run(self) -> Result<()> {
        let config = self.experiment.config()?;
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&config.name));
        let interrupt = Interrupt::on_ctrl_c()?;
        let mnist = self.data.load()?;
        let bar = ProgressBar::new(self.rounds)
            .with_style(ProgressStyle::with_template("round {pos}/{len} {bar:30} {msg}  {elapsed} (left {eta})")?);
        let finished = |round: &Round| {
            bar.set_message(format!("accuracy {:.1} %", 100.0 * round.test.learned_head.value()));
            bar.inc(1);
            if bar.is_hidden() {
                eprintln!(
                    "round {}: {:.2} % in {:.1} s",
                    round.config.seed,
                    100.0 * round.test.learned_head.value(),
                    round.seconds
                );
            }
        };
        let journal = out.join("rounds.jsonl");
        let plan = Plan {
            rounds: self.rounds,
            jobs: self.jobs.unwrap_or_else(cores),
            journal: &journal,
            interrupt: &interrupt,
        };
        let rounds = run_rounds(&config, &mnist, &plan, &finished)?;
        bar.finish_and_clear();
        if (rounds.len() as u64) < self.rounds {
            let reason = format!("stopped after {} of {} rounds; the same command goes on", rounds.len(), self.rounds);
            return Err(Stopped(reason).into());
        }
        let rows = self.summarise(&rounds);
        durable_file::write(&out.join("summary.json"), serde_json::to_string_pretty(&rows)?.as_bytes())?;
        durable_file::write(&out.join("README.md"), page(&config.name, &rows).as_bytes())?;
        std::io::stdout().write_all(table(&rows).as_bytes())?;
        Ok(())
    }

    /// A row for each reading of the first round; all rounds of one experiment have the same.
    fn summarise(&self, rounds: &[Round]) -> Vec<Row> {
        let names = rounds.first().into_iter().flat_map(|round| round.test.readings()).map(|(what, _)| what);
        names.filter_map(|what| self.row(what, rounds)).collect()
    }

    fn row(&self, what: &'static str, rounds: &[Round]) -> Option<Row> {
        let readings = rounds.iter().flat_map(|round| round.test.readings()).filter(|(name, _)| *name == what);
        let percents: Vec<f64> = readings.map(|(_, share)| 100.0 * share.value()).collect();
        let Summary { n, mean: value, deviation, interval } = Summary::of(&percents)?;
        let protocol = rounds.first()?.config.protocol.name().to_owned();
        let epochs = self.experiment.epochs.map_or(String::new(), |epochs| format!(" --epochs {epochs}"));
        let (experiment, rounds) = (&self.experiment.experiment, self.rounds);
        let command = format!("trainer rounds {experiment} --protocol {protocol}{epochs} --rounds {rounds}");
        Some(Row { what, value, unit: "%", n, deviation, interval, protocol, command })
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn page(name: &str, rows: &[Row]) -> String {
    let command = rows.first().map_or("", |row| row.command.as_str());
    format!("# {name}\n\nWritten by `{command}` from `rounds.jsonl`; last weights of each round.\n\n{}", table(rows))
}

fn table(rows: &[Row]) -> String {
    let mut text =
        "| accuracy on | mean | deviation | n | 95 % interval | protocol |\n|---|---|---|---|---|---|\n".to_owned();
    for row in rows {
        let [low, high] = row.interval;
        text += &format!(
            "| {} | {:.2} % | {:.2} | {} | {low:.2} to {high:.2} | {} |\n",
            row.what, row.value, row.deviation, row.n, row.protocol
        );
    }
    text
}
