// What comes in from outside: pictures for the pads, and files of networks; chosen, dropped or pasted.

import { start } from "./engine.js";
import { listenForDrops, pairStates, pictureState, picturesIn } from "./images.js";
import { networkFromFile } from "./networks.js";
import { isEmpty } from "./sheet.js";
import { notices } from "./strings.js";
import { tell } from "./toast.js";

export class Incoming {
  #page;
  #pads;
  /** The pad that was used last. */
  #lastUsed = null;

  /**
   * `page` has the `pads`; `change(states)`, which fills both; `finishExample()`; `add(name, network)`, which has a network of
   * the reader's answer; and `failed(fault)`, which is told what cannot be taken.
   */
  constructor(page) {
    this.#page = page;
    this.#pads = page.pads;
    for (const pad of this.#pads) {
      for (const kind of ["pointerdown", "focusin"]) pad.root.addEventListener(kind, () => (this.#lastUsed = pad));
    }
    listenForDrops(this.#pads, (files, pad) => this.#drop(files, pad));
    document.addEventListener("paste", (event) => this.#paste(event));
  }

  /** Takes a picture for one pad, or for both if it shows two digits, which on a pad have to be clearly apart; or two pictures. */
  async takePictures(files, pad = null, nameOf = ({ name }) => name) {
    const isUntouched = watch(this.#pads);
    try {
      await start();
      const [file] = files;
      const both = files.length > 1 ? await eachOwn(files.slice(0, 2)) : await pairStates(file, nameOf(file), pad !== null);
      if (both === null) return this.#put(await pictureState(file, nameOf(file)), pad, isUntouched);
      if (![0, 1].every(isUntouched)) return tell(notices.tooLate);
      this.#page.change(both);
      if (files.length === 1) tell(notices.twoFound);
    } catch (fault) {
      this.#page.failed(fault);
    }

    function eachOwn(two) {
      return Promise.all(two.map((each) => pictureState(each, nameOf(each))));
    }
  }

  /** Takes a network's file. */
  async takeNetwork(file) {
    try {
      this.#page.add(file.name, await networkFromFile(file));
    } catch (fault) {
      this.#page.failed(fault);
    }
  }

  /** Puts a picture into a pad; without one, into one where it replaces nothing. */
  #put(state, pad, isUntouched) {
    this.#page.finishExample();
    const isFree = (each) => (isEmpty(each.state) || each.state.isExample) && !each.isDrawing;
    const target = pad ?? this.#pads.find(isFree) ?? this.#lastUsed ?? this.#pads[0];
    if (isUntouched(this.#pads.indexOf(target))) target.load(state);
    else tell(notices.tooLate);
  }

  #drop(files, pad) {
    const isNetwork = ({ name }) => /\.onnx$/i.test(name);
    const pictures = files.filter((file) => !isNetwork(file));
    files.filter(isNetwork).forEach((file) => this.takeNetwork(file));
    if (pictures.length > 0) this.takePictures(pictures, pad);
  }

  #paste(event) {
    const files = picturesIn(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    this.takePictures(files, null, () => notices.pasted);
  }
}

/** Whether somebody has drawn on a side since now: what comes later than that must not replace it. */
export function watch(pads) {
  const before = pads.map(({ edits }) => edits);
  return (side) => pads[side].edits === before[side];
}
