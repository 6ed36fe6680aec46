//! Paper without a digit: ruling, boxes, dots, textures, light.

use std::f32::consts::{PI, TAU};

use super::canvas::{Canvas, SHEET};
use super::random::Random;

const SIDE: f32 = SHEET as f32;

/// One to three ruled lines, level or nearly so.
pub(super) fn ruled_lines(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let (lines, tilt, radius) = (random.whole(1, 3), random.about(8.0), random.within(0.8, 3.0));
    let gap = random.within(14.0, 40.0);
    let (left, right) = (random.within(0.0, 20.0), random.within(60.0, SIDE));
    for line in 0..lines {
        let down = SIDE / 2.0 + gap * (line as f32 - (lines - 1) as f32 / 2.0);
        canvas.stroke(&[[left, down - tilt], [right, down + tilt]], radius);
    }
    canvas
}

/// A box, or what is left of one: corners and sides.
pub(super) fn box_remains(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let (left, top) = (random.within(4.0, 24.0), random.within(4.0, 24.0));
    let (right, bottom) = (random.within(72.0, 92.0), random.within(72.0, 92.0));
    let corners = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top], [right, top]];
    let (sides, from) = (random.whole(3, 4), random.whole(0, 1));
    canvas.stroke(&corners[from..=from + sides], random.within(1.0, 4.0));
    canvas
}

/// Squared paper, a fence, a noughts-and-crosses board.
pub(super) fn grid(random: &mut Random) -> Canvas {
    let (across, down) = (random.whole(2, 5), random.whole(2, 5));
    let (mut canvas, radius, tilt) = (Canvas::blank(), random.within(0.8, 2.8), random.about(5.0));
    for line in 0..across {
        let at = SIDE * (line as f32 + 0.5) / across as f32;
        canvas.stroke(&[[at - tilt, 3.0], [at + tilt, SIDE - 3.0]], radius);
    }
    for line in 0..down {
        let at = SIDE * (line as f32 + 0.5) / down as f32;
        canvas.stroke(&[[3.0, at + tilt], [SIDE - 3.0, at - tilt]], radius);
    }
    canvas
}

/// Upright bars of many widths.
pub(super) fn bars(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let (mut at, height) = (6.0, random.within(20.0, 45.0));
    while at < SIDE - 6.0 {
        let radius = random.within(1.0, 3.5);
        canvas.stroke(&[[at, 48.0 - height], [at, 48.0 + height]], radius);
        at += 2.0 * radius + random.within(4.0, 9.0);
    }
    canvas
}

/// Dots, in order or not.
pub(super) fn dots(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let (across, astray, radius) = (random.whole(3, 7), random.within(0.0, 12.0), random.within(1.5, 4.0));
    let gap = SIDE / across as f32;
    for dot in 0..across * across {
        let (column, row) = ((dot % across) as f32, (dot / across) as f32);
        let place = [gap * (column + 0.5) + random.about(astray), gap * (row + 0.5) + random.about(astray)];
        if random.chance(0.85) {
            canvas.disc(place, radius);
        }
    }
    canvas
}

/// Parallel stripes at any angle, hard or soft.
pub(super) fn stripes(random: &mut Random) -> Canvas {
    let (sine, cosine) = random.within(0.0, PI).sin_cos();
    let (period, hard, phase) = (random.within(12.0, 36.0), random.within(1.0, 6.0), random.within(0.0, TAU));
    Canvas::covered(|x, y| 0.5 + hard * 0.5 * ((x * cosine + y * sine) / period * TAU + phase).sin())
}

/// A chessboard.
pub(super) fn checkers(random: &mut Random) -> Canvas {
    let (period, phase, tilt) = (random.within(11.0, 30.0), random.within(0.0, 20.0), random.about(0.3));
    Canvas::covered(|x, y| {
        let field = ((x + tilt * y + phase) / period).floor() + ((y - tilt * x + phase) / period).floor();
        f32::from(field.rem_euclid(2.0) < 1.0)
    })
}

/// Grain: noise of one or several pixels.
pub(super) fn grain(random: &mut Random) -> Canvas {
    let (cell, share) = (random.whole(3, 9), random.within(0.2, 0.6));
    let cells = SHEET.div_ceil(cell);
    let binary = random.chance(0.5);
    let levels: Vec<f32> = (0..cells * cells)
        .map(|_| if binary { f32::from(random.chance(share)) } else { random.unit() * 2.0 * share })
        .collect();
    Canvas::covered(|x, y| levels[y as usize / cell * cells + x as usize / cell])
}

/// What a blurred photograph has: a few soft hills of light.
pub(super) fn photograph(random: &mut Random) -> Canvas {
    let hills: Vec<[f32; 5]> = (0..random.whole(3, 8))
        .map(|_| {
            let width = random.within(8.0, 40.0);
            [
                random.within(0.0, SIDE),
                random.within(0.0, SIDE),
                width,
                width * random.within(0.5, 2.0),
                random.within(-0.8, 1.0),
            ]
        })
        .collect();
    let (base, slope) = (random.within(0.0, 0.6), random.about(0.6));
    Canvas::covered(|x, y| {
        let hill = |[left, top, wide, high, tall]: &[f32; 5]| {
            tall * (-((x - left) / wide).powi(2) - ((y - top) / high).powi(2)).exp()
        };
        base + slope * (x + y - SIDE) / SIDE + hills.iter().map(hill).sum::<f32>()
    })
}

/// One side of the sheet dark: the edge of a table or a shadow.
pub(super) fn edge(random: &mut Random) -> Canvas {
    let (sine, cosine) = random.within(0.0, TAU).sin_cos();
    let (at, soft) = (random.within(-25.0, 25.0), random.within(1.0, 30.0));
    Canvas::covered(|x, y| 0.5 + ((x - SIDE / 2.0) * cosine + (y - SIDE / 2.0) * sine - at) / soft)
}
