// Building elements. Text is only ever set as text, so nothing that comes from outside becomes markup.

/** Makes an element with attributes and children (elements or strings). A listener is given as `onclick` and the like. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A button of type button. */
export function button(label, attributes, ...children) {
  return element("button", { type: "button", ...attributes }, ...(children.length > 0 ? children : [label]));
}

/** Sets an element's text unless it is that already: screen readers and layout then have nothing to do. */
export function setText(of, text) {
  if (of.textContent !== text) of.textContent = text;
}

/** Sets an attribute unless it is that already. */
export function setAttribute(of, name, value) {
  if (of.getAttribute(name) !== String(value)) of.setAttribute(name, value);
}

/** Sets a share of 1 as a property of the style, to a thousandth, which is less than a pixel; nothing if it is that already. */
export function setShare(of, name, share) {
  const text = share.toFixed(3);
  if (of.style.getPropertyValue(name) !== text) of.style.setProperty(name, text);
}

/** A canvas of `side` x `side` pixels and its context. */
export function square(side, options) {
  const canvas = element("canvas", { width: side, height: side });
  return [canvas, canvas.getContext("2d", options)];
}
