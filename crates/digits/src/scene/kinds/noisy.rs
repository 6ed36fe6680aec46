//! Taken in the dark.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    setup.camera.noise = dice.between(0.04, 0.09);
    setup.lamp.level = dice.between(0.45, 0.7);
}
