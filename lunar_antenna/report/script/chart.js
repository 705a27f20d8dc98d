// Lines over one axis, hover values, a mark that can be dragged along; stacked shares too.

// state: { x, xLabel, xUnit, yLabel, unit, series: [{ name, y, x?, colour, dash?, dots? }], low?, high?,
//          lines?: [{ y, text }], mark?, stack?: bool, format? }
LA.chart = (parent, onMark = null) => {
  let state = null;
  const edge = { right: 12, top: 8, bottom: 38 };

  const limits = () => {
    if (state.stack) return [0, 1];
    let [low, high] = [Infinity, -Infinity];
    for (const item of state.series) {
      for (const y of item.y) {
        if (!Number.isFinite(y)) continue;
        low = Math.min(low, y);
        high = Math.max(high, y);
      }
    }
    if (!(low <= high)) [low, high] = [0, 1];
    if (low === high) [low, high] = [low - 1, high + 1];
    const side = 0.06 * (high - low);
    return [state.low ?? low - side, state.high ?? high + side];
  };

  const draw = (say) => {
    if (!state) return;
    const width = Math.max(parent.clientWidth, 240);
    const height = Math.round(Math.min(Math.max(0.56 * width, 210), 330));
    const xs = state.x;
    const [x0, x1] = [Math.min(xs[0], xs[xs.length - 1]), Math.max(xs[0], xs[xs.length - 1])];
    const [y0, y1] = limits();
    const ticks = LA.ticks(y0, y1, Math.max(3, Math.floor(height / 48))).map((t) => (
      { t, text: state.stack ? `${Math.round(100 * t)}` : LA.number(t, 4) }
    ));
    const longest = Math.max(...ticks.map(({ text }) => text.length));
    const pad = { ...edge, left: Math.max(52, 30 + 7 * longest) };  // the axis' name stays clear of them
    const right = width - pad.right;
    const bottom = height - pad.bottom;
    const px = (x) => pad.left + ((x - x0) / (x1 - x0 || 1)) * (right - pad.left);
    const py = (y) => bottom - ((Math.min(Math.max(y, y0 - (y1 - y0)), y1 + (y1 - y0)) - y0) / (y1 - y0)) * (bottom - pad.top);
    const svg = LA.svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": state.yLabel });
    const clip = `la-clip-${(LA.count = (LA.count || 0) + 1)}`;
    const frame = { x: pad.left, y: pad.top, width: right - pad.left, height: bottom - pad.top };
    LA.svg("rect", frame, LA.svg("clipPath", { id: clip }, LA.svg("defs", {}, svg)));
    for (const { t, text } of ticks) {
      LA.svg("line", { x1: pad.left, x2: right, y1: py(t), y2: py(t), stroke: LA.LINE }, svg);
      LA.svg("text", { x: pad.left - 6, y: py(t) + 4, "text-anchor": "end" }, svg, text);
    }
    for (const t of LA.ticks(x0, x1, Math.max(3, Math.floor(width / 70)))) {
      LA.svg("line", { x1: px(t), x2: px(t), y1: pad.top, y2: bottom, stroke: LA.LINE }, svg);
      LA.svg("text", { x: px(t), y: bottom + 15, "text-anchor": "middle" }, svg, LA.number(t, 4));
    }
    LA.svg("text", { x: (pad.left + right) / 2, y: height - 5, "text-anchor": "middle", class: "la-axis" }, svg, state.xLabel);
    const middle = (pad.top + bottom) / 2;
    LA.svg("text", { x: 13, y: middle, "text-anchor": "middle", transform: `rotate(-90 13 ${middle})`, class: "la-axis" }, svg, state.yLabel);
    const inside = LA.svg("g", { "clip-path": `url(#${clip})` }, svg);
    if (state.stack) {
      let under = xs.map(() => 0);
      for (const item of state.series) {
        const over = under.map((u, k) => u + Math.max(item.y[k], 0));
        const there = xs.map((x, k) => `${px(x)},${py(over[k])}`);
        const back = xs.map((x, k) => `${px(x)},${py(under[k])}`).reverse();
        LA.svg("polygon", { points: [...there, ...back].join(" "), fill: item.colour, "data-series": item.name }, inside);
        under = over;
      }
    }
    for (const line of state.lines || []) {
      LA.svg("line", { x1: pad.left, x2: right, y1: py(line.y), y2: py(line.y), stroke: LA.SOFT, "stroke-dasharray": "5 4" }, inside);
      if (line.text) LA.svg("text", { x: pad.left + 4, y: py(line.y) - 4, class: "la-halo" }, inside, line.text);
    }
    if (!state.stack) {
      for (const item of state.series) {
        const sx = item.x || xs;
        const points = [];
        for (let k = 0; k < sx.length; k += 1) if (Number.isFinite(item.y[k])) points.push([px(sx[k]), py(item.y[k])]);
        const style = { fill: "none", stroke: item.colour, "stroke-width": 1.8, "data-series": item.name };
        if (item.dash) style["stroke-dasharray"] = item.dash;
        LA.svg("polyline", { points: points.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" "), ...style }, inside);
        if (item.dots) for (const [cx, cy] of points) LA.svg("circle", { cx, cy, r: 2.6, fill: item.colour }, inside);
      }
    }
    LA.svg("rect", { ...frame, fill: "none", stroke: LA.SOFT, "stroke-width": 0.8 }, svg);
    if (Number.isFinite(state.mark)) {
      LA.svg("line", { x1: px(state.mark), x2: px(state.mark), y1: pad.top, y2: bottom, stroke: LA.INK, "stroke-width": 1.2, class: "la-mark" }, svg);
    }
    const cross = LA.svg("line", { y1: pad.top, y2: bottom, stroke: LA.SOFT, "stroke-dasharray": "2 2", visibility: "hidden" }, svg);
    const where = (event) => {
      const box = svg.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * width;
      return x0 + ((at - pad.left) / (right - pad.left)) * (x1 - x0);
    };
    const told = (event) => {
      const wanted = where(event);
      const k = LA.nearest(xs, wanted);
      cross.setAttribute("x1", px(xs[k]));
      cross.setAttribute("x2", px(xs[k]));
      cross.setAttribute("visibility", "visible");
      const lines = [[`${LA.number(xs[k], 5)} ${state.xUnit || ""}`, null]];
      for (const item of state.series) {
        const at = item.x ? LA.nearest(item.x, xs[k]) : k;
        const y = item.y[at];
        const text = state.stack ? LA.percent(y) : `${LA.number(y, 4)} ${state.unit || ""}`;
        lines.push([`${item.name}: ${text}`, item.colour]);
      }
      const box = parent.getBoundingClientRect();
      say.show(event.clientX - box.left, event.clientY - box.top, lines);
    };
    svg.addEventListener("pointermove", (event) => {
      told(event);
      if (onMark && event.buttons === 1) onMark(xs[LA.nearest(xs, where(event))]);
    });
    svg.addEventListener("pointerdown", (event) => { if (onMark) onMark(xs[LA.nearest(xs, where(event))]); });
    svg.addEventListener("pointerleave", () => { say.hide(); cross.setAttribute("visibility", "hidden"); });
    parent.querySelector("svg")?.remove();
    parent.querySelector(".la-legend")?.remove();
    parent.prepend(svg);
    if (state.series.length > 1 || state.legend) {
      LA.legend(parent, state.series.map(({ name, colour, dash }) => ({ name, colour, dash })));
    }
  };
  const figure = LA.figure(parent, draw);
  return { set(next) { state = next; figure.now(); } };
};
