//! One worker: pictures decoded and prepared, and the model asked about a whole chunk.

use std::path::{Path, PathBuf};

use digits::Candidate;
use terminal::shown;

use super::{PipelineError, Work};
use crate::batch::{Answer, Row};
use crate::engine::Session;
use crate::picture::{PictureError, ReadAhead, Reader};
use crate::reading::{self, ReadPair};

/// A worker's engine, and memory that it keeps from chunk to chunk.
pub(super) struct Desk {
    engine: Box<dyn Session>,
    reader: Reader,
    root: PathBuf,
    pixels: Vec<f32>,
    readings: Vec<ReadPair>,
    /// A picture that the run writes.
    output: Option<String>,
}

impl Desk {
    pub fn new(engine: Box<dyn Session>, work: &Work) -> Self {
        let reader = Reader::of_files(work.outputs.clone());
        Self { engine, reader, root: work.root.clone(), pixels: Vec::new(), readings: Vec::new(), output: None }
    }

    /// Answers a chunk. `pictures` holds both pictures of every row, as far as they were read ahead; the others are read now.
    pub fn answer(&mut self, rows: Vec<Row>, pictures: &ReadAhead) -> Result<Vec<Answer>, PipelineError> {
        self.pixels.clear();
        self.readings.clear();
        let mut faults = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            faults.push(self.read(row, [2 * at, 2 * at + 1].map(|index| pictures.get(index))).err());
            if let Some(name) = self.output.take() {
                return Err(PipelineError::OutputIsPicture(row.number, name));
            }
        }
        let verdicts = match self.pixels.is_empty() {
            true => Vec::new(),
            false => reading::ask_with(self.engine.as_mut(), &self.readings, &self.pixels)?,
        };
        let mut verdicts = verdicts.into_iter();
        let answers = rows.into_iter().zip(faults).map(|(row, fault)| {
            let result = match fault {
                Some(fault) => Err(fault),
                None => verdicts
                    .next()
                    .map(|answered| answered.verdict)
                    .ok_or_else(|| "the engine gave no answer".to_owned()),
            };
            Answer { row, result }
        });
        Ok(answers.collect())
    }

    /// Adds a row's pixels, of both pictures or of none.
    fn read(&mut self, row: &Row, bytes: [Option<&[u8]>; 2]) -> Result<(), String> {
        if let Some(fault) = &row.fault {
            return Err(fault.clone());
        }
        let [left, right] = &row.pictures;
        let (left, right) = (self.digit(left, bytes[0]), self.digit(right, bytes[1]));
        match (left, right) {
            (Ok(left), Ok(right)) => {
                let pair = [left, right];
                reading::push_pixels(&pair, &mut self.pixels);
                self.readings.push(pair);
                Ok(())
            }
            (left, right) => Err([left.err(), right.err()].into_iter().flatten().collect::<Vec<_>>().join("; ")),
        }
    }

    /// The readings of a picture, of its `bytes` where it was read ahead.
    fn digit(&mut self, path: &Path, bytes: Option<&[u8]>) -> Result<Vec<Candidate>, String> {
        let mut read = match bytes {
            Some(bytes) => self.reader.digit_in(bytes),
            None => self.reader.read_digit(&self.root.join(path)),
        };
        if let (Err(PictureError::Missing), Some(trimmed)) = (&read, trimmed(path)) {
            read = self.reader.read_digit(&self.root.join(trimmed));
        }
        read.map_err(|error| {
            if matches!(error, PictureError::Output) {
                self.output = Some(shown(path));
            }
            let looked = match error {
                PictureError::Missing if path.is_relative() && !self.root.as_os_str().is_empty() => {
                    format!(" in {}", self.root.display())
                }
                _ => String::new(),
            };
            format!("{}: {error}{looked}", path.display())
        })
    }
}

/// A name without the spaces around it, such as those after a comma.
fn trimmed(path: &Path) -> Option<&Path> {
    let name = path.to_str()?;
    Some(name.trim()).filter(|trimmed| *trimmed != name && !trimmed.is_empty()).map(Path::new)
}
