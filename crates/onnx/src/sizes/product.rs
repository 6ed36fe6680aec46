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

#[cfg(test)]
mod tests {
    use super::super::trial::{Trial, floats};
    use super::*;

    #[test]
    fn matrices_are_multiplied_and_added_to() {
        let gemm = |a: [u64; 2], b: [u64; 2]| Trial::new("Gemm", [floats(&a), floats(&b)]);
        assert_eq!(gemm([2, 3], [3, 4]).one(), floats(&[2, 4]));
        assert_eq!(gemm([2, 3], [3, 4]).work(), 24);
        assert_eq!(gemm([3, 2], [3, 4]).ints("transA", &[1]).shape(), [2, 4]);
        assert_eq!(gemm([2, 3], [4, 3]).ints("transB", &[1]).shape(), [2, 4]);
        assert!(gemm([2, 3], [4, 3]).fault().contains("3 columns and 4 rows"));
        assert!(gemm([2, 0], [0, 4]).fault().contains("0 columns and 0 rows"));
        assert!(Trial::new("Gemm", [floats(&[2, 3, 1]), floats(&[3, 4])]).fault().contains("no matrix"));
        let added = |shape: &[u64]| Trial::new("Gemm", [floats(&[2, 3]), floats(&[3, 4]), floats(shape)]);
        assert_eq!((added(&[4]).shape(), added(&[2, 1]).shape()), (vec![2, 4], vec![2, 4]));
        assert_eq!(added(&[4]).without(2).shape(), [2, 4]);
        assert!(added(&[3, 2, 4]).fault().contains("cannot be added"));
        assert!(added(&[5]).fault().contains("do not fit"));
    }

    #[test]
    fn stacks_of_matrices_and_vectors_are_multiplied() {
        let product = |a: &[u64], b: &[u64]| Trial::new("MatMul", [floats(a), floats(b)]);
        for (a, b, shape, work) in [
            (&[2, 3][..], &[3, 4][..], &[2, 4][..], 24),
            (&[5, 2, 3], &[3, 4], &[5, 2, 4], 120),
            (&[5, 1, 2, 3], &[7, 3, 4], &[5, 7, 2, 4], 840),
            (&[3], &[3, 4], &[4], 12),
            (&[2, 3], &[3], &[2], 6),
            (&[3], &[3], &[], 3),
        ] {
            assert_eq!((product(a, b).one(), product(a, b).work()), (floats(shape), work), "{a:?} {b:?}");
        }
        assert!(product(&[], &[3]).fault().contains("a number where a matrix is wanted"));
        assert!(product(&[2, 3], &[4, 3]).fault().contains("3 columns and 4 rows"));
        assert!(product(&[2, 0], &[0, 3]).fault().contains("0 columns and 0 rows"));
        assert!(product(&[2, 1 << 40], &[1 << 40, 1 << 40]).fault().contains("beyond counting"));
    }

    #[test]
    fn products_of_bytes_have_their_own_types() {
        let bytes = |shape: &[u64]| Known::new(2, shape.to_vec());
        let whole = Trial::new("MatMulInteger", [bytes(&[2, 3]), bytes(&[3, 4])]);
        assert_eq!(whole.one(), Known::new(INT32, vec![2, 4]));
        let (scale, zero) = (|| floats(&[]), || Known::new(3, vec![]));
        let inputs = [bytes(&[2, 3]), scale(), bytes(&[]), bytes(&[3, 4]), scale(), bytes(&[]), scale(), zero()];
        assert_eq!(Trial::new("QLinearMatMul", inputs).one(), Known::new(3, vec![2, 4]));
    }
}
