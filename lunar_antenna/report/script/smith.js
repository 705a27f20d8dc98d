// Reflection in the Smith chart, and cuts of a pattern in polar form.

// state: { series: [{ name, frequency (MHz), gamma: [re[], im[]], colour, dash? }], mark? (MHz), z0 }
LA.smith = (parent) => {
  let state = null;
  const draw = (say) => {
    if (!state) return;
    const size = Math.min(Math.max(parent.clientWidth, 220), 380);
    const [cx, cy, r] = [size / 2, size / 2, size / 2 - 8];
    const svg = LA.svg("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "Smith chart", style: `max-width:${size}px` });
    const clip = `la-clip-${(LA.count = (LA.count || 0) + 1)}`;
    LA.svg("circle", { cx, cy, r }, LA.svg("clipPath", { id: clip }, LA.svg("defs", {}, svg)));
    const grid = LA.svg("g", { fill: "none", stroke: LA.LINE, "clip-path": `url(#${clip})` }, svg);
    for (const res of [0.2, 0.5, 1, 2, 5]) {
      LA.svg("circle", { cx: cx + (r * res) / (1 + res), cy, r: r / (1 + res) }, grid);
    }
    for (const x of [0.2, 0.5, 1, 2, 5]) {
      for (const sign of [1, -1]) LA.svg("circle", { cx: cx + r, cy: cy - (sign * r) / x, r: r / x }, grid);
    }
    LA.svg("line", { x1: cx - r, x2: cx + r, y1: cy, y2: cy }, grid);
    LA.svg("circle", { cx, cy, r, fill: "none", stroke: LA.SOFT }, svg);
    const points = [];
    for (const item of state.series) {
      const [re, im] = item.gamma;
      const line = [];
      for (let k = 0; k < re.length; k += 1) {
        if (!Number.isFinite(re[k])) continue;
        const at = [cx + r * re[k], cy - r * im[k]];
        line.push(at);
        points.push({ at, item, k });
      }
      const style = { fill: "none", stroke: item.colour, "stroke-width": 1.8, "data-series": item.name };
      if (item.dash) style["stroke-dasharray"] = item.dash;
      LA.svg("polyline", { points: line.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" "), ...style }, svg);
      if (Number.isFinite(state.mark)) {
        const k = LA.nearest(item.frequency, state.mark);
        if (Number.isFinite(re[k])) LA.svg("circle", { cx: cx + r * re[k], cy: cy - r * im[k], r: 4, fill: item.colour, class: "la-mark" }, svg);
      }
    }
    svg.addEventListener("pointermove", (event) => {
      const found = LA.pointed(event, svg, size, points, 24);
      if (!found) { say.hide(); return; }
      const { item, k } = found;
      const [g, b] = [item.gamma[0][k], item.gamma[1][k]];
      const [zr, zi] = LA.impedance(g, b, state.z0);
      const outer = parent.getBoundingClientRect();
      say.show(event.clientX - outer.left, event.clientY - outer.top, [
        [item.name, item.colour],
        [`${LA.number(item.frequency[k], 5)} MHz, ${LA.number(LA.decibel(Math.hypot(g, b)), 3)} dB`, null],
        [`${LA.number(zr, 4)} ${zi < 0 ? "−" : "+"} j${LA.number(Math.abs(zi), 4)} Ω`, null],
      ]);
    });
    svg.addEventListener("pointerleave", say.hide);
    parent.querySelector("svg")?.remove();
    parent.prepend(svg);
  };
  const figure = LA.figure(parent, draw);
  return { set(next) { state = next; figure.now(); } };
};

// Power-wave reflection of z = re + j im against z0 = [re, im] ohm.
LA.reflection = (re, im, z0) => {
  const [a, b] = [re - z0[0], im + z0[1]];
  const [c, d] = [re + z0[0], im + z0[1]];
  const den = c * c + d * d;
  return [(a * c + b * d) / den, (b * c - a * d) / den];
};

