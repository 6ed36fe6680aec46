//! Two digits that lean, so that no column between them is empty.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    super::two::beside(setup, dice, [-0.02, 0.12]);
    let lean = dice.between(0.15, 0.4);
    setup.written.iter_mut().for_each(|written| written.lean = lean);
}
