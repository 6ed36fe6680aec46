//! ONNX Runtime's shared library, in `.setup/onnxruntime`, from the wheel that its makers publish for Python.
//!
//! The wheel is the one place where the library is published for every system with a client that each of them has, and
//! it is always the wheel for the same Python, so that one checksum a system is enough.

use std::env::consts::{ARCH, OS};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::{checksum, python, remove, run, say};

/// The variable by which the crate `ort` lets the user name the library.
const LIBRARY_VARIABLE: &str = "ORT_DYLIB_PATH";

const VERSION: &str = "1.31.1";

/// The library as published for one kind of machine.
struct Build {
    os: &'static str,
    arch: &'static str,
    /// The wheel's platform tag.
    platform: &'static str,
    /// The library's path in the wheel.
    member: &'static str,
    /// The library's name on this machine.
    name: &'static str,
    sha256: &'static str,
}

const BUILDS: [Build; 3] = [
    Build {
        os: "linux",
        arch: "x86_64",
        platform: "manylinux_2_28_x86_64",
        member: "onnxruntime/capi/libonnxruntime.so.1.31.1",
        name: "libonnxruntime.so",
        sha256: "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
    },
    Build {
        os: "linux",
        arch: "aarch64",
        platform: "manylinux_2_28_aarch64",
        member: "onnxruntime/capi/libonnxruntime.so.1.31.1",
        name: "libonnxruntime.so",
        sha256: "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
    },
    Build {
        os: "macos",
        arch: "aarch64",
        platform: "macosx_14_0_arm64",
        member: "onnxruntime/capi/libonnxruntime.1.31.1.dylib",
        name: "libonnxruntime.dylib",
        sha256: "d586cbe89effc085a09d3341b3cfbd5c322517f9d397aeb20814af21433f2b36",
    },
];

/// Makes sure that the library is there: the user's own if `ORT_DYLIB_PATH` names one, else the pinned one.
///
/// # Errors
/// A variable that names no file, a machine that the library is not published for, or what failed on the way.
pub fn ensure(project: &Project) -> Result<()> {
    if let Some(users_own) = users_own() {
        if !users_own.is_file() {
            bail!("{LIBRARY_VARIABLE} names {}, which is not a file; correct or unset it", users_own.display());
        }
        say(&format!("taking the ONNX Runtime that {LIBRARY_VARIABLE} names, {}", users_own.display()));
        return Ok(());
    }
    let build = this_machines()?;
    let library = library(project)?;
    if library.is_file() && checksum::of_file(&library)? == build.sha256 {
        return Ok(());
    }
    download(project, build, &library)
}

/// Where the library is: the user's own, or where `ensure` puts the pinned one.
pub fn library(project: &Project) -> Result<PathBuf> {
    match users_own() {
        Some(users_own) => Ok(users_own),
        None => Ok(project.setup_dir().join("onnxruntime").join(this_machines()?.name)),
    }
}

/// What `ORT_DYLIB_PATH` names, if it is set, as an absolute path: the programs that get it run in other folders.
pub fn users_own() -> Option<PathBuf> {
    let named = std::env::var_os(LIBRARY_VARIABLE).filter(|value| !value.is_empty())?;
    std::path::absolute(&named).ok()
}

fn this_machines() -> Result<&'static Build> {
    let is_its = |build: &&Build| build.os == OS && build.arch == ARCH && !cfg!(target_env = "musl");
    BUILDS.iter().find(is_its).with_context(|| {
        format!(
            "no library of ONNX Runtime {VERSION} is published for {OS} on {ARCH} with this C library; \
             build or install one and set {LIBRARY_VARIABLE} to its path"
        )
    })
}

fn download(project: &Project, build: &Build, library: &Path) -> Result<()> {
    let mut pip = python::CHECKER.pip(project)?;
    let folder = project.setup_dir().join("download");
    remove(&folder)?;
    say(&format!("downloading ONNX Runtime {VERSION} (23 MB) with pip"));
    pip.args(["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]);
    pip.args(["--implementation=cp", "--python-version=3.12", &format!("--platform={}", build.platform)]);
    pip.arg("--dest").arg(&folder).arg(format!("onnxruntime=={VERSION}"));
    run::run(project, &mut pip).context("see to it that pip can download, and run this again")?;
    let extracted = wheel_in(&folder).and_then(|wheel| extract(&wheel, build, library));
    remove(&folder)?;
    extracted
}

fn wheel_in(folder: &Path) -> Result<PathBuf> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&format!("onnxruntime-{VERSION}-")) && name.ends_with(".whl")
    };
    let found = entries.filter_map(|entry| Some(entry.ok()?.path())).find(is_ours);
    found.with_context(|| format!("pip left no wheel of onnxruntime {VERSION} in {}", folder.display()))
}

