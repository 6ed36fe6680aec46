//! The summary of a run, as JSON: `batch --summary` writes it, and `merge` adds up those of all shards.

use std::path::{Path, PathBuf};

use infer::batch::dealing::{NotAShard, Shard};
use infer::batch::tally::Tally;
use serde::{Deserialize, Serialize};

use crate::terminal::shown;

pub mod report;

/// Largest summary that is read, in bytes. It holds ten failures and ten mistakes, less than a MiB each.
const LARGEST: u64 = 32 << 20;

/// The contents of a `--summary` file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Counts.
    #[serde(flatten)]
    pub tally: Tally,
    /// What answered.
    #[serde(flatten)]
    pub origin: Origin,
    /// What it took.
    #[serde(flatten)]
    pub cost: Cost,
}

/// What answered the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The shard whose rows were answered, as `2/4`; absent where all were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// SHA-256 of the model.
    pub model_sha256: String,
    /// The engine's name.
    pub engine: String,
}

/// What a run took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Of this run, without resumed rows; of shards together, the sum.
    pub seconds: f64,
    /// Rows of this run over its seconds; of shards together, of each on average.
    pub pairs_per_second: f64,
    /// Peak memory of the process in MB of 10^6 bytes, if the system reports it; of shards, the highest.
    pub peak_memory_mb: Option<f64>,
}

impl Cost {
    fn join(&mut self, other: &Self) {
        let rows = self.pairs_per_second * self.seconds + other.pairs_per_second * other.seconds;
        self.seconds += other.seconds;
        self.pairs_per_second = rows / self.seconds.max(1e-9);
        self.peak_memory_mb = [self.peak_memory_mb, other.peak_memory_mb].into_iter().flatten().reduce(f64::max);
    }
}

/// Why summaries cannot be added up.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    /// The system could not read it.
    #[error("{}: cannot be read: {}", shown(.0), .1)]
    Unreadable(PathBuf, std::io::Error),
    /// Not what `--summary` writes.
    #[error("{}: is no summary of `infer batch`: {}", shown(.0), .1)]
    Foreign(PathBuf, serde_json::Error),
    /// Not of a shard.
    #[error("{}: is the summary of a whole run, not of a shard; name those that --shard I/{} wrote", shown(.0), .1)]
    Whole(PathBuf, usize),
    /// Of a shard I/M, M other than the number of shards.
    #[error("{}: is of shard {}, not of one of {}", shown(.0), .1, .2)]
    OtherShards(PathBuf, String, usize),
    /// Two of one shard.
    #[error("{} and {} are both of shard {}; name one summary of each shard", shown(.0), shown(.1), .2)]
    Twice(PathBuf, PathBuf, Shard),
    /// Answers of different models, or of different engines.
    #[error("{} and {} were answered with different {}s; answer all shards with one {}", shown(.0), shown(.1), .2, .2)]
    Mixed(PathBuf, PathBuf, &'static str),
    /// There is not one summary for each shard.
    #[error("{files} summaries were named for {shards} shards; name the summary of every shard, and no other")]
    Count {
        /// Summaries that were named.
        files: usize,
        /// Shards that there are.
        shards: usize,
    },
}

/// The sum of the summaries of all shards, in any order.
///
/// # Errors
/// [`SummaryError`].
pub fn sum(paths: &[PathBuf], shards: usize) -> Result<Summary, SummaryError> {
    if paths.len() != shards {
        return Err(SummaryError::Count { files: paths.len(), shards });
    }
    let mut seen: Vec<(Shard, &PathBuf)> = Vec::new();
    let mut sum = Summary { tally: Tally::new(), origin: Origin::default(), cost: Cost::default() };
    for path in paths {
        let Summary { tally, origin, cost } = read(path)?;
        let shard = shard(path, &origin, shards)?;
        if let Some((_, twin)) = seen.iter().find(|(earlier, _)| *earlier == shard) {
            return Err(SummaryError::Twice(twin.to_path_buf(), path.clone(), shard));
        }
        match (seen.first(), difference(&sum.origin, &origin)) {
            (None, _) => sum.origin = Origin { shard: None, ..origin },
            (Some((_, first)), Some(what)) => return Err(SummaryError::Mixed(first.to_path_buf(), path.clone(), what)),
            (Some(_), None) => {}
        }
        seen.push((shard, path));
        sum.tally.join(tally);
        sum.cost.join(&cost);
    }
    Ok(sum)
}

/// How two summaries differ although they must not.
fn difference(one: &Origin, other: &Origin) -> Option<&'static str> {
    match () {
        () if one.model_sha256 != other.model_sha256 => Some("model"),
        () if one.engine != other.engine => Some("engine"),
        () => None,
    }
}

