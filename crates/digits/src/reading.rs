//! How images are read, and how far to trust an answer about them. One definition for `infer` and the page.

use crate::contract::CLASSES;
use crate::{DigitGuess, DigitImage, SIDE, Verdict, is_no_digit};

/// A drawing for which no digit has an even chance does not look like one.
const EVEN_CHANCE: f32 = 0.5;

/// Least probability of a digit that is read clearly. Below it, the next likely one is told too.
const CLEAR: f32 = 0.9;

/// Fraction of an image that ink covers, above which it is not a digit: of MNIST's 70,000, the fullest has 0.398. A network may
/// well be sure of a blot.
const MOST_INK: f32 = 0.4;

/// How one image is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideReading {
    /// The network says that it shows none, or, where it does not tell, no digit has an even chance or there is more ink
    /// than in any digit.
    NotADigit,
    /// It shows more than one digit.
    SeveralDigits,
    /// It may be the likeliest digit, or the next.
    Unclear,
    /// It is read as one digit.
    Clear,
    /// The network names no digits.
    Unnamed,
}

impl SideReading {
    /// Reads one image from the guesses about it, most likely first, and the probability that it shows no digit, where
    /// the network gives them. A network that tells "no digit" is believed; of others it is guessed.
    pub fn of(image: &DigitImage, guesses: Option<&[DigitGuess; CLASSES]>, no_digit: Option<f32>) -> Self {
        let likeliest = guesses.map(|guesses| guesses[0].probability);
        let is_none = match no_digit {
            Some(probability) => is_no_digit(probability),
            None => is_blot(image) || likeliest.is_some_and(|probability| probability < EVEN_CHANCE),
        };
        match likeliest {
            _ if is_none => Self::NotADigit,
            None => Self::Unnamed,
            Some(probability) if probability < CLEAR => Self::Unclear,
            Some(_) => Self::Clear,
        }
    }

    /// Its name in JSON and in the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotADigit => "no-digit",
            Self::SeveralDigits => "several-digits",
            Self::Unclear => "unclear",
            Self::Clear => "clear",
            Self::Unnamed => "unnamed",
        }
    }
}

fn is_blot(image: &DigitImage) -> bool {
    image.pixels().iter().sum::<f32>() > MOST_INK * (255 * SIDE * SIDE) as f32
}

/// How far to trust an answer: what is doubtful about it, most doubtful first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// One of the images, or both, show no digit: the answer means little.
    NotADigit {
        /// Whether it is so for the first.
        first: bool,
        /// Whether it is so for the second.
        second: bool,
    },
    /// One of the pictures, or both, show more than one digit: there is no answer.
    SeveralDigits {
        /// Whether it is so for the first.
        first: bool,
        /// Whether it is so for the second.
        second: bool,
    },
    /// The digits as read contradict the comparison.
    HeadsDisagree,
    /// One of the digits, or both, may be another.
    Unclear,
    /// The comparison is close to an even chance.
    NotSure,
    /// Nothing speaks against the answer; the network names no digits, so only the comparison is sure.
    SureUnnamed,
    /// Nothing speaks against the answer, and both digits are read clearly.
    Sure,
}

impl Trust {
    /// How far to trust the verdict about a pair, and how each image is read.
    ///
    /// ```
    /// use digits::{DigitImage, SideReading, Trust, Verdict};
    ///
    /// let blot = DigitImage::new([255.0; 196]);
    /// let stroke = DigitImage::new([30.0; 196]);
    /// let verdict = Verdict::new(0.98, None)?;
    /// let (trust, sides) = Trust::of_pair(&[blot, stroke], &verdict);
    /// assert_eq!(trust.name(), "first-is-no-digit");
    /// assert_eq!(sides, [SideReading::NotADigit, SideReading::Unnamed]);
    /// # Ok::<(), digits::NotAProbability>(())
    /// ```
    pub fn of_pair(images: &[DigitImage; 2], verdict: &Verdict) -> (Self, [SideReading; 2]) {
        let (guesses, no_digit) = (verdict.guesses(), verdict.no_digit());
        let several = verdict.shows_several();
        let side = |at: usize| {
            let guesses = guesses.as_ref().map(|both| &both[at]);
            match several[at] {
                true => SideReading::SeveralDigits,
                false => SideReading::of(&images[at], guesses, no_digit.map(|both| both[at])),
            }
        };
        let sides = [side(0), side(1)];
        (Self::of(sides, verdict.digits_agree(), verdict.is_sure()), sides)
    }

