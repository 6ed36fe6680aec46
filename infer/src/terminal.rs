//! Messages and sketches on the terminal.

use digits::{DigitImage, SIDE};

pub use crate::exit::note;
pub use ::terminal::{harmless, quoted, shown};

/// Five steps from paper to ink.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// The network's input as text: two characters per pixel, all images side by side in frames.
pub fn sketch(images: &[&DigitImage]) -> String {
    let edge = |left: char, right: char| {
        let frames = images.iter().map(|_| format!("{left}{}{right}", "─".repeat(2 * SIDE)));
        frames.collect::<Vec<_>>().join("  ") + "\n"
    };
    let mut text = edge('┌', '┐');
    for row in 0..SIDE {
        let rows = images.iter().map(|image| {
            let pixels = &image.pixels()[row * SIDE..][..SIDE];
            format!("│{}│", pixels.iter().flat_map(|&pixel| [shade(pixel); 2]).collect::<String>())
        });
        text += &(rows.collect::<Vec<_>>().join("  ") + "\n");
    }
    text + &edge('└', '┘')
}

fn shade(pixel: f32) -> char {
    let step = (pixel / 255.0 * (SHADES.len() - 1) as f32).round();
    SHADES[(step as usize).min(SHADES.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sketch_shows_every_pixel_in_five_shades() {
        let mut pixels = [0.0; SIDE * SIDE];
        pixels[..4].copy_from_slice(&[64.0, 128.0, 192.0, 255.0]);
        let sketch = sketch(&[&DigitImage::new(pixels), &DigitImage::new([0.0; SIDE * SIDE])]);
        let lines: Vec<&str> = sketch.lines().collect();
        assert_eq!(lines.len(), SIDE + 2);
        assert!(lines[1].starts_with("│░░▒▒▓▓██  "), "{sketch}");
        assert!(lines.iter().all(|line| line.chars().count() == 2 * (2 * SIDE + 2) + 2), "{sketch}");
    }
}
