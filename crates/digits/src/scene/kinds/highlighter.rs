//! A highlighter: thick and pale.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let pen = &mut setup.pen;
    pen.colour = dice.one_of(&[
        [0.98, 0.95, 0.25],
        [0.95, 0.98, 0.3],
        [0.98, 0.5, 0.7],
        [1.0, 0.6, 0.75],
        [0.5, 0.95, 0.45],
        [0.55, 0.9, 0.95],
        [1.0, 0.7, 0.3],
        [1.0, 0.75, 0.4],
    ]);
    pen.width = dice.between(0.12, 0.24);
    pen.stains = true;
    pen.opacity = dice.between(0.75, 0.95);
    pen.grain = 0.1;
}
