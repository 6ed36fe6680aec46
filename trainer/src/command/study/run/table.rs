//! The table that ends the run of one study.

use anyhow::Result;
use metrics::Summary;
use study::declaration::{Cell, FigureKind, ProtocolName, Reading, Study};
use study::run::Trial;

/// Accuracy by cell and protocol, each cell by its own reading; of a front also what each network costs, cheapest first.
///
/// # Errors
/// As [`Cell::cost`].
pub(super) fn table(study: &Study, trials: &[Trial]) -> Result<String> {
    match study.kind {
        FigureKind::Front => costs(study, trials),
        FigureKind::Box | FigureKind::Curve => Ok(accuracies(study, trials)),
    }
}

fn accuracies(study: &Study, trials: &[Trial]) -> String {
    let mut text = format!(
        "{:32} {:8} {:18} {:>3} {:>7} {:>18}\n",
        "cell", "protocol", "reading", "n", "mean", "standard deviation"
    );
    for (cell, protocol, trials) in rows(study, trials) {
        if let Some(Summary { n, mean, standard_deviation, .. }) = summary(&trials, cell.reading) {
            let (name, reading) = (&cell.name, cell.reading.name());
            text += &format!("{name:32} {protocol:8} {reading:18} {n:3} {mean:7.2} {standard_deviation:18.2}\n");
        }
    }
    text
}

fn costs(study: &Study, trials: &[Trial]) -> Result<String> {
    let mut found = Vec::new();
    for (cell, protocol, trials) in rows(study, trials) {
        if let Some(accuracy) = summary(&trials, cell.reading) {
            found.push((cell.cost()?, cell, protocol, accuracy, trials));
        }
    }
    found.sort_by_key(|(cost, ..)| cost.multiply_adds);
    let mut text = format!(
        "{:24} {:8} {:>13} {:>9} {:>8} {:18} {:>3} {:>7} {:>18} {:>7} {:>9}\n",
        "cell",
        "protocol",
        "multiply-adds",
        "bytes",
        "seconds",
        "reading",
        "n",
        "mean",
        "standard deviation",
        "digits",
        "distorted"
    );
    for (cost, cell, protocol, Summary { n, mean, standard_deviation, .. }, trials) in found {
        let (name, adds, bytes, reading) = (&cell.name, cost.multiply_adds, cost.bytes, cell.reading.name());
        let seconds = trials.iter().map(|trial| trial.seconds).sum::<f64>() / trials.len() as f64;
        let [digits, distorted] = [Reading::Digits, Reading::DistortedDigits].map(|reading| percent(&trials, reading));
        text += &format!(
            "{name:24} {protocol:8} {adds:13} {bytes:9} {seconds:8.1} {reading:18} {n:3} {mean:7.3} \
             {standard_deviation:18.3} {digits:>7} {distorted:>9}\n"
        );
    }
    Ok(text)
}

/// The cells as declared, with their trials under each of their protocols.
fn rows<'a>(study: &'a Study, trials: &'a [Trial]) -> impl Iterator<Item = (&'a Cell, ProtocolName, Vec<&'a Trial>)> {
    let cells = study.cells.iter().flat_map(|cell| cell.protocols.iter().map(move |&protocol| (cell, protocol)));
    cells.map(|(cell, protocol)| {
        let of_cell = trials.iter().filter(|trial| trial.cell == cell.name && trial.protocol == protocol);
        (cell, protocol, of_cell.collect())
    })
}

/// What the trials get right by a reading, in percent; `None` where none was judged so.
fn summary(trials: &[&Trial], reading: Reading) -> Option<Summary> {
    Summary::of(&trials.iter().filter_map(|trial| trial.percent(reading)).collect::<Vec<_>>())
}

/// The mean by a reading; nothing where no trial was judged so.
fn percent(trials: &[&Trial], reading: Reading) -> String {
    summary(trials, reading).map_or(String::new(), |summary| format!("{:.2}", summary.mean))
}
