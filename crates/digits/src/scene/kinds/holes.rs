//! Punch holes and specks.

use super::super::mark::{Mark, Shape};
use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let left = -dice.between(24.0, 30.0);
    let dark = dice.between(0.1, 0.4);
    for hole in [-1.0, 1.0] {
        let at = [left, 20.0 * hole + dice.between(-3.0, 3.0)];
        setup.marks.push(Mark { shape: Shape::Dot(2.75), at, colour: [dark; 3], opacity: 1.0 });
    }
    for _ in 0..12 {
        let at = [dice.between(-45.0, 45.0), dice.between(-45.0, 45.0)];
        let shape = Shape::Dot(dice.between(0.15, 0.5));
        setup.marks.push(Mark { shape, at, colour: [0.2; 3], opacity: 0.9 });
    }
}
