//! The zero border around images.

use crate::convolution::shape::ConvShape;

/// Copies images into a zero border: `padded` is `[images, height + 2 padding, width + 2 padding, in_channels]`.
pub(crate) fn pad_images(shape: &ConvShape, x: &[f32], padded: &mut [f32]) {
    for_image_rows(shape, padded, x.len() / shape.image_len().max(1), |row, start, target| match row {
        Some(row) => {
            let len = shape.width * shape.in_channels;
            target[..start].fill(0.0);
            target[start..start + len].copy_from_slice(&x[row * len..(row + 1) * len]);
            target[start + len..].fill(0.0);
        }
        None => target.fill(0.0),
    });
}

/// Copies images out of their border.
pub(crate) fn crop_images(shape: &ConvShape, padded: &mut [f32], x: &mut [f32]) {
    for_image_rows(shape, padded, x.len() / shape.image_len().max(1), |row, start, source| {
        if let Some(row) = row {
            let len = shape.width * shape.in_channels;
            x[row * len..(row + 1) * len].copy_from_slice(&source[start..start + len]);
        }
    });
}

/// Calls `visit(row index over all images or None for a border row, start of the image row, padded row)` for each row
/// of padded images.
fn for_image_rows(
    shape: &ConvShape,
    padded: &mut [f32],
    images: usize,
    mut visit: impl FnMut(Option<usize>, usize, &mut [f32]),
) {
    let height = shape.height + 2 * shape.padding;
    let row_len = (shape.width + 2 * shape.padding) * shape.in_channels;
    for (index, row) in padded.chunks_exact_mut(row_len).take(images * height).enumerate() {
        let (image, y) = (index / height, index % height);
        let inside = (shape.padding..shape.padding + shape.height).contains(&y);
        let row_of_all = inside.then(|| image * shape.height + y - shape.padding);
        visit(row_of_all, shape.padding * shape.in_channels, row);
    }
}
