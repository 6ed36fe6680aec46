//! A smooth random displacement: few Gaussian nodes, interpolated to every pixel.

use std::sync::LazyLock;

use digits::SIDE;

use super::bicubic::weights;
use random::Stream;

/// Nodes on a side of the grid; the outer ones lie on the outer pixels.
const NODES: usize = 5;

/// Weight of each node for each pixel along one axis, a node beyond the grid being its last.
static NODE_WEIGHTS: LazyLock<[[f32; NODES]; SIDE]> = LazyLock::new(|| {
    std::array::from_fn(|pixel| {
        let place = pixel as f32 * (NODES - 1) as f32 / (SIDE - 1) as f32;
        let first = (place as usize).min(NODES - 1);
        let mut row = [0.0; NODES];
        for (weight, offset) in weights(place - first as f32).into_iter().zip(0..) {
            row[(first + offset).saturating_sub(1).min(NODES - 1)] += weight;
        }
        row
    })
});

/// Displacement of each pixel along one axis, in pixels.
pub(super) type Field = [[f32; SIDE]; SIDE];

/// A field whose nodes have this standard deviation, in pixels.
pub(super) fn draw(deviation: f32, stream: &mut Stream) -> Field {
    let mut nodes = [[0.0; NODES]; NODES];
    for pair in nodes.as_flattened_mut().chunks_mut(2) {
        let drawn = stream.gaussians();
        pair.iter_mut().zip(drawn).for_each(|(node, value)| *node = deviation * value);
    }
    interpolate(&nodes)
}

fn interpolate(nodes: &[[f32; NODES]; NODES]) -> Field {
    let weights = &*NODE_WEIGHTS;
    let mut field = [[0.0; SIDE]; SIDE];
    let mut along = [[0.0; SIDE]; NODES];
    for (row, nodes) in along.iter_mut().zip(nodes) {
        for (value, weights) in row.iter_mut().zip(weights) {
            *value = weights.iter().zip(nodes).map(|(weight, node)| weight * node).sum();
        }
    }
    for (row, weights) in field.iter_mut().zip(weights) {
        for (weight, along) in weights.iter().zip(&along) {
            row.iter_mut().zip(along).for_each(|(value, along)| *value += weight * along);
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::Purpose;

    #[test]
    fn a_field_goes_through_its_corner_nodes_and_its_middle_one() {
        let nodes: [[f32; NODES]; NODES] =
            std::array::from_fn(|row| std::array::from_fn(|column| (row * 7 + column * column) as f32));
        let field = interpolate(&nodes);
        for (pixel, node) in [(0, 0), (SIDE - 1, NODES - 1)] {
            for (other_pixel, other_node) in [(0, 0), (SIDE - 1, NODES - 1)] {
                assert!((field[pixel][other_pixel] - nodes[node][other_node]).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn equal_nodes_move_every_pixel_by_the_same() {
        let field = interpolate(&[[1.5; NODES]; NODES]);
        assert!(field.as_flattened().iter().all(|value| (value - 1.5).abs() < 1e-5));
    }

    #[test]
    fn a_field_has_about_the_deviation_of_its_nodes() {
        let mut stream = Stream::new(0, Purpose::Augmentation);
        let squares: f32 =
            (0..500).map(|_| draw(0.6, &mut stream).as_flattened().iter().map(|v| v * v).sum::<f32>()).sum();
        let deviation = (squares / (500 * SIDE * SIDE) as f32).sqrt();
        assert!((0.4..0.7).contains(&deviation), "{deviation}");
    }
}
