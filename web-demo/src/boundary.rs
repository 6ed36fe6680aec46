//! What JavaScript calls. Arrays cross as typed arrays, errors as `Error` with a sentence for people.
//!
//! Objects live in WebAssembly's memory until their `free()` is called, or JavaScript collects them.

mod inside;
mod tests_of_networks;

use digits::{Answered, Candidate, Percent, Picture, PrepareError, Prepared, Sight};
use wasm_bindgen::prelude::*;

use crate::{Answer, Marks, Network, TwoDigits, occlusion, two_digits};

pub use inside::{ExplanationOfPage, TraceOfPage};
pub use tests_of_networks::{TallyOfPage, TestPairsOfPage};

/// A probability in percent, worded as the sentences of all programs have it.
#[wasm_bindgen]
pub fn percent(probability: f32) -> String {
    Percent(probability).to_string()
}

/// Most bytes of a model file that are read.
#[wasm_bindgen(js_name = mostModelBytes)]
pub fn most_model_bytes() -> f64 {
    onnx::MAX_FILE_BYTES as f64
}

/// Where two digits lie in a picture, by their shape alone: left, top, width and height of the left one, then of the right one.
/// `undefined` if it does not show two with bare paper between them.
///
/// # Errors
/// When `rgba` is not `4 * width * height` bytes long, or there are no pixels.
#[wasm_bindgen(js_name = splitBoxes)]
pub fn split_boxes(width: usize, height: usize, rgba: &[u8]) -> Result<Option<Vec<u32>>, JsError> {
    Ok(TwoDigits::find(width, height, rgba)?.filter(|found| found.are_apart).as_ref().map(boxes))
}

fn boxes(found: &TwoDigits) -> Vec<u32> {
    let numbers = |it: digits::TightBox| [it.left, it.top, it.width, it.height].map(|length| length as u32);
    found.boxes.map(numbers).as_flattened().to_vec()
}

/// A picture of one digit, prepared as the networks read it.
#[wasm_bindgen(js_name = Digit)]
#[derive(Debug)]
pub struct DigitOfPage {
    /// Its readings, likeliest first, at least one.
    readings: Vec<Candidate>,
    /// Which of them is shown.
    shown: usize,
    /// How it was seen for the answer.
    sight: Sight,
    /// The shown reading as it was seen.
    seen: Prepared,
    marks: Marks,
    shows_two: bool,
    /// Whether it is drawn to its end.
    is_whole: bool,
}

