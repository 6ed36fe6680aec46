//! A digit in a box, as in forms.

use super::super::mark::{Mark, Shape};
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let half = [dice.between(19.0, 30.0), dice.between(20.0, 32.0)];
    let colour = dice.one_of(&[[0.15, 0.15, 0.15], [0.3, 0.3, 0.32], [0.6, 0.25, 0.2], [0.2, 0.3, 0.6]]);
    let shape = Shape::Frame(half, dice.between(0.4, 1.2));
    let at = [dice.between(-2.0, 2.0), dice.between(-2.0, 2.0)];
    setup.marks.push(Mark { shape, at, colour, opacity: 0.9 });
    setup.view.scale *= 0.8;
}
