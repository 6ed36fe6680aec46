//! Lined paper with a margin's line near the digit.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    super::lined::change(setup, dice);
    let side = if dice.happens(0.7) { -1.0 } else { 1.0 };
    let line = dice.one_of(&[[0.85, 0.3, 0.3], [0.9, 0.4, 0.45], [0.8, 0.25, 0.35], [0.75, 0.35, 0.3]]);
    setup.paper.margin = Some((side * dice.between(14.0, 26.0), line));
}
