//! Shapes and small pictures.

use std::f32::consts::{PI, TAU};

use super::canvas::{Canvas, Point};
use super::pen::{Pen, smooth};
use super::random::Random;

/// Strokes by one hand, given as glyphs.
fn glyphs(table: &[&str], random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let glyph = random.one_of(table);
    Pen::any(random).glyph(&mut canvas, glyph, random);
    canvas
}

/// Points around the middle of a glyph: `corners` of them, at radii that take turns.
fn around(corners: usize, radii: &[f32], turn: f32) -> Vec<Point> {
    (0..=corners)
        .map(|corner| {
            let (sine, cosine) = (turn + corner as f32 / corners as f32 * TAU).sin_cos();
            let radius = radii[corner % corners % radii.len()];
            [4.0 + radius * cosine, 4.0 + radius * sine]
        })
        .collect()
}

/// Draws an outline, or fills it every other time.
fn outline_or_filled(points: &[Point], random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    let points = pen.points(points, random);
    canvas.stroke(&points, pen.radius);
    if random.chance(0.4) {
        canvas.fill(&points);
    }
    canvas
}

pub(super) fn arrow(random: &mut Random) -> Canvas {
    glyphs(
        &[
            "04 84|61 84 67",
            "84 04|21 04 27",
            "48 40|13 40 73",
            "40 48|15 48 75",
            "08 80|30 80 85",
            "88 00|50 00 05",
            "04 84|21 04 27|61 84 67",
        ],
        random,
    )
}

pub(super) fn heart(random: &mut Random) -> Canvas {
    let heart = |step: usize| {
        let angle = step as f32 / 24.0 * TAU;
        let x = 4.0 + 4.0 * angle.sin().powi(3);
        [x, 3.7 - 3.3 * angle.cos() + 1.2 * (2.0 * angle).cos() + 0.6 * (3.0 * angle).cos()]
    };
    outline_or_filled(&(0..=24).map(heart).collect::<Vec<_>>(), random)
}

pub(super) fn star(random: &mut Random) -> Canvas {
    let corners = random.whole(4, 7);
    let inner = random.within(1.4, 2.2);
    if random.chance(0.3) {
        // A pentagram, in one stroke.
        let tips = around(5, &[4.0], -PI / 2.0);
        let order: Vec<Point> = (0..=5).map(|tip| tips[tip * 2 % 5]).collect();
        return outline_or_filled(&order, random);
    }
    outline_or_filled(&around(2 * corners, &[4.0, inner], -PI / 2.0), random)
}

/// Triangles, squares, diamonds and pentagons.
pub(super) fn polygon(random: &mut Random) -> Canvas {
    let (corners, turn) = random.one_of(&[(3, -PI / 2.0), (3, PI / 2.0), (4, PI / 4.0), (4, 0.0), (5, -PI / 2.0)]);
    outline_or_filled(&around(corners, &[4.3], turn), random)
}

/// Discs, squares and blots, all ink.
pub(super) fn blot(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    let corners = random.one_of(&[4, 6, 9, 24]);
    let radii: Vec<f32> = (0..corners).map(|_| random.within(2.8, 4.4)).collect();
    let blot = if random.chance(0.5) { around(corners, &[4.0], PI / 4.0) } else { around(corners, &radii, 0.0) };
    let points = pen.points(&blot, random);
    canvas.fill(&points);
    canvas.stroke(&points, 1.5);
    canvas
}

pub(super) fn crescent(random: &mut Random) -> Canvas {
    let inner = random.within(0.5, 2.0);
    let outside =
        (0..=10).map(|step| (step as f32 / 10.0 - 0.5) * 1.5 * PI).map(|a| [3.0 + 4.0 * a.cos(), 4.0 + 4.0 * a.sin()]);
    let inside = (0..=10)
        .map(|step| (0.5 - step as f32 / 10.0) * 1.5 * PI)
        .map(|a| [3.0 + inner * a.cos(), 4.0 + 3.4 * a.sin()]);
    let mut points: Vec<Point> = outside.chain(inside).collect();
    points.extend_from_within(..1);
    outline_or_filled(&points, random)
}

pub(super) fn face(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    pen.ellipse(&mut canvas, [4.0, 4.0], [4.0, random.within(3.6, 4.6)], random);
    let mouth = random.within(-1.2, 1.2);
    for side in [2.6, 5.4] {
        canvas.disc(pen.at([side, 2.7], random), pen.radius);
    }
    pen.curve(&mut canvas, &[[2.2, 5.6 - mouth / 2.0], [4.0, 5.6 + mouth / 2.0], [5.8, 5.6 - mouth / 2.0]], random);
    canvas
}

pub(super) fn stick_figure(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    pen.ellipse(&mut canvas, [4.0, 1.2], [1.1, 1.2], random);
    let arms = random.within(-1.5, 1.5);
    pen.straight(&mut canvas, &[[4.0, 2.4], [4.0, 5.4]], random);
    pen.straight(&mut canvas, &[[1.0, 3.4 + arms], [4.0, 3.4], [7.0, 3.4 + arms]], random);
    pen.straight(&mut canvas, &[[1.6, 8.0], [4.0, 5.4], [6.4, 8.0]], random);
    canvas
}

