//! What JavaScript calls. Arrays cross as typed arrays, errors as `Error` with a sentence for people.
//!
//! Objects live in WebAssembly's memory until their `free()` is called, or JavaScript collects them.

use digits::{Picture, PrepareError, Prepared};
use wasm_bindgen::prelude::*;

use crate::{Answer, Marks, Network, occlusion};

/// A picture of one digit, prepared as the networks read it.
#[wasm_bindgen(js_name = Digit)]
#[derive(Debug)]
pub struct DigitOfPage {
    prepared: Prepared,
    marks: Marks,
}

#[wasm_bindgen(js_class = Digit)]
impl DigitOfPage {
    /// Prepares a picture: `rgba` is what a canvas' `getImageData` gives. `undefined` when there is no ink in it.
    ///
    /// # Errors
    /// When `rgba` is not `4 * width * height` bytes long, or there are no pixels.
    pub fn prepare(width: usize, height: usize, rgba: &[u8]) -> Result<Option<DigitOfPage>, JsError> {
        match digits::prepare(&Picture::rgba(width, height, rgba)?) {
            Ok(prepared) => Ok(Some(Self { marks: Marks::of(&prepared), prepared })),
            Err(PrepareError::NoInk) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The 14x14 image that the network sees, row by row, ink 0 to 255.
    #[wasm_bindgen(getter)]
    pub fn pixels(&self) -> Vec<f32> {
        self.prepared.image.pixels().to_vec()
    }

    /// The same as 28x28 bytes before the last halving; `undefined` for a 14x14 picture that was taken as it is.
    #[wasm_bindgen(getter, js_name = mnistPixels)]
    pub fn mnist_pixels(&self) -> Option<Vec<u8>> {
        self.prepared.mnist.map(|pixels| pixels.to_vec())
    }

    /// The digit's box in the picture, in its pixels: left, top, width, height.
    #[wasm_bindgen(getter, js_name = tightBox)]
    pub fn tight_box(&self) -> Vec<u32> {
        let found = self.prepared.tight_box;
        [found.left, found.top, found.width, found.height].map(|length| length as u32).to_vec()
    }

    /// The digit's box in the 14x14 image, in cells: left, top, width, height.
    #[wasm_bindgen(getter)]
    pub fn crop(&self) -> Vec<f32> {
        self.marks.crop.to_vec()
    }

    /// Its centre of mass in the 14x14 image, in cells: across, down.
    #[wasm_bindgen(getter)]
    pub fn centre(&self) -> Vec<f32> {
        self.marks.centre.to_vec()
    }
}

/// A model.
#[wasm_bindgen(js_name = Network)]
#[derive(Debug)]
pub struct NetworkOfPage(Network);

#[wasm_bindgen(js_class = Network)]
impl NetworkOfPage {
    /// Reads a model file.
    ///
    /// # Errors
    /// When the bytes are no model that this page evaluates.
    #[wasm_bindgen(constructor)]
    pub fn new(onnx: &[u8]) -> Result<NetworkOfPage, JsError> {
        Ok(Self(Network::from_bytes(onnx)?))
    }

    /// What the model's file says about itself under `key`; `undefined` if nothing.
    pub fn metadata(&self, key: &str) -> Option<String> {
        self.0.metadata(key).map(str::to_owned)
    }

    /// Compares two digits.
    ///
    /// # Errors
    /// When the model does not run.
    pub fn compare(&self, first: &DigitOfPage, second: &DigitOfPage) -> Result<AnswerOfPage, JsError> {
        let answers = self.0.compare(&[[first.prepared.image, second.prepared.image]])?;
        Ok(AnswerOfPage(answers[0]))
    }

    /// One row, 14 numbers, of the map that [`occlusion::row`] describes; `side` is 0 or 1.
    ///
    /// # Errors
    /// When the model does not run.
    #[wasm_bindgen(js_name = occlusionRow)]
    pub fn occlusion_row(
        &self,
        first: &DigitOfPage,
        second: &DigitOfPage,
        side: usize,
        row: usize,
    ) -> Result<Vec<f32>, JsError> {
        let pair = [first.prepared.image, second.prepared.image];
        Ok(occlusion::row(&self.0, &pair, side, row)?.to_vec())
    }
}

/// What a network says about two digits.
#[wasm_bindgen(js_name = Answer)]
#[derive(Debug)]
pub struct AnswerOfPage(Answer);

#[wasm_bindgen(js_class = Answer)]
impl AnswerOfPage {
    /// The probability that first <= second.
    #[wasm_bindgen(getter, js_name = pLeq)]
    pub fn p_leq(&self) -> f32 {
        self.0.verdict().p_leq()
    }

    /// Its logit.
    #[wasm_bindgen(getter, js_name = leqLogit)]
    pub fn leq_logit(&self) -> f32 {
        self.0.leq_logit()
    }

    /// Whether first <= second.
    #[wasm_bindgen(getter, js_name = isLeq)]
    pub fn is_leq(&self) -> bool {
        self.0.verdict().is_leq()
    }

    /// The answer in one sentence without a full stop.
    #[wasm_bindgen(getter)]
    pub fn sentence(&self) -> String {
        self.0.verdict().sentence()
    }

    /// The name of the answer's [`crate::Reading`].
    #[wasm_bindgen(getter)]
    pub fn reading(&self) -> String {
        self.0.reading().name().to_owned()
    }

    /// Ten probabilities for the first digit, then ten for the second; `undefined` without digit heads.
    #[wasm_bindgen(getter, js_name = digitProbs)]
    pub fn digit_probs(&self) -> Option<Vec<f32>> {
        self.0.verdict().digit_probs().map(|digits| digits.as_flattened().to_vec())
    }

    /// The probability that the first and the second drawing show no digit, two numbers; `undefined` from a model that does
    /// not tell.
    #[wasm_bindgen(getter, js_name = noDigit)]
    pub fn no_digit(&self) -> Option<Vec<f32>> {
        self.0.verdict().no_digit().map(|sides| sides.to_vec())
    }

    /// Whether the first drawing is said to show no digit.
    #[wasm_bindgen(getter, js_name = firstShowsNoDigit)]
    pub fn first_shows_no_digit(&self) -> bool {
        self.0.shows_no_digit()[0]
    }

    /// Whether the second drawing is said to show no digit.
    #[wasm_bindgen(getter, js_name = secondShowsNoDigit)]
    pub fn second_shows_no_digit(&self) -> bool {
        self.0.shows_no_digit()[1]
    }

    /// Their logits.
    #[wasm_bindgen(getter, js_name = digitLogits)]
    pub fn digit_logits(&self) -> Option<Vec<f32>> {
        self.0.digit_logits().map(|digits| digits.as_flattened().to_vec())
    }

    /// 100 probabilities, row i for the first digit, column j for the second; `undefined` without digit heads.
    #[wasm_bindgen(getter, js_name = productTable)]
    pub fn product_table(&self) -> Option<Vec<f32>> {
        self.0.product_table().map(|table| table.as_flattened().to_vec())
    }

    /// The sum of that table where i <= j.
    #[wasm_bindgen(getter, js_name = pLeqFromDigits)]
    pub fn p_leq_from_digits(&self) -> Option<f32> {
        self.0.p_leq_from_digits()
    }
}
