//! The ink maps that two digits are looked for in.

use crate::ink::{self, InkMap, Polarity};
use crate::light::Contrast;
use crate::picture::Picture;
use crate::plane::{self, Plane, WorkingPlanes};
use crate::prepare_error::PrepareError;
use crate::search::{self, Look};

/// Fractions of full ink at which strokes end.
const EDGES: [f32; 2] = [0.3, 0.5];

/// An ink map, and where strokes end in it.
pub(super) struct Map {
    pub contrast: Contrast,
    pub ink: Plane,
    pub edge: f32,
    pub polarity: Polarity,
    /// Whether the ink is what stands out from smooth paper.
    pub is_smooth: bool,
}

/// A picture, and what is looked for digits in.
pub(super) struct Seen<'a> {
    pub picture: &'a Picture<'a>,
    pub working: WorkingPlanes,
    /// The likelier brightness of ink.
    pub polarity: Polarity,
    /// What stands out from smooth paper; `None` where that does not fit.
    pub smooth: Option<InkMap>,
    /// Ink against its surroundings without lines, at two thresholds; then against smooth paper, where that fits.
    pub maps: Vec<Map>,
}

impl<'a> Seen<'a> {
    pub fn of(picture: &'a Picture<'a>) -> Result<Self, PrepareError> {
        let (width, height) = (picture.width(), picture.height());
        if width == 0 || height == 0 {
            return Err(PrepareError::Empty { width, height });
        }
        let working = plane::working_planes(picture);
        let smooth = ink::find(&working.planes).filter(|map| !map.misfit);
        let [first, ..] = search::looks(&working.planes[0]);
        let mut maps = maps(&working, first);
        maps.extend(smooth.as_ref().map(on_smooth_paper));
        Ok(Self { picture, working, polarity: first.polarity, smooth, maps })
    }

    /// The maps of all other looks at the picture.
    pub fn further_maps(&self) -> Vec<Map> {
        let [_, others @ ..] = search::looks(&self.working.planes[0]);
        others.into_iter().flat_map(|look| maps(&self.working, look)).collect()
    }
}

/// Ink against its surroundings without lines, at two thresholds.
fn maps(working: &WorkingPlanes, look: Look) -> Vec<Map> {
    let Some((contrast, ink, full)) = search::unruled(working, look) else { return Vec::new() };
    let map = |edge: f32| {
        let edge = (edge * full).max(contrast.floor);
        Map { contrast: contrast.clone(), ink: ink.clone(), edge, polarity: look.polarity, is_smooth: false }
    };
    EDGES.map(map).into()
}

fn on_smooth_paper(map: &InkMap) -> Map {
    let edge = EDGES[0].max(ink::NOISE_DEVIATIONS * map.noise);
    let paper = map.ink.map(|_, _, _| 1.0);
    let contrast = Contrast { ink: map.ink.clone(), paper, brightest: 1.0, floor: edge };
    Map { contrast, ink: map.ink.clone(), edge, polarity: map.polarity, is_smooth: true }
}
