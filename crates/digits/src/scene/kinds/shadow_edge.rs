//! The edge of a hand's or a phone's shadow across the digit.

use super::super::lamp::Shadow;
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    setup.lamp.shadow = Some(Shadow {
        at: [dice.between(0.35, 0.65), dice.between(0.35, 0.65)],
        degrees: dice.between(0.0, 360.0),
        softness: dice.between(0.005, 0.12),
        left: dice.between(0.3, 0.7),
        bend: dice.between(-1.0, 1.0),
    });
}
