use super::*;
use crate::ink;
use crate::seeded;

#[test]
fn the_digit_is_to_the_bit_what_looking_at_every_pixel_gives() {
    let mut found = 0;
    for (number, plane) in seeded::planes().into_iter().enumerate() {
        let Some(map) = ink::find(&[plane]) else { continue };
        let (quick, plain) = (digit(&map), plain::digit(&map));
        assert_eq!(quick.is_some(), plain.is_some(), "{number}");
        if let Some((quick, plain)) = quick.zip(plain) {
            assert_eq!(quick.ink.values, plain.ink.values, "{number}");
            let rest = |strokes: &Strokes| (strokes.bounds, strokes.alone, strokes.within);
            assert_eq!(rest(&quick), rest(&plain), "{number}");
            found += 1;
        }
    }
    assert!(found > 30, "{found}");
}

/// The digit's ink as its definition reads, with whole masks and each pixel's neighbours by themselves.
mod plain {
    use super::*;

    pub fn digit(map: &InkMap) -> Option<Strokes> {
        let (width, height) = (map.ink.width, map.ink.height);
        let (labels, mut components) = label(&map.ink, STROKE_EDGE.max(NOISE_DEVIATIONS * map.noise));
        drop_page_edges(&mut components, width, height);
        let bounds = choose(&mut components).filter(|bounds| bounds.longer_side() >= LEAST_SIDE)?;
        let kept: Vec<bool> = labels.iter().map(|&label| label > 0 && components[label - 1].kept).collect();
        let near = widen(&kept, width, height, bounds.longer_side().div_ceil(10));
        let is_ink = |at: usize, value: f32| near[at] && value > 3.0 * map.noise;
        let ink = map.ink.map(|column, row, value| if is_ink(row * width + column, value) { value } else { 0.0 });
        let within = components.iter().all(|component| !component.kept || component.fits_in(&map.ink));
        Some(Strokes { ink, bounds, alone: is_alone(&components), within })
    }

    fn label(ink: &Plane, edge: f32) -> (Vec<usize>, Vec<Component>) {
        let (mut labels, mut components, mut open) = (vec![0; ink.values.len()], Vec::new(), Vec::new());
        for start in 0..labels.len() {
            if labels[start] != 0 || ink.values[start] <= edge {
                continue;
            }
            let (left, top) = (start % ink.width, start / ink.width);
            let bounds = Bounds { left, top, right: left, bottom: top };
            let mut component = Component { bounds, ink: 0.0, peak: 0.0, on_border: [0; 4], kept: false };
            labels[start] = components.len() + 1;
            open.push(start);
            while let Some(at) = open.pop() {
                component.add(ink, at);
                for next in neighbours(ink, at) {
                    if labels[next] == 0 && ink.values[next] > edge {
                        labels[next] = components.len() + 1;
                        open.push(next);
                    }
                }
            }
            components.push(component);
        }
        (labels, components)
    }

    /// The pixel and its neighbours, corners included.
    fn neighbours(ink: &Plane, at: usize) -> impl Iterator<Item = usize> + use<> {
        let (width, column, row) = (ink.width, at % ink.width, at / ink.width);
        let columns = column.saturating_sub(1)..(column + 2).min(width);
        let rows = row.saturating_sub(1)..(row + 2).min(ink.height);
        rows.flat_map(move |row| columns.clone().map(move |column| row * width + column))
    }
}
