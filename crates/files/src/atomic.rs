//! Atomic file writes.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::target::{folder_of, is_special, special_kind, target};

/// A file or folder that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// The system's error.
    pub source: io::Error,
}

/// Writes `contents` to `path` atomically: temporary file, fsync, rename, fsync of the folder. Readers of `path` see
/// the old contents or the new, never a part. Links are followed, an existing file keeps its mode, and pipes and
/// devices are written directly.
///
/// # Errors
/// [`WriteError`]; the old contents are then unchanged.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), WriteError> {
    let fail = |source| WriteError { path: path.to_owned(), source };
    if is_special(path) {
        return open_special(path).and_then(|mut device| device.write_all(contents.as_ref())).map_err(fail);
    }
    let target = target(path).map_err(fail)?;
    write_beside(&target, contents.as_ref()).map_err(fail)
}

/// As [`write()`], creating missing folders first.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("results/headline/summary.json");
/// files::write_with_folders(&path, "[]")?;
/// assert_eq!(std::fs::read(&path)?, b"[]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`write()`], and if a folder cannot be created.
pub fn write_with_folders(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), WriteError> {
    make_folders(folder_of(path))?;
    write(path, contents)
}

/// As [`write_with_folders`], for a file whose name the program chose: what [`check_ordinary`] refuses is not written to.
///
/// # Errors
/// As [`write_with_folders`] and [`check_ordinary`].
pub fn write_derived(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), WriteError> {
    check_ordinary(path)?;
    write_with_folders(path, contents)
}

/// Refuses a pipe, a socket or a device in the place of a file whose name the program chose. Nobody reads there, so writing may
/// never end.
///
/// # Errors
/// [`WriteError`] with [`io::ErrorKind::InvalidInput`], saying what is there.
pub fn check_ordinary(path: &Path) -> Result<(), WriteError> {
    match std::fs::metadata(path).ok().and_then(|metadata| special_kind(metadata.file_type())) {
        None => Ok(()),
        Some(what) => {
            let fault = format!("it is a {what}, not a file; remove it, or name another folder");
            Err(WriteError { path: path.to_owned(), source: io::Error::new(io::ErrorKind::InvalidInput, fault) })
        }
    }
}

/// Creates `folder` and its parents. A loss of power does not take them away again.
///
/// # Errors
/// If a folder cannot be created.
pub fn make_folders(folder: &Path) -> Result<(), WriteError> {
    let fail = |source| WriteError { path: folder.to_owned(), source };
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !is_there(folder)).collect();
    std::fs::create_dir_all(folder).map_err(fail)?;
    missing.into_iter().rev().try_for_each(|made| sync_folder(folder_of(made))).map_err(fail)
}

/// Whether a folder is there; the empty path is the current folder.
fn is_there(folder: &Path) -> bool {
    folder.as_os_str().is_empty() || folder.exists()
}

/// Renames the synced file `part` to `path` and syncs the folder.
///
/// # Errors
/// If the system refuses.
pub fn replace(part: &Path, path: &Path) -> io::Result<()> {
    std::fs::rename(part, path)?;
    sync_folder(folder_of(path))
}

/// Opens a pipe, a device or an open descriptor for writing. What was written to a descriptor's file before stays.
///
/// # Errors
/// If the system refuses.
pub fn open_special(path: &Path) -> io::Result<File> {
    File::options().append(true).open(path)
}

fn write_beside(target: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = folder_of(target);
    let mut builder = tempfile::Builder::new();
    if let Some(permissions) = permissions(target) {
        builder.permissions(permissions);
    }
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(contents)?;
    temporary.as_file().sync_all()?;
    temporary.persist(target).map_err(|failure| failure.error)?;
    sync_folder(folder)
}

/// The permissions of the existing file, else those of a new file.
pub(crate) fn permissions(target: &Path) -> Option<Permissions> {
    std::fs::metadata(target).map(|metadata| metadata.permissions()).ok().or_else(new_file)
}

#[cfg(unix)]
fn new_file() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    // The process's umask removes bits.
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn new_file() -> Option<Permissions> {
    None
}

/// Syncs the names in a folder, so that a loss of power does not take away a file that was just made there. Some file
/// systems know no such thing.
///
/// # Errors
/// If the folder cannot be opened or the disk fails.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// Windows cannot open a folder and does not need to sync one.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_no_temporary() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper").join("a.txt");
        write_with_folders(&path, "old").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_path_that_cannot_be_written_is_named_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent/out.csv");
        for path in [folder.path(), &absent] {
            let error = write(path, "x").unwrap_err();
            assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_its_target_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let [target, link, dangling] = ["target", "link", "dangling"].map(|name| folder.path().join(name));
        std::fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink("target", &link).unwrap();
        std::os::unix::fs::symlink("new", &dangling).unwrap();
        write(&link, "new").unwrap();
        write(&dangling, "made").unwrap();
        assert!(link.is_symlink() && dangling.is_symlink());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(std::fs::read_to_string(folder.path().join("new")).unwrap(), "made");
    }

    #[test]
    fn a_part_takes_the_place_of_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let [part, path, absent] = ["part", "path", "absent"].map(|name| folder.path().join(name));
        std::fs::write(&part, "new").unwrap();
        std::fs::write(&path, "old").unwrap();
        replace(&part, &path).unwrap();
        assert!(std::fs::read(&path).unwrap() == b"new" && !part.exists());
        assert!(replace(&absent, &path).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn folders_are_made_and_one_that_cannot_be_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("made/on/the/way");
        make_folders(&deep).unwrap();
        make_folders(&deep).unwrap();
        assert!(deep.is_dir());
        std::fs::write(folder.path().join("file"), "").unwrap();
        let inside = folder.path().join("file/inside");
        assert_eq!(make_folders(&inside).unwrap_err().path, inside);
        assert!(is_there(Path::new("")) && is_there(&deep) && !is_there(&folder.path().join("absent")));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_open_is_written_on_and_what_stood_in_it_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("open");
        std::fs::write(&path, "old ").unwrap();
        let file = File::options().append(true).open(&path).unwrap();
        let descriptor = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
        write(Path::new(&descriptor), "new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old new");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_not_there_cannot_be_synced() {
        let folder = tempfile::tempdir().unwrap();
        sync_folder(folder.path()).unwrap();
        assert!(sync_folder(&folder.path().join("absent")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn an_existing_file_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        // A new one has that of every new file.
        let [ours, other] = ["ours", "other"].map(|name| folder.path().join(name));
        write(&ours, "new").unwrap();
        std::fs::write(&other, "new").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&other));
        let path = folder.path().join("private.csv");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        write(&path, "new").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_waits_for_a_pipe_under_a_name_that_nobody_gave() {
        let folder = tempfile::tempdir().unwrap();
        let [pipe, link, file] = ["pipe", "link", "deeper/file"].map(|name| folder.path().join(name));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink("pipe", &link).unwrap();
        for path in [&pipe, &link] {
            let refused = write_derived(path, "new").unwrap_err();
            assert_eq!(refused.source.kind(), io::ErrorKind::InvalidInput);
            assert!(refused.to_string().contains(": it is a pipe, not a file; remove it"), "{refused}");
        }
        for contents in ["old", "new"] {
            write_derived(&file, contents).unwrap();
            assert_eq!(std::fs::read_to_string(&file).unwrap(), contents);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let error = write(Path::new("/dev/full"), "new").unwrap_err();
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
        assert!(is_special(Path::new("/dev/full")));
    }
}
