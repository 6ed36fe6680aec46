//! A full stop, a comma or a bracket's end after the digit.

use super::super::mark::{Mark, Shape};
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let size = setup.pen.width * super::super::photo::HEIGHT * dice.between(0.5, 0.9);
    let shape = if dice.happens(0.6) { Shape::Dot(size) } else { Shape::Oval([size * 0.7, 2.2 * size]) };
    let at = [dice.between(13.0, 19.0), dice.between(13.0, 16.0)];
    setup.marks.push(Mark { shape, at, colour: setup.pen.colour, opacity: 0.92 });
}
