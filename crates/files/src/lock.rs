//! One process at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// A lock, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: Option<File>,
}

impl Lock {
    /// Locks an open file. `None` when another process has it; where the system or the disk knows no locks, every process
    /// gets one.
    ///
    /// # Errors
    /// Never for the lack of locks; when the file cannot be duplicated.
    pub fn file(file: &File) -> io::Result<Option<Self>> {
        let file = file.try_clone()?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(Self { _file: Some(file) })),
        }
    }

    /// Locks an existing folder, for what is written in it. `None` when another process has it. Windows cannot lock a
    /// folder: there every process gets one.
    ///
    /// # Errors
    /// When the folder cannot be opened.
    #[cfg(unix)]
    pub fn folder(path: &Path) -> io::Result<Option<Self>> {
        Self::file(&File::open(path)?)
    }

    /// Locks an existing folder, for what is written in it. `None` when another process has it. Windows cannot lock a
    /// folder: there every process gets one.
    ///
    /// # Errors
    /// When the folder cannot be opened.
    #[cfg(not(unix))]
    pub fn folder(_: &Path) -> io::Result<Option<Self>> {
        Ok(Some(Self { _file: None }))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_is_refused_until_the_first_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::folder(folder.path()).unwrap();
        assert!(lock.is_some() && Lock::folder(folder.path()).unwrap().is_none());
        drop(lock);
        assert!(Lock::folder(folder.path()).unwrap().is_some());
    }
}
