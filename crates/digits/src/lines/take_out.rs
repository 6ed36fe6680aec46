//! Taking one line out of the ink, and bridging the strokes that cross it.

use super::Line;
use crate::plane::Plane;

/// Ink so many times as strong as a line lies over the line, not in it.
const OVER: f32 = 1.4;

/// Takes lines from left to right out. What is left in their rows is what goes on above and below in one direction.
pub(super) fn lines(ink: &mut Plane, lines: &[Line]) {
    let before = ink.clone();
    lines.iter().for_each(|found| line(ink, &before, found));
}

fn line(ink: &mut Plane, before: &Plane, line: &Line) {
    let half = (line.thickness / 2.0).ceil() as isize + 1;
    let (width, height) = (ink.width as isize, ink.height as isize);
    let at = |column: isize, row: isize| {
        let inside = (0..width).contains(&column) && (0..height).contains(&row);
        if inside { before.values[(row * width + column) as usize] } else { 0.0 }
    };
    let ends = (line.span.0.saturating_sub(half as usize), (line.span.1 + half as usize + 1).min(ink.width));
    // A line that goes nearly throughout is taken out to the picture's edges.
    let long = 2 * (line.span.1 - line.span.0) > ink.width;
    let columns = if long { 0..ink.width } else { ends.0..ends.1 };
    for column in columns {
        let centre = line.rows[column].round() as isize;
        let (above, below) = (centre - half - 1, centre + half + 1);
        let column = column as isize;
        for row in (above + 1).max(0)..below.min(height) {
            let here = &mut ink.values[(row * width + column) as usize];
            if *here > OVER * line.level + 0.05 || *here == 0.0 {
                continue;
            }
            *here = here.min(bridged(&at, column, row, (above, below)));
        }
    }
}

/// The strongest ink that reaches a pixel between two rows from both of them, in one direction.
fn bridged(at: &impl Fn(isize, isize) -> f32, column: isize, row: isize, (above, below): (isize, isize)) -> f32 {
    let (up, down) = (row - above, below - row);
    // Directions from 60 degrees left of upright to 60 right, in thirds of a column a row.
    (-5..=5isize).fold(0.0, |best: f32, lean| {
        let shift = |rows: isize| (lean * rows + (lean * rows).signum()) / 3;
        best.max(at(column + shift(up), above).min(at(column - shift(down), below)))
    })
}