pub(super) fn house(random: &mut Random) -> Canvas {
    glyphs(
        &[
            "14 18 78 74|04 40 84|38 35 55 58",
            "13 18 78 73 13 40 73",
            "13 18 78 73 13 40 73|25 25 35 36 25",
            "02 08 88 82 02|02 20 60 82",
        ],
        random,
    )
}

pub(super) fn plant(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    pen.straight(&mut canvas, &[[4.0, 3.0], [4.0, 8.0]], random);
    match random.whole(0, 2) {
        0 => {
            for petal in around(5, &[1.9], 0.3).iter().take(5) {
                pen.ellipse(&mut canvas, [petal[0], petal[1] - 2.0], [1.1, 1.1], random);
            }
        }
        1 => pen.straight(&mut canvas, &[[1.0, 6.0], [4.0, 0.0], [7.0, 6.0], [1.0, 6.0]], random),
        _ => {
            for down in [1.5, 3.0, 4.5] {
                pen.straight(&mut canvas, &[[1.5, down - 1.2], [4.0, down + 0.8], [6.5, down - 1.2]], random);
            }
        }
    }
    canvas
}

pub(super) fn note(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    let stems = random.one_of(&[&[6.0_f32][..], &[3.0, 7.0]]);
    for &stem in stems {
        pen.straight(&mut canvas, &[[stem, 0.5], [stem, 7.0]], random);
        canvas.disc(pen.at([stem - 1.0, 7.0], random), 2.2 * pen.radius);
    }
    let (from, to) = (stems[0], *stems.last().unwrap_or(&6.0));
    pen.straight(&mut canvas, &[[from, 0.5], [to.max(from + 1.8), if from == to { 2.2 } else { 0.2 }]], random);
    canvas
}

pub(super) fn boat(random: &mut Random) -> Canvas {
    glyphs(
        &[
            "06 28 68 86 06|46 40 74 44",
            "05 17 77 85 05|35 30 64 34|~08 28 48 68",
            "15 18 88 85 15|~15 30 60 85|27 27|67 67",
        ],
        random,
    )
}

/// Ticks and crosses.
pub(super) fn tick(random: &mut Random) -> Canvas {
    glyphs(&["05 38 80", "04 37 81", "00 88|80 08|00 80 88 08 00", "13 36 70|00 08 88 80 00"], random)
}

pub(super) fn spiral(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    let (turns, turned, way) = (random.within(2.0, 3.5), random.within(0.0, TAU), random.one_of(&[-1.0, 1.0]));
    let winding = |step: usize| {
        let part = step as f32 / 40.0;
        let (sine, cosine) = (turned + way * part * turns * TAU).sin_cos();
        [4.0 + 4.2 * part * cosine, 4.0 + 4.2 * part * sine]
    };
    pen.curve(&mut canvas, &(0..=40).map(winding).collect::<Vec<_>>(), random);
    canvas
}

/// A pen that goes to and fro.
pub(super) fn scribble(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    let points: Vec<Point> =
        (0..random.whole(9, 18)).map(|_| [random.within(0.0, 8.0), random.within(0.0, 8.0)]).collect();
    pen.curve(&mut canvas, &points, random);
    canvas
}

/// Waves, lying.
pub(super) fn wave(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    let (waves, high, lines) = (random.within(1.5, 4.0), random.within(0.8, 2.5), random.whole(1, 2));
    for line in 0..lines {
        let middle = 4.0 + 3.0 * line as f32;
        let wave = |step: usize| [step as f32 / 3.0, middle + high * (step as f32 / 24.0 * waves * TAU).sin()];
        pen.curve(&mut canvas, &(0..=24).map(wave).collect::<Vec<_>>(), random);
    }
    canvas
}

/// A line that turns sharply to and fro.
pub(super) fn zigzag(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    let (corners, high) = (random.whole(4, 8), random.within(1.0, 4.0));
    let corner = |corner: usize| {
        [8.0 * corner as f32 / corners as f32, 4.0 + if corner.is_multiple_of(2) { high } else { -high }]
    };
    pen.straight(&mut canvas, &(0..=corners).map(corner).collect::<Vec<_>>(), random);
    canvas
}

/// Loops along a line.
pub(super) fn coil(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let (loops, forward) = (random.within(2.5, 4.5), random.within(0.8, 1.4));
    let pen = Pen::any(random);
    let loops = |step: usize| {
        let part = step as f32 / 48.0;
        let (sine, cosine) = (part * loops * TAU).sin_cos();
        [8.0 * part + forward * cosine, 4.0 + 2.2 * sine]
    };
    pen.curve(&mut canvas, &(0..=48).map(loops).collect::<Vec<_>>(), random);
    canvas
}

/// Short strokes that do not belong together.
pub(super) fn loose_strokes(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    for _ in 0..random.whole(4, 9) {
        let middle: Point = [random.within(15.0, 81.0), random.within(15.0, 81.0)];
        let (sine, cosine) = random.within(0.0, PI).sin_cos();
        let (half, bend, radius) = (random.within(5.0, 22.0), random.about(6.0), random.within(1.5, 4.5));
        let end = |side: f32| [middle[0] + side * half * cosine, middle[1] + side * half * sine];
        let bent = [middle[0] - bend * sine, middle[1] + bend * cosine];
        canvas.stroke(&smooth(&[end(-1.0), bent, end(1.0)]), radius);
    }
    canvas
}
