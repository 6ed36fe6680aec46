//! Names beside points: each where it covers no other name and no point, and does not leave the figure.

/// Width of a character and height of a line, in pixels.
const CHARACTER: f64 = 6.7;
const LINE: f64 = 13.0;
/// How far a line's lower edge lies below its baseline.
const DESCENT: f64 = 3.0;
/// Where a name may be, nearest first: its anchor, and from the point to the end of its baseline.
const PLACES: [(&str, [f64; 2]); 8] = [
    ("end", [-6.0, -6.0]),
    ("start", [6.0, -6.0]),
    ("end", [-6.0, 15.0]),
    ("start", [6.0, 15.0]),
    ("end", [-6.0, -20.0]),
    ("start", [6.0, -20.0]),
    ("end", [-6.0, 29.0]),
    ("start", [6.0, 29.0]),
];

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

/// A name's place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// The text's anchor, `start` or `end`.
    pub anchor: &'static str,
    /// The baseline's start or end.
    pub at: [f64; 2],
    /// What the name covers.
    covers: Area,
}

impl Area {
    fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    fn holds(&self, inner: &Self) -> bool {
        self.left <= inner.left && self.top <= inner.top && inner.right <= self.right && inner.bottom <= self.bottom
    }

    fn has(&self, [x, y]: [f64; 2]) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
}

/// The place of each of `names` beside its point; `None` where there is no room among `points` and `within`.
pub(super) fn place(names: &[(&str, [f64; 2])], points: &[[f64; 2]], within: Area) -> Vec<Option<Place>> {
    let mut placed: Vec<Place> = Vec::new();
    let mut found = Vec::new();
    for (name, point) in names {
        let is_free = |place: &Place| {
            within.holds(&place.covers)
                && !placed.iter().any(|other| place.covers.meets(&other.covers))
                && !points.iter().any(|point| place.covers.has(*point))
        };
        let place = PLACES.iter().map(|&(anchor, shift)| beside(name, *point, anchor, shift)).find(is_free);
        placed.extend(place);
        found.push(place);
    }
    found
}

fn beside(name: &str, [x, y]: [f64; 2], anchor: &'static str, [across, down]: [f64; 2]) -> Place {
    let (at, width) = ([x + across, y + down], CHARACTER * name.chars().count() as f64);
    let left = if anchor == "end" { at[0] - width } else { at[0] };
    let bottom = at[1] + DESCENT;
    Place { anchor, at, covers: Area { left, top: bottom - LINE, right: left + width, bottom } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cover_no_name_and_no_point_and_stay_inside() {
        let within = Area { left: 0.0, top: 0.0, right: 300.0, bottom: 200.0 };
        let points = [[4.0, 100.0], [150.0, 100.0], [152.0, 101.0], [296.0, 100.0]];
        let names: Vec<(&str, [f64; 2])> = ["first", "second", "third", "fourth"].into_iter().zip(points).collect();
        let places: Vec<Place> = place(&names, &points, within).into_iter().map(Option::unwrap).collect();
        for (number, one) in places.iter().enumerate() {
            assert!(within.holds(&one.covers), "{one:?}");
            assert!(points.iter().all(|point| !one.covers.has(*point)), "{one:?}");
            assert!(places[..number].iter().all(|other| !one.covers.meets(&other.covers)), "{places:?}");
        }
        assert_eq!([places[0].anchor, places[3].anchor], ["start", "end"]);
    }

    #[test]
    fn a_name_without_room_is_left_out() {
        let within = Area { left: 0.0, top: 0.0, right: 30.0, bottom: 30.0 };
        assert_eq!(place(&[("too long for it", [15.0, 15.0])], &[], within), [None]);
    }
}
