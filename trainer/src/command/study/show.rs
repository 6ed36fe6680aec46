//! `trainer study show`.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use files::cores;
use report::duration;
use study::declaration::Cell;

use super::Declared;
use crate::command::Usage;
use crate::say;

/// Arguments of `trainer study show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Name of the study; `trainer study list` lists them
    name: String,
    #[command(flatten)]
    declared: Declared,
}

impl Show {
    /// Prints the study.
    pub fn run(self) -> Result<()> {
        let studies = self.declared.read()?;
        let study = study::declaration::named(&studies, &self.name).map_err(Usage::from)?;
        let mut out = say::stdout();
        let protocols: Vec<&str> = study.protocols.iter().map(|protocol| protocol.name()).collect();
        let figure = study.figure.as_ref().map_or(String::new(), |figure| format!(", {figure}"));
        writeln!(
            out,
            "{}: {} ({}{figure})\n\n{}\n",
            study.name,
            study.title,
            study.report.title(),
            study.about.trim()
        )?;
        let data_seed = study.data_seed.map_or(String::new(), |seed| format!(" (data seed {seed})"));
        let time = duration(study.estimated_seconds() / cores() as f64);
        writeln!(
            out,
            "{} trials, roughly {time} on {} cores; {} rounds, {} pairs, protocols {}{data_seed}\n",
            study.trial_count(),
            cores(),
            study.rounds,
            study.pairs,
            protocols.join(" and ")
        )?;
        writeln!(out, "{:32} {:>10} {:>6} {:>9} {:>12}", "cell", "parameters", "epochs", "trials", "published")?;
        for cell in &study.cells {
            writeln!(out, "{}", line(cell)?)?;
        }
        if !study.claims.is_empty() {
            writeln!(out, "\nclaims")?;
        }
        for claim in &study.claims {
            writeln!(out, "- {}: {}", claim.id, claim.words.trim())?;
        }
        Ok(())
    }
}

fn line(cell: &Cell) -> Result<String> {
    let config = cell.config(cell.protocols[0], cell.seeds_from);
    let published = match cell.published {
        Some(published) => match published.standard_deviation {
            Some(standard_deviation) => format!("{:.2} ({standard_deviation:.2})", published.mean),
            None => format!("{:.2}", published.mean),
        },
        None => "-".to_owned(),
    };
    let trials = format!("{} x {}", cell.protocols.len(), cell.rounds);
    let parameters = config.network.parameter_count()?;
    Ok(format!("{:32} {parameters:10} {:6} {trials:>9} {published:>12}", cell.name, config.recipe.epochs))
}
