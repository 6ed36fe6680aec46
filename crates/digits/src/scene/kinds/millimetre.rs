//! Millimetre paper.

use super::super::paper::Ruling;
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    setup.paper.ruling = Ruling::Millimetre;
    setup.paper.thickness = 0.15;
    setup.paper.line = dice.one_of(&[[0.93, 0.6, 0.45], [0.9, 0.55, 0.5], [0.5, 0.75, 0.6], [0.55, 0.7, 0.9]]);
    setup.paper.strength = dice.between(0.6, 1.0);
}
