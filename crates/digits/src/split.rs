//! Two digits in one picture: which pieces of ink are whose, and where to cut pieces that hang together.

use crate::bounds::Bounds;
use crate::digit_pieces::Strokes;
use crate::gather;
use crate::ink::{self, InkMap, Polarity};
use crate::light::Contrast;
use crate::picture::Picture;
use crate::pieces::{self, Pieces};
use crate::plane::{self, Plane, WorkingPlanes};
use crate::prepare::{self, Candidate, Framed};
use crate::prepare_error::PrepareError;
use crate::search;
use crate::shape::Surroundings;
use crate::strokes::LEAST_SIDE;
use crate::verdict::Verdict;

mod seam;

use seam::Limits;

/// Why a picture was not cut in two.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// There is nothing to cut.
    #[error(transparent)]
    Unprepared(#[from] PrepareError),
    /// There is ink, but not in two places.
    #[error("does not show two digits apart: write them side by side with a gap, or give two files")]
    NotTwo,
    /// There are more digits than two.
    #[error("shows {found} digits, not two: cut two of them out, or give two files")]
    Several {
        /// How many.
        found: usize,
    },
}

/// Beside the plainest digit, another one has strokes of a width and ink of a contrast within these factors of it.
const STROKES: f32 = 3.3;
const LEVELS: f32 = 2.5;

/// Of two digits, the lower is at least this fraction of the higher.
const LEAST_HEIGHT: f32 = 0.55;

/// Beside the plainest digit, a piece with a score so much lower is none.
const WORSE: f32 = 3.5;

/// The next digit is at most so many heights away.
const FARTHEST: f32 = 4.0;

/// Pieces that hang together above this fraction of the contrast at which strokes end are a broken stroke's.
const FAINT: f32 = 0.4;

/// Boxes that have more of the smaller one in common are of one digit.
const COMMON: f32 = 0.45;

/// Two digits that touch are at least so many times as wide as high.
const TOUCHING: f32 = 1.0;

/// Fractions of full ink at which strokes end.
const EDGES: [f32; 2] = [0.3, 0.5];

/// Finds two digits: the left one first, or the upper one where one stands above the other. Each comes as its readings, as
/// [`crate::candidates`] gives them; boxes are in the whole picture.
///
/// # Errors
/// [`SplitError::NotTwo`] when there is ink but only one digit, [`SplitError::Several`] when there are more than two.
pub fn split(picture: &Picture<'_>) -> Result<[Vec<Candidate>; 2], SplitError> {
    let Seen { working, smooth, maps } = Seen::of(picture)?;
    let found: Vec<Digits> = maps.iter().filter_map(Digits::of).collect();
    let several = |digits: &&Digits| digits.groups.len() > 2;
    if let [first, second, ..] = found.as_slice()
        && several(&first)
        && several(&second)
    {
        return Err(SplitError::Several { found: first.groups.len() });
    }
    let two = found.iter().find(|digits| digits.groups.len() == 2);
    let Some(two) = two else {
        return Err(match found.iter().find(several) {
            Some(digits) => SplitError::Several { found: digits.groups.len() },
            None if found.is_empty() => PrepareError::NoInk.into(),
            None => SplitError::NotTwo,
        });
    };
    if let Some(apart) = smooth.as_ref().and_then(|map| framed_apart(map, &found, picture, working.block)) {
        return Ok(apart);
    }
    let reading = |group: &Group| {
        let prepared = two.map.prepared(&two.pieces, group, picture, working.block);
        prepared.map(|prepared| vec![Candidate::only(prepared)])
    };
    match two.in_reading_order().map(reading) {
        [Some(first), Some(second)] => Ok([first, second]),
        _ => Err(SplitError::NotTwo),
    }
}

/// What may be two digits that touch, or one.
#[derive(Debug, Clone)]
pub struct Touching {
    /// The parts, left before right.
    pub parts: [Vec<Candidate>; 2],
    /// All of it as one digit.
    pub whole: Candidate,
}

