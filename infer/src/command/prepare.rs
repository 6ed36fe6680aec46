//! `infer prepare`: shows the network's input for a picture.

use std::io::{self, Cursor};
use std::path::PathBuf;

use clap::Args;
use digits::{DigitImage, Prepared};
use image::{GrayImage, ImageFormat};

use super::options::folder;
use super::places::{self, is_dash};
use crate::exit::{self, Exit};
use crate::terminal::{shown, sketch};

mod steps;

/// Arguments of `infer prepare`.
#[derive(Debug, Args)]
pub struct Prepare {
    /// Image of one digit; - for stdin
    #[arg(value_name = "A")]
    picture: PathBuf,

    /// Write the network's input to this PNG file instead of showing it; - for stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write every step as a PNG file to this new or empty folder: light, ink, lines taken out, and all readings, likeliest first
    #[arg(long, value_name = "DIR", conflicts_with = "output", value_parser = folder())]
    steps: Option<PathBuf>,

    /// Write it before the last step, as MNIST's 28x28: such a file passes through preparation unchanged
    #[arg(long, requires = "output")]
    mnist: bool,
}

/// Prepares and shows; errors go to stderr.
pub fn command(request: &Prepare) -> Exit {
    if let Some(folder) = &request.steps {
        return steps::write(&request.picture, folder);
    }
    if let Err(exit) = request.check() {
        return exit;
    }
    let read = match places::picture(&request.picture) {
        Ok(read) => read,
        Err(error) => {
            let what = format_args!("{}: {error}", shown(&request.picture));
            return exit::complain(Exit::SomeInputsFailed, &what);
        }
    };
    let Prepared { image, mnist, polarity, tight_box, route } = &read.prepared;
    let Some(output) = &request.output else {
        return exit::print(&format!(
            "{}{}: {} x {} pixels, {polarity:?}, {route:?}, digit of {} x {} at {}, {}\n",
            sketch(&[image]),
            shown(&request.picture),
            read.width,
            read.height,
            tight_box.width,
            tight_box.height,
            tight_box.left,
            tight_box.top
        ));
    };
    let pixels = match (request.mnist, mnist) {
        (true, Some(mnist)) => GrayImage::from_raw(28, 28, mnist.to_vec()),
        (true, None) => {
            let what = format_args!("{}: is already 14x14 and has no 28x28 form", shown(&request.picture));
            return exit::complain(Exit::SomeInputsFailed, &what);
        }
        (false, _) => grey(image),
    };
    let mut png = Cursor::new(Vec::new());
    let encoded = pixels.map(|pixels| pixels.write_to(&mut png, ImageFormat::Png));
    let unwritable = |fault: &dyn std::fmt::Display| {
        exit::complain(Exit::CannotWork, &format_args!("{}: cannot be written: {fault}", shown(output)))
    };
    match encoded {
        Some(Ok(())) => match places::write(output, png.get_ref()) {
            Ok(()) => Exit::Done,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Err(error) => unwritable(&error),
        },
        Some(Err(error)) => unwritable(&error),
        None => unwritable(&"the picture has no pixels"),
    }
}

impl Prepare {
    /// Refuses to replace the picture itself, and what cannot be written.
    fn check(&self) -> Result<(), Exit> {
        let Some(output) = &self.output else { return Ok(()) };
        let mut places = files::Places::default();
        match is_dash(&self.picture) {
            true => places.reads_stdin("the picture itself"),
            false => places.reads("the picture itself", &self.picture),
        }
        match is_dash(output) {
            true => places.writes_stdout(),
            false => places.writes("--output", output),
        }
        places::check(&places)
    }
}

/// 14x14 in whole levels.
fn grey(image: &DigitImage) -> Option<GrayImage> {
    let side = digits::SIDE as u32;
    GrayImage::from_raw(side, side, image.pixels().iter().map(|pixel| pixel.round() as u8).collect())
}
