//! `trainer samples`: digits as picture files.

use std::io::{Cursor, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use digits::MNIST_SIDE;
use image::{GrayImage, ImageFormat};
use mnist::PairSets;

use super::Data;
use crate::say;

/// Arguments of `trainer samples`.
#[derive(Debug, Args)]
pub struct Samples {
    /// Folder for the PNG files
    #[arg(long, value_name = "DIR", default_value = "runs/samples")]
    out: PathBuf,
    /// Number of files, at most 2,000: the first digits of the test pairs that seed 0 draws
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=2000))]
    count: u16,
    #[command(flatten)]
    data: Data,
}

impl Samples {
    /// Writes `test-INDEX-digit-D.png` files, 28x28, white on black, and prints their paths, one a line.
    pub fn run(self) -> Result<()> {
        let mnist = self.data.load()?;
        let pairs = usize::from(self.count).div_ceil(2);
        let sets = PairSets::draw(&mnist, pairs, 0)?;
        for &index in sets.test.indices().iter().flatten().take(usize::from(self.count)) {
            let side = MNIST_SIDE as u32;
            let picture = GrayImage::from_raw(side, side, mnist.test.images[index].to_vec());
            let mut png = Cursor::new(Vec::new());
            picture.context("an MNIST image is 28x28")?.write_to(&mut png, ImageFormat::Png)?;
            let path = self.out.join(format!("test-{index:05}-digit-{}.png", mnist.test.labels[index]));
            files::write_derived(&path, png.get_ref())?;
            writeln!(say::stdout(), "{}", path.display())?;
        }
        Ok(())
    }
}
