//! What was asked for, and whether it fits together.

use std::io;
use std::path::{Path, PathBuf};

use files::{Identity, Places};
use infer::batch::sink;
use infer::batch::source::{Form, Format, Names};

use super::Batch;
use crate::command::places::{self, is_dash};
use crate::exit::{self, Exit};
use crate::terminal::shown;

impl Batch {
    /// How the list is written.
    pub fn form(&self) -> Form {
        let names = Names { left: self.left.clone(), right: self.right.clone(), label: self.label.clone() };
        Form { format: self.from.map(Format::from), delimiter: self.delimiter, names }
    }

    pub fn output_format(&self) -> Format {
        self.to.map(Format::from).or_else(|| Format::of(self.output.as_deref()?)).unwrap_or(Format::Csv)
    }

    /// The file that answers go to; `None` for stdout.
    pub fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| !is_dash(path))
    }

    pub fn output_name(&self) -> String {
        self.file().map_or("stdout".to_owned(), shown)
    }

    /// Where relative paths count from. Those of a folder's rows, and of what is no ordinary file, such as `/dev/fd/63`,
    /// count from the current folder.
    pub fn root(&self) -> PathBuf {
        let is_list = self.pairs.is_file() && !files::is_special(&self.pairs);
        let folder = || self.pairs.parent().filter(|_| is_list).map(Path::to_owned);
        self.root.clone().or_else(folder).unwrap_or_default()
    }

    /// Files that the run writes.
    pub fn outputs(&self) -> Vec<Identity> {
        self.places().written().cloned().collect()
    }

    /// Refuses what cannot end well, before anything is read or written.
    pub fn check(&self) -> Result<(), Exit> {
        if self.summary.as_deref().is_some_and(is_dash) && self.file().is_none() {
            return Err(exit::complain(
                Exit::WrongUsage,
                &"answers and summary cannot both go to stdout; name -o FILE",
            ));
        }
        places::check(&self.places())
    }

    fn places(&self) -> Places {
        let mut places = Places::default();
        if !is_dash(&self.pairs) && !self.pairs.is_dir() {
            places.reads("the list of pairs", &self.pairs);
        }
        self.model.add_to(&mut places);
        if let Some(output) = self.file() {
            places.writes("--output", output);
            if !files::is_special(output) {
                places.writes("the unfinished --output", &sink::partial(output));
            }
        }
        if let Some(summary) = self.summary.as_ref().filter(|path| !is_dash(path)) {
            places.writes("--summary", summary);
        }
        places
    }
}

/// Says on Ctrl-C how an unfinished output is continued.
pub fn say_how_to_go_on(request: &Batch) -> io::Result<()> {
    let Some(output) = request.file().filter(|path| !files::is_special(path)) else { return Ok(()) };
    let name = shown(output);
    let stop = move || -> () {
        // After the terminal's own ^C.
        exit::show("\n");
        exit::interrupted(&format_args!("{name}: stopped; what was answered is kept, continue with --resume"));
    };
    ctrlc::set_handler(stop).map_err(io::Error::other)
}
