//! `infer completions` and `infer man`: shell completions and the manual page.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::exit::{self, Exit};

/// Arguments of `infer completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// `infer man`.
#[derive(Debug, Args)]
pub struct Manual {}

/// Prints a script that completes commands and options.
pub fn completions(request: &Completions, mut program: Command) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(request.shell, &mut program, "infer", &mut script);
    exit::print(&String::from_utf8_lossy(&script))
}

/// Prints the manual page: all commands, one after the other, in troff.
pub fn manual(mut program: Command) -> Exit {
    let mut page = Vec::new();
    program.build();
    let rendered = clap_mangen::Man::new(program.clone()).render(&mut page).and_then(|()| {
        for command in
            program.get_subcommands().filter(|command| command.get_name() != "help" && !command.is_hide_set())
        {
            let manual = clap_mangen::Man::new(command.clone().display_name(format!("infer {}", command.get_name())));
            page.extend_from_slice(format!(".SH \"INFER {}\"\n", command.get_name().to_uppercase()).as_bytes());
            manual.render_synopsis_section(&mut page)?;
            manual.render_description_section(&mut page)?;
            manual.render_options_section(&mut page)?;
        }
        Ok(())
    });
    match rendered {
        Ok(()) => exit::print(&String::from_utf8_lossy(&page)),
        Err(error) => exit::complain(Exit::CannotWork, &error),
    }
}
