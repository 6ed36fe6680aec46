//! A pencil.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let pen = &mut setup.pen;
    let grey = dice.between(0.3, 0.55);
    pen.colour = [grey, grey, grey * 1.02];
    pen.width = dice.between(0.025, 0.06);
    pen.grain = dice.between(0.3, 0.6);
    pen.ragged = 0.2;
}
