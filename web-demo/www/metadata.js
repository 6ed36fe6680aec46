// What a model's file says about itself. Files come from anybody: what is not as expected counts as not said.

/** `{right, all}` of the test pairs, by the network's answers (`learned_head`) or by its digits (`digit_posteriors`). */
export function accuracyOf(network, kind) {
  const found = parsed(network, "accuracy")?.[kind];
  return Number.isInteger(found?.right) && Number.isInteger(found?.all) ? found : undefined;
}

/** How a network is made, as far as the page words it; null where the file does not say. */
export function specOf(network) {
  const spec = parsed(network, "network");
  if (typeof spec?.arrangement !== "string" || !Array.isArray(spec.digit_head)) return null;
  return {
    isSeparate: spec.arrangement === "separate",
    namesDigits: spec.auxiliary !== false,
    linearLayers: spec.digit_head.filter((layer) => layer?.linear !== undefined).length,
    addsUp: spec.leq_head === "digit_posteriors",
  };
}

function parsed(network, key) {
  try {
    return JSON.parse(network.metadata(key) ?? "null");
  } catch {
    return null;
  }
}
