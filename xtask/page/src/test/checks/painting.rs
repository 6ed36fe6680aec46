//! That a drawing that grows is painted as it is when it is painted at once.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::test::Stage;

/// Draws, point by point and in steps back and forth, on one `Painting`, and paints every state on a new canvas too; gives how many
/// states there were, and those whose pixels differ.
const GROW: &str = "
    const { Painting, greyBase, paint } = await import(new URL('drawing.js', document.querySelector('script[src*=page]').src));
    const square = (side) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
        return canvas.getContext('2d', { willReadFrequently: true });
    };
    const pixels = (context, side) => context.getImageData(0, 0, side, side).data;
    const painting = new Painting(square(140), { willReadFrequently: true });
    const differing = [];
    let count = 0;
    const look = (base, strokes) => {
        const { width } = painting.context.canvas;
        const whole = square(width);
        paint(whole, { base, strokes });
        painting.show({ base, strokes });
        const [one, other] = [pixels(painting.context, width), pixels(whole, width)];
        if (one.some((value, at) => value !== other[at])) differing.push(count);
        count += 1;
    };
    const base = greyBase(28, Uint8Array.from({ length: 784 }, (_, at) => (at % 5) * 50));
    let strokes = [];
    let seed = 1;
    const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
    for (const from of [null, base]) {
        for (let number = 0; number < 6; number += 1) {
            const stroke = { erases: number === 3, points: [] };
            strokes = [...strokes, stroke];
            look(from, strokes);
            for (let point = 0; point < [7, 1, 12, 5, 2, 1][number]; point += 1) {
                stroke.points.push(random(4000), random(4000), 100 + random(500));
                if (number === 2 && point % 3 > 0) continue;
                look(from, strokes);
            }
            if (number % 2 === 1) look(from, strokes.slice(0, -1));
            look(from, strokes);
        }
        look(from, strokes.slice(2));
        painting.context.canvas.width = painting.context.canvas.height = 97;
        look(from, strokes);
        strokes = [];
        look(from, strokes);
    }
    return { count, differing };";

/// Every state of a drawing that grows has the pixels of the whole painted at once: each pixel counts for the answer.
pub fn grows(stage: &Stage<'_>) -> Result<()> {
    let browser = stage.open_page()?;
    let found = browser.run_async(GROW, &Value::Null)?;
    ensure!(found["differing"] == json!([]), "states that are painted otherwise: {found}");
    ensure!(found["count"].as_u64() > Some(50), "too few states: {found}");
    Ok(())
}
