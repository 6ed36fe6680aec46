//! Preparation: from any decoded picture of one digit to the 14x14 image that the networks read.
//!
//! One function for every program of this project. Its steps, each in its own file:
//!
//! 1. A picture already in MNIST's form passes through (`mnist_form`).
//! 2. Large pictures shrink to working size, transparency is laid over a background (`plane`).
//!    Where ink comes near the sides of a picture that was cut close to its digit, the paper is continued (`cut_out`).
//! 3. The paper's brightness is fitted, shadow gradients included (`background`).
//! 4. What stands out from it on one side is ink; noise and lack of ink are told apart (`ink`).
//! 5. Connected strokes are the digit; specks and page edges go (`strokes`).
//! 6. The digit is scaled into 20x20 and centred by mass in 28x28 (`framing`), then averaged 2x2.

use serde::Serialize;

use crate::bounds::Bounds;
use crate::cut_out::{self, LEAST_OF_CROP, WithMargin};
use crate::framing::{self, MnistPixels};
use crate::image::{DigitImage, MNIST_SIDE};
use crate::ink::{self, InkMap, Polarity};
use crate::mnist_form::{self, Route};
use crate::other_ways::{Small, at_mnist_size};
use crate::picture::Picture;
use crate::plane::{self, Plane, WorkingPlanes};
use crate::prepare_error::PrepareError;
use crate::revision::Revision;
use crate::ring::may_be_ringed;
use crate::search::{self, Reading};
use crate::steps::{Step, Trace};
use crate::strokes::{self, Strokes};
use crate::thickness::{self, is_broad, is_filled, is_thick};

/// Logarithms of how much less likely a framed picture is the digit when the paper is not smooth, when other ink is there,
/// when strokes are a highlighter's.
const MISFIT_DOUBT: f32 = 3.0;
const COMPANY_DOUBT: f32 = 1.5;
const THICK_DOUBT: f32 = 0.1;
/// The same when it reaches from one side of the picture to the other, and when it is a filled shape, such as a sheet.
const ACROSS_DOUBT: f32 = 2.0;
const FILLED_DOUBT: f32 = 4.0;

/// A digit ready for the networks, and what was found on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// What the networks see.
    pub image: DigitImage,
    /// The same before the 2x2 mean, in MNIST's form: 28x28, ink 0..=255, row by row. A picture saved from it passes
    /// through preparation unchanged. `None` for a 14x14 picture that passed through.
    pub mnist: Option<[u8; 784]>,
    /// Whether the ink was darker or lighter than its background.
    pub polarity: Polarity,
    /// The digit's box in the source picture.
    pub tight_box: TightBox,
    /// Whether the picture passed through or was framed.
    pub route: Route,
}

/// A rectangle in pixels of the source picture, counted from its left upper corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TightBox {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl TightBox {
    /// What two boxes share, as a fraction of what they cover together (intersection over union), 0 to 1.
    pub fn shared_with(&self, other: &Self) -> f32 {
        let along = |from: usize, length: usize, other_from: usize, other_length: usize| {
            (from + length).min(other_from + other_length).saturating_sub(from.max(other_from))
        };
        let shared = along(self.left, self.width, other.left, other.width)
            * along(self.top, self.height, other.top, other.height);
        let together = self.width * self.height + other.width * other.height - shared;
        shared as f32 / together.max(1) as f32
    }

    /// Whether all of it lies in another box.
    pub(crate) fn lies_in(&self, other: &Self) -> bool {
        let along = |from: usize, length: usize, other_from: usize, other_length: usize| {
            from >= other_from && from + length <= other_from + other_length
        };
        along(self.left, self.width, other.left, other.width) && along(self.top, self.height, other.top, other.height)
    }

    /// Whether another rectangle lies across its sides, or along one of them.
    pub(crate) fn is_crossed_by(&self, other: &Self) -> bool {
        let margin = 1 + self.width.max(self.height) / 50;
        let along = |from: usize, length: usize, other_from: usize, other_length: usize| {
            let apart = other_from > from + length + margin || other_from + other_length + margin < from;
            let inside = other_from > from + margin && other_from + other_length + margin < from + length;
            (apart, inside)
        };
        let (left, across) = along(self.left, self.width, other.left, other.width);
        let (top, down) = along(self.top, self.height, other.top, other.height);
        let (is_apart, is_inside) = (left || top, across && down);
        !is_apart && !is_inside
    }
}

