//! Packages of npm: what bundles the page's modules, and what only its tests and benchmarks use.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::project::Project;
use crate::{checksum, remove, run, say, system};

/// A package, and those of its files that are used.
pub struct Package {
    name: &'static str,
    version: &'static str,
    /// Paths in the package with their SHA-256.
    files: &'static [(&'static str, &'static str)],
}

/// Deque's accessibility checker.
pub const AXE_CORE: Package = Package {
    name: "axe-core",
    version: "4.14.1",
    files: &[("axe.min.js", "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c")],
};

/// Rollup, which bundles the page's modules, in its build as WebAssembly, which is the same on every system. Its first file is the
/// module to import.
pub const ROLLUP: Package = Package {
    name: "@rollup/wasm-node",
    version: "4.68.4",
    files: &[
        ("dist/es/rollup.js", "556b09acda5582cb99361d75e695c618d5bd8a8d6529e0305810911ffd0c78a8"),
        ("dist/es/shared/node-entry.js", "cb11a5970dd33189025affafe2880e434142b736a72eae21b8845346e4ed9dc2"),
        ("dist/es/shared/parseAst.js", "91b9ae14a82f064a46a6bb6dacd4fdf3c8ab5c63bbae45628b84ff45e3440f28"),
        ("dist/native.js", "d8ab4aee0129b3dc9d8274617b015ab8dbdc9661207fe5b80749606e87093992"),
        ("dist/wasm-node/bindings_wasm.js", "76ea71be618de5efef59d1bc3404a6cd0a02bd981851e452fef0697f8a1a23f3"),
        ("dist/wasm-node/bindings_wasm_bg.wasm", "bd6cbba6ec4c28614224000af39c5476606319cb6f0702c60560a2a2f6d8b48b"),
    ],
};

/// ONNX Runtime for browsers, of which its WebAssembly backend is measured beside ours.
pub const ONNXRUNTIME_WEB: Package = Package {
    name: "onnxruntime-web",
    version: "1.30.0",
    files: &[
        ("dist/ort.wasm.min.mjs", "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b"),
        ("dist/ort-wasm-simd-threaded.mjs", "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b"),
        ("dist/ort-wasm-simd-threaded.wasm", "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"),
    ],
};

impl Package {
    /// The package's version.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// Where its files are once it is set up.
    pub fn paths(&self, project: &Project) -> impl Iterator<Item = PathBuf> {
        let package = self.folder(project).join("node_modules").join(self.name);
        self.files.iter().map(move |(file, _)| package.join(file))
    }

    fn folder(&self, project: &Project) -> PathBuf {
        project.setup_dir().join(self.name)
    }

    /// Installs the package with npm, without running any script of it, unless its files are there.
    ///
    /// # Errors
    /// What is missing, what npm said, or a file with another checksum.
    pub fn ensure(&self, project: &Project) -> Result<()> {
        if self.wrong_file(project).is_none() {
            return Ok(());
        }
        if !run::works(run::program(project, "npm").arg("--version")) {
            system::install(project, "npm", &["npm"], "brew install node")?;
        }
        remove(&self.folder(project))?;
        say(&format!("downloading {} {} with npm", self.name, self.version));
        let mut npm = run::program(project, "npm");
        npm.args(["install", "--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]);
        npm.args(["--silent", "--prefix"]).arg(self.folder(project));
        run::run(project, npm.arg(format!("{}@{}", self.name, self.version)))?;
        match self.wrong_file(project) {
            None => Ok(()),
            Some((path, found)) => bail!("{} is not the published file: {found}", path.display()),
        }
    }

    /// A file that is missing or has another checksum, and how.
    fn wrong_file(&self, project: &Project) -> Option<(PathBuf, String)> {
        let wrong = |path: &Path, expected: &str| match checksum::of_file(path) {
            Ok(found) if found == expected => None,
            Ok(found) => Some(format!("its SHA-256 is {found}, expected {expected}")),
            Err(fault) => Some(format!("{fault:#}")),
        };
        let mut files = self.paths(project).zip(self.files);
        files.find_map(|(path, (_, expected))| wrong(&path, expected).map(|how| (path, how)))
    }
}
