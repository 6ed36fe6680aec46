//! Two digits in one picture: every way to see them, and which way is meant.

use crate::bounds::Bounds;
use crate::ink::InkMap;
use crate::picture::Picture;
use crate::prepare::{self, Candidate, Framed, Prepared, TightBox, source_box};
use crate::prepare_error::PrepareError;
use crate::revision::Revision;
use crate::search;
use crate::several::SURELY;
use crate::verdict::Verdict;

mod found;
mod maps;
mod seam;

use found::{Digits, Group, Marks};
use maps::{Map, Seen};

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

/// So many marks beside each other are text or a pattern, and not worth a network's time.
const MANY_MARKS: usize = 7;

/// Parts of what hangs together are digits where a network takes both for such with this probability at least.
const PARTS_SURE: f32 = 0.6;

/// So likely the two marks of a way are the two digits at least, or it is the shape's word that counts.
const LEAST: f32 = 0.3;

/// Of two ways that are as likely, the one tried first is taken: each next one counts so much less.
const LATER: f32 = 0.995;

/// Finds two digits by the shape of the ink alone: the left one first, or the upper one where one stands above the other.
///
/// # Errors
/// [`SplitError::NotTwo`] when there is ink but only one digit, [`SplitError::Several`] when there are more than two.
pub fn split(picture: &Picture<'_>) -> Result<[Prepared; 2], SplitError> {
    let seen = Seen::of(picture)?;
    let marks = marks_of(&seen.maps);
    two_by_shape(&seen, &digits_of(&marks))
}

/// The ways to see two digits in a picture, for a network to judge: it knows a digit from a table's grain or a sheet's corner,
/// and a 4 from a 1 that touches a 7.
///
/// ```
/// use digits::{Picture, Split, Verdict};
///
/// // Two strokes on white paper.
/// let mut paper = [255; 90 * 50];
/// (10..40).for_each(|row| [20, 65].into_iter().for_each(|left| paper[row * 90 + left..row * 90 + left + 4].fill(0)));
/// let ways = Split::of(&Picture::luma(90, 50, &paper)?)?;
/// // A network that takes what is narrow for a 1, and what is wider, both strokes together, for no digit.
/// let one = std::array::from_fn(|class| if class == 1 { 0.91 } else { 0.01 });
/// let says = |width: usize| Verdict::new(0.9, Some([one; 2]))?.with_no_digit([if width < 10 { 0.0 } else { 0.9 }; 2]);
/// let widths = ways.readings().iter().map(|reading| reading.prepared.tight_box.width);
/// let [left, right] = ways.chosen(&widths.map(says).collect::<Result<Vec<_>, _>>()?)?;
/// assert!(left.prepared.tight_box.left < right.prepared.tight_box.left);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Split {
    readings: Vec<Candidate>,
    ways: Vec<Way>,
    by_shape: Result<[usize; 2], SplitError>,
}

/// One way to see digits.
#[derive(Debug, Clone)]
struct Way {
    /// Places among the readings.
    digits: Vec<usize>,
    /// All of it as one digit, if there are two.
    whole: Option<usize>,
    /// Whether they are parts of what hangs together.
    touching: bool,
    /// Whether the ink is dark where light ink is likelier, or light where dark is.
    unlikely: bool,
}

impl Split {
    /// Looks for two digits in every way that is worth trying: as [`split`] does alone where all its ways to look agree;
    /// otherwise also in the picture's colours, in light ink and in dark, and cuts what hangs together along several lines.
    ///
    /// # Errors
    /// [`SplitError`] where there is nothing that a network could take for two digits.
    pub fn of(picture: &Picture<'_>) -> Result<Self, SplitError> {
        let seen = Seen::of(picture)?;
        let marks = marks_of(&seen.maps);
        let found = digits_of(&marks);
        let mut all = Self { readings: Vec::new(), ways: Vec::new(), by_shape: Err(SplitError::NotTwo) };
        all.by_shape = two_by_shape(&seen, &found).map(|two| two.map(|digit| all.place(digit)));
        if let Err(SplitError::Several { found: MANY_MARKS.. }) = all.by_shape {
            all.by_shape.clone()?;
        }
        if let Ok(two) = all.by_shape {
            let whole = found.iter().find(|digits| digits.groups.len() == 2).and_then(|digits| digits.whole(&seen));
            let whole = whole.map(|whole| all.place(whole));
            all.ways.push(Way { digits: two.into(), whole, touching: false, unlikely: false });
        }
        found.iter().for_each(|digits| all.add_apart(digits, &seen));
        if found.len() < seen.maps.len() || found.iter().any(|digits| digits.groups.len() != 2) {
            marks.iter().flat_map(Marks::touching).for_each(|digits| all.add_touching(&digits, &seen));
            let further = seen.further_maps();
            digits_of(&marks_of(&further)).iter().for_each(|digits| all.add_apart(digits, &seen));
        }
        if all.ways.iter().all(|way| way.digits.len() < 2) {
            all.by_shape.clone()?;
        }
        Ok(all)
    }

