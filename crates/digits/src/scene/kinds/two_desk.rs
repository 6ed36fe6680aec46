//! Two digits on a sheet on a table, with a shadow or lines.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    if dice.happens(0.5) {
        super::lined::change(setup, dice);
    }
    super::desk::change(setup, dice);
    super::two::beside(setup, dice, [0.1, 0.4]);
    if dice.happens(0.5) {
        super::shadow_edge::change(setup, dice);
    }
}
