//! The careful way: several readings of a picture in which the digit is not the only thing.

use std::borrow::Cow;

use crate::digit_pieces::Strokes;
use crate::edge::is_an_edge;
use crate::gather::gathered;
use crate::image::DigitImage;
use crate::ink::Polarity;
use crate::light::Contrast;
use crate::lines;
use crate::picture::Picture;
use crate::pieces::{self, Piece, Pieces};
use crate::plane::{Plane, WorkingPlanes};
use crate::prepare::{Framed, Prepared, TightBox, source_box};
use crate::revision::Revision;
use crate::ring;
use crate::shape::Surroundings;
use crate::steps::Trace;
use crate::strokes::LEAST_SIDE;

/// Sides of the squares that closings fill, as fractions of the picture's longer side: wider than a highlighter's stroke, and
/// narrower than a shadow between two fingers.
const WIDE: f32 = 0.14;
const NARROW: f32 = 0.05;

/// Fractions of full ink at which strokes end: ruled lines and the grey between close strokes are below the first, a
/// pencil's pale parts above the second.
const EDGES: [f32; 2] = [0.5, 0.3];

/// How likely thick strokes are meant thinner, in logarithms, beside being meant as they are; and a filled shape as it is, beside
/// what is plainly a digit in it.
const THINNED: f32 = -1.0;
const SHEET: f32 = -3.0;
/// A digit in a filled shape has this score at least: it may be small on its sheet.
const INSIDE: f32 = -1.8;

/// Light ink on a dark ground, in logarithms, where a bright sheet lies in the picture: it may be a lit part of that. So may dark
/// ink on a board be what lies between chalk's strokes.
const UNLIKELY: f32 = -2.0;

/// A single stroke that has other brightness on one side than on the other, in logarithms, beside one on paper: it may be the edge of
/// a sheet.
const AN_EDGE: f32 = -2.0;
/// A stroke so long, in sides of its box, is no single one.
const SINGLE: f32 = 1.6;

/// Readings taken of one ink map.
const A_MAP: usize = 2;
/// Readings of a picture, at most.
pub const MOST_CANDIDATES: usize = 6;
/// A reading so much less likely than the best by its shape, in logarithms, is not worth the network's time.
const HOPELESS: f32 = 4.0;
/// A reading with this score needs no further ink maps.
const PLAIN: f32 = -1.0;

/// So many marks beside a reading that are like it are a number, text or a pattern, and it is one of them.
const CROWD: usize = 2;
/// Of two like marks, the lesser has at least this fraction of the other's longer side, ink, width of strokes, and brightness of
/// the paper around: the grain of a table is paler than what is written on a sheet, and the table is darker.
const LIKE: [f32; 4] = [0.6, 0.6, 0.5, 0.85];

/// One reading, and the logarithm of how likely it is by its shape.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub prepared: Prepared,
    pub score: f32,
    /// Whether it is one of three or more like marks.
    pub in_crowd: bool,
}

impl Reading {
    fn new(prepared: Prepared, score: f32) -> Self {
        Self { prepared, score, in_crowd: false }
    }
}

/// Reads a picture in several ways, likeliest first; none when nothing in it looks like ink.
/// `framed` is what the quick way found.
pub(crate) fn readings(
    picture: &Picture<'_>,
    working: &WorkingPlanes,
    framed: Option<Framed>,
    revision: Revision,
    trace: &mut Trace,
) -> Vec<Reading> {
    let mut found = Found::new(picture, working, revision, trace);
    if let Some(Framed { prepared, doubt, .. }) = framed {
        let score = found.of_polarity(prepared.polarity) - doubt;
        found.readings.push(Reading::new(prepared, score));
    }
    found.read_all(working);
    found.likeliest()
}

/// Reads thick strokes or a filled shape, alone on smooth paper: as they are, thinner, and what is written inside a shape,
/// which may be a sheet.
pub(crate) fn thick(
    picture: &Picture<'_>,
    working: &WorkingPlanes,
    framed: Framed,
    revision: Revision,
    trace: &mut Trace,
) -> Vec<Reading> {
    let sheet = framed.prepared.tight_box;
    let mut all = Vec::new();
    if framed.is_filled {
        let mut found = Found::new(picture, working, revision, trace);
        found.sheet = Some(sheet);
        found.read_all(working);
        all = found.likeliest();
    }
    let is_sheet = all.iter().any(|inside| inside.score >= INSIDE);
    let whole = if is_sheet { SHEET } else { 0.0 };
    all.push(Reading::new(framed.prepared, whole));
    all.extend(framed.thinned.map(|prepared| Reading::new(prepared, whole + THINNED)));
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all.truncate(MOST_CANDIDATES);
    all
}