    /// All that may be a digit; a network is to be asked about each, beside itself.
    pub fn readings(&self) -> &[Candidate] {
        &self.readings
    }

    /// The same, to tell their places in the picture that this one was made from.
    pub fn readings_mut(&mut self) -> &mut [Candidate] {
        &mut self.readings
    }

    /// The two digits, the left or upper one first, by what a network says about each of the [`readings`](Self::readings) beside
    /// itself; by their shape where it has no digit heads, or there is not one verdict for each. Either may still be called no
    /// digit.
    ///
    /// # Errors
    /// [`SplitError::NotTwo`] when there is only one digit, [`SplitError::Several`] when there are more than two.
    pub fn chosen(&self, verdicts: &[Verdict]) -> Result<[Candidate; 2], SplitError> {
        let sure: Option<Vec<f32>> = verdicts.iter().map(surely).collect();
        let Some(sure) = sure.filter(|sure| sure.len() == self.readings.len()) else { return self.two_of_shape() };
        let ranks = std::iter::successors(Some(1.0), |rank| Some(rank * LATER));
        let judged = self.ways.iter().zip(ranks).filter(|(way, _)| self.is_possible(way, &sure));
        let judged = judged.filter_map(|(way, rank)| way.judged(&sure).map(|(both, two)| (rank * both, two)));
        let best = judged.reduce(|best, next| if next.0 > best.0 { next } else { best });
        // A broken stroke makes two marks of one digit.
        let mut wholes = self.ways.iter().filter(|way| !way.touching).filter_map(|way| way.whole);
        match best {
            _ if let Some(found) = self.several(&sure) => Err(SplitError::Several { found }),
            Some((both, two)) if both >= LEAST => Ok(self.in_reading_order(two)),
            _ if wholes.any(|whole| sure[whole] >= SURELY) => Err(SplitError::NotTwo),
            _ => self.two_of_shape(),
        }
    }

    /// Whether a way is still one beside what others show: what lies within one digit of the likely brightness is what that leaves
    /// free of ink, and what has a digit within it is no digits that touch.
    fn is_possible(&self, way: &Way, sure: &[f32]) -> bool {
        let alone = |way: &Way| if way.digits.len() == 1 { Some(way.digits[0]) } else { way.whole };
        let tight_box = |place: usize| &self.readings[place].prepared.tight_box;
        if way.unlikely {
            let others = self.ways.iter().filter(|other| !other.unlikely);
            let mut surely_alone = others.filter_map(alone).filter(|&one| sure[one] >= SURELY);
            let all_within = |one: usize| {
                way.digits.iter().all(|&digit| tight_box(digit).lies_in(tight_box(one)) || sure[digit] < SURELY)
            };
            return !surely_alone.any(all_within);
        }
        let alone = self.ways.iter().filter(|other| other.digits.len() == 1).map(|other| other.digits[0]);
        let is_within = |one: usize, whole: usize| {
            tight_box(one).lies_in(tight_box(whole)) && tight_box(one).shared_with(tight_box(whole)) < SAME_BOX
        };
        let mut surely_alone = alone.filter(|&one| sure[one] >= SURELY);
        way.whole.is_none_or(|whole| !way.touching || !surely_alone.any(|one| is_within(one, whole)))
    }

    /// How many digits there are, if more than two: as most ways to see marks that are apart say. A sheet's edge may look like a 1
    /// in some of them.
    fn several(&self, sure: &[f32]) -> Option<usize> {
        let apart = self.ways.iter().filter(|way| !way.touching);
        let counts = apart.map(|way| way.digits.iter().filter(|&&digit| sure[digit] >= SURELY).count());
        let (more, two): (Vec<usize>, Vec<usize>) = counts.filter(|&count| count > 1).partition(|&count| count > 2);
        (more.len() > two.len()).then(|| more.into_iter().max()).flatten()
    }

    fn two_of_shape(&self) -> Result<[Candidate; 2], SplitError> {
        self.by_shape.clone().map(|two| self.in_reading_order(two))
    }

    fn in_reading_order(&self, [first, second]: [usize; 2]) -> [Candidate; 2] {
        let (first, second) = (&self.readings[first], &self.readings[second]);
        let is_first = comes_first(&first.prepared.tight_box, &second.prepared.tight_box);
        let two = if is_first { [first, second] } else { [second, first] };
        two.map(Candidate::clone)
    }

    /// Digits that are apart, or one, if a network is to be asked.
    fn add_apart(&mut self, digits: &Digits<'_>, seen: &Seen<'_>) {
        if digits.groups.len() < MANY_MARKS {
            let luma = &seen.working.planes[0];
            let marks = digits.groups.iter().filter(|group| !digits.is_an_edge(group, luma));
            let marks: Vec<Prepared> = marks.filter_map(|group| digits.prepared(group, seen)).collect();
            let whole = digits.whole(seen).map(|whole| self.place(whole));
            let unlikely = digits.map.polarity != seen.polarity;
            let digits = marks.into_iter().map(|digit| self.place(digit)).collect();
            self.ways.push(Way { digits, whole, touching: false, unlikely });
        }
    }

