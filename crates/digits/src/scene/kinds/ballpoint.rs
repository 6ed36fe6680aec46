//! A fine ballpoint in any colour.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let pen = &mut setup.pen;
    pen.colour = dice.one_of(&[[0.1, 0.15, 0.55], [0.15, 0.2, 0.6], [0.7, 0.1, 0.1], [0.75, 0.15, 0.2], [0.1, 0.45, 0.2], [0.1, 0.4, 0.3]]);
    pen.width = dice.between(0.02, 0.045);
}
