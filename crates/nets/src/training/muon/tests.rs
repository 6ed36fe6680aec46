use super::*;
use random::{Purpose, Stream};

type Matrix = Vec<Vec<f64>>;

fn product(left: &Matrix, right: &Matrix) -> Matrix {
    let cell = |row: &Vec<f64>, column: usize| row.iter().zip(right).map(|(value, row)| value * row[column]).sum();
    left.iter().map(|row| (0..right[0].len()).map(|column| cell(row, column)).collect()).collect()
}

fn turned(matrix: &Matrix) -> Matrix {
    (0..matrix[0].len()).map(|column| matrix.iter().map(|row| row[column]).collect()).collect()
}

fn combined(terms: &[(f64, &Matrix)]) -> Matrix {
    let cell = |row: usize, column: usize| terms.iter().map(|(factor, matrix)| factor * matrix[row][column]).sum();
    let (rows, columns) = (terms[0].1.len(), terms[0].1[0].len());
    (0..rows).map(|row| (0..columns).map(|column| cell(row, column)).collect()).collect()
}

/// The iteration by its formula in double precision.
fn reference(matrix: &Matrix) -> Matrix {
    if matrix.len() > matrix[0].len() {
        return turned(&reference(&turned(matrix)));
    }
    let norm = matrix.iter().flatten().map(|value| value * value).sum::<f64>().sqrt() + 1e-7;
    let mut x = combined(&[(1.0 / norm, matrix)]);
    for _ in 0..5 {
        let gram = product(&x, &turned(&x));
        let polynomial = combined(&[(-4.775, &gram), (2.0315, &product(&gram, &gram))]);
        x = combined(&[(3.4445, &x), (1.0, &product(&polynomial, &x))]);
    }
    x
}

fn drawn(rows: usize, columns: usize, stream: &mut Stream) -> Vec<f32> {
    (0..rows * columns).map(|_| stream.symmetric(1.0)).collect()
}

fn as_rows(flat: &[f32], columns: usize) -> Matrix {
    flat.chunks(columns).map(|row| row.iter().map(|&value| f64::from(value)).collect()).collect()
}

#[test]
fn the_iteration_is_that_of_its_formula_in_double_precision() {
    let mut stream = Stream::new(0, Purpose::Weights);
    for (rows, columns) in [(1, 1), (3, 20), (20, 3), (48, 9), (17, 90)] {
        let matrix = drawn(rows, columns, &mut stream);
        let ours = orthogonal(&mut Workspace::new(), &matrix, rows);
        let theirs = reference(&as_rows(&matrix, columns));
        for (ours, theirs) in ours.iter().zip(theirs.iter().flatten()) {
            assert!((f64::from(*ours) - theirs).abs() < 2e-4, "{rows}x{columns}: {ours} {theirs}");
        }
    }
}

#[test]
fn singular_values_come_close_to_1() {
    let matrix = drawn(8, 40, &mut Stream::new(1, Purpose::Weights));
    let x = as_rows(&orthogonal(&mut Workspace::new(), &matrix, 8), 40);
    let gram = product(&x, &turned(&x));
    for (row, values) in gram.iter().enumerate() {
        assert!((0.4..1.6).contains(&values[row]), "{gram:?}");
    }
}

#[test]
fn a_matrix_of_zeros_stays_finite() {
    assert_eq!(orthogonal(&mut Workspace::new(), &[0.0; 12], 3), [0.0; 12]);
}

/// Three steps on `sum(w^4)` and the formula in double precision.
#[test]
fn steps_are_those_of_the_formula() {
    let start = drawn(6, 2 * 9, &mut Stream::new(2, Purpose::Weights));
    let var = Var::from_vec(start.clone(), (6, 2, 3, 3), &Device::Cpu).unwrap();
    let settings = MuonSettings { learning_rate: 0.1, momentum: 0.9, weight_decay: 0.2 };
    let mut muon = Muon::new(settings, &[Parameter { name: "w".to_owned(), var: var.clone() }]);
    let mut expected = as_rows(&start, 18);
    let mut momentum = combined(&[(0.0, &expected)]);
    for factor in [0.5, 1.0, 0.25] {
        let loss = var.sqr().unwrap().sqr().unwrap().sum_all().unwrap();
        assert_eq!(muon.step(&loss.backward().unwrap(), factor).unwrap(), None);
        let gradient: Matrix =
            expected.iter().map(|row| row.iter().map(|value| 4.0 * value.powi(3)).collect()).collect();
        momentum = combined(&[(0.9, &momentum), (1.0, &gradient)]);
        let direction = reference(&combined(&[(0.9, &momentum), (1.0, &gradient)]));
        expected = combined(&[(1.0 - 0.1 * factor * 0.2, &expected), (-0.1 * factor, &direction)]);
    }
    let ours: Vec<f32> = var.flatten_all().unwrap().to_vec1().unwrap();
    for (ours, expected) in ours.iter().zip(expected.iter().flatten()) {
        assert!((f64::from(*ours) - expected).abs() < 1e-4, "{ours} {expected}");
    }
}

#[test]
fn tall_matrices_take_longer_steps() {
    let of = |dims: (usize, usize, usize, usize)| {
        let var = Var::zeros(dims, candle_core::DType::F32, &Device::Cpu).unwrap();
        scale(&Parameter { name: "w".to_owned(), var })
    };
    assert_eq!([of((36, 1, 3, 3)), of((96, 48, 3, 3))], [2.0, 1.0]);
}
