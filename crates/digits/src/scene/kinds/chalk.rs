//! Chalk on a board that was wiped before.

use super::super::mark::{Mark, Shape};
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    setup.paper.colour = dice.one_of(&[[0.1, 0.2, 0.16], [0.13, 0.25, 0.2], [0.12, 0.12, 0.13], [0.17, 0.17, 0.18]]);
    setup.paper.grain = 0.15;
    let pen = &mut setup.pen;
    pen.colour = dice.one_of(&[[0.9, 0.9, 0.88], [0.92, 0.92, 0.9], [0.92, 0.88, 0.6], [0.9, 0.75, 0.75]]);
    pen.width = dice.between(0.06, 0.11);
    pen.opacity = 0.85;
    pen.grain = dice.between(0.4, 0.7);
    pen.ragged = 0.25;
    pen.grain_size = 0.5;
    for _ in 0..3 {
        let shape = Shape::Oval([dice.between(20.0, 60.0), dice.between(8.0, 20.0)]);
        let at = [dice.between(-50.0, 50.0), dice.between(-50.0, 50.0)];
        setup.marks.push(Mark { shape, at, colour: [0.6, 0.62, 0.6], opacity: dice.between(0.02, 0.1) });
    }
}
