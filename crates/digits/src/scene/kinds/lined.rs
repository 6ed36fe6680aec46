//! School paper with lines.

use super::super::paper::Ruling;
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let paper = &mut setup.paper;
    paper.ruling = Ruling::Lined;
    paper.pitch = dice.between(7.0, 14.0);
    paper.thickness = dice.between(0.2, 0.5);
    paper.line = dice.one_of(&[[0.55, 0.68, 0.88], [0.45, 0.6, 0.85], [0.6, 0.6, 0.62], [0.5, 0.72, 0.8]]);
    paper.strength = dice.between(0.5, 1.0);
}
