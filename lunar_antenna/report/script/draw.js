// What every figure shares: elements, numbers for reading, ticks, colours, a box that says values.
// Text is only ever set as text, never as markup: names come from files of other people.
"use strict";

const LA = {};

LA.COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
LA.SHARES = [
  ["sky", "#56b4e9"], ["ground", "#b08d57"], ["metal", "#7f7f7f"], ["film", "#e69f00"], ["network", "#cc79a7"],
];
LA.INK = "#1d2733";
LA.SOFT = "#5b6773";
LA.LINE = "#dde2e7";

const SVG = "http://www.w3.org/2000/svg";

LA.svg = (name, attributes = {}, parent = null, text = null) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
};

LA.html = (name, attributes = {}, parent = null, text = null) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
};

// The one of `points`, each with `at` in an svg `size` wide, that is nearest to the pointer and within
// `reach` of it, or null.
LA.pointed = (event, svg, size, points, reach) => {
  const box = svg.getBoundingClientRect();
  const scale = size / box.width;
  const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  let best = { far: reach, point: null };
  for (const point of points) {
    const far = Math.hypot(point.at[0] - x, point.at[1] - y);
    if (far <= best.far) best = { far, point };
  }
  return best.point;
};

// A number for reading: `digits` significant ones, never a rounded-off zero.
LA.number = (value, digits = 3) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) {
    const [mantissa, power] = value.toExponential(digits - 1).split("e");
    const raised = [...String(Number(power))].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
    return `${mantissa.replace("-", "−")}·10${raised.join("")}`;
  }
  return String(Number(value.toPrecision(digits))).replace("-", "−");
};

LA.percent = (share) => {
  const value = 100 * share;
  return Math.abs(value) >= 0.01 || value === 0 ? `${value.toFixed(2)} %` : `${LA.number(value, 2)} %`;
};

LA.decibel = (size) => 20 * Math.log10(Math.max(size, 1e-12));

// About `count` round numbers in [low, high].
LA.ticks = (low, high, count = 6) => {
  const raw = (high - low) / Math.max(count, 1);
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
};

const VIRIDIS = [
  [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142],
  [31, 158, 137], [53, 183, 121], [110, 206, 88], [181, 222, 43], [253, 231, 37],
];

// Colour of a place 0..1 on the scale that every surface uses.
LA.colour = (place, shade = 1) => {
  const at = Math.min(Math.max(place, 0), 1) * (VIRIDIS.length - 1);
  const k = Math.min(Math.floor(at), VIRIDIS.length - 2);
  const part = VIRIDIS[k].map((v, i) => Math.round((v + (at - k) * (VIRIDIS[k + 1][i] - v)) * shade));
  return `rgb(${part[0]},${part[1]},${part[2]})`;
};

// The box beside the pointer that says values; one a figure.
LA.saying = (holder) => {
  const box = LA.html("div", { class: "la-say", role: "status" }, holder);
  box.hidden = true;
  return {
    show(x, y, lines) {
      box.replaceChildren();
      for (const [text, colour] of lines) {
        const row = LA.html("div", {}, box);
        if (colour) LA.html("i", { style: `background:${colour}` }, row);
        row.appendChild(document.createTextNode(text));
      }
      box.hidden = false;
      const wide = holder.clientWidth;
      const left = x + 14 + box.offsetWidth > wide ? Math.max(0, x - 14 - box.offsetWidth) : x + 14;
      box.style.left = `${left}px`;
      box.style.top = `${Math.max(0, y - box.offsetHeight - 8)}px`;
    },
    hide() { box.hidden = true; },
  };
};

// A holder that draws itself again when its width changes, at most once a frame.
LA.figure = (parent, draw) => {
  parent.classList.add("la-figure");
  const say = LA.saying(parent);
  let waiting = false;
  let width = 0;
  const again = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(say); });
  };
  new ResizeObserver(() => {
    if (Math.abs(parent.clientWidth - width) < 1) return;
    width = parent.clientWidth;
    again();
  }).observe(parent);
  return { again, now: () => draw(say), say };
};

// Legend entries in a row that wraps.
LA.legend = (parent, entries) => {
  const row = LA.html("div", { class: "la-legend" });
  for (const { name, colour, dash } of entries) {
    const item = LA.html("span", {}, row);
    const style = dash ? `border-top:2px dashed ${colour};background:none` : `background:${colour}`;
    LA.html("i", { style }, item);
    item.appendChild(document.createTextNode(name));
  }
  parent.appendChild(row);
  return row;
};

LA.nearest = (values, wanted) => {
  let best = 0;
  for (let k = 1; k < values.length; k += 1) {
    if (Math.abs(values[k] - wanted) < Math.abs(values[best] - wanted)) best = k;
  }
  return best;
};

// Bytes of base64 text as a typed array.
LA.numbers = (text, Kind) => {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k += 1) bytes[k] = raw.charCodeAt(k);
  return new Kind(bytes.buffer);
};
