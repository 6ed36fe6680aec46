//! Files that appear whole or not at all, and their checksums.
//!
//! ```
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("answers.csv");
//! files::write(&path, "left,right,p_leq\n")?;
//! assert_eq!(std::fs::read_to_string(&path)?, "left,right,p_leq\n");
//! assert_eq!(files::sha256("abc")[..8], *"ba7816bf");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checksum;
mod whole;

pub use checksum::{sha256, sha256_of};
pub use whole::{WriteError, is_special, make_folders, replace, write, write_with_folders};