    fn add_touching(&mut self, digits: &Digits<'_>, seen: &Seen<'_>) {
        let parts: Vec<Prepared> = digits.groups.iter().filter_map(|group| digits.prepared(group, seen)).collect();
        if let Some(whole) = digits.whole(seen) {
            let whole = Some(self.place(whole));
            let digits = parts.into_iter().map(|part| self.place(part)).collect();
            self.ways.push(Way { digits, whole, touching: true, unlikely: false });
        }
    }

    /// The place of a reading among all, where one that is nearly the same is not told apart.
    fn place(&mut self, digit: Prepared) -> usize {
        let is_same = |known: &Candidate| {
            known.prepared.tight_box.shared_with(&digit.tight_box) > SAME_BOX
                && search::alike(&known.prepared.image, &digit.image)
        };
        self.readings.iter().position(is_same).unwrap_or_else(|| {
            self.readings.push(Candidate::only(digit));
            self.readings.len() - 1
        })
    }
}

/// Two readings are of one place where their boxes share this fraction of what they cover together.
const SAME_BOX: f32 = 0.8;

impl Way {
    /// How likely this way shows two digits and no third, and which; `None` where it does not.
    fn judged(&self, sure: &[f32]) -> Option<(f32, [usize; 2])> {
        let mut digits = self.digits.clone();
        digits.sort_by(|&a, &b| sure[b].total_cmp(&sure[a]));
        let [first, second, others @ ..] = digits.as_slice() else { return None };
        let third = others.first().map_or(0.0, |&third| sure[third]);
        let both = sure[*first] * sure[*second] * (1.0 - third);
        let least = if self.touching { PARTS_SURE } else { 0.0 };
        let is_meant = both > least && self.whole.is_none_or(|whole| sure[whole] < both);
        is_meant.then_some((both, [*first, *second]))
    }
}

/// How surely a network takes an image for a digit; `None` from one without digit heads.
fn surely(verdict: &Verdict) -> Option<f32> {
    let digit = verdict.digits()?[0].probability;
    Some(digit * (1.0 - verdict.no_digit().map_or(0.0, |no_digit| no_digit[0])))
}

/// Left before right; upper before lower where they stand above each other.
fn comes_first(first: &TightBox, second: &TightBox) -> bool {
    let middle = |it: &TightBox| (2 * it.left + it.width, 2 * it.top + it.height);
    let ((across, down), (other_across, other_down)) = (middle(first), middle(second));
    let above = down.abs_diff(other_down) > across.abs_diff(other_across);
    if above { down <= other_down } else { across <= other_across }
}

fn marks_of(maps: &[Map]) -> Vec<Marks<'_>> {
    maps.iter().map(Marks::of).collect()
}

/// The digits of each map that has ink.
fn digits_of<'a>(marks: &[Marks<'a>]) -> Vec<Digits<'a>> {
    marks.iter().filter_map(Marks::digits).collect()
}

/// Two digits by the shape of the ink, left or upper one first.
fn two_by_shape(seen: &Seen<'_>, found: &[Digits<'_>]) -> Result<[Prepared; 2], SplitError> {
    let several = |digits: &&Digits<'_>| digits.groups.len() > 2;
    if let [first, second, ..] = found
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
    let prepared = framed_apart(seen, found).or_else(|| {
        let [first, second] = &two.groups[..] else { return None };
        Some([two.prepared(first, seen)?, two.prepared(second, seen)?])
    });
    let [first, second] = prepared.ok_or(SplitError::NotTwo)?;
    let is_first = comes_first(&first.tight_box, &second.tight_box);
    Ok(if is_first { [first, second] } else { [second, first] })
}

/// Each of two digits as it is framed when the other is not there; `None` where either would be searched for.
fn framed_apart(seen: &Seen<'_>, found: &[Digits<'_>]) -> Option<[Prepared; 2]> {
    let map = seen.smooth.as_ref()?;
    let digits = found.iter().find(|digits| digits.map.is_smooth && digits.groups.len() == 2)?;
    let [first, second] = &digits.groups[..] else { return None };
    let without = |other: &Group| {
        let width = map.ink.width;
        let is_others = |label: u32| label > 0 && other.kept[label as usize - 1];
        let ink = map.ink.map(
            |column, row, value| {
                if is_others(digits.pieces.labels[row * width + column]) { 0.0 } else { value }
            },
        );
        let boxed = |bounds: &Bounds| source_box(bounds, seen.working.block, seen.picture);
        let Framed { prepared, doubt, .. } = prepare::framed_in(&InkMap { ink, ..*map }, boxed, Revision::NEWEST)?;
        (doubt == 0.0).then_some(prepared)
    };
    Some([without(second)?, without(first)?])
}
