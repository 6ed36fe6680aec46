//! One or two edges of the sheet in the picture, and the table behind them.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    super::desk::change(setup, dice);
    setup.view.scale *= 1.4;
    let first = dice.between(0.0, 360.0);
    let mut edges = vec![(first, dice.between(24.0, 34.0))];
    if dice.happens(0.5) {
        edges.push((first + 90.0, dice.between(24.0, 34.0)));
    }
    if let Some(table) = &mut setup.table {
        table.edges = edges;
    }
}
