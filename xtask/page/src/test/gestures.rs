//! Drawing as people do: with pointers on the pads, and with keys.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::webdriver::Session;

/// A stroke's corners as shares of the pad, across and down.
pub type Stroke = &'static [(f64, f64)];

pub const ONE: &[Stroke] = &[&[(0.5, 0.12), (0.5, 0.88)]];
pub const SEVEN: &[Stroke] = &[&[(0.25, 0.18), (0.75, 0.18), (0.62, 0.5), (0.48, 0.88)]];
pub const ZERO: &[Stroke] = &[&[
    (0.5, 0.14),
    (0.36, 0.2),
    (0.27, 0.36),
    (0.26, 0.55),
    (0.32, 0.75),
    (0.45, 0.86),
    (0.6, 0.83),
    (0.71, 0.68),
    (0.74, 0.48),
    (0.7, 0.28),
    (0.6, 0.16),
    (0.5, 0.14),
]];

pub const THREE: &[Stroke] = &[&[
    (0.3, 0.2),
    (0.45, 0.13),
    (0.62, 0.17),
    (0.67, 0.3),
    (0.6, 0.42),
    (0.45, 0.48),
    (0.62, 0.52),
    (0.71, 0.65),
    (0.66, 0.8),
    (0.5, 0.88),
    (0.3, 0.82),
]];
/// Lines from edge to edge, so near that a wide brush leaves nothing between them.
pub const ALL_OVER: &[Stroke] = &[&[
    (0.2, 0.02),
    (0.8, 0.02),
    (0.8, 0.14),
    (0.2, 0.14),
    (0.2, 0.26),
    (0.8, 0.26),
    (0.8, 0.38),
    (0.2, 0.38),
    (0.2, 0.5),
    (0.8, 0.5),
    (0.8, 0.62),
    (0.2, 0.62),
    (0.2, 0.74),
    (0.8, 0.74),
    (0.8, 0.86),
    (0.2, 0.86),
    (0.2, 0.98),
    (0.8, 0.98),
]];

/// A filled square in the middle, with a wide brush.
pub const BLOT: &[Stroke] = &[&[
    (0.25, 0.25),
    (0.75, 0.25),
    (0.75, 0.37),
    (0.25, 0.37),
    (0.25, 0.5),
    (0.75, 0.5),
    (0.75, 0.63),
    (0.25, 0.63),
    (0.25, 0.75),
    (0.75, 0.75),
]];

/// What touches the pad.
#[derive(Clone, Copy)]
pub enum Pointer {
    Mouse,
    Finger,
    /// `pressure` is between 0 and 1.
    Pen {
        pressure: f64,
    },
}

/// Draws a digit's strokes on a pad (0 or 1).
pub fn draw(browser: &Session, pad: usize, strokes: &[Stroke], pointer: Pointer) -> Result<()> {
    follow(browser, ".board canvas", pad, strokes, pointer)
}

/// Drags over one of the elements that a selector finds.
pub fn drag(browser: &Session, selector: &str, number: usize, stroke: Stroke, pointer: Pointer) -> Result<()> {
    follow(browser, selector, number, &[stroke], pointer)
}

fn follow(browser: &Session, selector: &str, number: usize, strokes: &[Stroke], pointer: Pointer) -> Result<()> {
    let area = browser.run(&format!(
        "const found = document.querySelectorAll({})[{number}]; \
         found.scrollIntoView({{ block: 'nearest' }}); \
         const area = found.getBoundingClientRect(); return [area.left, area.top, area.width, area.height]",
        json!(selector)
    ))?;
    let length = |at: usize| area[at].as_f64().context("a pad has a place on the screen");
    let (left, top, width, height) = (length(0)?, length(1)?, length(2)?, length(3)?);
    let place = |&(across, down): &(f64, f64)| ((left + across * width) as i64, (top + down * height) as i64);
    let with_pressure = |mut action: Value| {
        if let Pointer::Pen { pressure } = pointer {
            action["pressure"] = json!(pressure);
        }
        action
    };
    let mut actions = Vec::new();
    for stroke in strokes {
        let moved = |point: &(f64, f64), duration: u32| {
            let (x, y) = place(point);
            with_pressure(json!({ "type": "pointerMove", "duration": duration, "x": x, "y": y, "origin": "viewport" }))
        };
        actions.push(moved(&stroke[0], 0));
        actions.push(with_pressure(json!({ "type": "pointerDown", "button": 0 })));
        actions.extend(stroke[1..].iter().map(|point| moved(point, 80)));
        actions.push(json!({ "type": "pointerUp", "button": 0 }));
    }
    let kind = match pointer {
        Pointer::Mouse => "mouse",
        Pointer::Finger => "touch",
        Pointer::Pen { .. } => "pen",
    };
    let parameters = json!({ "pointerType": kind });
    browser.perform(&json!([{ "type": "pointer", "id": kind, "parameters": parameters, "actions": actions }]))
}

/// Draws a digit on each pad and waits for the answer.
pub fn draw_pair(browser: &Session, digits: [&[Stroke]; 2], pointer: Pointer) -> Result<String> {
    for (pad, strokes) in digits.into_iter().enumerate() {
        draw(browser, pad, strokes, pointer)?;
    }
    browser.wait_for("an answer", "return document.getElementById('answer').dataset.pLeq !== ''")?;
    browser.text("#sentence")
}

/// Keys by their WebDriver code points.
pub mod key {
    pub const TAB: char = '\u{e004}';
    pub const ENTER: char = '\u{e007}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const CONTROL: char = '\u{e009}';
    pub const SHIFT: char = '\u{e008}';
    pub const UP: char = '\u{e013}';
    pub const DOWN: char = '\u{e015}';
    pub const RIGHT: char = '\u{e014}';
    pub const SPACE: char = ' ';
}

/// Presses keys one after the other; Shift is held from where it stands to the end.
pub fn press(browser: &Session, keys: &[char]) -> Result<()> {
    let mut actions: Vec<Value> = Vec::new();
    for &each in keys {
        actions.push(json!({ "type": "keyDown", "value": each }));
        if each != key::SHIFT {
            actions.push(json!({ "type": "keyUp", "value": each }));
        }
    }
    if keys.contains(&key::SHIFT) {
        actions.push(json!({ "type": "keyUp", "value": key::SHIFT }));
    }
    browser.perform(&json!([{ "type": "key", "id": "keys", "actions": actions }]))
}

/// Presses keys while Control is held; Shift among them is held from where it stands to the end.
pub fn press_with_control(browser: &Session, keys: &[char]) -> Result<()> {
    let down = |&each: &char| json!({ "type": "keyDown", "value": each });
    let up = |&each: &char| json!({ "type": "keyUp", "value": each });
    let held = [&[key::CONTROL], keys].concat();
    let actions: Vec<Value> = held.iter().map(down).chain(held.iter().rev().map(up)).collect();
    browser.perform(&json!([{ "type": "key", "id": "keys", "actions": actions }]))
}

/// Presses Tab until the element that a selector finds has the focus.
pub fn tab_to(browser: &Session, selector: &str) -> Result<()> {
    let there = format!("return document.activeElement.matches({})", json!(selector));
    for _ in 0..80 {
        if browser.run(&there)? == json!(true) {
            return Ok(());
        }
        press(browser, &[key::TAB])?;
    }
    anyhow::bail!("Tab does not reach {selector}")
}
