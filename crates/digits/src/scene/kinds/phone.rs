//! All that a phone's photo has at once: table or paper edge, perspective, shadow, blur, JPEG, any paper, small in the frame.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(setup: &mut Setup, dice: &mut Dice) {
    let paper = dice.uniform();
    match paper {
        0.0..0.3 => super::lined::change(setup, dice),
        0.3..0.5 => super::squared::change(setup, dice),
        _ => {}
    }
    match dice.uniform() {
        0.0..0.35 => super::desk::change(setup, dice),
        0.35..0.7 => super::corner::change(setup, dice),
        _ => {}
    }
    setup.view.tilt = [dice.between(-0.15, 0.15), dice.between(-0.2, 0.2)];
    setup.view.degrees = dice.between(-10.0, 10.0);
    if dice.happens(0.5) {
        super::shadow_edge::change(setup, dice);
    }
    setup.view.scale *= dice.between(0.5, 0.95);
    setup.camera.blur = dice.between(1.0, 4.0) as usize;
    setup.camera.noise = dice.between(0.005, 0.03);
    setup.camera.quality = Some(dice.between(45.0, 90.0));
}