    /// Puts together how both images are read, whether the digits agree with the comparison, and whether that is sure.
    pub fn of(sides: [SideReading; 2], digits_agree: Option<bool>, is_sure: bool) -> Self {
        let are = |reading| sides.map(|side| side == reading);
        if let [first, second] = are(SideReading::NotADigit)
            && (first || second)
        {
            Self::NotADigit { first, second }
        } else if let [first, second] = are(SideReading::SeveralDigits)
            && (first || second)
        {
            Self::SeveralDigits { first, second }
        } else if digits_agree == Some(false) {
            Self::HeadsDisagree
        } else if sides.contains(&SideReading::Unclear) {
            Self::Unclear
        } else if !is_sure {
            Self::NotSure
        } else if sides.contains(&SideReading::Unnamed) {
            Self::SureUnnamed
        } else {
            Self::Sure
        }
    }

    /// Its name in JSON and in the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotADigit { first: true, second: true } => "neither-is-a-digit",
            Self::NotADigit { first: true, .. } => "first-is-no-digit",
            Self::NotADigit { .. } => "second-is-no-digit",
            Self::SeveralDigits { first: true, second: true } => "both-show-several-digits",
            Self::SeveralDigits { first: true, .. } => "first-shows-several-digits",
            Self::SeveralDigits { .. } => "second-shows-several-digits",
            Self::HeadsDisagree => "heads-disagree",
            Self::Unclear => "unclear",
            Self::NotSure => "not-sure",
            Self::SureUnnamed => "sure-unnamed",
            Self::Sure => "sure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guesses(probability: f32) -> [DigitGuess; CLASSES] {
        std::array::from_fn(|at| DigitGuess {
            digit: at as u8,
            probability: if at == 0 { probability } else { (1.0 - probability) / 9.0 },
        })
    }

    fn of(ink: f32, probability: f32, no_digit: Option<f32>) -> SideReading {
        SideReading::of(&DigitImage::new([ink; SIDE * SIDE]), Some(&guesses(probability)), no_digit)
    }

    #[test]
    fn a_digit_at_59_percent_is_not_read_clearly() {
        assert_eq!(of(30.0, 0.59, None), SideReading::Unclear);
        assert_eq!(of(30.0, 0.95, None), SideReading::Clear);
    }

    #[test]
    fn what_no_digit_has_an_even_chance_of_is_no_digit() {
        assert_eq!(of(30.0, 0.49, None), SideReading::NotADigit);
    }

    #[test]
    fn a_blot_is_no_digit_however_sure_the_network_is() {
        assert_eq!(of(250.0, 0.99, None), SideReading::NotADigit);
    }

    #[test]
    fn a_network_that_tells_no_digit_is_believed() {
        assert_eq!(of(30.0, 0.99, Some(0.8)), SideReading::NotADigit);
        assert_eq!(of(250.0, 0.99, Some(0.1)), SideReading::Clear);
        assert_eq!(of(30.0, 0.4, Some(0.1)), SideReading::Unclear);
    }

    #[test]
    fn doubts_are_told_in_order() {
        use SideReading::*;
        let name = |sides, agree, sure| Trust::of(sides, agree, sure).name();
        assert_eq!(name([NotADigit, Clear], Some(false), false), "first-is-no-digit");
        assert_eq!(name([NotADigit, NotADigit], Some(true), true), "neither-is-a-digit");
        assert_eq!(name([SeveralDigits, Clear], Some(true), true), "first-shows-several-digits");
        assert_eq!(name([Unclear, SeveralDigits], Some(true), true), "second-shows-several-digits");
        assert_eq!(name([SeveralDigits, SeveralDigits], Some(true), true), "both-show-several-digits");
        assert_eq!(name([SeveralDigits, NotADigit], Some(true), true), "second-is-no-digit");
        assert_eq!(name([Clear, Unclear], Some(false), false), "heads-disagree");
        assert_eq!(name([Clear, Unclear], Some(true), true), "unclear");
        assert_eq!(name([Clear, Clear], Some(true), false), "not-sure");
        assert_eq!(name([Clear, Clear], Some(true), true), "sure");
        assert_eq!(name([Unnamed, Unnamed], None, true), "sure-unnamed");
    }
}
