// Pictures from outside: chosen, dropped or pasted; one digit for one pad, or two for both.

import { element } from "./dom.js";
import { imageBase } from "./drawing.js";
import { Notice, firstNetwork, splitBoxes } from "./engine.js";
import { notices } from "./strings.js";

/** Longer side, in pixels, to which larger pictures are scaled when they come in: preparation works at that size. */
const IMAGE_SIDE = 1024;
const MOST_IMAGE_BYTES = 50_000_000;

/**
 * The state of a pad that holds a picture.
 *
 * Throws a Notice about a file that is no picture.
 */
export async function pictureState(blob, name) {
  return stateOf(await decoded(blob, name));
}

/**
 * The states of both pads from a picture of two digits, or null when it shows one. `apart` asks for a gap between them; otherwise the
 * network says what are digits, if there is one.
 */
export async function pairStates(blob, name, apart) {
  const network = apart ? null : await firstNetwork.catch(() => null);
  const canvas = await decoded(blob, name);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const picture = [canvas.width, canvas.height, new Uint8Array(data.buffer)];
  const boxes = network === null ? splitBoxes(...picture) : network.splitBoxes(...picture);
  if (boxes === undefined) return null;
  return [0, 4].map((at) => stateOf(cut(canvas, boxes.slice(at, at + 4))));
}

function stateOf(canvas) {
  return { base: imageBase(canvas, canvas.getContext("2d", { willReadFrequently: true })), strokes: [] };
}

function cut(canvas, [left, top, width, height]) {
  const part = element("canvas", { width, height });
  const context = part.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, left, top, width, height, 0, 0, width, height);
  return part;
}

async function decoded(blob, name) {
  if (blob.size > MOST_IMAGE_BYTES) throw new Notice(notices.imageTooLarge(name));
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    throw new Notice(notices.imageRefused(name));
  }
  const scale = Math.min(1, IMAGE_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = element("canvas", {
    width: Math.max(1, Math.round(bitmap.width * scale)),
    height: Math.max(1, Math.round(bitmap.height * scale)),
  });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

/** The pictures among what was pasted. */
export function picturesIn(transfer) {
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

/** Takes files from anywhere on the page. `take(files, pad)` gets them, and the pad that they were dropped on; null beside the pads. */
export function listenForDrops(pads, take) {
  const isFile = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (on) => document.body.classList.toggle("is-dragging", on);
  document.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const pad = pads.find(({ board }) => board.contains(event.target)) ?? null;
    take([...(event.dataTransfer?.files ?? [])], pad);
  });
}
