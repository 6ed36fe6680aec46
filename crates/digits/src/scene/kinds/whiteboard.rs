//! A whiteboard, with a reflection.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    setup.paper.colour = [0.9, 0.91, 0.92];
    setup.paper.grain = 0.002;
    let pen = &mut setup.pen;
    pen.colour = dice.one_of(&[[0.1, 0.1, 0.12], [0.1, 0.12, 0.15], [0.75, 0.1, 0.12], [0.1, 0.2, 0.65], [0.1, 0.5, 0.25], [0.7, 0.15, 0.2]]);
    pen.width = dice.between(0.05, 0.11);
    pen.grain = 0.25;
    pen.grain_size = 0.8;
    setup.lamp.level = 0.8;
    if dice.happens(0.6) {
        let at = [dice.between(0.0, 1.0), dice.between(0.0, 1.0)];
        setup.lamp.glare = Some((at, dice.between(0.1, 0.3), dice.between(0.05, 0.2)));
    }
}
