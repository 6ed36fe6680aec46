#![doc = include_str!("../README.md")]

mod checksum;
mod whole;

pub use checksum::{sha256, sha256_of};
pub use whole::{WriteError, is_special, make_folders, replace, write, write_with_folders};
