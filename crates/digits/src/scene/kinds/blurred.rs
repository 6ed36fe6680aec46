//! Out of focus.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    setup.camera.blur = dice.between(5.0, 12.0) as usize;
}