#[wasm_bindgen(js_class = Digit)]
impl DigitOfPage {
    /// Prepares a picture: `rgba` is what a canvas' `getImageData` gives. `undefined` when there is no ink in it. `is_whole`
    /// says that nobody is drawing on it: only then are two digits searched for, and a doubtful digit looked at again, since both take time.
    ///
    /// # Errors
    /// When `rgba` is not `4 * width * height` bytes long, or there are no pixels.
    pub fn prepare(width: usize, height: usize, rgba: &[u8], is_whole: bool) -> Result<Option<DigitOfPage>, JsError> {
        match digits::candidates(&Picture::rgba(width, height, rgba)?) {
            Ok(readings) => {
                let shows_two = is_whole && TwoDigits::find(width, height, rgba)?.is_some_and(|found| found.are_apart);
                let (seen, sight) = (readings[0].prepared.clone(), Sight::Once);
                let marks = Marks::of(&seen);
                Ok(Some(Self { readings, shown: 0, sight, seen, marks, shows_two, is_whole }))
            }
            Err(PrepareError::NoInk) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Shows the reading that won in an answer about this digit, on `side`, 0 or 1, as it was seen.
    pub fn choose(&mut self, answer: &AnswerOfPage, side: usize) {
        let Answered { winners, sights, .. } = answer.answered;
        let (Some(&winner), Some(&sight)) = (winners.get(side), sights.get(side)) else { return };
        if let (true, Some(reading)) = ((winner, sight) != (self.shown, self.sight), self.readings.get(winner)) {
            self.seen = reading.seen(sight);
            self.marks = Marks::of(&self.seen);
            (self.shown, self.sight) = (winner, sight);
        }
    }

    /// What was done to the picture before the network was sure, such as `without specks`; `undefined` where nothing was.
    #[wasm_bindgen(getter)]
    pub fn remedy(&self) -> Option<String> {
        self.sight.remedy().map(|remedy| remedy.name().to_owned())
    }

    /// Whether a picture is one colour all over, but for a little noise: nothing is drawn, or all of it erased.
    #[wasm_bindgen(js_name = isBlank)]
    pub fn is_blank(rgba: &[u8]) -> bool {
        two_digits::is_flat(rgba.chunks_exact(4).map(|pixel| pixel[1]))
    }

    /// The 14x14 image that the network sees, row by row, ink 0 to 255.
    #[wasm_bindgen(getter)]
    pub fn pixels(&self) -> Vec<f32> {
        self.seen.image.pixels().to_vec()
    }

    /// The same as 28x28 bytes before the last halving; `undefined` for a 14x14 picture that was taken as it is.
    #[wasm_bindgen(getter, js_name = mnistPixels)]
    pub fn mnist_pixels(&self) -> Option<Vec<u8>> {
        self.seen.mnist.map(|pixels| pixels.to_vec())
    }

    /// The digit's box in the picture, in its pixels: left, top, width, height.
    #[wasm_bindgen(getter, js_name = tightBox)]
    pub fn tight_box(&self) -> Vec<u32> {
        let found = self.seen.tight_box;
        [found.left, found.top, found.width, found.height].map(|length| length as u32).to_vec()
    }

    /// The digit's box in the 14x14 image, in cells: left, top, width, height.
    #[wasm_bindgen(getter)]
    pub fn crop(&self) -> Vec<f32> {
        self.marks.crop.to_vec()
    }

    /// Whether the picture shows two digits apart from each other.
    #[wasm_bindgen(getter, js_name = showsTwo)]
    pub fn shows_two(&self) -> bool {
        self.shows_two
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

    /// Compares two digits, of all their readings.
    ///
    /// # Errors
    /// When the model does not run.
    pub fn compare(&self, first: &DigitOfPage, second: &DigitOfPage) -> Result<AnswerOfPage, JsError> {
        let (answer, answered) =
            self.0.compare_readings([&first.readings, &second.readings], first.is_whole && second.is_whole)?;
        Ok(AnswerOfPage { answer, answered })
    }

    /// As `splitBoxes` of the module, by the network's word, whether the digits are apart or touch.
    ///
    /// # Errors
    /// As there, and when the model does not run.
    #[wasm_bindgen(js_name = splitBoxes)]
    pub fn split_boxes(&self, width: usize, height: usize, rgba: &[u8]) -> Result<Option<Vec<u32>>, JsError> {
        Ok(TwoDigits::judged(&self.0, width, height, rgba)??.as_ref().map(boxes))
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
        let pair = [first.seen.image, second.seen.image];
        Ok(occlusion::row(&self.0, &pair, side, row)?.to_vec())
    }

    /// What is computed on the way to the answer about two digits.
    ///
    /// # Errors
    /// When the model does not run.
    pub fn trace(&self, first: &DigitOfPage, second: &DigitOfPage) -> Result<TraceOfPage, JsError> {
        Ok(TraceOfPage(self.0.trace(&[first.seen.image, second.seen.image])?))
    }
}

/// The ink of a digit as an RGBA picture of 14x14, each cell coloured by how the comparison moves without it. `falls` are
/// those of both digits, first the one of `side`; the strongest colour is that of the largest of all.
#[wasm_bindgen(js_name = occlusionPicture)]
pub fn occlusion_picture(digit: &DigitOfPage, falls: &[f32]) -> Vec<u8> {
    occlusion::picture(&digit.seen.image, falls)
}

/// What a network says about two digits.
#[wasm_bindgen(js_name = Answer)]
#[derive(Debug)]
pub struct AnswerOfPage {
    answer: Answer,
    /// Which reading of each digit won, and how it was seen.
    answered: Answered,
}

#[wasm_bindgen(js_class = Answer)]
impl AnswerOfPage {
    /// The probability that first <= second.
    #[wasm_bindgen(getter, js_name = pLeq)]
    pub fn p_leq(&self) -> f32 {
        self.answer.verdict().p_leq()
    }

    /// Its logit.
    #[wasm_bindgen(getter, js_name = leqLogit)]
    pub fn leq_logit(&self) -> f32 {
        self.answer.leq_logit()
    }

    /// Whether first <= second.
    #[wasm_bindgen(getter, js_name = isLeq)]
    pub fn is_leq(&self) -> bool {
        self.answer.verdict().is_leq()
    }

    /// The answer in one sentence without a full stop.
    #[wasm_bindgen(getter)]
    pub fn sentence(&self) -> String {
        self.answer.sentence()
    }

    /// The probability that first <= second, as precise as the sentence.
    #[wasm_bindgen(getter, js_name = pLeqInWords)]
    pub fn p_leq_in_words(&self) -> String {
        self.answer.p_leq_in_words()
    }

    /// The name of the [`digits::SideReading`] of one side, 0 or 1; `undefined` for others.
    #[wasm_bindgen(js_name = sideReading)]
    pub fn side_reading(&self, side: usize) -> Option<String> {
        self.answer.sides().get(side).map(|reading| reading.name().to_owned())
    }

    /// The classes of one side, most likely first: digit, probability, and so on; `undefined` without digit heads.
    pub fn guesses(&self, side: usize) -> Option<Vec<f32>> {
        let guesses = self.answer.verdict().guesses()?;
        Some(guesses.get(side)?.iter().flat_map(|guess| [f32::from(guess.digit), guess.probability]).collect())
    }

    /// The name of the answer's [`digits::Trust`].
    #[wasm_bindgen(getter)]
    pub fn reading(&self) -> String {
        self.answer.trust().name().to_owned()
    }

    /// Ten probabilities for the first digit, then ten for the second; `undefined` without digit heads.
    #[wasm_bindgen(getter, js_name = digitProbs)]
    pub fn digit_probs(&self) -> Option<Vec<f32>> {
        self.answer.verdict().digit_probs().map(|digits| digits.as_flattened().to_vec())
    }

    /// The probability that the first and the second drawing show no digit, two numbers; `undefined` from a model that does
    /// not tell.
    #[wasm_bindgen(getter, js_name = noDigit)]
    pub fn no_digit(&self) -> Option<Vec<f32>> {
        self.answer.verdict().no_digit().map(|sides| sides.to_vec())
    }

    /// Whether the network tells that one of the drawings, or both, show no digit, or several: then nothing is compared.
    #[wasm_bindgen(getter)]
    pub fn refuses(&self) -> bool {
        !self.answer.verdict().is_answered()
    }

    /// Their logits.
    #[wasm_bindgen(getter, js_name = digitLogits)]
    pub fn digit_logits(&self) -> Option<Vec<f32>> {
        self.answer.digit_logits().map(|digits| digits.as_flattened().to_vec())
    }

    /// 100 probabilities, row i for the first digit, column j for the second; `undefined` without digit heads.
    #[wasm_bindgen(getter, js_name = productTable)]
    pub fn product_table(&self) -> Option<Vec<f32>> {
        self.answer.product_table().map(|table| table.as_flattened().to_vec())
    }

    /// The sum of that table where i <= j.
    #[wasm_bindgen(getter, js_name = pLeqFromDigits)]
    pub fn p_leq_from_digits(&self) -> Option<f32> {
        self.answer.p_leq_from_digits()
    }
}