impl Touching {
    /// Whether the parts are digits, and surer ones than the whole is, from what a network says about the pair of the parts and
    /// about the whole beside itself; never from a network that names no digits.
    pub fn are_two(parts: &Verdict, whole: &Verdict) -> bool {
        let surely = |verdict: &Verdict, side: usize| {
            let digit = verdict.digits()?[side].probability;
            Some(digit * (1.0 - verdict.no_digit().map_or(0.0, |no_digit| no_digit[side])))
        };
        let both = surely(parts, 0).zip(surely(parts, 1)).map(|(first, second)| first * second);
        both.zip(surely(whole, 0)).is_some_and(|(both, whole)| both > PARTS_SURE.max(whole))
    }
}

/// Two parts are digits where a network takes both for such with this probability at least.
const PARTS_SURE: f32 = 0.6;

/// Cuts what [`split`] finds to be one digit, for a network to judge: a 1 that touches a 7 may be no wider than a 4.
///
/// # Errors
/// As [`split`]; [`SplitError::NotTwo`] where no line leaves two parts that could be digits.
pub fn split_touching(picture: &Picture<'_>) -> Result<Touching, SplitError> {
    let Seen { working, maps, .. } = Seen::of(picture)?;
    let mut cut = maps.iter().filter_map(Digits::cut_boldly).filter(|digits| digits.groups.len() == 2);
    cut.find_map(|digits| digits.touching(picture, working.block)).ok_or(SplitError::NotTwo)
}

/// Each of two digits as it is framed when the other is not there; `None` where either would be searched for.
fn framed_apart(map: &InkMap, found: &[Digits], picture: &Picture<'_>, block: usize) -> Option<[Vec<Candidate>; 2]> {
    let digits = found.iter().find(|digits| digits.map.is_smooth && digits.groups.len() == 2)?;
    let [first, second] = digits.in_reading_order();
    let without = |other: &Group| {
        let width = map.ink.width;
        let is_others = |label: u32| label > 0 && other.kept[label as usize - 1];
        let ink = map.ink.map(
            |column, row, value| {
                if is_others(digits.pieces.labels[row * width + column]) { 0.0 } else { value }
            },
        );
        let Framed { prepared, doubt, .. } = prepare::framed_in(&InkMap { ink, ..*map }, block, picture)?;
        (doubt == 0.0).then(|| vec![Candidate::only(prepared)])
    };
    Some([without(second)?, without(first)?])
}

/// An ink map, and where strokes end in it.
struct Map {
    contrast: Contrast,
    ink: Plane,
    edge: f32,
    polarity: Polarity,
    /// Whether the ink is what stands out from smooth paper.
    is_smooth: bool,
}

/// What is looked for digits in.
struct Seen {
    working: WorkingPlanes,
    /// What stands out from smooth paper; `None` where that does not fit.
    smooth: Option<InkMap>,
    maps: Vec<Map>,
}

impl Seen {
    fn of(picture: &Picture<'_>) -> Result<Self, PrepareError> {
        let (width, height) = (picture.width(), picture.height());
        if width == 0 || height == 0 {
            return Err(PrepareError::Empty { width, height });
        }
        let working = plane::working_planes(picture);
        let smooth = ink::find(&working.planes).filter(|map| !map.misfit);
        let maps = maps(&working, smooth.as_ref());
        Ok(Self { working, smooth, maps })
    }
}

