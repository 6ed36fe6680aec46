//! Sent by a messenger that compresses.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    setup.camera.quality = Some(dice.between(12.0, 35.0));
}
