//! All files that a command reads and writes, checked before it starts.

use std::io;
use std::path::{Path, PathBuf};

use crate::atomic::{WriteError, check_ordinary, make_folders};
use crate::target::{Identity, folder_of, is_special};

/// The files of a command. [`Places::check`] refuses an output that is an input or another output, whatever the paths are
/// called, and one that cannot be written.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let list = folder.path().join("pairs.csv");
/// std::fs::write(&list, "a.png,b.png\n")?;
/// let mut places = files::Places::default();
/// places.reads("the list of pairs", &list);
/// places.writes("--output", &folder.path().join("./pairs.csv"));
/// let refusal = places.check().unwrap_err().to_string();
/// assert!(refusal.starts_with("--output would replace the list of pairs"), "{refusal}");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Places {
    read: Vec<Place>,
    written: Vec<Place>,
}

#[derive(Debug, Clone)]
struct Place {
    what: String,
    path: PathBuf,
    identity: Option<Identity>,
    kind: PlaceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlaceKind {
    File,
    /// Its missing folders are made.
    FileWithFolders,
    /// The same under a name that the program chose.
    Derived,
    /// Open already: stdin or stdout.
    Stream,
}

/// Why a command must not start.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// An output is an input.
    #[error("{output} would replace {input}, {}; name another file", path.display())]
    Input {
        /// The option that names the output.
        output: String,
        /// What is read.
        input: String,
        /// The file.
        path: PathBuf,
    },
    /// Two outputs are one file.
    #[error("{first} and {second} are the same file, {}; name two", path.display())]
    Same {
        /// The option that names one.
        first: String,
        /// The option that names the other.
        second: String,
        /// The file.
        path: PathBuf,
    },
    /// An output cannot be written.
    #[error(transparent)]
    Unwritable(#[from] WriteError),
}

impl Places {
    /// Adds a file that is read. `what` goes after "would replace", such as "the picture itself".
    pub fn reads(&mut self, what: impl Into<String>, path: &Path) {
        self.read.push(Place::of(what.into(), path, PlaceKind::File));
    }

    /// Adds a file that is written. `what` names the option, such as `--output`.
    pub fn writes(&mut self, what: impl Into<String>, path: &Path) {
        self.written.push(Place::of(what.into(), path, PlaceKind::File));
    }

    /// As [`Places::writes`], for a file whose missing folders are made.
    pub fn writes_with_folders(&mut self, what: impl Into<String>, path: &Path) {
        self.written.push(Place::of(what.into(), path, PlaceKind::FileWithFolders));
    }

    /// As [`Places::writes_with_folders`], for a file whose name the program chose, such as one of several in a folder that
    /// was named: what [`check_ordinary`] refuses cannot be written.
    pub fn writes_derived(&mut self, what: impl Into<String>, path: &Path) {
        self.written.push(Place::of(what.into(), path, PlaceKind::Derived));
    }

    /// Adds stdin, which may be an ordinary file. `what` as for [`Places::reads`].
    pub fn reads_stdin(&mut self, what: impl Into<String>) {
        self.read.push(Place::stream(what.into(), "stdin", Identity::of_stream(&io::stdin())));
    }

    /// Adds stdout, which may be an ordinary file.
    pub fn writes_stdout(&mut self) {
        self.written.push(Place::stream("stdout".to_owned(), "stdout", Identity::of_stream(&io::stdout())));
    }

    /// The files that are written.
    pub fn written(&self) -> impl Iterator<Item = &Identity> {
        self.written.iter().filter_map(|place| place.identity.as_ref())
    }

    /// Compares all files by identity, makes missing folders where that was asked for, and tries every output's folder.
    ///
    /// # Errors
    /// The first [`PlaceError`]; no existing file was touched.
    pub fn check(&self) -> Result<(), PlaceError> {
        for (number, output) in self.written.iter().enumerate() {
            if let Some(input) = self.read.iter().find(|input| input.is(output)) {
                let path = output.path_beside(input);
                return Err(PlaceError::Input { output: output.what.clone(), input: input.what.clone(), path });
            }
            if let Some(other) = self.written[..number].iter().find(|other| other.is(output)) {
                let path = output.path_beside(other);
                return Err(PlaceError::Same { first: other.what.clone(), second: output.what.clone(), path });
            }
        }
        self.written.iter().try_for_each(|output| match output.kind {
            PlaceKind::Stream => Ok(()),
            PlaceKind::File => Ok(check_writable(&output.path)?),
            PlaceKind::FileWithFolders => {
                make_folders(folder_of(&output.path))?;
                Ok(check_writable(&output.path)?)
            }
            PlaceKind::Derived => {
                check_ordinary(&output.path)?;
                make_folders(folder_of(&output.path))?;
                Ok(check_writable(&output.path)?)
            }
        })
    }
}

impl Place {
    fn of(what: String, path: &Path, kind: PlaceKind) -> Self {
        Self { what, path: path.to_owned(), identity: Identity::of(path), kind }
    }

