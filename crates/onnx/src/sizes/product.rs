//! Matrix products.

use super::arithmetic::broadcast;
use super::{INT32, Known, Made, Step};

impl Step<'_> {
    pub(super) fn gemm(&self) -> Made {
        let matrix = |number: usize, transposed: bool| -> Result<[u64; 2], String> {
            let shape = &self.input(number)?.shape;
            let [rows, columns] =
                <[u64; 2]>::try_from(shape.as_slice()).map_err(|_| format!("no matrix, {shape:?}"))?;
            Ok(if transposed { [columns, rows] } else { [rows, columns] })
        };
        let [rows, inner] = matrix(0, self.int("transA", 0) != 0)?;
        let [other, columns] = matrix(1, self.int("transB", 0) != 0)?;
        if inner != other || inner == 0 {
            return Err(format!("matrices of {inner} columns and {other} rows"));
        }
        let shape = vec![rows, columns];
        if let Some(added) = self.inputs.get(2).copied().flatten()
            && broadcast(&[&added.shape, &shape])? != shape
        {
            return Err(format!("{:?} cannot be added to {shape:?}", added.shape));
        }
        Ok((vec![Known::new(self.input(0)?.element, shape)], work(&[rows, inner, columns])?))
    }

    pub(super) fn matmul(&self) -> Made {
        let (first, second, element) = match self.node.operator.as_str() {
            "MatMul" => (0, 1, self.input(0)?.element),
            "MatMulInteger" => (0, 1, INT32),
            _ => (0, 3, self.input(7)?.element),
        };
        let (first, second) = (self.input(first)?, self.input(second)?);
        let (mut left, mut right) = (first.shape.clone(), second.shape.clone());
        let (is_row, is_column) = (left.len() == 1, right.len() == 1);
        if is_row {
            left.insert(0, 1);
        }
        if is_column {
            right.push(1);
        }
        let ([left_batch @ .., rows, inner], [right_batch @ .., other, columns]) = (left.as_slice(), right.as_slice())
        else {
            return Err("a number where a matrix is wanted".to_owned());
        };
        if inner != other || *inner == 0 {
            return Err(format!("matrices of {inner} columns and {other} rows"));
        }
        let mut shape = broadcast(&[left_batch, right_batch])?;
        let batch = work(&shape)?;
        let products = work(&[batch, *rows, *inner, *columns])?;
        shape.extend((!is_row).then_some(rows).into_iter().chain((!is_column).then_some(columns)));
        Ok((vec![Known::new(element, shape)], products))
    }
}

fn work(factors: &[u64]) -> Result<u64, String> {
    let product = factors.iter().try_fold(1u64, |product, &factor| product.checked_mul(factor));
    product.ok_or_else(|| "a product beyond counting".to_owned())
}
