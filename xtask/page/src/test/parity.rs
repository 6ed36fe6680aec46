//! The page's numbers beside those of the other programs.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use setup::run::{cargo, program, run};

use super::Stage;

/// Pairs that go through the pads and through `infer compare`.
const PAIRS: usize = 100;
/// Most that two evaluations of `p_leq` may differ by.
const P_TOLERANCE: f64 = 1e-3;
/// The same for logits.
const LOGIT_TOLERANCE: f64 = 1e-4;

/// Puts ten pairs into the pads, every second one painted over at the pad's own size, and reads answer and PNGs.
const THROUGH_THE_PADS: &str = "
    const folder = new URL(document.querySelector('script[src*=page]').src);
    const { pads } = await import(folder);
    const { greyBase } = await import(new URL('drawing.js', folder));
    const bytes = new Uint8Array(await (await fetch('test/reference.bin')).arrayBuffer());
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const text = async (pad) => {
        const png = new Uint8Array(await (await pad.png()).arrayBuffer());
        return btoa(Array.from(png, (byte) => String.fromCharCode(byte)).join(''));
    };
    const results = [];
    for (let pair = argument; pair < argument + 10; pair += 1) {
        pads.forEach((pad, side) => {
            const at = 4 + (2 * pair + side) * 784;
            const strokes = pair % 2 === 1 ? [{ erases: true, points: [1, 1, 1] }] : [];
            pad.load({ base: greyBase(28, bytes.slice(at, at + 784)), strokes });
        });
        await frame();
        const { pLeq } = document.getElementById('answer').dataset;
        results.push({ pLeq: Number(pLeq), pngs: [await text(pads[0]), await text(pads[1])] });
    }
    return results;";

/// What the page says of 100 pairs is what `infer compare` says of the PNGs that it saves of them.
pub fn with_infer(stage: &Stage<'_>) -> Result<()> {
    run(stage.project, &mut cargo(stage.project, &["build", "--quiet", "--locked", "--workspace", "--bin", "infer"]))?;
    let folder = stage.project.target_dir().join("web-parts/pngs");
    std::fs::create_dir_all(&folder)?;
    let browser = stage.open_page()?;
    let mut worst: f64 = 0.0;
    for start in (0..PAIRS).step_by(10) {
        let results = browser.run_async(THROUGH_THE_PADS, &json!(start))?;
        for result in results.as_array().context("a list of results")? {
            let ours = result["pLeq"].as_f64().context("the page answered no number")?;
            let theirs = asked_of_infer(stage, &folder, &result["pngs"])?;
            ensure!((ours >= 0.5) == (theirs >= 0.5), "the page says {ours}, infer {theirs}");
            worst = worst.max((ours - theirs).abs());
        }
    }
    setup::run::say(&format!("  largest difference of p_leq to infer's: {worst:.1e}"));
    ensure!(worst <= P_TOLERANCE, "p_leq differs by {worst}");
    Ok(())
}

fn asked_of_infer(stage: &Stage<'_>, folder: &Path, pngs: &Value) -> Result<f64> {
    let mut infer = program(stage.project, stage.project.target_dir().join("debug/infer"));
    infer.args(["compare", "--json"]).env("ORT_DYLIB_PATH", setup::onnxruntime_library(stage.project)?);
    for (side, name) in ["first.png", "second.png"].into_iter().enumerate() {
        let path = folder.join(name);
        std::fs::write(&path, STANDARD.decode(pngs[side].as_str().context("a PNG as text")?)?)?;
        infer.arg(path);
    }
    let output = infer.output().context("cannot run infer")?;
    ensure!(output.status.success(), "infer: {}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout)?;
    report["p_leq"].as_f64().context("infer answers with p_leq")
}

const ALL_LOGITS: &str = "
    const folder = new URL(document.querySelector('script[src*=page]').src);
    const { Digit, loadNetwork } = await import(new URL('engine.js', folder));
    const { defaultModel } = await import(new URL('assets.js', folder));
    const network = await loadNetwork(defaultModel);
    const buffer = await (await fetch('test/reference.bin')).arrayBuffer();
    const bytes = new Uint8Array(buffer);
    const view = new DataView(buffer);
    const count = view.getUint32(0, true);
    const digit = (number) => {
        const rgba = new Uint8Array(4 * 784).fill(255);
        bytes.subarray(4 + number * 784, 4 + (number + 1) * 784).forEach((ink, at) => rgba.fill(ink, 4 * at, 4 * at + 3));
        return Digit.prepare(28, 28, rgba);
    };
    let worst = 0;
    let differing = 0;
    for (let pair = 0; pair < count; pair += 1) {
        const [first, second] = [digit(2 * pair), digit(2 * pair + 1)];
        const answer = network.compare(first, second);
        const at = 4 + 2 * 784 * count + 84 * pair;
        [answer.leqLogit, ...answer.digitLogits].forEach((logit, number) => {
            const difference = Math.abs(logit - view.getFloat32(at + 4 * number, true));
            worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
        });
        if (answer.isLeq !== view.getFloat32(at, true) >= 0) differing += 1;
        [first, second, answer].forEach((object) => object.free());
    }
    return { count, worst, differing };";

/// WebAssembly and native code give the same logits and decisions.
pub fn with_native_evaluation(stage: &Stage<'_>) -> Result<()> {
    let found = stage.open_page()?.run_async(ALL_LOGITS, &Value::Null)?;
    setup::run::say(&format!("  {found}"));
    ensure!(found["count"] == json!(1000), "there are {} pairs", found["count"]);
    ensure!(found["differing"] == json!(0), "{} decisions differ", found["differing"]);
    let worst = found["worst"].as_f64().context("the largest difference is a number")?;
    ensure!(worst <= LOGIT_TOLERANCE, "logits differ by {worst}");
    Ok(())
}
