//! What was asked for, and whether it fits together.

use std::io;
use std::path::{Path, PathBuf};

use ::terminal::keeping_ignored;
use files::{Identity, Places};
use infer::batch::pipeline::Work;
use infer::batch::sink;
use infer::batch::source::{Format, ListFormat, Names, Source};

use super::Batch;
use crate::command::places::{self, is_dash};
use crate::exit::{self, Exit};
use crate::terminal::{note, shown};

impl Batch {
    /// How the list is written.
    pub fn form(&self) -> ListFormat {
        let names = Names { left: self.left.clone(), right: self.right.clone(), label: self.label.clone() };
        ListFormat { format: self.from.map(Format::from), delimiter: self.delimiter, names }
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

    /// The rows that are asked for: all of them, or those of the shard.
    pub fn dealt(&self, source: Source) -> Source {
        match self.shard {
            Some(shard) => source.only(shard),
            None => source,
        }
    }

    pub fn shard_name(&self) -> Option<String> {
        self.shard.map(|shard| shard.to_string())
    }

    /// How a run without rows ends. A list without pairs is an error, reported by shard 1; a list too short for a later shard is
    /// not.
    pub fn holds_nothing(&self) -> Exit {
        let name = shown(&self.pairs);
        match self.shard {
            Some(shard) if shard.number > 1 => {
                note(&format_args!("{name}: holds no pairs for shard {shard}"));
                Exit::Done
            }
            _ => exit::complain(Exit::SomeInputsFailed, &format_args!("{name}: holds no pairs")),
        }
    }

    /// What readers and workers need to know.
    pub fn work(&self) -> Work {
        let (chunk, readers) = (self.batch as usize, usize::from(self.readers));
        Work { chunk, readers, root: self.root(), outputs: self.outputs() }
    }

    /// Files that the run writes.
    fn outputs(&self) -> Vec<Identity> {
        self.places().written().cloned().collect()
    }

    /// Refuses what cannot end well, before anything is read or written.
    pub fn check(&self) -> Result<(), Exit> {
        if let Some(what) = self.contradiction() {
            return Err(exit::complain(Exit::WrongUsage, &what));
        }
        self.model.check()?;
        places::check(&self.places())
    }

    /// What of the options does not fit together or would do nothing.
    fn contradiction(&self) -> Option<&'static str> {
        let is_folder = !is_dash(&self.pairs) && self.pairs.is_dir();
        let names = [&self.left, &self.right, &self.label];
        let describes_list = self.from.is_some() || self.delimiter.is_some() || names.into_iter().any(Option::is_some);
        let is_file = self.file().is_some_and(|output| !files::is_special(output));
        match () {
            () if self.file().is_none() && self.summary.as_deref().is_some_and(is_dash) => {
                Some("answers and summary cannot both go to stdout; name -o FILE")
            }
            () if (self.resume || self.overwrite) && !is_file => {
                Some("--resume and --overwrite need an output that is a file; name it with -o FILE")
            }
            () if is_folder && describes_list => {
                Some("--from, --delimiter, --left, --right and --label describe a list, but the pairs are in a folder")
            }
            () if is_folder && self.root.is_some() => {
                Some("--root is for the relative paths of a list, but the pairs are in a folder; leave it out")
            }
            () if self.delimiter.is_some() && self.input_format() == Format::Jsonl => {
                Some("JSON lines have no delimiter; leave --delimiter out, or say --from csv")
            }
            () => None,
        }
    }

    fn input_format(&self) -> Format {
        self.from.map(Format::from).or_else(|| Format::of(&self.pairs)).unwrap_or(Format::Csv)
    }

    fn places(&self) -> Places {
        let mut places = Places::default();
        match () {
            () if is_dash(&self.pairs) => places.reads_stdin("the list of pairs"),
            () if self.pairs.is_dir() => {}
            () => places.reads("the list of pairs", &self.pairs),
        }
        self.model.add_to(&mut places);
        match self.file() {
            None => places.writes_stdout(),
            Some(output) => {
                places.writes("--output", output);
                if !files::is_special(output) {
                    places.writes("the unfinished --output", &sink::partial(output));
                    places.writes("the identity of the unfinished --output", &sink::identity_file(output));
                }
            }
        }
        match &self.summary {
            Some(summary) if is_dash(summary) => places.writes_stdout(),
            Some(summary) => places.writes("--summary", summary),
            None => {}
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
    keeping_ignored(|| ctrlc::set_handler(stop)).map_err(io::Error::other)
}

/// The one character of `--delimiter`; `\t` is a tab.
pub fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "\\t" => Ok(b'\t'),
        "\"" | "\n" | "\r" => Err("it cannot separate fields".to_owned()),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() => Ok(*byte),
            _ => Err("write one ASCII character, such as ; or \\t".to_owned()),
        },
    }
}
