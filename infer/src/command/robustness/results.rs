//! What `infer robustness` writes: a result and a row for each transformation, and their page.

use std::io;
use std::path::Path;

use metrics::Accuracy;
use serde::{Deserialize, Serialize};

/// One transformation's figures, as `raw.json` keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct TransformationResult {
    pub(super) name: String,
    /// Right answers.
    pub(super) pairs: Accuracy,
    /// Right answers for the same pairs untransformed.
    pub(super) clean: Accuracy,
    /// Digits in which no ink was found.
    pub(super) unread: u64,
    /// Allowed loss of accuracy in points.
    pub(super) allowed: f64,
}

impl TransformationResult {
    /// Accuracy in percent.
    pub(super) fn percent(&self) -> f64 {
        100.0 * self.pairs.value()
    }

    /// Points of accuracy lost.
    pub(super) fn lost(&self) -> f64 {
        100.0 * self.clean.value() - self.percent()
    }
}

/// A row of `summary.json`.
#[derive(Debug, Serialize)]
pub(super) struct RobustnessRow {
    pub(super) what: String,
    value: f64,
    unit: &'static str,
    n: usize,
    #[serde(rename = "deviation")]
    standard_deviation: f64,
    interval: [f64; 2],
    /// Points lost against clean digits.
    pub(super) drop: f64,
    /// Allowed loss in points.
    pub(super) allowed: f64,
    /// Earlier accuracy in percent, points lost and number of pairs.
    before: Option<f64>,
    drop_before: Option<f64>,
    n_before: Option<usize>,
    /// Digits in which no ink was found.
    unread: u64,
    protocol: String,
    command: String,
}

/// What results are of.
#[derive(Debug, Default)]
pub(super) struct Origin {
    /// The model's name.
    pub(super) model: String,
    /// The split that the pairs are of.
    pub(super) data: String,
    /// The command that measures them again.
    pub(super) command: String,
}

/// The page's first line, by which a page of this command is known.
const TITLE: &str = "# Robustness of preparation";

/// All files that are written.
pub(super) const FILES: [&str; 6] =
    ["raw.json", "summary.json", "README.md", "scenes.json", "non_digits.json", "worst.png"];

/// Largest file of an earlier run that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// A file in `folder` that would be replaced though no earlier run wrote it: it stands beside no page of this command.
pub(super) fn foreign(folder: &Path) -> Option<&'static str> {
    let page = files::read(&folder.join("README.md"), MAX_BYTES);
    let is_ours = page.is_ok_and(|page| page.split(|&byte| byte == b'\n').next() == Some(TITLE.as_bytes()));
    // A link that leads nowhere is there too.
    let is_there = |name: &&str| folder.join(name).symlink_metadata().is_ok();
    if is_ours { None } else { FILES.into_iter().find(is_there) }
}

/// Reads the results of an earlier run.
pub(super) fn read(path: &Path) -> io::Result<Vec<TransformationResult>> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let bytes = files::read(path, MAX_BYTES).map_err(named)?;
    serde_json::from_slice(&bytes).map_err(|error| named(error.into()))
}

/// One row a transformation, with its earlier figures.
pub(super) fn rows(
    measured: &[TransformationResult],
    before: &[TransformationResult],
    origin: &Origin,
) -> Vec<RobustnessRow> {
    let row = |result: &TransformationResult| {
        let (value, share) = (result.percent(), result.pairs);
        let earlier = before.iter().find(|earlier| earlier.name == result.name);
        RobustnessRow {
            what: format!("accuracy/{}", result.name),
            value,
            unit: "%",
            n: share.all,
            // Standard deviation of one answer, right or wrong.
            standard_deviation: (value * (100.0 - value)).sqrt(),
            interval: share.interval().map(|share| 100.0 * share),
            drop: result.lost(),
            allowed: result.allowed,
            before: earlier.map(TransformationResult::percent),
            drop_before: earlier.map(TransformationResult::lost),
            n_before: earlier.map(|earlier| earlier.pairs.all),
            unread: result.unread,
            protocol: format!("disjoint pairs of {}, each digit drawn, prepared and compared", origin.data),
            command: origin.command.clone(),
        }
    };
    measured.iter().map(row).collect()
}

