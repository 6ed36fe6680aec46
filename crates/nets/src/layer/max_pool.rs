//! Max pooling with a correct gradient.
//!
//! Candle's own `max_pool2d` has a wrong gradient.

use candle_core::{Result, Tensor};

/// Pools windows of `size` x `size` with stride `size`. Rows and columns that do not fill a window are dropped. `[N, C,
/// H, W]` to `[N, C, H / size, W / size]`. The gradient goes to the first maximum of each window in row-major order, as
/// in PyTorch; NaN is larger than every number.
///
/// # Errors
/// Candle's, if `input` does not have four axes.
pub fn max_pool(input: &Tensor, size: usize) -> Result<Tensor> {
    let (batch, channels, height, width) = input.dims4()?;
    let (rows, columns) = (height / size, width / size);
    let windows = input.narrow(2, 0, rows * size)?.narrow(3, 0, columns * size)?.contiguous()?.reshape((
        batch * channels,
        rows,
        size,
        columns,
        size,
    ))?;
    let candidate = |row: usize, column: usize| windows.narrow(2, row, 1)?.narrow(4, column, 1)?.contiguous();
    let mut largest = candidate(0, 0)?;
    for position in 1..size * size {
        let challenger = candidate(position / size, position % size)?;
        let wins = (challenger.gt(&largest)? + challenger.ne(&challenger)?)?;
        largest = wins.where_cond(&challenger, &largest)?;
    }
    largest.reshape((batch, channels, rows, columns))
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    /// Pools one image, with 1, 2, 3, ... as the gradients of the pooled values.
    fn pooled_and_gradient(image: &[f64], height: usize, width: usize, size: usize) -> (Vec<f64>, Vec<f64>) {
        let input = Var::from_slice(image, (1, 1, height, width), &Device::Cpu).unwrap();
        let pooled = max_pool(&input, size).unwrap();
        let weights: Vec<f64> = (1..=pooled.elem_count()).map(|number| number as f64).collect();
        let weights = Tensor::from_vec(weights, pooled.shape(), &Device::Cpu).unwrap();
        let gradients = (&pooled * weights).unwrap().sum_all().unwrap().backward().unwrap();
        let flat = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f64>().unwrap();
        (flat(&pooled), flat(gradients.get(&input).unwrap()))
    }

    /// The 4x4 case in which candle's own pooling gives a gradient of 0.25 instead of 1.
    #[test]
    fn the_whole_gradient_goes_to_the_largest_value() {
        let image: Vec<f64> = [3, 7, 1, 0, 5, 2, 4, 9, 8, 6, 13, 10, 11, 12, 14, 15].map(f64::from).to_vec();
        let (pooled, gradient) = pooled_and_gradient(&image, 4, 4, 2);
        assert_eq!(pooled, [7.0, 9.0, 12.0, 15.0]);
        let mut expected = [0.0; 16];
        (expected[1], expected[7], expected[13], expected[15]) = (1.0, 2.0, 3.0, 4.0);
        assert_eq!(gradient, expected);
    }

    #[test]
    fn odd_sizes_drop_the_last_row_and_column() {
        let image: Vec<f64> = (0..49).map(f64::from).collect();
        let (pooled, gradient) = pooled_and_gradient(&image, 7, 7, 2);
        assert_eq!(pooled, [8.0, 10.0, 12.0, 22.0, 24.0, 26.0, 36.0, 38.0, 40.0]);
        let hit: Vec<usize> = (0..49).filter(|&cell| gradient[cell] != 0.0).collect();
        assert_eq!(hit, [8, 10, 12, 22, 24, 26, 36, 38, 40]);
        assert_eq!(gradient.iter().sum::<f64>(), 45.0);
    }

    #[test]
    fn the_first_of_equal_values_takes_the_gradient() {
        let (pooled, gradient) = pooled_and_gradient(&[2.0; 16], 4, 4, 2);
        assert_eq!(pooled, [2.0; 4]);
        let hit: Vec<usize> = (0..16).filter(|&cell| gradient[cell] != 0.0).collect();
        assert_eq!(hit, [0, 2, 8, 10]);
    }

    #[test]
    fn not_a_number_is_not_hidden() {
        let (pooled, _) = pooled_and_gradient(&[1.0, f64::NAN, 5.0, 2.0], 2, 2, 2);
        assert!(pooled[0].is_nan());
    }
}