const DARK: Polarity = Polarity::DarkOnLight;
const LIGHT: Polarity = Polarity::LightOnDark;

/// One way to look at a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    channel: Channel,
    pub polarity: Polarity,
    /// Side of the squares that closings fill, as a fraction of the picture's longer side.
    share: f32,
}

impl Look {
    /// The plane in which ink is dark; `None` where a grey picture has the same as luma.
    fn plane(self, working: &WorkingPlanes) -> Option<Cow<'_, Plane>> {
        let plane = self.channel.of(working)?;
        Some(match self.polarity {
            Polarity::DarkOnLight => plane,
            Polarity::LightOnDark => Cow::Owned(plane.map(|_, _, value| 1.0 - value)),
        })
    }

    fn contrast(self, plane: &Plane) -> Contrast {
        let radius = (self.share * plane.width.max(plane.height) as f32 / 2.0) as usize;
        Contrast::of(plane, radius.max(2))
    }
}

/// All ways to look at a picture, the likeliest first.
pub(crate) fn looks(luma: &Plane) -> [Look; 5] {
    let [likely, other] = if is_dark(luma) { [LIGHT, DARK] } else { [DARK, LIGHT] };
    let look = |channel: Channel, polarity: Polarity, share: f32| Look { channel, polarity, share };
    [
        look(Channel::Luma, likely, WIDE),
        look(Channel::Least, likely, WIDE),
        look(Channel::Luma, likely, NARROW),
        look(Channel::Largest, likely, WIDE),
        look(Channel::Luma, other, WIDE),
    ]
}

/// Contrast to the surroundings, its ink without ruled lines, and the contrast of full ink; `None` where nothing stands out.
pub(crate) fn unruled(working: &WorkingPlanes, look: Look) -> Option<(Contrast, Plane, f32)> {
    let contrast = look.contrast(&*look.plane(working)?);
    let full = contrast.full()?;
    let (ink, full) = without_lines(&contrast, full);
    let ink = ink.into_owned();
    Some((contrast, ink, full))
}

/// The ink of a contrast without ruled lines, and how full it is; `full` is that of ink with them.
fn without_lines(contrast: &Contrast, full: f32) -> (Cow<'_, Plane>, f32) {
    let ink = lines::without_lines(&contrast.ink, contrast.floor, full);
    let full = match &ink {
        Cow::Borrowed(_) => full,
        Cow::Owned(ink) => contrast.full_of(ink).unwrap_or(full),
    };
    (ink, full)
}

/// Whether a picture is dark throughout, as a blackboard is, with no bright sheet in it: a sheet fills whole blocks, chalk's
/// strokes do not.
fn is_dark(luma: &Plane) -> bool {
    let step = (luma.values.len() / 4_000) | 1;
    let mut sample: Vec<f32> = luma.values.iter().copied().step_by(step).collect();
    let middle = sample.len() / 2;
    let median = *sample.select_nth_unstable_by(middle, f32::total_cmp).1;
    let block = (luma.width.max(luma.height) / SHEET_BLOCKS).max(1);
    let darkest = |left: usize, top: usize| {
        let rows = (top..top + block).step_by(2).map(|row| &luma.values[row * luma.width + left..][..block]);
        rows.flatten().fold(1.0f32, |least, &value| if value < least { value } else { least })
    };
    let (across, down) = (luma.width / block, luma.height / block);
    let blocks = (0..across * down).map(|at| darkest(at % across * block, at / across * block));
    let bright = blocks.filter(|&darkest| darkest > median + BRIGHTER).count();
    median < 0.45 && 100 * bright < across * down
}

/// Blocks along the longer side in which a sheet is looked for, and how much brighter than the table it is.
const SHEET_BLOCKS: usize = 32;
const BRIGHTER: f32 = 0.12;

/// What of a pixel is looked at.
#[derive(Debug, Clone, Copy)]
enum Channel {
    /// Brightness.
    Luma,
    /// The largest of red, green and blue: coloured lines vanish in it.
    Largest,
    /// The least of them: pale coloured ink shows in it.
    Least,
}

