//! Two digits side by side.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    beside(setup, dice, [0.15, 0.6]);
}

/// Puts the second digit right of the first, with a gap between fractions of the digits' height; below 0 they overlap.
pub(super) fn beside(setup: &mut Setup, dice: &mut Dice, [least, most]: [f32; 2]) {
    let height = super::super::photo::HEIGHT;
    let gap = dice.between(least, most) * height;
    let drop = dice.between(-0.1, 0.1) * height;
    let pen = setup.pen.width * height;
    let [first, second] = &mut setup.written[..] else { return };
    let width = |written: &super::super::photo::Written| {
        let [left, top, right, bottom] = written.hand.extent();
        written.height * (right - left) / (right - left).max(bottom - top).max(1.0)
    };
    let widths = [width(first), width(second)];
    let all = widths[0] + widths[1] + gap + 2.0 * pen;
    first.at = [(widths[0] - all + pen) / 2.0, -drop / 2.0];
    second.at = [(all - widths[1] - pen) / 2.0, drop / 2.0];
    setup.view.scale *= 0.7;
}
