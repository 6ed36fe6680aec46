//! Every step of preparation as a PNG file.

use std::io::{self, Cursor};
use std::path::Path;

use digits::{Candidate, MNIST_SIDE, Step};
use image::{GrayImage, ImageFormat};
use infer::picture;

use super::{grey, places};
use crate::exit::{self, Exit};
use crate::terminal::shown;

/// Writes `00-picture.png` and so on, then `reading-1-28x28.png` and `reading-1.png` for each reading; errors go to stderr.
pub fn write(path: &Path, folder: &Path) -> Exit {
    let (steps, candidates) = match places::picture_bytes(path).and_then(|bytes| picture::steps_of(&bytes)) {
        Ok(seen) => seen,
        Err(error) => return exit::complain(Exit::SomeInputsFailed, &format_args!("{}: {error}", shown(path))),
    };
    if let Err(error) = write_all(folder, steps, candidates.as_deref().unwrap_or_default()) {
        return exit::complain(Exit::CannotWork, &format_args!("{}: cannot be written: {error}", shown(folder)));
    }
    match candidates {
        Ok(candidates) => exit::print(&table(&candidates)),
        Err(error) => exit::complain(Exit::SomeInputsFailed, &format_args!("{}: {error}", shown(path))),
    }
}

/// One line a reading.
fn table(candidates: &[Candidate]) -> String {
    let line = |(number, candidate): (usize, &Candidate)| {
        let digits::Prepared { polarity, tight_box, route, .. } = &candidate.prepared;
        format!(
            "reading {}: {:.0} % by its shape, {route:?}, {polarity:?}, digit of {} x {} at {}, {}\n",
            number + 1,
            100.0 * candidate.prior,
            tight_box.width,
            tight_box.height,
            tight_box.left,
            tight_box.top
        )
    };
    candidates.iter().enumerate().map(line).collect()
}

fn write_all(folder: &Path, steps: Vec<Step>, candidates: &[Candidate]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    if std::fs::read_dir(folder)?.next().is_some() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is not empty"));
    }
    for (number, Step { name, width, height, grey }) in steps.into_iter().enumerate() {
        save(&folder.join(format!("{number:02}-{name}.png")), GrayImage::from_raw(width as u32, height as u32, grey))?;
    }
    for (number, candidate) in (1..).zip(candidates) {
        if let Some(mnist) = candidate.prepared.mnist {
            let side = MNIST_SIDE as u32;
            save(&folder.join(format!("reading-{number}-28x28.png")), GrayImage::from_raw(side, side, mnist.to_vec()))?;
        }
        save(&folder.join(format!("reading-{number}.png")), grey(&candidate.prepared.image))?;
    }
    Ok(())
}

fn save(path: &Path, pixels: Option<GrayImage>) -> io::Result<()> {
    let mut png = Cursor::new(Vec::new());
    let pixels = pixels.ok_or_else(|| io::Error::other("a picture without pixels"))?;
    pixels.write_to(&mut png, ImageFormat::Png).map_err(io::Error::other)?;
    files::write(path, png.get_ref()).map_err(|error| error.source)
}
