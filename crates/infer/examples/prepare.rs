//! Saves what the network sees of a picture, 14x14 pixels: `cargo run -p leq-infer --example prepare -- a.png seen.png`.

use std::error::Error;
use std::path::Path;

use digits::SIDE;
use image::GrayImage;

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let [picture, seen] = files.as_slice() else { return Err("name an image file and where to save".into()) };
    prepare(picture.as_ref(), seen.as_ref())
}

/// Reads a picture of a digit, prepares it, and writes it as a PNG file, white ink on black.
///
/// # Errors
/// What cannot be read, answered or written.
pub fn prepare(picture: &Path, seen: &Path) -> Result<(), Box<dyn Error>> {
    let prepared = infer::picture::read(picture)?.prepared;
    let pixels = prepared.image.pixels().iter().map(|pixel| pixel.round() as u8).collect();
    let image = GrayImage::from_raw(SIDE as u32, SIDE as u32, pixels).ok_or("14x14 pixels make an image")?;
    image.save(seen)?;
    Ok(())
}