impl Channel {
    /// The channel's plane; `None` where a grey picture has the same as luma.
    fn of(self, working: &WorkingPlanes) -> Option<Cow<'_, Plane>> {
        let luma = &working.planes[0];
        let pick: fn(f32, f32) -> f32 = match self {
            Self::Luma => return Some(Cow::Borrowed(luma)),
            Self::Largest => f32::max,
            Self::Least => f32::min,
        };
        let [_, red, green, blue] = working.planes.as_slice() else { return None };
        let colours = red.values.iter().zip(&green.values).zip(&blue.values);
        let values = colours.map(|((&red, &green), &blue)| pick(pick(red, green), blue)).collect();
        Some(Cow::Owned(Plane { width: luma.width, height: luma.height, values }))
    }
}

struct Found<'a> {
    picture: &'a Picture<'a>,
    luma: &'a Plane,
    block: usize,
    /// The ways to look at it, the likeliest first.
    looks: [Look; 5],
    /// A filled shape that is alone in the picture: what lies across its outline is its own edge.
    sheet: Option<TightBox>,
    /// All pieces of the first ink map.
    marks: Option<Vec<Mark>>,
    readings: Vec<Reading>,
    revision: Revision,
    trace: &'a mut Trace,
}

impl<'a> Found<'a> {
    fn new(picture: &'a Picture<'a>, working: &'a WorkingPlanes, revision: Revision, trace: &'a mut Trace) -> Self {
        let luma = &working.planes[0];
        Self {
            picture,
            luma,
            block: working.block,
            looks: looks(luma),
            sheet: None,
            marks: None,
            readings: Vec::new(),
            revision,
            trace,
        }
    }

    /// Looks in all ways, the likeliest first; the others only where none of them shows a digit plainly.
    fn read_all(&mut self, working: &WorkingPlanes) {
        for look in self.looks {
            if self.best() >= PLAIN {
                break;
            }
            if let Some(plane) = look.plane(working) {
                let Look { channel, polarity, share } = look;
                let name = format!("{channel:?}-{polarity:?}-{:.0}", 100.0 * share).to_lowercase();
                self.read(&look.contrast(&plane), polarity, &name);
            }
        }
    }

    fn best(&self) -> f32 {
        self.readings.iter().map(|reading| reading.score).fold(f32::NEG_INFINITY, f32::max)
    }

    /// The score that any reading of a polarity has beside what its shape says.
    fn of_polarity(&self, polarity: Polarity) -> f32 {
        if self.revision < Revision::Second || polarity == self.looks[0].polarity { 0.0 } else { UNLIKELY }
    }

    /// The scores of all pieces of an ink map.
    fn scores(&self, pieces: &Pieces, surroundings: &Surroundings<'_>, polarity: Polarity) -> Vec<(usize, f32)> {
        let of_edge = |number: usize| {
            let may_be = self.revision >= Revision::Second && pieces.all[number].strokes_in_sides() < SINGLE;
            if may_be && is_an_edge(pieces, number, self.luma) { AN_EDGE } else { 0.0 }
        };
        let score = |number: usize| surroundings.score(number) + self.of_polarity(polarity) + of_edge(number);
        (0..pieces.all.len()).map(|number| (number, score(number))).collect()
    }

    /// Adds readings of ink against its surroundings.
    fn read(&mut self, contrast: &Contrast, polarity: Polarity, name: &str) {
        self.trace.light(&format!("{name}-light"), &contrast.paper);
        self.trace.ink(&format!("{name}-ink"), &contrast.ink);
        let Some(full) = contrast.full() else { return };
        let (ink, full) = without_lines(contrast, full);
        self.trace.ink(&format!("{name}-unruled"), &ink);
        for edge in EDGES {
            let edge = (edge * full).max(contrast.floor);
            self.read_map(&ink, edge, contrast, polarity);
        }
    }

