//! Plain paper.

use super::super::dice::Dice;
use super::super::photo::Setup;

pub(super) fn change(_: &mut Setup, _: &mut Dice) {}
