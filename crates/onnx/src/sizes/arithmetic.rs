//! What works number by number, and sums over axes.

use super::{BOOL, FLOAT32, INT32, INT64, Known, MOST_VALUES, Made, Step, UINT8, one};

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
        // An engine computes int32 in 32 bits, where what does not fit becomes another number.
        let fits = |values: &Vec<i64>| made.element != INT32 || values.iter().all(|&it| i32::try_from(it).is_ok());
        made.values = self.computed(&made).filter(fits);
        one(made)
    }

    /// The values of whole numbers that are computed from known ones.
    fn computed(&self, made: &Known) -> Option<Vec<i64>> {
        let first = self.input(0).ok()?.values.as_deref()?;
        match self.node.operator.as_str() {
            "Identity" => return Some(first.to_vec()),
            "Cast" if matches!(made.element, INT32 | INT64) => return Some(first.to_vec()),
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

#[cfg(test)]
mod tests {
    use super::super::trial::{Trial, floats, whole};
    use super::*;

    #[test]
    fn shapes_stretch_to_each_other_or_do_not_fit() {
        assert_eq!(broadcast(&[&[2, 1, 4], &[3, 1]]), Ok(vec![2, 3, 4]));
        assert_eq!(broadcast(&[&[], &[1], &[5]]), Ok(vec![5]));
        assert_eq!(broadcast(&[]), Ok(vec![]));
        assert!(broadcast(&[&[2, 3], &[2]]).is_err());
        assert_eq!(Trial::new("Add", [floats(&[2, 1]), floats(&[3])]).one(), floats(&[2, 3]));
        assert_eq!(Trial::new("Relu", [floats(&[2, 3])]).one(), floats(&[2, 3]));
        assert!(Trial::new("Mul", [floats(&[2]), floats(&[3])]).fault().contains("do not fit"));
        assert!(Trial::new("Relu", []).fault().contains("no input 0"));
    }

    #[test]
    fn the_element_type_follows_from_operator_and_inputs() {
        let of = |operator: &str, inputs: [Known; 3]| Trial::new(operator, inputs).one().element;
        let (bytes, quarter) = (Known::new(UINT8, vec![2]), Known::new(3, vec![]));
        assert_eq!(of("Less", [floats(&[2]), floats(&[2]), floats(&[])]), BOOL);
        assert_eq!(Trial::new("Not", [Known::new(BOOL, vec![2])]).one(), Known::new(BOOL, vec![2]));
        assert_eq!(Trial::new("Cast", [bytes.clone()]).ints("to", &[1]).one(), floats(&[2]));
        assert_eq!(Trial::new("Cast", [bytes.clone()]).ints("to", &[-1]).one().element, 0);
        assert_eq!(of("QuantizeLinear", [floats(&[2]), floats(&[]), quarter.clone()]), 3);
        assert_eq!(Trial::new("QuantizeLinear", [floats(&[2]), floats(&[])]).one().element, UINT8);
        assert_eq!(of("DequantizeLinear", [bytes.clone(), floats(&[]), quarter]), FLOAT32);
        let either = Trial::new("Where", [Known::new(BOOL, vec![2]), floats(&[3, 1]), floats(&[1])]);
        assert_eq!(either.one(), floats(&[3, 2]));
        assert_eq!(Trial::new("Relu", [bytes.clone()]).one(), bytes);
    }

    #[test]
    fn slopes_stretch_to_their_input_and_not_the_other_way() {
        assert_eq!(Trial::new("PRelu", [floats(&[2, 3]), floats(&[3])]).one(), floats(&[2, 3]));
        assert!(Trial::new("PRelu", [floats(&[2, 3]), floats(&[4, 2, 3])]).fault().contains("slopes"));
        assert!(Trial::new("PRelu", [floats(&[2, 3]), floats(&[2])]).fault().contains("do not fit"));
    }

    #[test]
    fn whole_numbers_are_divided_only_by_known_ones_above_0() {
        let divided = |by: Known| Trial::new("Div", [whole(&[7, i64::MIN]), by]);
        assert_eq!(divided(whole(&[2])).values(), Some(vec![3, i64::MIN / 2]));
        for divisor in [whole(&[0]), whole(&[-1]), whole(&[1, 0]), Known::new(INT64, vec![1])] {
            assert!(divided(divisor).fault().contains("not known to be above 0"));
        }
        assert_eq!(Trial::new("Div", [floats(&[2]), floats(&[2])]).one(), floats(&[2]));
        for (operator, is_refused) in [("Pow", true), ("Mean", true), ("Add", false), ("Sum", false)] {
            assert_eq!(Trial::new(operator, [whole(&[1]), whole(&[2])]).made().is_err(), is_refused, "{operator}");
            assert!(Trial::new(operator, [floats(&[1]), floats(&[2])]).made().is_ok(), "{operator}");
        }
    }

    #[test]
    fn few_whole_numbers_are_computed() {
        let of = |operator: &str, second: &[i64]| Trial::new(operator, [whole(&[6, 9]), whole(second)]).values();
        assert_eq!(of("Add", &[10]), Some(vec![16, 19]));
        assert_eq!(of("Sub", &[1, 2]), Some(vec![5, 7]));
        assert_eq!(of("Mul", &[2, 3]), Some(vec![12, 27]));
        assert_eq!(of("Div", &[4]), Some(vec![1, 2]));
        assert_eq!(of("Max", &[7]), Some(vec![7, 9]));
        assert_eq!(of("Min", &[7]), Some(vec![6, 7]));
        assert_eq!(of("Add", &[i64::MAX]), None);
        assert_eq!(of("Sum", &[1]), None);
        assert_eq!(Trial::new("Sub", [whole(&[10]), whole(&[1, 2])]).values(), Some(vec![9, 8]));
        assert_eq!(Trial::new("Identity", [whole(&[4])]).values(), Some(vec![4]));
        for (element, values) in [(6, Some(vec![4])), (7, Some(vec![4])), (1, None), (9, None)] {
            assert_eq!(Trial::new("Cast", [whole(&[4])]).ints("to", &[element]).values(), values, "{element}");
        }
        assert_eq!(Trial::new("Neg", [whole(&[4])]).values(), None);
        assert_eq!(Trial::new("Max", [whole(&[4]), whole(&[5]), whole(&[6])]).values(), None);
        let number = Known { values: Some(vec![3]), ..Known::new(INT64, vec![]) };
        assert_eq!(Trial::new("Add", [number.clone(), number]).values(), Some(vec![6]));
        let row = Known { values: Some(vec![3]), ..Known::new(INT64, vec![1, 1]) };
        assert_eq!(Trial::new("Add", [row, whole(&[1])]).values(), None);
        let short = Known { values: Some(vec![1, 2]), ..Known::new(INT64, vec![3]) };
        for inputs in [[short.clone(), whole(&[1, 2, 3])], [whole(&[1, 2, 3]), short]] {
            assert_eq!(Trial::new("Add", inputs).values(), None);
        }
    }

    #[test]
    fn what_does_not_fit_int32_is_not_known() {
        let wide = i64::from(i32::MAX) + 1;
        let cast = |value: i64| Trial::new("Cast", [whole(&[value])]).ints("to", &[6]).one();
        assert_eq!(cast(wide - 1).values, Some(vec![wide - 1]));
        assert_eq!(cast(-wide).values, Some(vec![-wide]));
        for value in [wide, -wide - 1, 1 << 32] {
            let made = cast(value);
            assert_eq!((made.element, &made.values), (INT32, &None), "{value}");
            // An engine would divide by 0 where the checker counts 2^32.
            let one = Known { element: INT32, ..whole(&[1]) };
            assert!(Trial::new("Div", [one, made]).fault().contains("not known to be above 0"));
        }
        let narrow = |value: i64| Known { element: INT32, ..whole(&[value]) };
        for (operator, first, second) in [("Mul", 65_536, 65_536), ("Add", wide - 1, 1), ("Sub", -wide, 1)] {
            let made = Trial::new(operator, [narrow(first), narrow(second)]).values();
            assert_eq!(made, None, "{operator}");
            assert!(Trial::new(operator, [whole(&[first]), whole(&[second])]).values().is_some(), "{operator}");
        }
        assert_eq!(Trial::new("Mul", [narrow(-3), narrow(4)]).values(), Some(vec![-12]));
        assert_eq!(Trial::new("Identity", [narrow(wide)]).values(), None);
    }

    #[test]
    fn no_long_list_is_computed() {
        let sum = |count: u64| Trial::new("Add", [whole(&vec![1; count as usize]), whole(&[1])]).values();
        assert_eq!(sum(MOST_VALUES).map(|values| values.len() as u64), Some(MOST_VALUES));
        assert_eq!(sum(MOST_VALUES + 1), None);
    }

    #[test]
    fn reductions_keep_or_drop_their_axes() {
        let sum = || Trial::new("ReduceSum", [floats(&[2, 3, 4])]);
        assert_eq!(sum().ints("axes", &[1]).shape(), [2, 1, 4]);
        assert_eq!(sum().ints("axes", &[1]).ints("keepdims", &[0]).shape(), [2, 4]);
        assert_eq!(sum().shape(), [1, 1, 1]);
        assert_eq!(sum().ints("noop_with_empty_axes", &[1]).one(), floats(&[2, 3, 4]));
        assert_eq!(sum().work(), 24);
        assert_eq!(Trial::new("ReduceMax", [floats(&[2, 3]), whole(&[-1])]).one(), floats(&[2, 1]));
        assert!(Trial::new("ReduceMin", [floats(&[2, 3]), Known::new(INT64, vec![1])]).fault().contains("depends"));
        assert!(sum().ints("axes", &[3]).fault().contains("axis 3 of 3"));
        assert!(sum().ints("axes", &[-4]).fault().contains("axis -4 of 3"));
        assert_eq!(sum().ints("axes", &[-3]).shape(), [1, 3, 4]);
        for (operator, is_refused) in [("ReduceMean", true), ("ReduceLogSumExp", true), ("ReduceSum", false)] {
            assert_eq!(Trial::new(operator, [whole(&[1, 2])]).made().is_err(), is_refused, "{operator}");
            assert!(Trial::new(operator, [floats(&[2])]).made().is_ok(), "{operator}");
        }
    }

    #[test]
    fn the_place_of_the_largest_is_a_whole_number() {
        let place = Trial::new("ArgMax", [floats(&[2, 3])]);
        assert_eq!(place.one(), Known::new(INT64, vec![1, 3]));
        assert_eq!(place.ints("axis", &[1]).ints("keepdims", &[0]).one(), Known::new(INT64, vec![2]));
    }

    #[test]
    fn quantisation_makes_three_tensors() {
        let (made, work) = Trial::new("DynamicQuantizeLinear", [floats(&[2, 3])]).made().unwrap();
        assert_eq!((made, work), (vec![Known::new(UINT8, vec![2, 3]), floats(&[]), Known::new(UINT8, vec![])], 0));
    }
}
