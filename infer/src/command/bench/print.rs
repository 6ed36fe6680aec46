//! Output formats of the benchmark.

use std::io;

use clap::ValueEnum;
use infer::bench::report::{Case, Timings};

/// Output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Columns for a terminal
    Table,
    /// A table for a page
    Markdown,
    /// Comma-separated, for a spreadsheet
    Csv,
    /// One object with every sample
    Json,
}

/// Columns, and whether they hold numbers.
const COLUMNS: [(&str, bool); 16] = [
    ("stage", false),
    ("engine", false),
    ("threads", true),
    ("batch", true),
    ("load, ms", true),
    ("first, ms", true),
    ("median, ms", true),
    ("mean, ms", true),
    ("std. dev.", true),
    ("p90", true),
    ("p95", true),
    ("p99", true),
    ("min", true),
    ("max", true),
    ("runs", true),
    ("pairs/s", true),
];

/// The report in one form.
///
/// # Errors
/// Never: a report holds strings and finite numbers.
pub fn print(report: &Timings, form: OutputFormat) -> io::Result<String> {
    let rows: Vec<[String; 16]> = report.cases.iter().map(row).collect();
    Ok(match form {
        OutputFormat::Table => table(&rows) + &memory(report),
        OutputFormat::Markdown => markdown(&rows) + "\n" + &memory(report),
        OutputFormat::Csv => csv(&rows)?,
        OutputFormat::Json => serde_json::to_string_pretty(report)? + "\n",
    })
}

fn memory(report: &Timings) -> String {
    report.peak_memory_mb.map_or(String::new(), |mb| format!("peak memory of the whole process: {mb:.1} MB\n"))
}

fn row(case: &Case) -> [String; 16] {
    let ms = |value: f64| format!("{value:.4}");
    let summary = &case.summary;
    let threads = if case.engine.is_empty() { String::new() } else { case.threads.to_string() };
    [
        case.stage.name().to_owned(),
        case.engine.clone(),
        threads,
        case.batch.to_string(),
        case.load_ms.map_or(String::new(), |load| format!("{load:.1}")),
        ms(case.first_ms),
        ms(summary.median),
        ms(summary.mean),
        ms(summary.standard_deviation),
        ms(summary.p90),
        ms(summary.p95),
        ms(summary.p99),
        ms(summary.min),
        ms(summary.max),
        summary.n.to_string(),
        format!("{:.0}", case.pairs_per_second),
    ]
}

fn table(rows: &[[String; 16]]) -> String {
    let widths: [usize; 16] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([COLUMNS[column].0.len()]).max().unwrap_or(0)
    });
    let line = |cells: [&str; 16]| {
        let cells = cells.iter().zip(widths).zip(COLUMNS).map(|((cell, width), (_, number))| match number {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let head = line(COLUMNS.map(|(name, _)| name));
    rows.iter().fold(head, |text, row| text + &line(row.each_ref().map(String::as_str)))
}

fn markdown(rows: &[[String; 16]]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head = line(&COLUMNS.map(|(name, _)| name.to_owned()));
    let rule = line(&COLUMNS.map(|(_, number)| if number { "---:" } else { "---" }.to_owned()));
    rows.iter().fold(head + &rule, |text, row| text + &line(row))
}

fn csv(rows: &[[String; 16]]) -> io::Result<String> {
    let name = |(name, _): (&str, bool)| name.replace(", ms", "_ms").replace("/s", "_per_second");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.map(name))?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use infer::bench::report::Stage;
    use metrics::Distribution;

    use super::*;

    fn report(engine: &str, samples: &[f64]) -> Timings {
        let summary = Distribution::of(samples).unwrap();
        Timings {
            infer: "0.1.0".to_owned(),
            model: "m".to_owned(),
            model_sha256: "0".to_owned(),
            cores: 2,
            processor: None,
            peak_memory_mb: Some(61.5),
            cases: vec![Case {
                stage: Stage::Infer,
                engine: engine.to_owned(),
                threads: 1,
                batch: 8,
                load_ms: Some(70.0),
                first_ms: 3.0,
                summary,
                pairs_per_second: 8e3 / summary.median,
                samples_ms: samples.to_vec(),
            }],
            warnings: Vec::new(),
        }
    }

    fn printed(form: OutputFormat) -> String {
        print(&report("ONNX Runtime 1.31", &[1.0, 2.0, 3.0]), form).unwrap()
    }

    #[test]
    fn a_table_is_aligned() {
        let text = printed(OutputFormat::Table);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].len(), lines[1].len(), "{text}");
        assert!(lines[1].starts_with("infer  ONNX Runtime 1.31        1      8      70.0     3.0000"), "{text}");
        assert!(lines[1].ends_with("4000") && lines[2] == "peak memory of the whole process: 61.5 MB", "{text}");
    }

    #[test]
    fn markdown_and_csv_hold_the_same_cells() {
        let cells = "infer | ONNX Runtime 1.31 | 1 | 8 | 70.0 | 3.0000 | 2.0000 | 2.0000 | 1.0000 | 2.8000 | 2.9000 | 2.9800 \
                     | 1.0000 | 3.0000 | 3 | 4000";
        assert!(
            printed(OutputFormat::Markdown).contains(&format!("| {cells} |")),
            "{}",
            printed(OutputFormat::Markdown)
        );
        let csv = printed(OutputFormat::Csv);
        assert!(
            csv.lines().next().unwrap().starts_with("stage,engine,threads,batch,load_ms,first_ms,median_ms"),
            "{csv}"
        );
        assert_eq!(csv.lines().nth(1).unwrap(), cells.replace(" | ", ","));
    }

    #[test]
    fn json_keeps_every_sample_and_is_read_back() {
        let report = report("ONNX Runtime 1.31", &[1.0, 2.0, 3.0]);
        let read: Timings = serde_json::from_str(&print(&report, OutputFormat::Json).unwrap()).unwrap();
        assert_eq!(read, report);
    }
}
