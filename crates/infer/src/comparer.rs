//! The way in: a model loaded into an engine, asked about pictures.

use std::fmt;

use digits::{SideReading, Sight, SplitError, Trust, Verdict};

use crate::engine::{self, Engine, EngineError, Session};
use crate::input::Input;
use crate::model::Model;
use crate::picture::{PictureError, PreparedPicture, Reader, TwoDigits};
use crate::reading::{self, Answered};

/// Pairs that [`Comparer::compare_batch`] asks the model about at once.
const AT_ONCE: usize = 64;

/// Compares pictures of digits: a model, the engine that runs it, and memory kept from picture to picture.
///
/// ```
/// use infer::{Comparer, Engine, Model};
///
/// let mut comparer = Comparer::open(Model::built_in(), Engine::best())?;
/// let comparison = comparer.compare("examples/two.png", "examples/seven.png")?;
/// assert!(comparison.verdict.is_leq());
/// assert!(comparison.verdict.sentence().starts_with("2 <= 7, "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Comparer {
    model: Model,
    session: Box<dyn Session>,
    reader: Reader,
}

/// What came of a pair.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The model's answer.
    pub verdict: Verdict,
    /// How far to trust the answer.
    pub trust: Trust,
    /// How the first and the second picture are read.
    pub sides: [SideReading; 2],
    /// The first and the second picture as the model saw them, and how they were prepared.
    pub pictures: [PreparedPicture; 2],
    /// How the model saw the first and the second picture for its answer ([`digits::PairReadings::second_look`]).
    pub sights: [Sight; 2],
}

/// Why a pair has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// One of the pictures, or both, gave no digit.
    #[error(transparent)]
    Pictures(#[from] UnreadablePair),
    /// The model could not be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A pair of pictures of which at least one gave no digit. The other one was looked at too, so that both are named.
///
/// ```
/// use infer::picture::PictureError;
/// use infer::{CompareError, Comparer, Engine, Model};
///
/// let mut comparer = Comparer::open(Model::built_in(), Engine::best())?;
/// let error = comparer.compare("examples/two.png", "absent.png").unwrap_err();
/// assert_eq!(error.to_string(), "second picture, absent.png: no such file");
/// let CompareError::Pictures(pair) = error else { panic!() };
/// assert!(pair.first.is_none());
/// assert!(matches!(pair.second.unwrap().error, PictureError::Missing));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub struct UnreadablePair {
    /// What is wrong with the first picture.
    pub first: Option<Box<UnreadablePicture>>,
    /// What is wrong with the second picture.
    pub second: Option<Box<UnreadablePicture>>,
}

/// A picture that gave no digit.
#[derive(Debug)]
pub struct UnreadablePicture {
    /// The file's name, where the picture is one.
    pub name: Option<String>,
    /// What is wrong.
    pub error: PictureError,
}

impl fmt::Display for UnreadablePair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (which, picture) in [("first", &self.first), ("second", &self.second)] {
            let Some(picture) = picture else { continue };
            let UnreadablePicture { name, error } = picture.as_ref();
            write!(f, "{separator}{which} picture")?;
            if let Some(name) = name {
                write!(f, ", {name}")?;
            }
            write!(f, ": {error}")?;
            separator = "; ";
        }
        Ok(())
    }
}

impl Comparer {
    /// Loads `model` into `engine`.
    ///
    /// # Errors
    /// [`EngineError`] when the engine is not there or cannot load the model.
    pub fn open(model: Model, engine: Engine) -> Result<Self, EngineError> {
        let session = engine::open_one(&model, &engine)?;
        Ok(Self::over(model, session))
    }

