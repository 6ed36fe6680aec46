//! Finding ONNX Runtime's library.
//!
//! In this order; the first that is there is used, and if it is named and unusable nothing else is tried, for a user who
//! names a library wants that one:
//!
//! 1. `--onnxruntime FILE`
//! 2. the file that the environment variable `ORT_DYLIB_PATH` names
//! 3. the library's usual name beside the program
//! 4. `.setup/onnxruntime/` in a folder above the program that is a clone of leq, where `cargo xtask setup` puts it; not
//!    where others than its owner may write
//! 5. the system's loader, by the library's usual name
//!
//! The current folder is never searched: running `infer` in a downloaded folder must not run that folder's code. So the
//! system's loader is not asked where `LD_LIBRARY_PATH` names the current folder.
//!
//! A file is looked at before it is loaded: a library that was cut short would end the process.

use std::env;
use std::ffi::{CStr, c_char, c_void};
use std::path::{Path, PathBuf};

mod elf;

/// Environment variable that names the library's file; the one that other programs built on `ort` read.
pub const ENVIRONMENT: &str = "ORT_DYLIB_PATH";

/// Oldest version that is accepted.
const OLDEST: u32 = ort::MINOR_VERSION;

/// A library to load, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// `--onnxruntime`.
    Option(PathBuf),
    /// [`ENVIRONMENT`].
    Environment(PathBuf),
    /// Found beside the program or where set-up puts it.
    Found(PathBuf),
    /// A name for the system's loader.
    System(PathBuf),
}

impl Candidate {
    /// What the loader is given: absolute, but for a name that the system looks up.
    pub fn path(&self) -> &Path {
        match self {
            Self::Option(path) | Self::Environment(path) | Self::Found(path) | Self::System(path) => path,
        }
    }
}

/// Why ONNX Runtime cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A library was named or found, and cannot be loaded.
    #[error("ONNX Runtime cannot be loaded from {} ({}): {fault}\n{}", .candidate.path().display(), origin(.candidate), advice())]
    Unusable {
        /// Which.
        candidate: Candidate,
        /// What the loader found.
        fault: String,
    },
    /// None was named or found.
    #[error("ONNX Runtime was not found. Looked for:\n{}\n{}", lines(.looked_for), advice())]
    NotFound {
        /// Every place, in words.
        looked_for: Vec<String>,
    },
}

fn origin(candidate: &Candidate) -> &'static str {
    match candidate {
        Candidate::Option(_) => "named by --onnxruntime",
        Candidate::Environment(_) => "named by the environment variable ORT_DYLIB_PATH",
        Candidate::Found(_) => "found near the program",
        Candidate::System(_) => "looked up by the system",
    }
}

fn lines(places: &[String]) -> String {
    places.iter().map(|place| format!("  {place}")).collect::<Vec<_>>().join("\n")
}

fn advice() -> String {
    format!(
        "What to do: in a clone of leq run `cargo xtask setup`. Elsewhere run `pip install onnxruntime` and name its \
         library, onnxruntime/capi/{}*, by --onnxruntime or by {ENVIRONMENT}. ONNX Runtime 1.{OLDEST} or newer is needed.",
        file_name().display()
    )
}

