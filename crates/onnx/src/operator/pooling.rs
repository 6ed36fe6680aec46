//! The largest or the mean value of each window.

use super::window::{Along, Windows};
use super::{Compute, Inputs};
use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::Tensor;

#[derive(Debug)]
pub(super) struct Pooling {
    windows: Windows,
    is_mean: bool,
    counts_padding: bool,
}

impl Pooling {
    pub fn of(name: &str, settings: &Settings) -> Result<Self, NodeFault> {
        Ok(Self {
            windows: Windows::of(settings)?,
            is_mean: name == "AveragePool",
            counts_padding: settings.int_or("count_include_pad", 0) != 0,
        })
    }

    fn value(&self, map: &[f32], [rows, columns]: [Along; 2], row: usize, column: usize) -> f32 {
        let under = rows.under(row).flat_map(|(_, y)| columns.under(column).map(move |(_, x)| (y, x)));
        let values = under.map(|(y, x)| map[y * columns.input + x]);
        if !self.is_mean {
            return values.fold(f32::NEG_INFINITY, f32::max);
        }
        let (count, sum) = values.fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
        let count = match self.counts_padding {
            true => rows.places_with_padding(row) * columns.places_with_padding(column),
            false => count,
        };
        sum / count as f32
    }
}

impl Compute for Pooling {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let x = inputs.get(0)?;
        let [images, channels, height, width] = x.axes()?;
        let windows = self.windows.over([height, width], None)?;
        let [rows, columns] = windows;
        let shape = vec![images, channels, rows.output, columns.output];
        let count = budget.values(&shape)?;
        budget.products(&[count, rows.side(), columns.side()])?;
        let values = x.float32()?;
        let mut pooled = Vec::with_capacity(count);
        for map in values.chunks_exact((height * width).max(1)) {
            for row in 0..rows.output {
                pooled.extend((0..columns.output).map(|column| self.value(map, windows, row, column)));
            }
        }
        Ok(vec![Tensor::of_floats(shape, pooled)?])
    }
}
