//! Networks on test pairs, for the page to show.

use wasm_bindgen::prelude::*;

use super::NetworkOfPage;
use crate::{Hand, Tally, TestPairs};

/// Labelled pairs of test digits.
#[wasm_bindgen(js_name = TestPairs)]
#[derive(Debug)]
pub struct TestPairsOfPage(TestPairs);

#[wasm_bindgen(js_class = TestPairs)]
impl TestPairsOfPage {
    /// Reads a file of records: a label, then 28x28 bytes.
    ///
    /// # Errors
    /// When it is no such file.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8]) -> Result<TestPairsOfPage, JsError> {
        TestPairs::from_bytes(bytes).map(Self).ok_or_else(|| JsError::new("the test digits arrived damaged"))
    }

    /// Pairs.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.0.count()
    }

    /// Has the digits drawn by another hand from now on: clean, tilted, thick or noisy.
    ///
    /// # Errors
    /// When the hand is not known.
    #[wasm_bindgen(js_name = drawBy)]
    pub fn draw_by(&mut self, hand: &str) -> Result<(), JsError> {
        self.0.draw_by(Hand::named(hand).ok_or_else(|| JsError::new("there is no such hand"))?);
        Ok(())
    }

    /// Has a network answer the pairs from `from` up to `to`, and counts its answers in.
    ///
    /// # Errors
    /// When the model does not run.
    pub fn answer(
        &mut self,
        network: &NetworkOfPage,
        from: usize,
        to: usize,
        tally: &mut TallyOfPage,
    ) -> Result<(), JsError> {
        Ok(self.0.answer(&network.0, from, to, &mut tally.0)?)
    }
}

/// How many answers were right, and how sure they were.
#[wasm_bindgen(js_name = Tally)]
#[derive(Debug, Default)]
pub struct TallyOfPage(Tally);

#[wasm_bindgen(js_class = Tally)]
impl TallyOfPage {
    /// No answers yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers.
    #[wasm_bindgen(getter)]
    pub fn all(&self) -> usize {
        self.0.all
    }

    /// Right ones.
    #[wasm_bindgen(getter)]
    pub fn right(&self) -> usize {
        self.0.right
    }

    /// Right ones by the digits alone; `undefined` of a network that names none.
    #[wasm_bindgen(getter, js_name = rightByDigits)]
    pub fn right_by_digits(&self) -> Option<usize> {
        self.0.right_by_digits
    }

    /// Share of right answers.
    #[wasm_bindgen(getter)]
    pub fn accuracy(&self) -> f64 {
        self.0.accuracy()
    }

    /// Mean confidence, 0.5 to 1.
    #[wasm_bindgen(getter)]
    pub fn confidence(&self) -> f64 {
        self.0.mean_confidence()
    }
}
