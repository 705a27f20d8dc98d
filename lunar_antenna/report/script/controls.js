// Sliders with a text box beside them: typing and dragging are the same number.

// spec: { name, label, unit, low, high, value, offset? (log scale of value + offset), integer?, note? }
// onChange(name, value, settled): settled is false while dragging.
LA.slider = (parent, spec, onChange) => {
  const row = LA.html("label", { class: "la-slider" }, parent);
  const head = LA.html("span", {}, row, spec.label + (spec.unit ? ` (${spec.unit})` : ""));
  if (spec.note) head.title = spec.note;
  const range = LA.html("input", { type: "range", min: "0", max: "1", step: "any", "data-name": spec.name }, row);
  const box = LA.html("input", { type: "text", inputmode: "decimal", size: "7", "data-box": spec.name }, row);
  range.setAttribute("aria-label", spec.label);
  box.setAttribute("aria-label", `${spec.label}, as a number`);
  const log = spec.offset !== null && spec.offset !== undefined;
  const scaled = (v) => (log ? Math.log(v + spec.offset) : v);
  const [a, b] = [scaled(spec.low), scaled(spec.high)];
  const at = (place) => {
    const v = log ? Math.exp(a + place * (b - a)) - spec.offset : a + place * (b - a);
    const kept = Math.min(Math.max(v, spec.low), spec.high);
    return spec.integer ? Math.round(kept) : Number(kept.toPrecision(6));
  };
  const place = (v) => Math.min(Math.max((scaled(v) - a) / (b - a), 0), 1);
  const show = (v) => {
    range.value = String(place(v));
    box.value = String(Number(Number(v).toPrecision(5)));
    box.classList.remove("la-bad");
  };
  let value = spec.value;
  show(value);
  const say = (v, settled) => { value = v; onChange(spec.name, v, settled); };
  range.addEventListener("input", () => {
    const v = at(Number(range.value));
    box.value = String(Number(v.toPrecision(5)));
    say(v, false);
  });
  range.addEventListener("change", () => say(at(Number(range.value)), true));
  box.addEventListener("change", () => {
    const v = Number(box.value.trim().replace("−", "-").replace(",", "."));
    if (box.value.trim() === "" || !Number.isFinite(v) || v < spec.low || v > spec.high) {
      box.classList.add("la-bad");
      box.title = `allowed: ${LA.number(spec.low, 5)} to ${LA.number(spec.high, 5)}`;
      return;
    }
    show(spec.integer ? Math.round(v) : v);
    say(spec.integer ? Math.round(v) : v, true);
  });
  return { row, set(v) { value = v; show(v); }, get: () => value };
};
