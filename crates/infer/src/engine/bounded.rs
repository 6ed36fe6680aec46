//! A foreign model, asked about as many pairs at once as there is memory for.

use std::path::PathBuf;

use super::{EngineError, Outputs, PAIR_PIXELS, Session};
use crate::model::{Cost, Graph, MOST_ELEMENTS};

/// Multiplications of one call, at most.
const MOST_WORK: u64 = 1 << 34;

/// A session whose calls are bounded by what its graph costs.
pub(super) struct Bounded {
    session: Box<dyn Session>,
    graph: Graph,
    model: String,
    /// Number of pairs that was found to be within bounds last.
    known: usize,
}

impl Bounded {
    pub fn over(session: Box<dyn Session>, graph: Graph, model: String) -> Self {
        Self { session, graph, model, known: 0 }
    }

    fn fits(&mut self, pairs: usize) -> Result<bool, EngineError> {
        if pairs == self.known {
            return Ok(true);
        }
        let fault = |refusal: crate::model::Refusal| EngineError::Run {
            engine: self.session.name(),
            model: self.model.clone(),
            fault: format!("for {pairs} pairs it {refusal}"),
        };
        let Cost { elements, work } = self.graph.cost(pairs as u64).map_err(fault)?;
        let fits = pairs == 1 || elements <= MOST_ELEMENTS && work <= MOST_WORK;
        if fits {
            self.known = pairs;
        }
        Ok(fits)
    }
}

impl Session for Bounded {
    fn name(&self) -> &'static str {
        self.session.name()
    }

    fn version(&self) -> String {
        self.session.version()
    }

    fn library(&self) -> Option<PathBuf> {
        self.session.library()
    }

    fn infer(&mut self, pixels: &[f32]) -> Result<Outputs, EngineError> {
        let pairs = pixels.len() / PAIR_PIXELS;
        if self.fits(pairs)? {
            return self.session.infer(pixels);
        }
        let (first, second) = pixels.split_at(pairs / 2 * PAIR_PIXELS);
        let mut outputs = self.infer(first)?;
        outputs.extend(self.infer(second)?);
        Ok(outputs)
    }
}
