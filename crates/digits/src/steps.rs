//! What preparation saw on its way, as grey pictures.

use crate::plane::Plane;

/// One step of preparation as a grey picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it shows, such as `luma-dark-14-lines`.
    pub name: String,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// One byte a pixel, ink dark.
    pub grey: Vec<u8>,
}

/// Collects steps, if somebody wants to see them.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    steps: Option<Vec<Step>>,
}

impl Trace {
    /// One that keeps what it is shown.
    pub fn kept() -> Self {
        Self { steps: Some(Vec::new()) }
    }

    /// Keeps brightness, 0 to 1.
    pub fn light(&mut self, name: &str, plane: &Plane) {
        self.show(name, plane, |value| value);
    }

    /// Keeps ink, 0 to 1.
    pub fn ink(&mut self, name: &str, plane: &Plane) {
        self.show(name, plane, |value| 1.0 - value);
    }

    fn show(&mut self, name: &str, plane: &Plane, shade: impl Fn(f32) -> f32) {
        if let Some(steps) = &mut self.steps {
            let grey = plane.values.iter().map(|&value| (255.0 * shade(value)).round().clamp(0.0, 255.0) as u8);
            steps.push(Step { name: name.to_owned(), width: plane.width, height: plane.height, grey: grey.collect() });
        }
    }

    /// What was kept.
    pub fn into_steps(self) -> Vec<Step> {
        self.steps.unwrap_or_default()
    }
}
