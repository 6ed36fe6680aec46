//! Draws one of MNIST's digits as MNIST has it, `clean.png`, and as a phone's photo of 12 megapixels on plain paper, `photo.ppm`.
//!
//! `cargo run --release -p leq-infer --example draw_photo -- FOLDER`

use std::error::Error;
use std::path::Path;

use digits::scene::{Camera, Dice, Photo, Setup, Stage};
use image::{GrayImage, RgbImage};
use mnist::{Mnist, default_folder};

/// Columns and rows.
const SIZE: (usize, usize) = (4000, 3000);
/// Of the photo's parameters.
const SEED: u64 = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder] = arguments.as_slice() else { return Err("name a folder".into()) };
    let mnist = Mnist::load(&default_folder())?;
    draw(&mnist.training.images[0], SIZE, folder.as_ref())
}

/// Writes both pictures of a 28x28 digit, ink 0..=255, into a folder, which is made.
///
/// # Errors
/// What cannot be written.
pub fn draw(digit: &[u8; 784], (width, height): (usize, usize), folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let clean = GrayImage::from_raw(28, 28, digit.to_vec()).ok_or("28x28 pixels make a digit")?;
    clean.save(folder.join("clean.png"))?;
    let mut setup = Setup::ordinary(&[digit], &mut Dice::new(Stage::Development, SEED));
    setup.view.scale *= width.min(height) as f32 / setup.width.min(setup.height) as f32;
    (setup.width, setup.height) = (width, height);
    // Whoever saves the photo compresses it.
    setup.camera = Camera { quality: None, ..setup.camera };
    let Photo { rgba, .. } = setup.draw();
    let rgb = rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let photo =
        RgbImage::from_raw(width as u32, height as u32, rgb).ok_or("the photo has other pixels than asked for")?;
    photo.save(folder.join("photo.ppm"))?;
    Ok(())
}
