//! The digits of one ink map: which pieces of ink are whose.

use crate::bounds::Bounds;
use crate::digit_pieces::Strokes;
use crate::gather;
use crate::light::Contrast;
use crate::pieces::{self, Pieces};
use crate::plane::Plane;
use crate::prepare::Prepared;
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

/// What lies on the two sides of a sheet's edge differs by this fraction of the contrast of what is taken for a stroke.
const EDGE: f32 = 0.6;

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
        let groups = grouped(&pieces, &alike, &joined, cut);
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
            let groups = grouped(&pieces, &alike, &pieces, true);
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

    /// Whether a digit's main piece is no stroke on paper but the line between two brightnesses, as a sheet's edge is on a table: what
    /// lies on its two sides differs nearly as much as the piece does from either.
    pub fn is_an_edge(&self, group: &Group, luma: &Plane) -> bool {
        let Bounds { left, top, right, bottom } = self.pieces.all[group.main].bounds;
        let label = group.main as u32 + 1;
        let away = self.pieces.all[group.main].stroke().max(2.0) as usize;
        let upright = bottom - top >= right - left;
        let (lines, along) = if upright { (top..bottom, left..right) } else { (left..right, top..bottom) };
        let at = |line: usize, place: usize| {
            if upright { line * luma.width + place } else { place * luma.width + line }
        };
        let last = if upright { luma.width } else { luma.height } - 1;
        // Sums of brightness before, in and behind the piece, and the number of lines.
        let mut sums = [0.0f32; 3];
        let mut count = 0.0;
        for line in lines {
            let mut members = along.clone().filter(|&place| self.pieces.labels[at(line, place)] == label);
            let Some(first) = members.next() else { continue };
            let end = members.next_back().unwrap_or(first);
            if first < away || end + away > last {
                continue;
            }
            let places = [first - away, (first + end) / 2, end + away];
            sums.iter_mut().zip(places).for_each(|(sum, place)| *sum += luma.values[at(line, place)]);
            count += 1.0;
        }
        let [before, within, behind] = sums.map(|sum| sum / f32::max(count, 1.0));
        (before - behind).abs() > EDGE * (within - before).abs().max((within - behind).abs())
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