/// The library's usual file name on this system, such as `libonnxruntime.so`.
pub fn file_name() -> PathBuf {
    format!("{}onnxruntime{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX).into()
}

/// Decides which library to load; `named` is the file of `--onnxruntime`.
pub fn find(named: Option<PathBuf>) -> Candidate {
    // A relative path is the user's, from where they stand; the loader would take it from where the program lies.
    let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
    if let Some(path) = named {
        return Candidate::Option(absolute(path));
    }
    if let Some(path) = env::var_os(ENVIRONMENT).filter(|path| !path.is_empty()) {
        return Candidate::Environment(absolute(path.into()));
    }
    match near_the_program().into_iter().find(|path| path.is_file()) {
        Some(path) => Candidate::Found(path),
        None => Candidate::System(file_name()),
    }
}

/// The places near the program, whether or not anything is there.
fn near_the_program() -> Vec<PathBuf> {
    let program = env::current_exe().and_then(|path| path.canonicalize()).unwrap_or_default();
    let Some(folder) = program.parent() else {
        return Vec::new();
    };
    let clones = folder.ancestors().filter(|above| is_clone(above) && is_its_owners(above));
    let set_up = clones.map(|above| above.join(".setup/onnxruntime").join(file_name()));
    [folder.join(file_name())].into_iter().chain(set_up).collect()
}

/// Whether a folder is a clone of this project.
fn is_clone(folder: &Path) -> bool {
    folder.join("crates/infer/Cargo.toml").is_file() && folder.join(".setup").is_dir()
}

/// Whether nobody but the owner can put a library into a clone.
#[cfg(unix)]
fn is_its_owners(clone: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    const OTHERS_WRITE: u32 = 0o002;
    let Ok(owner) = std::fs::metadata(clone).map(|metadata| metadata.uid()) else { return false };
    ["", ".setup", ".setup/onnxruntime"].iter().all(|inside| {
        std::fs::metadata(clone.join(inside))
            .is_ok_and(|metadata| metadata.uid() == owner && metadata.mode() & OTHERS_WRITE == 0)
    })
}

#[cfg(not(unix))]
fn is_its_owners(_: &Path) -> bool {
    true
}

/// Finds out, without running anything of it, what is wrong with a library.
///
/// # Errors
/// [`LibraryError`] for a library that is cut short, is none of this system, or would come from the current folder.
pub(super) fn check(candidate: &Candidate) -> Result<(), LibraryError> {
    if let Candidate::System(name) = candidate {
        let paths = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        let is_here = |path: PathBuf| path.as_os_str().is_empty() || path.is_relative();
        if !paths.is_empty() && env::split_paths(&paths).any(is_here) {
            let fault = "not asked, because LD_LIBRARY_PATH names the current folder (an empty or relative entry)";
            return Err(LibraryError::NotFound { looked_for: places(name, fault) });
        }
        return Ok(());
    }
    let unusable = |fault: &str| LibraryError::Unusable { candidate: candidate.clone(), fault: fault.to_owned() };
    let metadata = std::fs::metadata(candidate.path()).ok();
    if let Some(what) = metadata.and_then(|metadata| files::special_kind(metadata.file_type())) {
        // Opening a pipe waits for somebody who writes to it.
        return Err(unusable(&format!("it is a {what}, not a file")));
    }
    match elf::is_whole(candidate.path()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(unusable("it is cut short; fetch it again")),
        // The loader says it better.
        Err(_) => Ok(()),
    }
}

/// The version that a loaded library states, such as `1.31.1`; `unknown` if it states none.
pub(super) fn version(path: &Path) -> String {
    #[repr(C)]
    struct ApiBase {
        get_api: unsafe extern "C" fn(u32) -> *const c_void,
        get_version: unsafe extern "C" fn() -> *const c_char,
    }
    // SAFETY: the library is ONNX Runtime, loaded before, so no code of another one runs by loading it once more. Its
    // interface is stable since version 1.0: `OrtGetApiBase` gives a pointer to two functions that lives as long as the
    // library, and the second gives a string that ends in 0 and lives as long.
    let stated = unsafe {
        libloading::Library::new(path).ok().and_then(|library| {
            let base = library.get::<unsafe extern "C" fn() -> *const ApiBase>(b"OrtGetApiBase").ok()?;
            let text = (base().as_ref()?.get_version)();
            (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
        })
    };
    stated.unwrap_or_else(|| "unknown".to_owned())
}

/// The error for a candidate that the loader refused with `fault`.
pub(super) fn refused(candidate: Candidate, fault: ort::LoadDynamicError) -> LibraryError {
    let fault = match fault {
        ort::LoadDynamicError::Dlopen { error, .. } => match candidate.path() {
            path if !matches!(candidate, Candidate::System(_)) && !path.exists() => "no such file".to_owned(),
            path if path.is_dir() => "it is a folder".to_owned(),
            _ => format!("it is no library of this system: {}", with_cause(&error)),
        },
        ort::LoadDynamicError::MissingApi { .. } => "it is a library, but not ONNX Runtime".to_owned(),
        ort::LoadDynamicError::BadVersion { version_str, .. } => {
            format!("its version {version_str} is too old, 1.{OLDEST} or newer is needed")
        }
        ort::LoadDynamicError::InvalidVersionString => "it states no readable version".to_owned(),
    };
    match candidate {
        Candidate::System(name) => LibraryError::NotFound { looked_for: places(&name, &fault) },
        candidate => LibraryError::Unusable { candidate, fault },
    }
}

fn with_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error} ({cause})"))
}

fn places(name: &Path, fault: &str) -> Vec<String> {
    let mut places = vec![format!("--onnxruntime: not given"), format!("{ENVIRONMENT}: not set")];
    places.extend(near_the_program().iter().map(|path| format!("{}: no such file", path.display())));
    places.push("clones of leq above the program: no .setup/onnxruntime that only their owner can write to".to_owned());
    places.push(format!("{} where the system looks for libraries: {fault}", name.display()));
    places
}
