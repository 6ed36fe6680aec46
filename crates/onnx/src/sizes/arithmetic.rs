//! What works number by number, and sums over axes.

use super::{BOOL, FLOAT32, INT64, Known, MOST_VALUES, Made, Step, UINT8, one};

impl Step<'_> {
    /// Operators of one tensor or of several of shapes that fit.
    pub(super) fn elementwise(&self) -> Made {
        let operator = self.node.operator.as_str();
        let first = self.input(0)?;
        let element = match operator {
            "Equal" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual" | "And" | "Or" | "Not" => BOOL,
            "Cast" => u64::try_from(self.int("to", 0)).unwrap_or(0),
            "QuantizeLinear" => self.inputs.get(2).copied().flatten().map_or(UINT8, |zero| zero.element),
            "DequantizeLinear" => self.input(1)?.element,
            "Where" => self.input(1)?.element,
            _ => first.element,
        };
        let shape = match operator {
            "Add" | "And" | "Div" | "Equal" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual" | "Max"
            | "Mean" | "Min" | "Mul" | "Or" | "Pow" | "Sub" | "Sum" | "Where" => {
                let shapes: Vec<&[u64]> = self.inputs.iter().flatten().map(|input| input.shape.as_slice()).collect();
                broadcast(&shapes)?
            }
            "PRelu" if broadcast(&[&first.shape, &self.input(1)?.shape])? != first.shape => {
                return Err("its slopes are more than its input".to_owned());
            }
            _ => first.shape.clone(),
        };
        if !first.is_float() && matches!(operator, "Pow" | "Mean") {
            return Err("whole numbers".to_owned());
        }
        let mut made = Known::new(element, shape);
        if !first.is_float() && operator == "Div" {
            // A division by 0, and of the least number by -1, ends the process.
            match &self.input(1)?.values {
                Some(divisors) if divisors.iter().all(|&divisor| divisor > 0) => {}
                _ => return Err("whole numbers are divided by what is not known to be above 0".to_owned()),
            }
        }
        made.values = self.computed(&made);
        one(made)
    }

    /// The values of whole numbers that are computed from known ones.
    fn computed(&self, made: &Known) -> Option<Vec<i64>> {
        let first = self.input(0).ok()?.values.as_deref()?;
        match self.node.operator.as_str() {
            "Identity" => return Some(first.to_vec()),
            "Cast" if matches!(made.element, 6 | INT64) => return Some(first.to_vec()),
            _ => {}
        }
        let compute: fn(i64, i64) -> Option<i64> = match self.node.operator.as_str() {
            "Add" => i64::checked_add,
            "Sub" => i64::checked_sub,
            "Mul" => i64::checked_mul,
            "Div" => i64::checked_div,
            "Max" => |a, b| Some(a.max(b)),
            "Min" => |a, b| Some(a.min(b)),
            _ => return None,
        };
        let second = self.input(1).ok()?.values.as_deref()?;
        let count = usize::try_from(made.count().filter(|&count| count <= MOST_VALUES)?).ok()?;
        let is_plain = |values: &[i64]| values.len() == count || values.len() == 1;
        if made.shape.len() > 1 || self.inputs.len() != 2 || !is_plain(first) || !is_plain(second) {
            return None;
        }
        let at = |values: &[i64], number: usize| values[if values.len() == 1 { 0 } else { number }];
        (0..count).map(|number| compute(at(first, number), at(second, number))).collect()
    }

    /// Sums, means and extremes over axes.
    pub(super) fn reduction(&self) -> Made {
        let input = self.input(0)?;
        let rank = input.shape.len();
        let is_arg = self.node.operator == "ArgMax";
        if !input.is_float() && matches!(self.node.operator.as_str(), "ReduceMean" | "ReduceLogSumExp") {
            return Err("whole numbers".to_owned());
        }
        let given: Vec<i64> = match (is_arg, self.ints("axes"), self.inputs.get(1).copied().flatten()) {
            (true, ..) => vec![self.int("axis", 0)],
            (_, Some(axes), _) => axes.to_vec(),
            (_, None, Some(_)) => self.values(1)?.to_vec(),
            (_, None, None) => Vec::new(),
        };
        let mut axes = given.iter().map(|&axis| self.axis(axis, rank)).collect::<Result<Vec<_>, _>>()?;
        if axes.is_empty() && self.int("noop_with_empty_axes", 0) == 0 {
            axes = (0..rank).collect();
        }
        let keeps = self.int("keepdims", 1) != 0;
        let sizes = input.shape.iter().enumerate().filter_map(|(axis, &size)| match axes.contains(&axis) {
            true => keeps.then_some(1),
            false => Some(size),
        });
        let element = if is_arg { INT64 } else { input.element };
        Ok((vec![Known::new(element, sizes.collect())], input.count().unwrap_or(u64::MAX)))
    }

    pub(super) fn dynamic_quantization(&self) -> Made {
        let shape = self.input(0)?.shape.clone();
        Ok((vec![Known::new(UINT8, shape), Known::new(FLOAT32, Vec::new()), Known::new(UINT8, Vec::new())], 0))
    }
}

/// The shape that all of `shapes` stretch to.
pub(super) fn broadcast(shapes: &[&[u64]]) -> Result<Vec<u64>, String> {
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut made = vec![1; rank];
    for shape in shapes {
        for (size, made) in shape.iter().rev().zip(made.iter_mut().rev()) {
            *made = match (*size, *made) {
                (1, made) => made,
                (size, 1) => size,
                (size, made) if size == made => made,
                _ => return Err(format!("shapes {shapes:?} do not fit")),
            };
        }
    }
    Ok(made)
}
