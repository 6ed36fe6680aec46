//! A sheet on a table seen from the side.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    super::desk::change(setup, dice);
    setup.view.tilt = [dice.between(-0.22, 0.22), dice.between(-0.3, 0.3)];
    setup.view.degrees = dice.between(-12.0, 12.0);
}
