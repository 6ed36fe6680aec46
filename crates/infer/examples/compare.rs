//! Compares two image files: `cargo run -p leq-infer --example compare -- a.png b.png`.

use std::error::Error;
use std::path::Path;

use infer::{Comparer, Engine, Model};

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let [first, second] = files.as_slice() else { return Err("name two image files".into()) };
    println!("{}", compare(first.as_ref(), second.as_ref())?);
    Ok(())
}

/// The answer in one sentence, and what was found in each picture.
///
/// # Errors
/// What cannot be read, answered or written.
pub fn compare(first: &Path, second: &Path) -> Result<String, Box<dyn Error>> {
    let mut comparer = Comparer::open(Model::built_in(), Engine::best())?;
    let comparison = comparer.compare(first, second)?;
    let mut text = comparison.verdict.sentence();
    for (picture, side) in comparison.pictures.iter().zip(comparison.sides) {
        let digit = picture.prepared.tight_box;
        text += &format!(
            "\n{} x {} pixels, digit of {} x {}: {}",
            picture.width,
            picture.height,
            digit.width,
            digit.height,
            side.name()
        );
    }
    Ok(text)
}
