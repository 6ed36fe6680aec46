//! Two digits on squared paper.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    super::squared::change(setup, dice);
    super::two::beside(setup, dice, [0.1, 0.5]);
}
