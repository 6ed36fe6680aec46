//! A digit that is small in the frame.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    (setup.width, setup.height) = dice.one_of(&[(900, 1200), (1000, 1000), (1200, 900), (960, 1280)]);
    setup.view.scale = dice.between(0.06, 0.15) * setup.width.min(setup.height) as f32 / super::super::photo::HEIGHT;
    setup.view.shift = [dice.between(-0.3, 0.3), dice.between(-0.3, 0.3)];
}