/// One reading of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The digit as this reading has it.
    pub prepared: Prepared,
    /// How likely this reading is by its shape alone; all of a picture add up to 1.
    pub prior: f32,
    /// Whether it is one of three or more like marks, as a letter of a text is: then it is not the picture's digit.
    pub in_crowd: bool,
    /// The picture at MNIST's size, if it is a square and not in MNIST's form: it may have to be seen in other ways.
    pub(crate) small: Option<Plane>,
}

impl Candidate {
    /// The only reading of a picture.
    pub(crate) fn only(prepared: Prepared) -> Self {
        Self { prepared, prior: 1.0, in_crowd: false, small: None }
    }

    /// A picture of MNIST's size in which no ink stands out. Larger paper without ink is not read.
    fn as_it_stands(luma: &Plane) -> Option<Self> {
        let small = Small::of(luma)?;
        let mnist = small.as_it_stands();
        Some(Self::only(Prepared {
            image: DigitImage::from_mnist(&mnist),
            mnist: Some(mnist),
            polarity: small.polarity(),
            tight_box: TightBox { left: 0, top: 0, width: luma.width, height: luma.height },
            route: Route::AsItStands,
        }))
    }
}

/// Prepares a picture of one digit: the likeliest of its [`candidates`].
///
/// ```
/// use digits::{Picture, PrepareError, Route, prepare};
///
/// let blank = [255; 50 * 50];
/// assert_eq!(prepare(&Picture::luma(50, 50, &blank)?), Err(PrepareError::NoInk));
///
/// let mut stroke = blank;
/// (10..40).for_each(|row| stroke[row * 50 + 23..row * 50 + 27].fill(0));
/// let prepared = prepare(&Picture::luma(50, 50, &stroke)?)?;
/// assert_eq!(prepared.route, Route::Framed);
/// assert!(prepared.mnist.is_some());
/// # Ok::<(), PrepareError>(())
/// ```
///
/// # Errors
/// [`PrepareError::NoInk`] when there is no digit to see, [`PrepareError::Empty`] when there are no pixels.
pub fn prepare(picture: &Picture<'_>) -> Result<Prepared, PrepareError> {
    Revision::NEWEST.prepare(picture)
}

/// Prepares a picture in every way that it may be meant, likeliest first. One where the digit is alone on its paper; several,
/// [`crate::MOST_CANDIDATES`] at most, where it has to be searched among lines, frames, shadows and the table. Which of them is
/// the digit, [`crate::choose`] says from a network's answers.
///
/// # Errors
/// As [`prepare`]; without an error there is at least one.
pub fn candidates(picture: &Picture<'_>) -> Result<Vec<Candidate>, PrepareError> {
    Revision::NEWEST.candidates(picture)
}

impl Revision {
    /// As [`candidates`], by the rules of this revision.
    ///
    /// # Errors
    /// As [`candidates`].
    pub fn candidates(self, picture: &Picture<'_>) -> Result<Vec<Candidate>, PrepareError> {
        traced(picture, self, &mut Trace::default())
    }

    /// As [`prepare()`], by the rules of this revision.
    ///
    /// # Errors
    /// As [`prepare()`].
    pub fn prepare(self, picture: &Picture<'_>) -> Result<Prepared, PrepareError> {
        self.candidates(picture)?.into_iter().next().map(|candidate| candidate.prepared).ok_or(PrepareError::NoInk)
    }
}

/// As [`candidates`], and what was seen on the way, in order.
pub fn steps(picture: &Picture<'_>) -> (Vec<Step>, Result<Vec<Candidate>, PrepareError>) {
    let mut trace = Trace::kept();
    let found = traced(picture, Revision::NEWEST, &mut trace);
    (trace.into_steps(), found)
}