/// Ink against its surroundings without lines, at two thresholds; then against smooth paper, where that fits.
fn maps(working: &WorkingPlanes, smooth: Option<&InkMap>) -> Vec<Map> {
    let mut maps = Vec::new();
    let polarity = search::likely_polarity(&working.planes[0]);
    if let Some((contrast, ink, full)) = search::unruled(&working.planes[0], polarity) {
        for edge in EDGES {
            let edge = (edge * full).max(contrast.floor);
            maps.push(Map { contrast: contrast.clone(), ink: ink.clone(), edge, polarity, is_smooth: false });
        }
    }
    if let Some(map) = smooth {
        let edge = EDGES[0].max(ink::NOISE_DEVIATIONS * map.noise);
        let paper = map.ink.map(|_, _, _| 1.0);
        let contrast = Contrast { ink: map.ink.clone(), paper, brightest: 1.0, floor: edge };
        maps.push(Map { contrast, ink: map.ink.clone(), edge, polarity: map.polarity, is_smooth: true });
    }
    maps
}

impl Map {
    fn prepared(&self, pieces: &Pieces, group: &Group, picture: &Picture<'_>, block: usize) -> Option<crate::Prepared> {
        let strokes = Strokes {
            ink: &self.ink,
            pieces,
            kept: &group.kept,
            bounds: group.bounds,
            main: group.main,
            edge: self.edge,
        };
        (group.bounds.longer_side() >= LEAST_SIDE).then(|| strokes.prepared(self.polarity, block, picture))
    }
}

/// The pieces of one digit.
#[derive(Debug, Clone)]
struct Group {
    main: usize,
    kept: Vec<bool>,
    bounds: Bounds,
}

/// The digits of an ink map.
struct Digits<'a> {
    map: &'a Map,
    pieces: Pieces,
    groups: Vec<Group>,
}

impl<'a> Digits<'a> {
    /// Finds digits; `None` when there is no piece of ink.
    fn of(map: &'a Map) -> Option<Self> {
        let mut pieces = pieces::pieces(&map.ink, map.edge, LEAST_SIDE);
        let mut alike = alike(&pieces, &map.contrast);
        let bounds = alike.iter().map(|&number| pieces.all[number].bounds).reduce(|all, piece| all.union(&piece))?;
        let (width, height) = ((bounds.right - bounds.left) as f32, (bounds.bottom - bounds.top) as f32);
        let mut cut = false;
        if let [only] = alike[..]
            && width >= TOUCHING * height
            && width >= 4.0 * LEAST_SIDE as f32
            && let Some(second) = seam::cut(&map.ink, map.edge, &mut pieces, only, Limits::SURE)
        {
            alike.push(second);
            cut = true;
        }
        let low = (FAINT * map.edge).max(map.contrast.floor.min(map.edge));
        let joined = pieces::pieces(&map.ink, low, LEAST_SIDE);
        let groups = grouped(&pieces, &alike, &joined, cut);
        Some(Self { map, pieces, groups })
    }

    /// Takes what touches for two digits: two pieces, or one that a line cuts.
    fn cut_boldly(map: &'a Map) -> Option<Self> {
        let mut pieces = pieces::pieces(&map.ink, map.edge, LEAST_SIDE);
        let mut alike = alike(&pieces, &map.contrast);
        if let [only] = alike[..] {
            alike.push(seam::cut(&map.ink, map.edge, &mut pieces, only, Limits::BOLD)?);
        }
        let groups = grouped(&pieces, &alike, &pieces, true);
        Some(Self { map, pieces, groups })
    }

    fn touching(&self, picture: &Picture<'_>, block: usize) -> Option<Touching> {
        let reading = |group: &Group| {
            let prepared = self.map.prepared(&self.pieces, group, picture, block)?;
            Some(Candidate::only(prepared))
        };
        let [first, second] = self.in_reading_order();
        let kept = first.kept.iter().zip(&second.kept).map(|(first, second)| *first || *second).collect();
        let whole = Group { main: first.main, kept, bounds: first.bounds.union(&second.bounds) };
        Some(Touching { parts: [vec![reading(first)?], vec![reading(second)?]], whole: reading(&whole)? })
    }