    fn read_map(&mut self, ink: &Plane, edge: f32, contrast: &Contrast, polarity: Polarity) {
        let pieces = pieces::pieces(ink, edge, LEAST_SIDE);
        if pieces.all.is_empty() {
            return;
        }
        let surroundings = Surroundings::new(&pieces, contrast);
        if self.marks.is_none() {
            let mark = |piece: &Piece| Mark {
                tight_box: source_box(&piece.bounds, self.block, self.picture),
                measures: [piece.side(), piece.level, piece.stroke().max(1.0), surroundings.light(piece)],
            };
            self.marks = Some(pieces.all.iter().map(mark).collect());
        }
        let mut scored = self.scores(&pieces, &surroundings, polarity);
        scored.sort_by(|a, b| b.1.total_cmp(&a.1));
        for &(number, score) in scored.iter().take(A_MAP) {
            if score > self.best() - HOPELESS
                && let Some(reading) = self.reading(ink, &pieces, number, edge, polarity, score)
            {
                self.add(reading);
            }
            if let Some(inner) = ring::without_ring(ink, &pieces, number) {
                self.read_inside(&inner, edge, contrast, polarity);
            }
        }
    }

    /// Adds the likeliest reading of ink that a ring was taken from.
    fn read_inside(&mut self, ink: &Plane, edge: f32, contrast: &Contrast, polarity: Polarity) {
        let pieces = pieces::pieces(ink, edge, LEAST_SIDE);
        let surroundings = Surroundings::new(&pieces, contrast);
        let scores = self.scores(&pieces, &surroundings, polarity);
        let best = scores.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        let reading = best.and_then(|(number, score)| self.reading(ink, &pieces, number, edge, polarity, score));
        if let Some(reading) = reading {
            self.add(reading);
        }
    }

    fn reading(
        &self,
        ink: &Plane,
        pieces: &Pieces,
        main: usize,
        edge: f32,
        polarity: Polarity,
        score: f32,
    ) -> Option<Reading> {
        let (kept, bounds) = gathered(pieces, main, self.revision);
        if bounds.longer_side() < LEAST_SIDE {
            return None;
        }
        if self.sheet.is_some_and(|sheet| sheet.is_crossed_by(&source_box(&bounds, self.block, self.picture))) {
            return None;
        }
        let strokes = Strokes { ink, pieces, kept: &kept, bounds, main, edge };
        Some(Reading::new(strokes.prepared(polarity, self.block, self.picture), score))
    }

    /// Adds a reading, or keeps the better of it and one that is nearly the same.
    fn add(&mut self, reading: Reading) {
        let same = self.readings.iter_mut().find(|known| alike(&known.prepared.image, &reading.prepared.image));
        match same {
            Some(known) if known.score >= reading.score => {}
            Some(known) => *known = reading,
            None => self.readings.push(reading),
        }
    }

    fn likeliest(mut self) -> Vec<Reading> {
        self.readings.sort_by(|a, b| b.score.total_cmp(&a.score));
        let best = self.best();
        self.readings.retain(|reading| reading.score > best - HOPELESS);
        self.readings.truncate(MOST_CANDIDATES);
        let marks = self.marks.unwrap_or_default();
        for reading in &mut self.readings {
            reading.in_crowd = is_in_crowd(&reading.prepared.tight_box, &marks);
        }
        self.readings
    }
}

/// A piece of ink: its place, and its measures in the order of [`LIKE`].
struct Mark {
    tight_box: TightBox,
    measures: [f32; 4],
}

/// Whether [`CROWD`] marks outside a reading's box are like the largest in it.
fn is_in_crowd(reading: &TightBox, marks: &[Mark]) -> bool {
    let (inside, outside): (Vec<&Mark>, Vec<&Mark>) =
        marks.iter().partition(|mark| reading.shared_with(&mark.tight_box) > 0.0);
    let larger = |a: &'_ Mark, b: &'_ Mark| a.measures[0].total_cmp(&b.measures[0]);
    let Some(largest) = inside.into_iter().max_by(|a, b| larger(a, b)) else { return false };
    let is_like = |other: &&Mark| {
        let measures = largest.measures.iter().zip(&other.measures).zip(LIKE);
        measures.into_iter().all(|((a, b), like)| a.min(*b) >= like * a.max(*b))
    };
    outside.iter().filter(|mark| is_like(mark)).count() >= CROWD
}

/// Whether two images differ by less than rounding and edges make.
pub(crate) fn alike(a: &DigitImage, b: &DigitImage) -> bool {
    let difference: f32 = a.pixels().iter().zip(b.pixels()).map(|(a, b)| (a - b).abs()).sum();
    let ink: f32 = a.pixels().iter().chain(b.pixels()).sum();
    difference < 0.06 * ink
}