fn traced(picture: &Picture<'_>, revision: Revision, trace: &mut Trace) -> Result<Vec<Candidate>, PrepareError> {
    let (width, height) = (picture.width(), picture.height());
    if width == 0 || height == 0 {
        return Err(PrepareError::Empty { width, height });
    }
    if let Some(passed) = in_mnist_form(picture) {
        return Ok(vec![Candidate::only(passed)]);
    }
    let working = plane::working_planes(picture);
    trace.light("picture", &working.planes[0]);
    let is_small = width.max(height) < LEAST_SEARCHED;
    let close = (revision >= Revision::Second).then(|| cut_close(picture, &working, is_small, trace)).flatten();
    let framed = close.or_else(|| framed(picture, &working, revision));
    let mut all = match framed {
        Some(Framed { prepared, doubt, .. }) if doubt == 0.0 || is_small => {
            vec![Candidate::only(prepared)]
        }
        Some(framed) if framed.is_plain => with_priors(search::thick(picture, &working, framed, revision, trace)),
        framed => {
            let found = search::readings(picture, &working, framed, revision, trace);
            with_priors(if found.is_empty() { in_grain(picture, &working, revision, trace) } else { found })
        }
    };
    if let Some(small) = at_mnist_size(&working.planes[0]) {
        if all.is_empty() && (width, height) == (MNIST_SIDE, MNIST_SIDE) {
            all.extend(Candidate::as_it_stands(&small));
        }
        all.iter_mut().for_each(|candidate| candidate.small = Some(small.clone()));
    }
    if all.is_empty() { Err(PrepareError::NoInk) } else { Ok(all) }
}

/// Reads a picture in which noise hides all ink: the mean of each block has less of it.
fn in_grain(picture: &Picture<'_>, working: &WorkingPlanes, revision: Revision, trace: &mut Trace) -> Vec<Reading> {
    let block = GRAIN * working.block;
    if picture.width().max(picture.height()) < LEAST_SEARCHED * block {
        return Vec::new();
    }
    let coarse = plane::averaged(picture, block);
    let framed = framed(picture, &coarse, revision);
    search::readings(picture, &coarse, framed, revision, trace)
}

/// Sides of blocks in which noise is averaged out, in working pixels: it becomes a third.
const GRAIN: usize = 3;

/// In pictures smaller than this, in pixels, nothing is searched: lines are as wide as strokes there.
const LEAST_SEARCHED: usize = 64;

fn with_priors(readings: Vec<Reading>) -> Vec<Candidate> {
    let best = readings.first().map_or(0.0, |reading| reading.score);
    let weights: Vec<f32> = readings.iter().map(|reading| (reading.score - best).exp()).collect();
    let total: f32 = weights.iter().sum();
    let candidate = |(reading, weight): (Reading, f32)| {
        let Reading { prepared, in_crowd, .. } = reading;
        Candidate { prior: weight / total, in_crowd, ..Candidate::only(prepared) }
    };
    readings.into_iter().zip(weights).map(candidate).collect()
}

fn in_mnist_form(picture: &Picture<'_>) -> Option<Prepared> {
    let side = picture.width();
    let small = side <= MNIST_SIDE && side == picture.height();
    let form = mnist_form::recognise(side, &small.then(|| picture.opaque_grey())??)?;
    Some(Prepared {
        image: form.image,
        mnist: form.mnist,
        polarity: form.polarity,
        tight_box: source_box(&form.bounds, 1, picture),
        route: Route::PassedThrough,
    })
}

/// The largest strokes that stand out from smooth paper.
#[derive(Debug)]
pub(crate) struct Framed {
    pub prepared: Prepared,
    /// How doubtful it is that they are the digit: 0 where they are alone on it.
    pub doubt: f32,
    /// Whether they are alone on smooth paper, and only their thickness is a digit's seldom.
    pub is_plain: bool,
    /// Whether they are a filled shape: a blot, or a sheet on a table.
    pub is_filled: bool,
    /// Thick strokes with their edges moved inwards.
    pub thinned: Option<Prepared>,
}

/// What stands out from the paper of a picture that was cut close to its digit; `None` of any other, and where a filled shape does or
/// something else beside it.
fn cut_close(picture: &Picture<'_>, working: &WorkingPlanes, is_small: bool, trace: &mut Trace) -> Option<Framed> {
    let wider = WithMargin::of(working, is_small)?;
    trace.light("with-margin", &wider.working.planes[0]);
    let boxed = |bounds: &Bounds| source_box(&wider.inside(bounds), working.block, picture);
    let framed = framed_in(&ink::find(&wider.working.planes)?, boxed, Revision::NEWEST)?;
    let is_alone = framed.is_plain && !framed.is_filled;
    let TightBox { left, top, width, height } = framed.prepared.tight_box;
    let found = Bounds { left, top, right: left + width, bottom: top + height };
    let is_cut_to = || cut_out::is_cut_to(picture.width(), picture.height(), &found);
    (is_small || is_alone && is_cut_to()).then_some(framed)
}

