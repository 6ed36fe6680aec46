//! A sticky note on something grey or brown.

use super::super::photo::Table;
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    setup.paper.colour = dice.one_of(&[[0.97, 0.9, 0.45], [0.98, 0.93, 0.5], [0.95, 0.6, 0.7], [0.6, 0.88, 0.6]]);
    let turn = dice.between(-8.0, 8.0);
    let half = dice.between(26.0, 36.0);
    setup.table = Some(Table {
        colour: dice.one_of(&[[0.45, 0.45, 0.47], [0.5, 0.5, 0.5], [0.35, 0.25, 0.18], [0.62, 0.6, 0.58]]),
        grain: dice.between(0.0, 0.15),
        edges: (0..4).map(|side| (90.0 * side as f32 + turn, half)).collect(),
    });
    setup.view.scale *= 0.75;
}