    /// Left before right; upper before lower where they stand above each other.
    fn in_reading_order(&self) -> [&Group; 2] {
        let (a, b) = (&self.groups[0], &self.groups[1]);
        let middle = |bounds: &Bounds| (bounds.left + bounds.right, bounds.top + bounds.bottom);
        let ((a_across, a_down), (b_across, b_down)) = (middle(&a.bounds), middle(&b.bounds));
        let above = a_down.abs_diff(b_down) > a_across.abs_diff(b_across);
        let in_order = if above { a_down <= b_down } else { a_across <= b_across };
        if in_order { [a, b] } else { [b, a] }
    }
}

/// The pieces that are digits by their shape, and of the same hand and size as the plainest of them.
fn alike(pieces: &Pieces, contrast: &Contrast) -> Vec<usize> {
    let surroundings = Surroundings::new(pieces, contrast);
    let scores: Vec<f32> = (0..pieces.all.len()).map(|number| surroundings.score(number)).collect();
    let Some(best) = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])) else { return Vec::new() };
    let plainest = &pieces.all[best];
    let within = |a: f32, b: f32, factor: f32| (1.0 / factor..factor).contains(&(a / b));
    let is_alike = |number: &usize| {
        let piece = &pieces.all[*number];
        scores[*number] > scores[best] - WORSE
            && piece.height() > LEAST_HEIGHT * plainest.height()
            && plainest.height() > LEAST_HEIGHT * piece.height()
            && within(piece.stroke(), plainest.stroke(), STROKES)
            && within(piece.level, plainest.level, LEVELS)
            && (piece.bounds.gap(&plainest.bounds) as f32) < FARTHEST * plainest.side()
    };
    (0..pieces.all.len()).filter(|number| *number == best || is_alike(number)).collect()
}

/// Digits of pieces that are alike: those in one place, or joined by faint ink, are one digit; smaller pieces go to the
/// nearest. What was `cut` apart stays so.
fn grouped(pieces: &Pieces, alike: &[usize], joined: &Pieces, cut: bool) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let joint = |number: usize| {
        let place = pieces.labels.iter().position(|&label| label == number as u32 + 1);
        place.map_or(0, |place| joined.labels[place])
    };
    let near = |group: &Group, number: usize| {
        let piece = &pieces.all[number];
        piece.bounds.gap(&group.bounds) as f32 <= 0.5 * piece.stroke()
    };
    for &number in alike {
        let bounds = pieces.all[number].bounds;
        let is_same = |group: &&mut Group| {
            let whole = group.bounds.union(&bounds);
            let (width, height) = ((whole.right - whole.left) as f32, (whole.bottom - whole.top) as f32);
            let one_digit = width < 1.1 * height && height < 2.6 * width;
            in_common(&group.bounds, &bounds) > COMMON
                || (!cut && one_digit && (near(group, number) || joint(group.main) == joint(number)))
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => group.take(number, &bounds),
            None => {
                let mut kept = vec![false; pieces.all.len()];
                kept[number] = true;
                groups.push(Group { main: number, kept, bounds });
            }
        }
    }
    for (number, piece) in pieces.all.iter().enumerate().filter(|(number, _)| !alike.contains(number)) {
        let belongs = |group: &&mut Group| gather::belongs(piece, &pieces.all[group.main], &group.bounds);
        let nearest = groups.iter_mut().filter(belongs).min_by_key(|group| piece.bounds.gap(&group.bounds));
        if let Some(group) = nearest {
            group.take(number, &piece.bounds);
        }
    }
    groups
}

impl Group {
    fn take(&mut self, number: usize, bounds: &Bounds) {
        self.kept[number] = true;
        self.bounds = self.bounds.union(bounds);
    }
}

/// Fraction of the smaller rectangle that two have in common.
fn in_common(a: &Bounds, b: &Bounds) -> f32 {
    let side = |a: (usize, usize), b: (usize, usize)| a.1.min(b.1).saturating_sub(a.0.max(b.0));
    let across = side((a.left, a.right), (b.left, b.right));
    let down = side((a.top, a.bottom), (b.top, b.bottom));
    (across * down) as f32 / a.area().min(b.area())
}