    fn stream(what: String, name: &str, identity: Option<Identity>) -> Self {
        Self { what, path: name.into(), identity, kind: PlaceKind::Stream }
    }

    /// The path to show of two that are one file: that of a stream has no name of its own.
    fn path_beside(&self, other: &Self) -> PathBuf {
        if self.kind == PlaceKind::Stream { other.path.clone() } else { self.path.clone() }
    }

    fn is(&self, other: &Self) -> bool {
        self.identity.is_some() && self.identity == other.identity
    }
}

/// Finds out whether a later [`crate::write`] of `path` can succeed, by making a file in its folder and removing it.
///
/// # Errors
/// When it cannot. A full disk is only found by writing.
pub fn check_writable(path: &Path) -> Result<(), WriteError> {
    let fail = |source| WriteError { path: path.to_owned(), source };
    if is_special(path) {
        return Ok(());
    }
    if path.is_dir() {
        return Err(fail(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    let target = crate::target(path).map_err(fail)?;
    tempfile::tempfile_in(folder_of(&target)).map(drop).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("in.csv"), "").unwrap();
        std::fs::create_dir(folder.path().join("deeper")).unwrap();
        folder
    }

    fn check(reads: &[PathBuf], writes: &[PathBuf]) -> Result<(), PlaceError> {
        let mut places = Places::default();
        reads.iter().for_each(|path| places.reads("the input", path));
        writes.iter().for_each(|path| places.writes("-o", path));
        places.check()
    }

    #[test]
    fn an_output_that_is_an_input_is_refused_whatever_it_is_called() {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        let input = [path("in.csv")];
        assert!(check(&input, &[path("out.csv")]).is_ok());
        for output in ["in.csv", "./in.csv", "deeper/../in.csv"] {
            assert!(matches!(check(&input, &[path(output)]), Err(PlaceError::Input { .. })), "{output}");
        }
        std::fs::hard_link(path("in.csv"), path("twin.csv")).unwrap();
        assert!(matches!(check(&input, &[path("twin.csv")]), Err(PlaceError::Input { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_an_input_is_that_input() {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("in.csv", path("link.csv")).unwrap();
        assert!(matches!(check(&[path("in.csv")], &[path("link.csv")]), Err(PlaceError::Input { .. })));
        assert!(matches!(check(&[path("link.csv")], &[path("in.csv")]), Err(PlaceError::Input { .. })));
    }

    #[test]
    fn two_outputs_are_two_files() {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        for second in ["new.csv", "deeper/../new.csv"] {
            let refused = check(&[], &[path("new.csv"), path(second)]).unwrap_err();
            assert!(refused.to_string().contains("are the same file"), "{refused}");
        }
        assert!(check(&[], &[path("new.csv"), path("deeper/new.csv")]).is_ok());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_to_where_it_was_named_and_refused_where_the_program_chose_the_name() {
        let folder = folder();
        let link = folder.path().join("raw.json");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        let [mut named, mut derived] = [(); 2].map(|()| Places::default());
        named.writes_with_folders("--out", &link);
        assert!(named.check().is_ok());
        derived.writes_derived("--out", &link);
        let refused = derived.check().unwrap_err();
        assert!(matches!(refused, PlaceError::Unwritable(_)));
        assert!(refused.to_string().contains("raw.json: it is a device, not a file"), "{refused}");
        let mut made = Places::default();
        made.writes_derived("--out", &folder.path().join("made/raw.json"));
        assert!(made.check().is_ok() && folder.path().join("made").is_dir());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_shared_and_open_descriptors_are_not_replaced() {
        let null = PathBuf::from("/dev/null");
        let (read, written) = ([null.clone()], [null.clone(), null]);
        assert!(check(&read, &written).is_ok());
        let folder = folder();
        let file = std::fs::File::create(folder.path().join("open")).unwrap();
        let descriptor = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&descriptor, &link).unwrap();
        assert!(is_special(&link) && is_special(Path::new(&descriptor)));
        // What is open is the file that it is.
        let (open, descriptor) = (folder.path().join("open"), PathBuf::from(descriptor));
        assert!(matches!(
            check(std::slice::from_ref(&descriptor), std::slice::from_ref(&open)),
            Err(PlaceError::Input { .. })
        ));
        assert!(matches!(check(&[open], &[link]), Err(PlaceError::Input { .. })));
        assert!(check(&[folder.path().join("in.csv")], &[descriptor]).is_ok());
    }

    #[test]
    fn an_output_that_cannot_be_written_is_found_before() {
        let folder = folder();
        for output in [folder.path().to_owned(), folder.path().join("absent/out"), folder.path().join("in.csv/out")] {
            assert!(matches!(check(&[], &[output]), Err(PlaceError::Unwritable(_))));
        }
        let mut places = Places::default();
        let deep = folder.path().join("made/on/the/way");
        places.writes_with_folders("--out", &deep);
        places.check().unwrap();
        assert!(deep.parent().unwrap().is_dir() && !deep.exists());
    }
}
