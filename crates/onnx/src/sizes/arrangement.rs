//! What moves numbers and computes none.

use super::{FLOAT32, INT64, Known, MOST_VALUES, Made, Step, one};

impl Step<'_> {
    pub(super) fn concat(&self) -> Made {
        let first = self.input(0)?;
        let axis = self.axis(self.int("axis", 0), first.shape.len())?;
        let mut made = Known::new(first.element, first.shape.clone());
        let mut values = Some(Vec::new());
        made.shape[axis] = 0;
        for number in 0..self.inputs.len() {
            let input = self.input(number)?;
            let fits = input.shape.len() == made.shape.len()
                && input.shape.iter().zip(&made.shape).enumerate().all(|(at, (a, b))| at == axis || a == b);
            if !fits {
                return Err(format!("shapes {:?} and {:?} do not fit", first.shape, input.shape));
            }
            made.shape[axis] = made.shape[axis].checked_add(input.shape[axis]).ok_or("beyond counting")?;
            values = values.zip(input.values.as_ref()).map(|(all, more)| [all, more.clone()].concat());
        }
        made.values = values.filter(|values| made.shape.len() == 1 && values.len() as u64 <= MOST_VALUES);
        one(made)
    }

    pub(super) fn constant(&self) -> Made {
        let [attribute] = self.node.attributes.as_slice() else {
            return Err("it holds no value, or several".to_owned());
        };
        let scalar_or_list = |element: u64, count: usize, is_list: bool| {
            Known::new(element, if is_list { vec![count as u64] } else { Vec::new() })
        };
        one(match (attribute.name.as_str(), attribute.tensors.as_slice()) {
            ("value", [tensor]) => Known::of(tensor).ok_or("its value has no size")?,
            ("value_float" | "value_floats", []) => {
                scalar_or_list(FLOAT32, attribute.floats.len(), attribute.name.ends_with('s'))
            }
            ("value_int", []) => {
                let value = attribute.ints.first().copied().unwrap_or(0);
                Known { values: Some(vec![value]), ..scalar_or_list(INT64, 1, false) }
            }
            ("value_ints", []) => {
                let mut made = scalar_or_list(INT64, attribute.ints.len(), true);
                made.values = Some(attribute.ints.clone()).filter(|ints| ints.len() as u64 <= MOST_VALUES);
                made
            }
            _ => return Err("it holds no value".to_owned()),
        })
    }

    pub(super) fn flatten(&self) -> Made {
        let input = self.input(0)?;
        let rank = input.shape.len() as i64;
        let axis = self.int("axis", 1);
        let axis = if axis < 0 { axis + rank } else { axis };
        let axis = usize::try_from(axis).ok().filter(|&axis| axis as i64 <= rank).ok_or("an axis that there is not")?;
        let (before, after) = input.shape.split_at(axis);
        one(Known::new(input.element, vec![product(before)?, product(after)?]))
    }

    pub(super) fn gather(&self) -> Made {
        let (input, indices) = (self.input(0)?, self.input(1)?);
        let axis = self.axis(self.int("axis", 0), input.shape.len())?;
        let shape = [&input.shape[..axis], &indices.shape, &input.shape[axis + 1..]].concat();
        let mut made = Known::new(input.element, shape);
        if let (Some(values), Some(indices), [length]) = (&input.values, &indices.values, input.shape.as_slice()) {
            let at = |&index: &i64| {
                let index = if index < 0 { index + *length as i64 } else { index };
                values.get(usize::try_from(index).ok()?).copied()
            };
            made.values = Some(indices.iter().map(at).collect::<Option<_>>().ok_or("an index out of range")?);
        }
        one(made)
    }

    pub(super) fn reshape(&self) -> Made {
        let input = self.input(0)?;
        if self.int("allowzero", 0) != 0 {
            return Err("allowzero is set".to_owned());
        }
        let count = input.count().ok_or("beyond counting")?;
        let (mut shape, mut open) = (Vec::new(), None);
        for (at, &size) in self.values(1)?.iter().enumerate() {
            shape.push(match size {
                0 => *input.shape.get(at).ok_or("it copies a size that there is not")?,
                -1 if open.replace(at).is_none() => 1,
                size => u64::try_from(size).map_err(|_| format!("a size of {size}"))?,
            });
        }
        let product = product(&shape)?;
        if let Some(at) = open {
            shape[at] = count.checked_div(product).ok_or("a size of 0")?;
        }
        let made = Known { element: input.element, shape, values: input.values.clone() };
        if made.count() != Some(count) {
            return Err(format!("{:?} cannot become {:?}", input.shape, made.shape));
        }
        one(made)
    }

    pub(super) fn shape(&self) -> Made {
        let sizes: Vec<i64> = self.input(0)?.shape.iter().map(|&size| size as i64).collect();
        let bound = |at: i64| (if at < 0 { at + sizes.len() as i64 } else { at }).clamp(0, sizes.len() as i64) as usize;
        let (start, end) = (bound(self.int("start", 0)), bound(self.int("end", sizes.len() as i64)));
        let values = sizes.get(start..end).unwrap_or_default().to_vec();
        one(Known { element: INT64, shape: vec![values.len() as u64], values: Some(values) })
    }

    pub(super) fn slice(&self) -> Made {
        let input = self.input(0)?;
        let (starts, ends) = (self.values(1)?, self.values(2)?);
        let has = |number: usize| self.inputs.get(number).copied().flatten().is_some();
        let axes = if has(3) { self.values(3)?.to_vec() } else { (0..starts.len() as i64).collect() };
        let steps = if has(4) { self.values(4)?.to_vec() } else { vec![1; starts.len()] };
        if ends.len() != starts.len() || axes.len() != starts.len() || steps.len() != starts.len() {
            return Err("its bounds differ in number".to_owned());
        }
        let mut made = Known { values: input.values.clone(), ..Known::new(input.element, input.shape.clone()) };
        for (((&start, &end), &axis), &step) in starts.iter().zip(ends).zip(&axes).zip(&steps) {
            let axis = self.axis(axis, input.shape.len())?;
            let length = input.shape[axis] as i64;
            let bound = |at: i64| if at < 0 { at.saturating_add(length) } else { at }.clamp(0, length);
            let step =
                usize::try_from(step).ok().filter(|&step| step > 0).ok_or_else(|| format!("a step of {step}"))?;
            let (start, end) = (bound(start) as usize, bound(end) as usize);
            made.shape[axis] = end.saturating_sub(start).div_ceil(step) as u64;
            let taken = |values: Vec<i64>| values.into_iter().take(end).skip(start).step_by(step).collect();
            made.values = made.values.filter(|_| input.shape.len() == 1).map(taken);
        }
        one(made)
    }

    pub(super) fn split(&self) -> Made {
        let input = self.input(0)?;
        let axis = self.axis(self.int("axis", 0), input.shape.len())?;
        let outputs = self.node.outputs.len().max(1) as u64;
        let length = input.shape[axis];
        let parts: Vec<u64> = match self.inputs.get(1).copied().flatten() {
            Some(_) => self.values(1)?.iter().map(|&part| u64::try_from(part).unwrap_or(u64::MAX)).collect(),
            None => {
                let part = length.div_ceil(outputs);
                (0..outputs).map(|number| part.min(length.saturating_sub(number * part))).collect()
            }
        };
        if parts.iter().try_fold(0u64, |sum, &part| sum.checked_add(part)) != Some(length) {
            return Err(format!("{parts:?} are not {length}"));
        }
        let part = |&size: &u64| {
            let mut shape = input.shape.clone();
            shape[axis] = size;
            Known::new(input.element, shape)
        };
        Ok((parts.iter().map(part).collect(), 0))
    }

    pub(super) fn squeeze(&self) -> Made {
        let input = self.input(0)?;
        let rank = input.shape.len();
        let axes = match self.inputs.get(1).copied().flatten() {
            Some(_) => self.values(1)?.iter().map(|&axis| self.axis(axis, rank)).collect::<Result<Vec<_>, _>>()?,
            None => (0..rank).filter(|&axis| input.shape[axis] == 1).collect(),
        };
        if axes.iter().any(|&axis| input.shape[axis] != 1) {
            return Err(format!("axes {axes:?} of {:?} are not 1", input.shape));
        }
        let kept = input.shape.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, &size)| size);
        one(Known { element: input.element, shape: kept.collect(), values: input.values.clone() })
    }

    pub(super) fn unsqueeze(&self) -> Made {
        let (input, axes) = (self.input(0)?, self.values(1)?);
        let rank = input.shape.len() + axes.len();
        let axes = axes.iter().map(|&axis| self.axis(axis, rank)).collect::<Result<Vec<_>, _>>()?;
        let mut sizes = input.shape.iter();
        let shape: Option<Vec<u64>> =
            (0..rank).map(|axis| if axes.contains(&axis) { Some(1) } else { sizes.next().copied() }).collect();
        let shape = shape.filter(|_| sizes.next().is_none()).ok_or("an axis is named twice")?;
        one(Known { element: input.element, shape, values: input.values.clone() })
    }

    pub(super) fn transpose(&self) -> Made {
        let input = self.input(0)?;
        let rank = input.shape.len();
        let order = match self.ints("perm") {
            None => (0..rank).rev().collect(),
            Some(order) => order.iter().map(|&axis| self.axis(axis, rank)).collect::<Result<Vec<_>, _>>()?,
        };
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..rank) {
            return Err(format!("perm is {order:?}"));
        }
        one(Known::new(input.element, order.iter().map(|&axis| input.shape[axis]).collect()))
    }
}

fn product(sizes: &[u64]) -> Result<u64, String> {
    sizes.iter().try_fold(1u64, |product, &size| product.checked_mul(size)).ok_or_else(|| "beyond counting".to_owned())
}

#[cfg(test)]
mod tests;