fn read(path: &Path) -> Result<Summary, SummaryError> {
    let bytes = files::read(path, LARGEST).map_err(|error| SummaryError::Unreadable(path.to_owned(), error))?;
    serde_json::from_slice(&bytes).map_err(|error| SummaryError::Foreign(path.to_owned(), error))
}

fn shard(path: &Path, origin: &Origin, shards: usize) -> Result<Shard, SummaryError> {
    let text = origin.shard.as_ref().ok_or_else(|| SummaryError::Whole(path.to_owned(), shards))?;
    let shard: Result<Shard, NotAShard> = text.parse();
    let other = || SummaryError::OtherShards(path.to_owned(), text.clone(), shards);
    shard.ok().filter(|shard| shard.of == shards).ok_or_else(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with the summaries of these shards, in that order.
    fn written(shards: &[Option<&str>]) -> (tempfile::TempDir, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..shards.len()).map(|at| folder.path().join(format!("{at}.json"))).collect();
        for (at, (shard, path)) in shards.iter().zip(&paths).enumerate() {
            write(path, &summary(at, *shard));
        }
        (folder, paths)
    }

    fn summary(at: usize, shard: Option<&str>) -> Summary {
        let tally = Tally { rows: 10 * (at as u64 + 1), failed: 1, ..Tally::new() };
        let pairs_per_second = 5.0 * (at as f64 + 1.0);
        let cost = Cost { seconds: 2.0, pairs_per_second, peak_memory_mb: Some(40.0 - at as f64) };
        Summary { tally, origin: Origin { shard: shard.map(str::to_owned), ..origin() }, cost }
    }

    fn origin() -> Origin {
        Origin { shard: None, model_sha256: "m".to_owned(), engine: "e".to_owned() }
    }

    fn write(path: &Path, summary: &Summary) {
        std::fs::write(path, serde_json::to_vec(summary).unwrap()).unwrap();
    }

    #[test]
    fn summaries_of_shards_are_added_up() {
        let (_folder, paths) = written(&[Some("2/3"), Some("1/3"), Some("3/3")]);
        let sum = sum(&paths, 3).unwrap();
        assert_eq!((sum.tally.rows, sum.tally.failed), (60, 3));
        assert_eq!(sum.cost, Cost { seconds: 6.0, pairs_per_second: 10.0, peak_memory_mb: Some(40.0) });
        assert_eq!(sum.origin, origin());
        assert!(!serde_json::to_string(&sum).unwrap().contains("shard"));
    }

    #[test]
    fn summaries_of_different_models_or_engines_are_refused() {
        let (_folder, paths) = written(&[Some("1/2"), Some("2/2")]);
        let of_second = |origin: Origin| {
            write(&paths[1], &Summary { origin, ..summary(1, None) });
            sum(&paths, 2).map_err(|error| error.to_string())
        };
        let second = Origin { shard: Some("2/2".to_owned()), ..origin() };
        let refused = of_second(Origin { model_sha256: "n".to_owned(), ..second.clone() }).unwrap_err();
        assert!(
            refused.ends_with("were answered with different models; answer all shards with one model"),
            "{refused}"
        );
        let refused = of_second(Origin { engine: "f".to_owned(), ..second.clone() }).unwrap_err();
        assert!(refused.contains("0.json and ") && refused.contains("1.json were answered with different engines;"));
        assert!(of_second(second).is_ok());
    }

    #[test]
    fn summaries_that_are_not_those_of_all_shards_are_refused() {
        let refused = |of: &[Option<&str>]| {
            let (_folder, paths) = written(of);
            sum(&paths, 2).unwrap_err().to_string()
        };
        assert!(refused(&[Some("1/2")]).starts_with("1 summaries were named for 2 shards"));
        assert!(refused(&[Some("1/2"), Some("1/2")]).contains("are both of shard 1/2"));
        assert!(refused(&[Some("1/2"), None]).contains("is the summary of a whole run"));
        assert!(refused(&[Some("1/2"), Some("2/3")]).contains("is of shard 2/3, not of one of 2"));
        let (folder, paths) = written(&[Some("1/2"), Some("2/2")]);
        std::fs::write(&paths[1], "[]").unwrap();
        assert!(sum(&paths, 2).unwrap_err().to_string().contains("is no summary of `infer batch`"));
        let absent = [paths[0].clone(), folder.path().join("absent.json")];
        assert!(sum(&absent, 2).unwrap_err().to_string().contains("absent.json: cannot be read"));
    }
}
