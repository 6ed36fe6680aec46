//! Running other programs, in the project's root, each shown as it could be typed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::project::Project;

/// The Cargo that runs this program, in the project's root.
pub fn cargo(project: &Project, arguments: &[&str]) -> Command {
    let mut command = program(project, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// A program, to run in the project's root without standard input.
pub fn program(project: &Project, name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(&project.root).stdin(Stdio::null());
    command
}

/// Shows the command, and runs it to its end.
///
/// # Errors
/// Names the command if it cannot be started or ends in anything but success.
pub fn run(project: &Project, command: &mut Command) -> Result<()> {
    show(project, command);
    complete(project, command)
}

/// Shows the command, and runs it to its end, giving each line of its standard output to `each_line` as it comes.
///
/// # Errors
/// Names the command if it cannot be started or read; how it ended is for the caller to judge.
pub fn stream(project: &Project, command: &mut Command, each_line: impl FnMut(&str)) -> Result<ExitStatus> {
    show(project, command);
    read_lines(project, command, each_line)
}

/// Shows the command, runs it to its end, and gives its standard output.
///
/// # Errors
/// Names the command if it cannot be started or ends in anything but success.
pub fn output(project: &Project, command: &mut Command) -> Result<String> {
    output_of(project, command, false)
}

/// As [`output`]; with `in_part`, of a command too that says by exit code 1 that it did a part.
///
/// # Errors
/// As [`output`].
pub fn output_of(project: &Project, command: &mut Command, in_part: bool) -> Result<String> {
    let mut text = String::new();
    let status = stream(project, command, |line| {
        text += line;
        text.push('\n');
    })?;
    let is_answered = status.success() || (in_part && status.code() == Some(1));
    if !is_answered {
        bail!("{} failed ({status})", typed(project, command));
    }
    Ok(text)
}

fn complete(project: &Project, command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_run(project, command))?;
    if !status.success() {
        bail!("{} failed ({status})", typed(project, command));
    }
    Ok(())
}

fn read_lines(project: &Project, command: &mut Command, mut each_line: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| cannot_run(project, command))?;
    let output = child.stdout.take().context("a piped child has a standard output")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.with_context(|| format!("cannot read the output of {}", typed(project, command)))?;
        each_line(&String::from_utf8_lossy(&line));
    }
    child.wait().with_context(|| cannot_run(project, command))
}

/// Whether the command can be run here and ends in success, without a word of its own.
pub fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Writes a line to standard output. That nobody reads it any more is no reason to stop what is being done.
pub fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    let _unread = writeln!(output, "{line}").and_then(|()| output.flush());
}

fn show(project: &Project, command: &Command) {
    let line = format!("$ {}", typed(project, command));
    say(&if std::io::stdout().is_terminal() { format!("\x1b[1m{line}\x1b[0m") } else { line });
}

fn cannot_run(project: &Project, command: &Command) -> String {
    format!("cannot run {}", typed(project, command))
}

/// The command as one would type it into a shell in the project's root.
pub fn typed(project: &Project, command: &Command) -> String {
    let settings = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), quoted(project, value?))));
    let is_cargo = std::env::var_os("CARGO").is_some_and(|cargo| cargo == command.get_program());
    let program = if is_cargo { OsStr::new("cargo") } else { command.get_program() };
    let words = std::iter::once(program).chain(command.get_args()).map(|word| quoted(project, word));
    settings.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(project: &Project, word: &OsStr) -> String {
    let word = project.relative(word.as_ref()).to_string_lossy().into_owned();
    let plain = |letter: char| letter.is_alphanumeric() || "-_./=:+,@".contains(letter);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_could_be_typed_in_the_root() {
        let project = Project { root: "/home/x/leq".into() };
        let mut command = program(&project, "/home/x/leq/target/release/infer");
        command.args(["compare", "it's 3.png"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            typed(&project, &command),
            r"RUSTDOCFLAGS='-D warnings' target/release/infer compare 'it'\''s 3.png'"
        );
    }

    #[test]
    fn every_line_of_a_childs_output_is_read_also_a_last_one_without_its_end() {
        let project = Project::here();
        let mut lines = Vec::new();
        let mut command = program(&project, "printf");
        command.arg("one\\ntwo");
        let status = read_lines(&project, &mut command, |line| lines.push(line.to_owned())).unwrap();
        assert!(status.success());
        assert_eq!(lines, ["one", "two"]);
    }

    #[test]
    fn a_program_that_fails_or_does_not_exist_is_an_error_that_names_it() {
        let project = Project::here();
        let failed = complete(&project, &mut program(&project, "false")).unwrap_err();
        assert_eq!(failed.to_string(), "false failed (exit status: 1)");
        let missing = complete(&project, &mut program(&project, "no-such-program")).unwrap_err();
        assert_eq!(missing.to_string(), "cannot run no-such-program");
    }
}
