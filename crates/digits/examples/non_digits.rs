//! A contact sheet of drawings as networks see them, one row a kind of non-digit, then digits in other forms, as PGM on stdout.
//!
//! `cargo run --release -p leq-digits --example non_digits > non-digits.pgm`

use std::io::Write;

use digits::SIDE;
use digits::drawn::{DigitForm, Digits, KINDS, NonDigit};
use mnist::{Mnist, default_folder};

const COLUMNS: usize = 12;
/// Rows of digits in other forms.
const FORMS: usize = 6;
const CELL: usize = SIDE + 2;
const ENLARGED: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mnist = Mnist::load(&default_folder())?;
    let images: Vec<_> = mnist.training.digit_images().map(|image| *image.pixels()).collect();
    let digits = Digits { images: &images, labels: &mnist.training.labels };
    let (width, height) = (COLUMNS * CELL, (KINDS.len() + FORMS) * CELL);
    let mut sheet = vec![60_u8; width * height];
    for row in 0..KINDS.len() + FORMS {
        eprintln!("{row:>2} {}", KINDS.get(row).map_or("digits in other forms", |kind| kind.name));
        for column in 0..COLUMNS {
            let seed = (row * COLUMNS + column) as u64;
            let image = match KINDS.get(row) {
                Some(kind) => NonDigit::draw(kind, &digits, seed).image(),
                None => DigitForm::draw(seed).image(),
            };
            for (at, pixel) in image.pixels().iter().enumerate() {
                let (across, down) = (column * CELL + 1 + at % SIDE, row * CELL + 1 + at / SIDE);
                sheet[down * width + across] = *pixel as u8;
            }
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "P5\n{} {}\n255", width * ENLARGED, height * ENLARGED)?;
    for row in 0..height * ENLARGED {
        let line = &sheet[row / ENLARGED * width..][..width];
        out.write_all(&line.iter().flat_map(|&level| [level; ENLARGED]).collect::<Vec<_>>())?;
    }
    Ok(())
}
