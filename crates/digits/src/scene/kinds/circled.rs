//! A digit with a circle around it, in the same pen.

use super::super::mark::{Mark, Shape};
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let axes = [dice.between(20.0, 28.0), dice.between(21.0, 28.0)];
    let shape = Shape::Ring(axes, dice.between(0.6, 1.6));
    let at = [dice.between(-2.0, 2.0), dice.between(-2.0, 2.0)];
    setup.marks.push(Mark { shape, at, colour: setup.pen.colour, opacity: 0.9 });
    setup.view.scale *= 0.8;
}
