//! A protobuf compiler with as much of `protoc`'s command line as `prost-build` uses: it writes the descriptor set of
//! the files given.
//!
//! `xtask/protoc/protoc`, which `.cargo/config.toml` names in `PROTOC`, builds and runs it from candle-onnx's build script.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// What was asked for on the command line.
#[derive(Debug, Default, PartialEq)]
struct Request {
    include_imports: bool,
    include_source_info: bool,
    include_dirs: Vec<PathBuf>,
    output: Option<PathBuf>,
    files: Vec<PathBuf>,
}

impl Request {
    fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut request = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--include_imports") => request.include_imports = true,
                Some("--include_source_info") => request.include_source_info = true,
                Some("-I") => request.include_dirs.push(value("-I", &mut arguments)?),
                Some("-o") => request.output = Some(value("-o", &mut arguments)?),
                Some(other) if other.starts_with('-') => return Err(format!("does not know the option {other}")),
                _ => request.files.push(argument.into()),
            }
        }
        Ok(request)
    }

    /// Writes the descriptor set of the files to the output.
    fn carry_out(self) -> Result<(), String> {
        let output = self.output.ok_or("was given no output file (-o FILE)")?;
        let mut compiler = protox::Compiler::new(self.include_dirs).map_err(|error| format!("failed: {error:?}"))?;
        compiler.include_imports(self.include_imports).include_source_info(self.include_source_info);
        compiler.open_files(self.files).map_err(|error| format!("failed: {error:?}"))?;
        std::fs::write(&output, compiler.encode_file_descriptor_set())
            .map_err(|error| format!("could not write {}: {error}", output.display()))
    }
}

/// The argument that follows `option`.
fn value(option: &str, arguments: &mut impl Iterator<Item = OsString>) -> Result<PathBuf, String> {
    let value = arguments.next().ok_or_else(|| format!("was given nothing after {option}"))?;
    Ok(value.into())
}

fn main() -> ExitCode {
    match Request::parse(std::env::args_os().skip(1)).and_then(Request::carry_out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!(
                "leq's own protobuf compiler {fault}; PROTOC=protoc in the environment uses Google's, if installed"
            );
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protox::prost::Message;
    use protox::prost_reflect::prost_types::FileDescriptorSet;

    fn parse(arguments: &[&str]) -> Result<Request, String> {
        Request::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn the_command_line_of_prost_build_is_understood() {
        let request = parse(&["--include_imports", "--include_source_info", "-o", "set", "-I", "src/", "src/a.proto"]);
        let expected = Request {
            include_imports: true,
            include_source_info: true,
            include_dirs: vec!["src/".into()],
            output: Some("set".into()),
            files: vec!["src/a.proto".into()],
        };
        assert_eq!(request, Ok(expected));
    }

    #[test]
    fn an_option_it_does_not_know_is_refused_by_name() {
        assert_eq!(parse(&["--cpp_out=."]), Err("does not know the option --cpp_out=.".into()));
        assert_eq!(parse(&["-o"]), Err("was given nothing after -o".into()));
    }

    #[test]
    fn a_file_and_what_it_imports_are_written_with_their_comments() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name| folder.path().join(name);
        std::fs::write(file("part.proto"), "syntax = \"proto3\"; message Part { int32 n = 1; }").unwrap();
        let whole =
            "syntax = \"proto3\"; import \"part.proto\";\n// All parts.\nmessage Whole { repeated Part parts = 1; }";
        std::fs::write(file("whole.proto"), whole).unwrap();
        let request = Request {
            include_imports: true,
            include_source_info: true,
            include_dirs: vec![folder.path().into()],
            output: Some(file("set")),
            files: vec![file("whole.proto")],
        };

        request.carry_out().unwrap();

        let set = FileDescriptorSet::decode(std::fs::read(file("set")).unwrap().as_slice()).unwrap();
        let names: Vec<_> = set.file.iter().map(|file| file.name()).collect();
        assert_eq!(names, ["part.proto", "whole.proto"]);
        let places = &set.file[1].source_code_info.as_ref().unwrap().location;
        assert!(places.iter().any(|place| place.leading_comments() == " All parts.\n"));
    }

    #[test]
    fn a_fault_in_a_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let broken = folder.path().join("broken.proto");
        std::fs::write(&broken, "message {").unwrap();
        let request = Request {
            include_dirs: vec![folder.path().into()],
            output: Some(folder.path().join("set")),
            files: vec![broken],
            ..Request::default()
        };
        let fault = request.carry_out().unwrap_err();
        assert!(fault.contains("broken.proto"), "{fault}");
        assert!(!folder.path().join("set").exists());
    }
}
