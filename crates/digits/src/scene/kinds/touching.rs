//! Two digits that touch.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let pen = setup.pen.width;
    super::two::beside(setup, dice, [-1.6 * pen, -0.9 * pen]);
}
