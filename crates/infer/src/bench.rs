//! How fast pairs are answered: [`measure`] takes samples by a [`clock`], [`baseline`] compares
//! two runs, [`warning`] says what may be wrong with them. None of these knows the others' work.

pub mod baseline;
pub mod clock;
pub mod measure;
pub mod report;
pub mod warning;
