#![doc = include_str!("../README.md")]

mod atomic;
mod checksum;
mod lock;
mod places;
mod processor;
mod read;
mod target;

pub use atomic::{
    WriteError, check_ordinary, make_folders, open_special, replace, sync_folder, write, write_derived,
    write_with_folders,
};
pub use checksum::{sha256, sha256_of};
pub use lock::Lock;
pub use places::{PlaceError, Places, check_writable};
pub use processor::{cores, processor};
pub use read::{read, read_text};
pub use target::{Identity, is_descriptor, is_special, special_kind, target};