// Its inverse, z = (z0* + Gamma z0) / (1 - Gamma).
LA.impedance = (g, b, z0) => {
  const [nr, ni] = [z0[0] + g * z0[0] - b * z0[1], -z0[1] + g * z0[1] + b * z0[0]];
  const [dr, di] = [1 - g, -b];
  const den = dr * dr + di * di || 1e-30;
  return [(nr * dr + ni * di) / den, (ni * dr - nr * di) / den];
};

// state: { series: [{ name, angle (degrees from zenith, −180..180), level (dBi), colour, dash? }], floor, top }
LA.polar = (parent) => {
  let state = null;
  const draw = (say) => {
    if (!state) return;
    const size = Math.min(Math.max(parent.clientWidth, 220), 420);
    const half = state.series.every((item) => item.angle.every((a) => Math.abs(a) <= 90.01));
    const [cx, r] = [size / 2, size / 2 - 26];
    const cy = r + 20;
    const height = half ? cy + 26 : size + 4;
    const svg = LA.svg("svg", { viewBox: `0 0 ${size} ${height}`, role: "img", "aria-label": "pattern cuts", style: `max-width:${size}px` });
    const radius = (level) => (r * Math.min(Math.max(level - state.floor, 0), state.top - state.floor)) / (state.top - state.floor);
    const place = (angle, radial) => {
      const a = (angle * Math.PI) / 180;
      return [cx + radial * Math.sin(a), cy - radial * Math.cos(a)];
    };
    for (const level of LA.ticks(state.floor, state.top, 4)) {
      const q = radius(level);
      if (q <= 1) continue;
      const path = half
        ? `M ${cx - q} ${cy} A ${q} ${q} 0 0 1 ${cx + q} ${cy}`
        : `M ${cx - q} ${cy} A ${q} ${q} 0 1 1 ${cx + q} ${cy} A ${q} ${q} 0 1 1 ${cx - q} ${cy}`;
      LA.svg("path", { d: path, fill: "none", stroke: LA.LINE }, svg);
      LA.svg("text", { x: cx + 3, y: cy - q - 2 }, svg, `${LA.number(level)} dBi`);
    }
    const spokes = half ? [-90, -60, -30, 0, 30, 60, 90] : [-150, -120, -90, -60, -30, 0, 30, 60, 90, 120, 150, 180];
    for (const angle of spokes) {
      const [x, y] = place(angle, r);
      LA.svg("line", { x1: cx, y1: cy, x2: x, y2: y, stroke: LA.LINE }, svg);
      const [tx, ty] = place(angle, r + 12);
      if (angle !== 0) LA.svg("text", { x: tx, y: ty + 4, "text-anchor": "middle" }, svg, `${angle}°`.replace("-", "−"));
    }
    const points = [];
    for (const item of state.series) {
      const line = item.angle.map((angle, k) => place(angle, radius(item.level[k])));
      line.forEach((at, k) => points.push({ at, item, k }));
      const style = { fill: "none", stroke: item.colour, "stroke-width": 1.8, "data-series": item.name };
      if (item.dash) style["stroke-dasharray"] = item.dash;
      LA.svg("polyline", { points: line.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" "), ...style }, svg);
    }
    svg.addEventListener("pointermove", (event) => {
      const found = LA.pointed(event, svg, size, points, 40);
      if (!found) { say.hide(); return; }
      const { item, k } = found;
      const outer = parent.getBoundingClientRect();
      say.show(event.clientX - outer.left, event.clientY - outer.top, [
        [item.name, item.colour],
        [`${LA.number(Math.abs(item.angle[k]), 3)}° from zenith: ${LA.number(item.level[k], 3)} dBi`, null],
      ]);
    });
    svg.addEventListener("pointerleave", say.hide);
    parent.querySelector("svg")?.remove();
    parent.querySelector(".la-legend")?.remove();
    parent.prepend(svg);
    LA.legend(parent, state.series);
  };
  const figure = LA.figure(parent, draw);
  return { set(next) { state = next; figure.now(); } };
};
