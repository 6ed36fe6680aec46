//! The checkpoint of a training under way: found before it starts, written while it runs, and never lost.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use files::{Lock, Places};
use nets::training::{Checkpoint, Training, TrainingConfig};
use serde_json::Value;

use crate::command::{Usage, check};
use crate::say::say;

/// The checkpoint's file.
const FILE: &str = "checkpoint.safetensors";
/// Between the name of the checkpoint's file and its ending, for the one before it.
const PREVIOUS: &str = "previous";

/// A folder that is locked for one training, and what is kept in it.
pub struct KeptCheckpoint {
    path: PathBuf,
    previous: PathBuf,
    every: Duration,
    written: Instant,
    _lock: Lock,
}

impl KeptCheckpoint {
    /// Makes the folder, tries that it can be written, and locks it. Where the checkpoint is a link, the file that it leads
    /// to is the checkpoint, and the one before it lies beside that.
    ///
    /// # Errors
    /// When it cannot be written, is one of the files that `places` reads, or another process trains into the folder.
    pub fn open(folder: &Path, every: Duration, mut places: Places) -> Result<Self> {
        let path = folder.join(FILE);
        places.writes_with_folders("--out", &path);
        check(&places)?;
        if files::is_special(&path) {
            let what = format!("{} is a pipe or a device, not a file; name another --out", path.display());
            return Err(Usage(what).into());
        }
        let path = files::target(&path).with_context(|| format!("cannot follow the link {}", path.display()))?;
        let previous = path.with_extension(format!("{PREVIOUS}.safetensors"));
        let lock = Lock::folder(folder).with_context(|| format!("cannot lock {}", folder.display()))?;
        let lock = lock.with_context(|| format!("another process is training into {}", folder.display()))?;
        Ok(Self { path, previous, every, written: Instant::now(), _lock: lock })
    }

    /// The checkpoint to continue: the last, or the one before it where the last cannot be read.
    ///
    /// # Errors
    /// When there is none, or it is of other settings or data; the first that differs is named.
    pub fn resumable(&self, config: &TrainingConfig, data_sha256: &str) -> Result<Checkpoint> {
        let checkpoint = Checkpoint::read(&self.path).or_else(|error| match Checkpoint::read(&self.previous) {
            Ok(previous) => {
                say!("trainer: {error:#}; continuing from {}", self.previous.display());
                Ok(previous)
            }
            Err(_) => Err(error),
        })?;
        let difference = match checkpoint.data_sha256() == data_sha256 {
            true => difference(checkpoint.config(), config)?,
            false => Some("it was trained on other images; see --data".to_owned()),
        };
        match difference {
            None => Ok(checkpoint),
            Some(difference) => Err(Usage(format!(
                "{} belongs to another training: {difference}; use its settings, or name another --out",
                self.path.display()
            ))
            .into()),
        }
    }

    /// Refuses to begin where a checkpoint is, unless it may be replaced.
    ///
    /// # Errors
    /// [`Usage`], naming what is there.
    pub fn make_way(&self, overwrite: bool) -> Result<()> {
        let there = [&self.path, &self.previous].into_iter().find(|path| path.exists());
        let Some(there) = there.filter(|_| !overwrite) else { return Ok(()) };
        let what = Checkpoint::read(there).map_or("a file that is no readable checkpoint".to_owned(), |found| {
            let (config, done) = (found.config(), found.epochs().len());
            format!("{}, seed {}, epoch {done} of {}", config.name, config.seed, config.recipe.epochs)
        });
        Err(Usage(format!(
            "{} already exists: {what}; continue it with --resume, replace it with --overwrite, or name another --out",
            there.display()
        ))
        .into())
    }

    /// Writes a checkpoint if the last is long ago, and keeps the one before it. One that cannot be written is told and
    /// tried again.
    pub fn write_if_due(&mut self, training: &Training, data_sha256: &str) {
        if self.written.elapsed() < self.every {
            return;
        }
        self.written = Instant::now();
        if self.path.exists()
            && let Err(error) = std::fs::rename(&self.path, &self.previous)
        {
            say!("trainer: cannot keep {}: {error}", self.previous.display());
        }
        if let Err(error) = Checkpoint::write(training, data_sha256, &self.path) {
            say!("trainer: {error:#}; training goes on, and the checkpoint is tried again later");
        }
    }

    /// Writes the last checkpoint; where that fails, into the folder for temporary files, so that nothing is lost.
    ///
    /// # Errors
    /// When the checkpoint is not where it should be.
    pub fn write(&self, training: &Training, data_sha256: &str) -> Result<&Path> {
        let Err(error) = Checkpoint::write(training, data_sha256, &self.path) else {
            // Its work is done.
            let _ = std::fs::remove_file(&self.previous);
            return Ok(&self.path);
        };
        let refuge =
            std::env::temp_dir().join(format!("leq-{}-{}.safetensors", training.config().name, std::process::id()));
        match Checkpoint::write(training, data_sha256, &refuge) {
            Ok(()) => Err(error.context(format!("the checkpoint is in {} instead", refuge.display()))),
            Err(_) => Err(error),
        }
    }
}

/// The first setting that differs, in words.
fn difference(found: &TrainingConfig, wanted: &TrainingConfig) -> Result<Option<String>> {
    if found == wanted {
        return Ok(None);
    }
    let (found, wanted) = (serde_json::to_value(found)?, serde_json::to_value(wanted)?);
    let difference = first_difference("", &found, &wanted);
    Ok(Some(difference.unwrap_or_else(|| "its settings are others".to_owned())))
}

fn first_difference(name: &str, found: &Value, wanted: &Value) -> Option<String> {
    match (found, wanted) {
        (Value::Object(left), Value::Object(right)) => {
            let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
            keys.into_iter().find_map(|key| {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                let null = Value::Null;
                first_difference(&name, left.get(key).unwrap_or(&null), right.get(key).unwrap_or(&null))
            })
        }
        (found, wanted) if found == wanted => None,
        (found, wanted) => Some(format!("its {name} is {found}, not {wanted}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_setting_that_differs_is_named() {
        let found = json!({"name": "a", "recipe": {"epochs": 3, "batch_size": 100}});
        let wanted = json!({"name": "a", "recipe": {"epochs": 5, "batch_size": 100}, "more": 1});
        assert_eq!(first_difference("", &found, &wanted).unwrap(), "its recipe.epochs is 3, not 5");
        assert_eq!(first_difference("", &found, &found), None);
    }
}
