//! Two digits that touch.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let pen = setup.pen.width;
    super::two::beside(setup, dice, [-0.8 * pen, -0.2 * pen]);
}
