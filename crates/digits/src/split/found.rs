//! The digits of one ink map: which pieces of ink are whose.

use crate::bounds::Bounds;
use crate::digit_pieces::Strokes;
use crate::edge;
use crate::gather;
use crate::light::Contrast;
use crate::pieces::{self, Pieces};
use crate::plane::Plane;
use crate::prepare::Prepared;
use crate::revision::Revision;
use crate::shape::Surroundings;
use crate::strokes::LEAST_SIDE;

use super::maps::{Map, Seen};
use super::seam;

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

/// Lines tried between two digits that may touch.
const CUTS: usize = 6;

/// The pieces of one digit.
#[derive(Debug, Clone)]
pub(super) struct Group {
    main: usize,
    pub kept: Vec<bool>,
    bounds: Bounds,
}

/// The pieces of an ink map, and which of them are digits by their shape.
pub(super) struct Marks<'a> {
    map: &'a Map,
    pieces: Pieces,
    alike: Vec<usize>,
}

/// The digits of an ink map.
pub(super) struct Digits<'a> {
    pub map: &'a Map,
    pub pieces: Pieces,
    pub groups: Vec<Group>,
}

impl<'a> Marks<'a> {
    pub fn of(map: &'a Map) -> Self {
        let pieces = pieces::pieces(&map.ink, map.edge, LEAST_SIDE);
        let alike = alike(&pieces, &map.contrast);
        Self { map, pieces, alike }
    }

    /// The digits that are apart; `None` when there is no piece of ink.
    pub fn digits(&self) -> Option<Digits<'a>> {
        let (map, mut pieces, mut alike) = (self.map, self.pieces.clone(), self.alike.clone());
        let bounds = alike.iter().map(|&number| pieces.all[number].bounds).reduce(|all, piece| all.union(&piece))?;
        let (width, height) = ((bounds.right - bounds.left) as f32, (bounds.bottom - bounds.top) as f32);
        let mut cut = false;
        if let [only] = alike[..]
            && width >= TOUCHING * height
            && width >= 4.0 * LEAST_SIDE as f32
            && let Some(second) = seam::cut(&map.ink, map.edge, &mut pieces, only)
        {
            alike.push(second);
            cut = true;
        }
        let low = (FAINT * map.edge).max(map.contrast.floor.min(map.edge));
        let joined = pieces::pieces(&map.ink, low, LEAST_SIDE);
        let groups = grouped(&pieces, &alike, |group, number| is_of_one_digit(&pieces, group, number, &joined, cut));
        Some(Digits { map, pieces, groups })
    }

    /// Takes what may touch for two digits, in every way that is worth trying: two pieces near each other, or one that a line cuts.
    pub fn touching(&self) -> Vec<Digits<'a>> {
        let Self { map, pieces, alike } = self;
        let cut = match alike[..] {
            [only] => seam::cuts(&map.ink, map.edge, pieces, only, CUTS),
            _ => vec![(pieces.clone(), None)],
        };
        let digits = cut.into_iter().map(|(pieces, second)| {
            let alike: Vec<usize> = alike.iter().copied().chain(second).collect();
            let groups = grouped(&pieces, &alike, |_, _| false);
            Digits { map, pieces, groups }
        });
        digits.filter(|digits| digits.groups.len() == 2).collect()
    }
}