/// What stands out from smooth paper; `None` where nothing does.
fn framed(picture: &Picture<'_>, working: &WorkingPlanes, revision: Revision) -> Option<Framed> {
    framed_in(&ink::find(&working.planes)?, |bounds| source_box(bounds, working.block, picture), revision)
}

/// The same in an ink map; `boxed` finds a box of it in the picture.
pub(crate) fn framed_in(map: &InkMap, boxed: impl Fn(&Bounds) -> TightBox, revision: Revision) -> Option<Framed> {
    let Strokes { ink, bounds, alone, within } = strokes::digit(map)?;
    let mnist: MnistPixels = framing::frame(&ink, &bounds);
    let across = bounds.right - bounds.left == ink.width || bounds.bottom - bounds.top == ink.height;
    let tight = alone && is_tight_crop(&ink, &bounds);
    // A sheet on a table is brighter than that; a shadow's edge makes any outline of its lit part.
    let may_be_lit = revision >= Revision::Second && map.polarity == Polarity::LightOnDark;
    let is_filled = may_be_lit && is_broad(&mnist) || is_filled(&mnist);
    let at_border = bounds.left == 0 || bounds.top == 0 || bounds.right == ink.width || bounds.bottom == ink.height;
    // What is light at the picture's border may be a sheet that goes on.
    let is_whole = if may_be_lit { !at_border } else { within };
    let has_company = !alone || !(is_whole || tight) || may_be_ringed(&mnist);
    let doubts = [(map.misfit, MISFIT_DOUBT), (has_company, COMPANY_DOUBT), (across && !tight, ACROSS_DOUBT)];
    let sum = |doubts: &[(bool, f32)]| doubts.iter().map(|&(doubtful, doubt)| if doubtful { doubt } else { 0.0 }).sum();
    let doubt: f32 = sum(&doubts);
    let is_thick = is_thick(&mnist);
    let of = |mnist: MnistPixels| Prepared {
        image: DigitImage::from_mnist(&mnist),
        mnist: Some(mnist),
        polarity: map.polarity,
        tight_box: boxed(&bounds),
        route: Route::Framed,
    };
    let thinned = is_thick.then(|| thickness::thinned(&ink, bounds)).flatten();
    Some(Framed {
        prepared: of(mnist),
        doubt: doubt + sum(&[(is_thick, THICK_DOUBT), (is_filled, FILLED_DOUBT)]),
        is_plain: doubt == 0.0,
        is_filled,
        thinned: thinned.map(|(ink, bounds)| of(framing::frame(&ink, &bounds))),
    })
}

/// Ink of the strongest, above which a pixel of the picture's edge counts as ink.
const EDGE_INK: f32 = 0.3;
/// Longest stretch of ink along a side of a picture that was cut to its digit, as a fraction of the side: a 7's bar is longer
/// than what a line or a frame leaves free.
const LONGEST_STRETCH: f32 = 0.9;

/// Whether a picture looks cut to its digit's own box: the ink is as high as a digit and nearly as large as the picture, and
/// reaches a side in one or two stretches at most, where ruled lines and grids cross a side many times and frames lie along it.
fn is_tight_crop(ink: &Plane, bounds: &Bounds) -> bool {
    let (width, height) = (ink.width, ink.height);
    let (across, down) = (bounds.right - bounds.left, bounds.bottom - bounds.top);
    let fills = |length: usize, side: usize| length as f32 >= LEAST_OF_CROP * side as f32;
    if 5 * down < 4 * across || !fills(across, width) || !fills(down, height) {
        return false;
    }
    let sides: [(usize, usize, usize); 4] =
        [(0, 1, width), ((height - 1) * width, 1, width), (0, width, height), (width - 1, width, height)];
    sides.iter().all(|&(first, step, count)| {
        let is_ink = |at: usize| ink.values[first + at * step] > EDGE_INK;
        let starts = (0..count).filter(|&at| is_ink(at) && (at == 0 || !is_ink(at - 1))).count();
        let inked = (0..count).filter(|&at| is_ink(at)).count();
        starts <= 2 && (inked as f32) < LONGEST_STRETCH * count as f32
    })
}

/// A box of working pixels, each `block` source pixels wide, in source pixels.
pub(crate) fn source_box(bounds: &Bounds, block: usize, picture: &Picture<'_>) -> TightBox {
    let (left, top) = (bounds.left * block, bounds.top * block);
    TightBox {
        left,
        top,
        width: (bounds.right * block).min(picture.width()) - left,
        height: (bounds.bottom * block).min(picture.height()) - top,
    }
}