/// The rows as a page.
pub(super) fn page(rows: &[RobustnessRow], origin: &Origin, has_before: bool) -> String {
    let Origin { model, data, command } = origin;
    let mut text = format!(
        "{TITLE}\n\nPairs of {data}, every digit drawn, prepared and compared by {model}. \
         Points lost are against clean digits. Written by `{command}`.\n\n"
    );
    let (head, line) = if has_before { (" before, % | lost before | n before |", "---:|---:|---:|") } else { ("", "") };
    text += &format!("| drawn | accuracy, % | 95 % interval | n | lost | allowed | unread |{head}\n");
    text += &format!("|---|---:|---:|---:|---:|---:|---:|{line}\n");
    for row in rows {
        let RobustnessRow { what, value, n, interval: [low, high], drop, allowed, unread, n_before, .. } = row;
        let name = what.trim_start_matches("accuracy/");
        let mark = if drop > allowed { " ✗" } else { "" };
        text += &format!(
            "| {name} | {value:.2} | {low:.2} to {high:.2} | {n} | {drop:.2}{mark} | {allowed:.0} | {unread} |"
        );
        if has_before {
            let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
            let n_before = n_before.map_or("-".to_owned(), |n| n.to_string());
            text += &format!(" {} | {} | {n_before} |", shown(row.before), shown(row.drop_before));
        }
        text.push('\n');
    }
    text
}

/// Writes results, rows and page.
pub(super) fn write(
    folder: &Path,
    rows: &[RobustnessRow],
    measured: &[TransformationResult],
    page: &str,
) -> io::Result<()> {
    let write = |name: &str, text: String| files::write_derived(&folder.join(name), text).map_err(|error| error.source);
    write("raw.json", serde_json::to_string_pretty(measured)? + "\n")?;
    write("summary.json", serde_json::to_string_pretty(rows)? + "\n")?;
    write("README.md", page.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    fn measured(name: &str, right: usize, clean: usize) -> TransformationResult {
        let [pairs, clean] = [right, clean].map(|right| Accuracy { right, all: 100 });
        TransformationResult { name: name.to_owned(), pairs, clean, unread: 1, allowed: 2.0 }
    }

    #[test]
    fn points_are_lost_against_clean_digits_now_and_before() {
        let before = [measured("clean", 92, 92), measured("blur/3", 85, 92)];
        let results = [measured("clean", 95, 95), measured("blur/3", 90, 95)];
        let origin = Origin { data: "made data".to_owned(), ..Origin::default() };
        let rows = rows(&results, &before, &origin);
        assert_eq!(rows[0].protocol, "disjoint pairs of made data, each digit drawn, prepared and compared");
        assert_eq!((rows[1].what.as_str(), rows[1].drop, rows[1].drop_before), ("accuracy/blur/3", 5.0, Some(7.0)));
        let page = page(&rows, &origin, true);
        assert!(page.starts_with("# Robustness of preparation\n\nPairs of made data, "), "{page}");
        assert!(
            page.contains("| blur/3 | 90.00 | 82.56 to 94.48 | 100 | 5.00 ✗ | 2 | 1 | 85.00 | 7.00 | 100 |"),
            "{page}"
        );
    }

    #[test]
    fn what_is_written_is_read_as_before() {
        let folder = tempfile::tempdir().unwrap();
        let results = [measured("clean", 95, 95)];
        let origin = Origin::default();
        let rows = rows(&results, &[], &origin);
        write(folder.path(), &rows, &results, &page(&rows, &origin, false)).unwrap();
        assert_eq!(foreign(folder.path()), None);
        assert_eq!(read(&folder.path().join("raw.json")).unwrap(), results);
        assert!(read(&folder.path().join("absent.json")).unwrap_err().to_string().contains("absent.json"));
    }

    #[test]
    fn files_beside_another_page_are_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(foreign(folder.path()), None);
        for name in ["summary.json", "README.md"] {
            std::fs::write(folder.path().join(name), "# A project\n").unwrap();
            assert_eq!(foreign(folder.path()), Some("summary.json"));
        }
        std::fs::write(folder.path().join("README.md"), "# Robustness of preparations\n").unwrap();
        std::fs::remove_file(folder.path().join("summary.json")).unwrap();
        assert_eq!(foreign(folder.path()), Some("README.md"));
    }
}