impl Digits<'_> {
    /// One of the digits, prepared; `None` where it is too small.
    pub fn prepared(&self, group: &Group, seen: &Seen<'_>) -> Option<Prepared> {
        let strokes = Strokes {
            ink: &self.map.ink,
            pieces: &self.pieces,
            kept: &group.kept,
            bounds: group.bounds,
            main: group.main,
            edge: self.map.edge,
        };
        let polarity = self.map.polarity;
        (group.bounds.longer_side() >= LEAST_SIDE).then(|| strokes.prepared(polarity, seen.working.block, seen.picture))
    }

    /// Whether a digit's main piece is the line between two brightnesses, as a sheet's edge is on a table.
    pub fn is_an_edge(&self, group: &Group, luma: &Plane) -> bool {
        edge::is_an_edge(&self.pieces, group.main, luma)
    }

    /// The first two as one digit, prepared.
    pub fn whole(&self, seen: &Seen<'_>) -> Option<Prepared> {
        let [first, second] = &self.groups[..] else { return None };
        let kept = first.kept.iter().zip(&second.kept).map(|(first, second)| *first || *second).collect();
        let whole = Group { main: first.main, kept, bounds: first.bounds.union(&second.bounds) };
        self.prepared(&whole, seen)
    }
}

/// The pieces that are digits by their shape, and of the same hand and size as the plainest of them.
fn alike(pieces: &Pieces, contrast: &Contrast) -> Vec<usize> {
    let surroundings = Surroundings::new(pieces, contrast);
    let scores: Vec<f32> = (0..pieces.all.len()).map(|number| surroundings.score(number)).collect();
    let Some(best) = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])) else { return Vec::new() };
    let plainest = &pieces.all[best];
    // A digit may be in several pieces, such as a 5 and its bar.
    let height = |number: usize| {
        let (_, bounds) = gather::gathered(pieces, number, Revision::NEWEST);
        (bounds.bottom - bounds.top) as f32
    };
    let plainest_height = height(best);
    let within = |a: f32, b: f32, factor: f32| (1.0 / factor..factor).contains(&(a / b));
    let is_alike = |number: &usize| {
        let piece = &pieces.all[*number];
        scores[*number] > scores[best] - WORSE
            && within(piece.stroke(), plainest.stroke(), STROKES)
            && within(piece.level, plainest.level, LEVELS)
            && (piece.bounds.gap(&plainest.bounds) as f32) < FARTHEST * plainest.side()
            && within(height(*number), plainest_height, 1.0 / LEAST_HEIGHT)
    };
    (0..pieces.all.len()).filter(|number| *number == best || is_alike(number)).collect()
}

/// Whether a piece that is like others is of the same digit as a group: in one place, or joined to it by faint ink. What was `cut`
/// apart stays so.
fn is_of_one_digit(pieces: &Pieces, group: &Group, number: usize, joined: &Pieces, cut: bool) -> bool {
    let piece = &pieces.all[number];
    let joint = |number: usize| {
        let place = pieces.labels.iter().position(|&label| label == number as u32 + 1);
        place.map_or(0, |place| joined.labels[place])
    };
    let near = || piece.bounds.gap(&group.bounds) as f32 <= 0.5 * piece.stroke();
    let whole = group.bounds.union(&piece.bounds);
    let (width, height) = ((whole.right - whole.left) as f32, (whole.bottom - whole.top) as f32);
    let one_digit = width < 1.1 * height && height < 2.6 * width;
    in_common(&group.bounds, &piece.bounds) > COMMON
        || (!cut && one_digit && (near() || joint(group.main) == joint(number)))
}

/// Digits of pieces that are alike, where `is_same` says which of them belong to one; smaller pieces go to the nearest.
fn grouped(pieces: &Pieces, alike: &[usize], is_same: impl Fn(&Group, usize) -> bool) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for &number in alike {
        let bounds = pieces.all[number].bounds;
        match groups.iter_mut().find(|group| is_same(group, number)) {
            Some(group) => group.take(number, &bounds),
            None => {
                let mut kept = vec![false; pieces.all.len()];
                kept[number] = true;
                groups.push(Group { main: number, kept, bounds });
            }
        }
    }
    for (number, piece) in pieces.all.iter().enumerate().filter(|(number, _)| !alike.contains(number)) {
        let belongs =
            |group: &&mut Group| gather::belongs(piece, &pieces.all[group.main], &group.bounds, Revision::NEWEST);
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