    /// Takes a model that is loaded already.
    pub fn over(model: Model, session: Box<dyn Session>) -> Self {
        Self { model, session, reader: Reader::default() }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What runs the model: its name, its version, its library.
    pub fn session(&self) -> &dyn Session {
        self.session.as_ref()
    }

    /// Whether the first digit is less than or equal to the second: reads and prepares both pictures and asks the model.
    ///
    /// # Errors
    /// [`CompareError::Pictures`] when a picture gives no digit, [`CompareError::Engine`] when the model cannot be run.
    pub fn compare<'a, 'b>(
        &mut self,
        first: impl Into<Input<'a>>,
        second: impl Into<Input<'b>>,
    ) -> Result<Comparison, CompareError> {
        let pictures = self.prepare(&first.into(), &second.into())?;
        Ok(self.compare_prepared(pictures)?)
    }

    /// As [`Comparer::compare`], for pictures that are prepared already.
    ///
    /// ```
    /// use infer::{Comparer, Engine, Model, picture};
    ///
    /// let two = picture::read("examples/two.png".as_ref())?;
    /// let mut comparer = Comparer::open(Model::built_in(), Engine::best())?;
    /// let comparison = comparer.compare_prepared([two.clone(), two])?;
    /// assert!(comparison.verdict.is_leq());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the model cannot be run.
    pub fn compare_prepared(&mut self, pictures: [PreparedPicture; 2]) -> Result<Comparison, EngineError> {
        let readings = pictures.each_ref().map(|picture| picture.candidates.clone());
        // One pair in, one answer out.
        let answered = reading::ask(self.session.as_mut(), &[readings])?[0];
        Ok(Comparison::of(pictures, &answered))
    }

    /// Compares the two digits of one picture, from [`crate::picture::two_digits`]; the model says which of all that may be a digit
    /// they are.
    ///
    /// # Errors
    /// When the model cannot be run. Why the picture shows no two digits is inside.
    pub fn compare_two(&mut self, picture: &TwoDigits) -> Result<Result<Comparison, SplitError>, EngineError> {
        let verdicts = reading::judge(self.session.as_mut(), picture.split.readings())?;
        match picture.chosen(&verdicts) {
            Ok(two) => self.compare_prepared(two).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Compares any number of pairs, in order; the model is asked about some dozens at once, which is faster than one by
    /// one. A pair without an answer costs no other. For millions, see [`crate::batch`].
    ///
    /// ```
    /// use infer::{Comparer, Engine, Model};
    ///
    /// let mut comparer = Comparer::open(Model::built_in(), Engine::best())?;
    /// let (two, seven) = ("examples/two.png", "examples/seven.png");
    /// let answers = comparer.compare_batch([(two, seven), (seven, two), (two, "absent.png")])?;
    /// let is_leq: Vec<Option<bool>> =
    ///     answers.iter().map(|answer| Some(answer.as_ref().ok()?.verdict.is_leq())).collect();
    /// assert_eq!(is_leq, [Some(true), Some(false), None]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the model cannot be run. What is wrong with a pair's pictures is in its own place.
    pub fn compare_batch<'a, A: Into<Input<'a>>, B: Into<Input<'a>>>(
        &mut self,
        pairs: impl IntoIterator<Item = (A, B)>,
    ) -> Result<Vec<Result<Comparison, UnreadablePair>>, EngineError> {
        let mut pairs = pairs.into_iter();
        let mut all = Vec::new();
        loop {
            let some: Vec<_> = pairs
                .by_ref()
                .take(AT_ONCE)
                .map(|(first, second)| self.prepare(&first.into(), &second.into()))
                .collect();
            if some.is_empty() {
                return Ok(all);
            }
            all.extend(self.answer(some)?);
        }
    }

    fn answer(
        &mut self,
        pairs: Vec<Result<[PreparedPicture; 2], UnreadablePair>>,
    ) -> Result<Vec<Result<Comparison, UnreadablePair>>, EngineError> {
        let readings: Vec<_> =
            pairs.iter().flatten().map(|pictures| pictures.each_ref().map(|it| it.candidates.clone())).collect();
        let mut answered = reading::ask(self.session.as_mut(), &readings)?.into_iter();
        let answers = pairs.into_iter().map_while(|pair| match pair {
            Ok(pictures) => Some(Ok(Comparison::of(pictures, &answered.next()?))),
            Err(error) => Some(Err(error)),
        });
        Ok(answers.collect())
    }

    /// Reads and prepares both pictures; both are judged before any is complained about.
    fn prepare(&mut self, first: &Input<'_>, second: &Input<'_>) -> Result<[PreparedPicture; 2], UnreadablePair> {
        let mut prepare = |input: &Input<'_>| {
            let named = |error| Box::new(UnreadablePicture { name: input.file_name(), error });
            self.reader.prepare(input).map_err(named)
        };
        match (prepare(first), prepare(second)) {
            (Ok(first), Ok(second)) => Ok([first, second]),
            (first, second) => Err(UnreadablePair { first: first.err(), second: second.err() }),
        }
    }
}

impl fmt::Debug for Comparer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Comparer({} in {} {})", self.model.name, self.session.name(), self.session.version())
    }
}

impl Comparison {
    /// Puts an answer and the pictures that it is about together: `infer compare` and the page judge by the same
    /// [`Trust::of_pair`].
    fn of(mut pictures: [PreparedPicture; 2], answered: &Answered) -> Self {
        let Answered { verdict, winners, sights } = *answered;
        pictures
            .iter_mut()
            .zip(winners)
            .zip(sights)
            .for_each(|((picture, winner), sight)| picture.choose(winner, sight));
        let images = pictures.each_ref().map(|picture| picture.prepared.image);
        let (trust, sides) = Trust::of_pair(&images, &verdict);
        Self { verdict, trust, sides, pictures, sights }
    }
}
