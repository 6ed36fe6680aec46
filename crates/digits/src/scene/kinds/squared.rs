//! School paper with squares.

use super::super::paper::Ruling;
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    super::lined::change(setup, dice);
    setup.paper.ruling = Ruling::Squared;
    setup.paper.pitch = dice.between(4.0, 10.0);
    setup.paper.thickness = dice.between(0.2, 0.4);
}
