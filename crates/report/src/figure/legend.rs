//! Title and legend of a figure.

use super::svg::{Element, wrap};
use super::text;

/// Pixels from one line of text to the next.
const LINE: f64 = 18.0;

/// A sign and its meaning. The sign is drawn around a point, within 12 pixels on each side.
pub(super) struct Entry<'a> {
    pub(super) sign: &'a dyn Fn(f64, f64) -> Vec<Element>,
    pub(super) words: &'a str,
}

/// Draws the title on as many lines as needed, then the legend's entries, as many per line as fit. Returns the elements
/// and the lower end.
pub(super) fn draw(title: &str, entries: &[Entry], width: f64) -> (Vec<Element>, f64) {
    let mut y = 4.0;
    let mut elements = Vec::new();
    for line in wrap(title, (width / 8.4) as usize) {
        y += LINE;
        elements.push(text("title", 4.0, y - 3.0, &line));
    }
    let mut x = 4.0;
    y += LINE + 2.0;
    for entry in entries {
        let length = 30.0 + 6.3 * entry.words.chars().count() as f64;
        if x + length > width && x > 4.0 {
            x = 4.0;
            y += LINE;
        }
        elements.extend((entry.sign)(x + 12.0, y - 4.0));
        elements.push(text("legend", x + 28.0, y, entry.words));
        x += length + 12.0;
    }
    (elements, y + 10.0)
}
