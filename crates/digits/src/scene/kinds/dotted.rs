//! Paper with a grid of dots.

use super::super::paper::Ruling;
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    super::lined::change(setup, dice);
    setup.paper.ruling = Ruling::Dotted;
    setup.paper.pitch = dice.between(4.0, 7.0);
    setup.paper.line = dice.one_of(&[[0.5, 0.5, 0.5], [0.6, 0.6, 0.65]]);
}