/// Takes the library out of the wheel, whole and with the right checksum, or not at all.
fn extract(wheel: &Path, build: &Build, library: &Path) -> Result<()> {
    let contents = read_member(wheel, build.member).with_context(|| format!("cannot read {}", wheel.display()))?;
    let found = files::sha256(contents.as_slice());
    if found != build.sha256 {
        bail!(
            "{} in {} is not the published library: its SHA-256 is {found}, expected {}; see where pip downloads from",
            build.member,
            wheel.display(),
            build.sha256
        );
    }
    Ok(files::write_with_folders(library, contents)?)
}

fn read_member(wheel: &Path, member: &str) -> Result<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(File::open(wheel)?)?;
    let mut contents = Vec::new();
    archive.by_name(member).with_context(|| format!("it holds no {member}"))?.read_to_end(&mut contents)?;
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::{SimpleFileOptions, ZipWriter};

    const MEMBER: &str = "onnxruntime/capi/lib.so";

    fn wheel_with(folder: &Path, member: &str) -> PathBuf {
        let path = folder.join("onnxruntime-1.31.1-cp312.whl");
        let mut wheel = ZipWriter::new(File::create(&path).unwrap());
        wheel.start_file(member, SimpleFileOptions::default()).unwrap();
        wheel.write_all(b"abc").unwrap();
        wheel.finish().unwrap();
        path
    }

    fn build(sha256: &'static str) -> Build {
        Build { os: OS, arch: ARCH, platform: "any", member: MEMBER, name: "lib.so", sha256 }
    }

    /// FIPS 180-2, appendix B.1.
    const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_library_with_the_right_checksum_is_taken_out_of_the_wheel() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("onnxruntime/lib.so");
        wheel_with(folder.path(), MEMBER);
        extract(&wheel_in(folder.path()).unwrap(), &build(SHA256_OF_ABC), &library).unwrap();
        assert_eq!(std::fs::read(&library).unwrap(), b"abc");
        assert_eq!(std::fs::read_dir(library.parent().unwrap()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link_beside_the_library() {
        let folder = tempfile::tempdir().unwrap();
        let [library, precious] = ["lib.so", "precious"].map(|name| folder.path().join(name));
        std::fs::write(&precious, "mine").unwrap();
        std::os::unix::fs::symlink(&precious, library.with_extension("partial")).unwrap();
        extract(&wheel_with(folder.path(), MEMBER), &build(SHA256_OF_ABC), &library).unwrap();
        assert_eq!(std::fs::read(&precious).unwrap(), b"mine");
        assert_eq!(std::fs::read(&library).unwrap(), b"abc");
    }

    #[test]
    fn a_library_with_a_wrong_checksum_is_refused_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("onnxruntime/lib.so");
        let wheel = wheel_with(folder.path(), MEMBER);
        let refused = extract(&wheel, &build("00"), &library).unwrap_err().to_string();
        assert!(refused.contains("is not the published library") && refused.contains(SHA256_OF_ABC), "{refused}");
        assert!(!library.parent().unwrap().exists());
    }

    #[test]
    fn a_wheel_without_the_library_and_a_file_that_is_no_wheel_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("lib.so");
        let wheel = wheel_with(folder.path(), "another");
        let refused = format!("{:#}", extract(&wheel, &build(SHA256_OF_ABC), &library).unwrap_err());
        assert!(refused.contains(&format!("it holds no {MEMBER}")), "{refused}");
        std::fs::write(&wheel, "not a zip file").unwrap();
        let refused = format!("{:#}", extract(&wheel, &build(SHA256_OF_ABC), &library).unwrap_err());
        assert!(refused.contains(&wheel.display().to_string()), "{refused}");
    }

    #[test]
    fn every_build_names_the_pinned_version_and_a_whole_checksum() {
        for build in &BUILDS {
            assert!(build.member.contains(VERSION), "{}", build.platform);
            assert!(build.sha256.len() == 64 && build.sha256.bytes().all(|digit| digit.is_ascii_hexdigit()));
        }
    }
}
