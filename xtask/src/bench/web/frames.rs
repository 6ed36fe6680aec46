//! How long a frame takes while somebody draws, with the network at work on the screen.

use anyhow::{Context, Result};
use page::Session;
use serde_json::{Value, json};

/// Has a 3 and a 7 drawn, a point a frame, and gives the main thread's milliseconds of each frame: the pointer's event, the
/// scripts of the frame, layout and painting.
const DRAW: &str = "
    const corners = [
        [[0.3, 0.2], [0.45, 0.13], [0.62, 0.17], [0.67, 0.3], [0.6, 0.42], [0.45, 0.48], [0.62, 0.52], [0.71, 0.65],
         [0.66, 0.8], [0.5, 0.88], [0.3, 0.82]],
        [[0.25, 0.18], [0.75, 0.18], [0.62, 0.5], [0.48, 0.88]],
    ];
    const pads = [...document.querySelectorAll('.board canvas')];
    // No pointer is there to be captured.
    for (const pad of pads) pad.setPointerCapture = () => {};
    const { port1, port2 } = new MessageChannel();
    const send = (pad, kind, [x, y]) => {
        const { left, top, width, height } = pad.getBoundingClientRect();
        const at = { clientX: left + x * width, clientY: top + y * height };
        pad.dispatchEvent(new PointerEvent(kind, { ...at, pointerId: 1, buttons: 1, bubbles: true, cancelable: true }));
    };
    const frameOf = (work) => new Promise((resolve) => {
        const before = performance.now();
        let [worked, began] = [0, 0];
        // The message comes when the frame is painted.
        port2.onmessage = () => resolve(worked + performance.now() - began);
        requestAnimationFrame(() => {
            began = performance.now();
            port1.postMessage(null);
        });
        work();
        worked = performance.now() - before;
    });
    const times = [];
    for (const [side, line] of corners.entries()) {
        await frameOf(() => send(pads[side], 'pointerdown', line[0]));
        for (let at = 1; at < line.length; at += 1) {
            const steps = Math.round(120 / (line.length - 1));
            for (let step = 1; step <= steps; step += 1) {
                const point = [0, 1].map((axis) => line[at - 1][axis] + (step / steps) * (line[at][axis] - line[at - 1][axis]));
                times.push(await frameOf(() => send(pads[side], 'pointermove', point)));
            }
        }
        await frameOf(() => send(pads[side], 'pointerup', line.at(-1)));
    }
    document.getElementById('clear-both').click();
    return times;";

/// Shows pads and network on one screen, draws once to warm up, and then measures.
pub fn measure(browser: &Session) -> Result<Vec<f64>> {
    let metrics = json!({ "width": 1280, "height": 2400, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", &metrics)?;
    browser.run("document.getElementById('network-part').open = true; scrollTo(0, 0); return true")?;
    browser.wait_for("the network at work", "return document.querySelectorAll('.layer canvas').length >= 8")?;
    browser.run_async(DRAW, &Value::Null)?;
    numbers(&browser.run_async(DRAW, &Value::Null)?)
}

/// A list of numbers that came from a browser.
pub fn numbers(list: &Value) -> Result<Vec<f64>> {
    let list = list.as_array().context("a list of numbers")?;
    list.iter().map(|number| number.as_f64().context("a number")).collect()
}
