//! A grid printed as black as the ink, in finer lines.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    super::squared::change(setup, dice);
    setup.paper.line = dice.one_of(&[[0.15, 0.15, 0.15], [0.25, 0.25, 0.27], [0.2, 0.2, 0.2], [0.1, 0.1, 0.12]]);
    setup.paper.strength = 0.9;
    setup.paper.pitch = dice.between(5.0, 10.0);
    setup.paper.thickness = dice.between(0.25, 0.4);
    setup.pen.width = dice.between(0.05, 0.1);
}
