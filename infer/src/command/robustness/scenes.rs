//! The scenes' part of a robustness report: a table, its rows, and a contact sheet of the worst.

use std::io::{self, Cursor};

use digits::scene::{SceneKind, Stage};
use image::imageops::{self, FilterType};
use image::{ImageFormat, RgbaImage};
use infer::engine::{EngineError, Session};
use infer::robustness::scenes::{self, Mistake, SceneAnswers};
use mnist::Split;
use serde::{Deserialize, Serialize};

use metrics::Accuracy;

use crate::terminal::note;

/// One kind's figures, as `scenes.json` keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredScene {
    pub name: String,
    /// Right answers.
    pub pairs: Accuracy,
    /// Digits read right.
    pub digits: Accuracy,
    /// Right ones of the answers that are at least 95 % sure.
    pub sure: Accuracy,
    /// Digits not found.
    pub unread: u64,
    /// Digits called none.
    pub no_digit: u64,
    /// Least accuracy of pairs that is wanted, in percent.
    pub wanted: f64,
}

impl MeasuredScene {
    /// Whether fewer pairs are right than wanted.
    pub fn is_short(&self) -> bool {
        100.0 * self.pairs.value() < self.wanted
    }
}

/// What of the worst scenes is shown.
#[derive(Default)]
pub struct Sheet {
    pictures: Vec<RgbaImage>,
    /// What they show, in their order.
    pub captions: Vec<String>,
}

/// Pictures of a kind on the contact sheet, at most.
const WORST: usize = 4;
/// Side of a picture on the contact sheet, in pixels, and pictures in a row of it.
const THUMB: u32 = 200;
const COLUMNS: usize = 8;

/// Least accuracy wanted of a kind, in percent of pairs.
fn wanted(kind: SceneKind) -> f64 {
    match kind {
        SceneKind::Whiteboard | SceneKind::Chalk => 99.0,
        SceneKind::Phone
        | SceneKind::Desk
        | SceneKind::Corner
        | SceneKind::Perspective
        | SceneKind::ShadowEdge
        | SceneKind::Small => 97.0,
        SceneKind::Highlighter => 97.0,
        SceneKind::Touching => 92.0,
        SceneKind::Two | SceneKind::Slanted | SceneKind::TwoSquared | SceneKind::TwoDesk => 97.5,
        _ => 98.0,
    }
}

/// Names of all kinds.
pub fn names() -> impl Iterator<Item = String> {
    SceneKind::ALL.iter().map(|kind| format!("scene/{}", kind.name()))
}

/// Measures all kinds whose name begins with `only`.
///
/// # Errors
/// The engine's.
pub fn measure(
    split: &Split,
    stage: Stage,
    (pairs, threads): (usize, usize),
    only: Option<&str>,
    engine: &mut dyn Session,
) -> Result<(Vec<MeasuredScene>, Sheet), EngineError> {
    let (mut measured, mut sheet) = (Vec::new(), Sheet::default());
    for &kind in SceneKind::ALL {
        let name = format!("scene/{}", kind.name());
        if only.is_some_and(|only| !name.starts_with(only)) {
            continue;
        }
        let SceneAnswers { pairs, digits, unread, no_digit, sure, worst } =
            scenes::measure(split, kind, stage, pairs, threads, engine)?;
        note(&format_args!(
            "{name}: {pairs} pairs, {digits} digits, {unread} unread, {no_digit} called none, {sure} of the sure"
        ));
        worst.iter().take(WORST).for_each(|mistake| sheet.add(split, kind, stage, mistake));
        measured.push(MeasuredScene { name, pairs, digits, sure, unread, no_digit, wanted: wanted(kind) });
    }
    Ok((measured, sheet))
}

impl Sheet {
    fn add(&mut self, split: &Split, kind: SceneKind, stage: Stage, mistake: &Mistake) {
        let mut photos = scenes::pictures(split, kind, stage, mistake.pair);
        let at = mistake.side.min(photos.len() - 1);
        let photo = photos.swap_remove(at);
        let Some(picture) = RgbaImage::from_raw(photo.width as u32, photo.height as u32, photo.rgba) else { return };
        let scale = f64::from(THUMB) / picture.width().max(picture.height()) as f64;
        let side = |length: u32| ((f64::from(length) * scale) as u32).max(1);
        let (width, height) = (side(picture.width()), side(picture.height()));
        self.pictures.push(imageops::resize(&picture, width, height, FilterType::Triangle));
        let read = mistake.read.map_or("nothing".to_owned(), |read| read.to_string());
        self.captions.push(format!("{}: {} read as {read}", kind.name(), mistake.label));
    }

    /// All pictures side by side, as PNG; `None` where there are none.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn png(&self) -> io::Result<Option<Vec<u8>>> {
        if self.pictures.is_empty() {
            return Ok(None);
        }
        let rows = self.pictures.len().div_ceil(COLUMNS) as u32;
        let columns = self.pictures.len().min(COLUMNS) as u32;
        let mut sheet = RgbaImage::from_pixel(columns * THUMB, rows * THUMB, image::Rgba([128, 128, 128, 255]));
        for (at, picture) in self.pictures.iter().enumerate() {
            let place = |at: usize| at as i64 * i64::from(THUMB);
            imageops::replace(&mut sheet, picture, place(at % COLUMNS), place(at / COLUMNS));
        }
        let mut png = Cursor::new(Vec::new());
        sheet.write_to(&mut png, ImageFormat::Png).map_err(io::Error::other)?;
        Ok(Some(png.into_inner()))
    }
}

/// The table of a page.
pub fn table(measured: &[MeasuredScene], sheet: &Sheet, stage: &str) -> String {
    if measured.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n## Scenes\n\nThe same digits written with pens on paper and photographed, all drawn by `digits::scene` with the \
         parameters for {stage}.\n\n| scene | pairs, % | 95 % interval | n | wanted, % | digits, % | unread | called none | \
         at least 95 % sure, % of pairs | of these right, % |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    );
    for scene in measured {
        let [low, high] = scene.pairs.interval().map(|share| 100.0 * share);
        let value = 100.0 * scene.pairs.value();
        let mark = if scene.is_short() { " ✗" } else { "" };
        text += &format!(
            "| {} | {value:.2}{mark} | {low:.2} to {high:.2} | {} | {:.1} | {:.2} | {} | {} | {:.1} | {:.2} |\n",
            scene.name.trim_start_matches("scene/"),
            scene.pairs.all,
            scene.wanted,
            100.0 * scene.digits.value(),
            scene.unread,
            scene.no_digit,
            100.0 * scene.sure.all as f64 / scene.pairs.all.max(1) as f64,
            100.0 * scene.sure.value(),
        );
    }
    if !sheet.captions.is_empty() {
        text += &format!("\n![The worst](worst.png)\n\nThe worst, row by row: {}.\n", sheet.captions.join("; "));
    }
    text
}
