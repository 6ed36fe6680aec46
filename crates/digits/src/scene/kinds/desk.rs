//! A sheet that lies on a table.

use super::super::photo::Table;
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let turn = dice.between(-8.0, 8.0);
    let half = [dice.between(32.0, 48.0), dice.between(36.0, 60.0)];
    setup.table = Some(Table {
        colour: dice.one_of(&[
            [0.28, 0.18, 0.12],
            [0.36, 0.24, 0.15],
            [0.55, 0.4, 0.26],
            [0.72, 0.56, 0.4],
            [0.2, 0.2, 0.22],
            [0.15, 0.14, 0.14],
        ]),
        grain: dice.between(0.0, 0.5),
        edges: (0..4).map(|side| (90.0 * side as f32 + turn, half[side % 2])).collect(),
    });
    setup.view.scale *= dice.between(0.5, 0.75);
}
