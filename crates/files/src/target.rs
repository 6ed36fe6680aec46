//! Where a path leads, and which file it is.

use std::ffi::OsString;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};

/// Whether `path` must be written to as it is: a pipe, a device, or an open descriptor such as `/dev/stdout`, whatever
/// that is. Renaming another file over it would cut it off.
pub fn is_special(path: &Path) -> bool {
    let is_other = std::fs::metadata(path).is_ok_and(|metadata| special_kind(metadata.file_type()).is_some());
    is_other || is_descriptor(path)
}

/// What is neither a file nor a folder, in a word: pipe, socket or device.
#[cfg(unix)]
pub fn special_kind(file_type: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if file_type.is_file() || file_type.is_dir() => None,
        () if file_type.is_fifo() => Some("pipe"),
        () if file_type.is_socket() => Some("socket"),
        () => Some("device"),
    }
}

/// What is neither a file nor a folder, in a word.
#[cfg(not(unix))]
pub fn special_kind(file_type: FileType) -> Option<&'static str> {
    (!file_type.is_file() && !file_type.is_dir()).then_some("device")
}

/// Whether `path` names an open descriptor of a process, such as `/dev/stdin` or `/proc/self/fd/3`.
pub fn is_descriptor(path: &Path) -> bool {
    followed(path).is_ok_and(|followed| followed.is_descriptor)
}

/// The file that `path` names once links are followed; it need not exist.
///
/// # Errors
/// When links lead to each other.
pub fn target(path: &Path) -> io::Result<PathBuf> {
    Ok(followed(path)?.path)
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

struct Followed {
    path: PathBuf,
    is_descriptor: bool,
}

fn followed(path: &Path) -> io::Result<Followed> {
    /// Linux follows as many.
    const MOST: usize = 40;
    let mut target = path.to_owned();
    let mut is_descriptor = false;
    for _ in 0..MOST {
        is_descriptor |= is_in_descriptors(&target);
        match std::fs::read_link(&target) {
            Ok(link) => target = folder_of(&target).join(link),
            Err(_) => return Ok(Followed { path: target, is_descriptor }),
        }
    }
    Err(io::Error::other("too many links lead to each other"))
}

/// Whether a path is an entry of a process's table of open files: `/proc/self/fd/1`, `/dev/fd/1`.
fn is_in_descriptors(path: &Path) -> bool {
    let folder = folder_of(path);
    folder == Path::new("/dev/fd") || folder.starts_with("/proc") && folder.ends_with("fd")
}

/// Which file a path names, whatever the path is called: links and `..` do not matter. A file that does not exist yet is
/// known by its folder and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Device and number of an existing file.
    Existing(u64, u64),
    /// A file that is not there, in a folder that is or is not.
    Absent(PathBuf, OsString),
}

impl Identity {
    /// The identity of what `path` names; of an open descriptor such as `/dev/stdin`, that of the file behind it. `None` for
    /// pipes and devices, which may be shared.
    pub fn of(path: &Path) -> Option<Self> {
        if let Ok(metadata) = std::fs::metadata(path) {
            if special_kind(metadata.file_type()).is_some() {
                return None;
            }
            return Self::of_open(&metadata).or_else(|| Some(Self::Absent(path.canonicalize().ok()?, OsString::new())));
        }
        if is_descriptor(path) {
            return None;
        }
        let target = target(path).ok()?;
        let folder = folder_of(&target);
        let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder)).ok()?;
        Some(Self::Absent(folder, target.file_name()?.to_owned()))
    }

    /// The identity of the ordinary file behind a standard stream of this process. `None` for a terminal, a pipe or a device.
    #[cfg(unix)]
    pub fn of_stream(stream: &impl std::os::fd::AsFd) -> Option<Self> {
        let file = std::fs::File::from(stream.as_fd().try_clone_to_owned().ok()?);
        Self::of_open(&file.metadata().ok().filter(std::fs::Metadata::is_file)?)
    }

    /// The identity of the ordinary file behind a standard stream of this process. `None` where the system does not number
    /// files.
    #[cfg(not(unix))]
    pub fn of_stream<Stream>(_: &Stream) -> Option<Self> {
        None
    }

    /// The identity of an open file. `None` where the system does not number files.
    #[cfg(unix)]
    pub fn of_open(metadata: &std::fs::Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self::Existing(metadata.dev(), metadata.ino()))
    }

    /// The identity of an open file. `None` where the system does not number files.
    #[cfg(not(unix))]
    pub fn of_open(_: &std::fs::Metadata) -> Option<Self> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_in_its_folder_or_in_the_current_one() {
        for (path, folder) in [("a.txt", "."), ("b/a.txt", "b"), ("/a.txt", "/")] {
            assert_eq!(folder_of(Path::new(path)), Path::new(folder));
        }
    }

    #[test]
    fn ordinary_files_and_folders_are_not_special() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        for path in [folder.path(), &file, &folder.path().join("absent")] {
            assert!(!is_special(path) && !is_descriptor(path), "{}", path.display());
        }
        assert_eq!(target(&file).unwrap(), file);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let [pipe, socket, file] = ["pipe", "socket", "file"].map(|name| folder.path().join(name));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        std::fs::write(&file, "").unwrap();
        let kind = |path: &Path| special_kind(std::fs::metadata(path).unwrap().file_type());
        assert_eq!(
            (kind(&pipe), kind(&socket), kind(Path::new("/dev/null"))),
            (Some("pipe"), Some("socket"), Some("device"))
        );
        assert_eq!((kind(&file), kind(folder.path())), (None, None));
        assert!([&pipe, &socket].into_iter().all(|path| is_special(path) && Identity::of(path).is_none()));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_to_their_end_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let link = |to: &str, from: &str| std::os::unix::fs::symlink(to, path(from)).unwrap();
        link("file", "0");
        (1..40u8).for_each(|number| link(&(number - 1).to_string(), &number.to_string()));
        assert_eq!(target(&path("38")).unwrap(), path("file"));
        link("there", "back");
        link("back", "there");
        assert!(target(&path("back")).is_err() && Identity::of(&path("back")).is_none());
        // The same file by every name, whether it is there or not.
        assert_eq!(Identity::of(&path("0")), Identity::of(&path("file")));
        assert!(matches!(Identity::of(&path("0")), Some(Identity::Absent(_, name)) if name == "file"));
        std::fs::write(path("file"), "").unwrap();
        assert_eq!(Identity::of(&path("0")), Identity::of(&path("file")));
        assert!(matches!(Identity::of(&path("0")), Some(Identity::Existing(..))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn descriptors_are_known_by_their_folder() {
        for path in ["/dev/fd/0", "/proc/self/fd/0", "/proc/1/task/1/fd/7"] {
            assert!(is_in_descriptors(Path::new(path)), "{path}");
        }
        for path in ["/dev/null", "/proc/self/status", "/home/fd/0", "/dev/fd", "fd/0"] {
            assert!(!is_in_descriptors(Path::new(path)), "{path}");
        }
        assert!(is_descriptor(Path::new("/dev/stdin")) && !is_descriptor(Path::new("/dev/null")));
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(Identity::of_stream(file.as_file()), Identity::of(file.path()));
        assert!(Identity::of_stream(file.as_file()).is_some());
        assert_eq!(Identity::of_stream(&std::fs::File::open("/dev/null").unwrap()), None);
    }
}
