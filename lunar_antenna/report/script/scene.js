// Surfaces in space, turned by dragging or arrow keys: painter's algorithm on a canvas.

// state: { points: [[x, y, z]], faces: [[i, j, ...]], values (one a face), low, high, unit,
//          tell: (face) => [[text, colour]], fit (half the size of what is shown), flat: bool,
//          axes: [[x, y, z, name]] }
LA.scene = (parent, start = { azimuth: -50, elevation: 28 }) => {
  let state = null;
  const turn = { ...start };
  const canvas = LA.html("canvas", { tabindex: "0", role: "img", "aria-label": "surface; drag or use the arrow keys to turn it" });
  parent.prepend(canvas);
  const bar = LA.html("div", { class: "la-bar" }, parent);
  let shown = [];

  const project = (size, height) => {
    const [az, el] = [(turn.azimuth * Math.PI) / 180, (turn.elevation * Math.PI) / 180];
    const [ca, sa, ce, se] = [Math.cos(az), Math.sin(az), Math.cos(el), Math.sin(el)];
    const [mx, my, mz] = state.centre || [0, 0, 0];
    const scale = (0.46 * Math.min(size, 1.25 * height)) / state.fit;
    return ([x, y, z]) => {
      const [px, py, pz] = [x - mx, y - my, z - mz];
      const right = -sa * px + ca * py;
      const away = ca * px + sa * py;
      const up = ce * pz - se * away;
      return [size / 2 + scale * right, height / 2 - scale * up, ce * away + se * pz];
    };
  };

  const draw = () => {
    if (!state) return;
    const size = Math.min(Math.max(parent.clientWidth, 220), 560);
    const height = Math.round(size * (state.flat ? 0.6 : 0.78));
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = size * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${size}px`;
    canvas.style.height = `${height}px`;
    canvas.dataset.azimuth = turn.azimuth.toFixed(1);
    canvas.dataset.elevation = turn.elevation.toFixed(1);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, size, height);
    const at = project(size, height);
    const flat = state.points.map(at);
    const order = state.faces.map((face, k) => {
      let depth = 0;
      for (const i of face) depth += flat[i][2];
      return [depth / face.length, k];
    });
    order.sort((a, b) => a[0] - b[0]);
    shown = [];
    const width = state.high - state.low || 1;
    for (const [, k] of order) {
      const face = state.faces[k];
      pen.beginPath();
      pen.moveTo(flat[face[0]][0], flat[face[0]][1]);
      for (let i = 1; i < face.length; i += 1) pen.lineTo(flat[face[i]][0], flat[face[i]][1]);
      pen.closePath();
      const colour = LA.colour((state.values[k] - state.low) / width);
      pen.fillStyle = colour;
      pen.lineWidth = face.length === 2 ? 3 : 0.6;
      pen.strokeStyle = state.mesh ? "rgba(255,255,255,.25)" : colour;
      pen.fill();
      pen.stroke();
      let [sx, sy] = [0, 0];
      for (const i of face) { sx += flat[i][0]; sy += flat[i][1]; }
      shown.push([sx / face.length, sy / face.length, k]);
    }
    pen.font = "12px system-ui, sans-serif";
    pen.strokeStyle = LA.SOFT;
    pen.fillStyle = LA.INK;
    pen.lineWidth = 1;
    for (const [x, y, z, name] of state.axes || []) {
      const [a, b] = [at(state.centre || [0, 0, 0]), at([x, y, z])];
      pen.beginPath();
      pen.moveTo(a[0], a[1]);
      pen.lineTo(b[0], b[1]);
      pen.stroke();
      pen.fillText(name, Math.min(b[0] + 3, size - 8 * name.length), Math.max(b[1] - 3, 11));
    }
    bar.replaceChildren();
    const scale = LA.html("div", { class: "la-scale" }, bar);
    scale.style.background = `linear-gradient(90deg,${[0, 0.25, 0.5, 0.75, 1].map((p) => LA.colour(p)).join(",")})`;
    const ends = LA.html("div", { class: "la-ends" }, bar);
    LA.html("span", {}, ends, LA.number(state.low));
    LA.html("span", {}, ends, state.unit);
    LA.html("span", {}, ends, LA.number(state.high));
  };
  const figure = LA.figure(parent, draw);

  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY];
    canvas.setPointerCapture(event.pointerId);
  });
  const limited = (value) => Math.min(Math.max(value, -90), 90);
  canvas.addEventListener("pointermove", (event) => {
    if (from) {
      turn.azimuth -= 0.5 * (event.clientX - from[0]);
      turn.elevation = limited(turn.elevation + 0.5 * (event.clientY - from[1]));
      from = [event.clientX, event.clientY];
      figure.say.hide();
      figure.again();
      return;
    }
    if (!state || !state.tell) return;
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = null;
    for (let k = shown.length - 1; k >= 0; k -= 1) {  // nearest to the eye first
      const far = Math.hypot(shown[k][0] - x, shown[k][1] - y);
      if (!best || far < best[0] - 2) best = [far, shown[k][2]];
    }
    if (!best || best[0] > 18) { figure.say.hide(); return; }
    const outer = parent.getBoundingClientRect();
    figure.say.show(event.clientX - outer.left, event.clientY - outer.top, state.tell(best[1]));
  });
  const end = () => { from = null; };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", figure.say.hide);
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [8, 0], ArrowRight: [-8, 0], ArrowUp: [0, 8], ArrowDown: [0, -8] }[event.key];
    if (!step) return;
    event.preventDefault();
    turn.azimuth += step[0];
    turn.elevation = limited(turn.elevation + step[1]);
    figure.again();
  });
  return { set(next) { state = next; figure.now(); }, turn };
};

// A pattern as a surface whose radius is the level above `floor`: theta and phi in degrees,
// level [theta][phi] dBi.  Directions: x East, y North, z up.
LA.patternSurface = (theta, phi, level, floor, top) => {
  const points = [];
  const faces = [];
  const values = [];
  const around = phi.length;
  const radius = (v) => Math.max(v - floor, 0) / (top - floor);
  theta.forEach((t, i) => phi.forEach((p, j) => {
    const [a, b] = [(t * Math.PI) / 180, (p * Math.PI) / 180];
    const q = radius(level[i][j]);
    points.push([q * Math.sin(a) * Math.cos(b), q * Math.sin(a) * Math.sin(b), q * Math.cos(a)]);
  }));
  const told = [];
  for (let i = 0; i + 1 < theta.length; i += 1) {
    for (let j = 0; j < around; j += 1) {
      const next = (j + 1) % around;
      faces.push([i * around + j, (i + 1) * around + j, (i + 1) * around + next, i * around + next]);
      values.push((level[i][j] + level[i + 1][j] + level[i + 1][next] + level[i][next]) / 4);
      told.push([i, j]);
    }
  }
  const low = Math.max(floor, Math.min(...values));
  return {
    points, faces, values, low, high: top, unit: "directivity, dBi", fit: 1.15, mesh: true,
    axes: [[1.15, 0, 0, "E (x)"], [0, 1.15, 0, "N (y)"], [0, 0, 1.15, "zenith"]],
    centre: theta[theta.length - 1] > 91 ? [0, 0, 0] : [0, 0, 0.32],
    tell: (k) => {
      const [i, j] = told[k];
      return [
        [`${LA.number(level[i][j], 4)} dBi`, LA.colour((level[i][j] - low) / (top - low || 1))],
        [`θ ${LA.number(theta[i], 3)}° from zenith, φ ${LA.number(phi[j], 3)}° from East`, null],
      ];
    },
  };
};

// The value that 2 % of the metal exceed: one hot triangle at the feed does not set the colours.
LA.strong = (vertices, faces, size) => {
  const weight = faces.map((face) => {
    const [a, b, c] = face.map((i) => vertices[i]);
    const u = [b[0] - a[0], b[1] - a[1]];
    if (!c) return Math.hypot(...u);
    return Math.abs(u[0] * (c[1] - a[1]) - u[1] * (c[0] - a[0])) / 2;
  });
  const order = size.map((_, k) => k).sort((a, b) => size[a] - size[b]);
  let left = 0.98 * weight.reduce((sum, w) => sum + w, 0);
  for (const k of order) {
    left -= weight[k];
    if (left <= 0) return size[k];
  }
  return size[order[order.length - 1]] || 0;
};

// Current on a mesh: vertices (m), triangles or segments, size (in `unit`, one a face, at 1 A).
LA.currentSurface = (vertices, faces, size, unit) => {
  const [low, high] = [[0, 1, 2], [0, 1, 2]].map((axes, side) => axes.map((a) => {
    let found = side ? -Infinity : Infinity;
    for (const v of vertices) found = side ? Math.max(found, v[a]) : Math.min(found, v[a]);
    return found;
  }));
  const centre = low.map((v, a) => (v + high[a]) / 2);
  const top = LA.strong(vertices, faces, size);
  const below = size.map((v) => Math.min(Math.max(LA.decibel(v / (top || 1)), -30), 0));
  const fit = 0.55 * Math.max(high[0] - low[0], high[1] - low[1], 1e-9);
  return {
    points: vertices, faces, values: below, low: -30, high: 0, fit, flat: true, centre, axes: [],
    unit: `dB from ${LA.number(top)} ${unit}`,
    tell: (k) => {
      const at = [0, 1].map((a) => faces[k].reduce((sum, i) => sum + vertices[i][a], 0) / faces[k].length);
      return [
        [`${LA.number(size[k], 3)} ${unit} at 1 A into the port`, LA.colour(1 + below[k] / 30)],
        [`x ${LA.number(at[0], 3)} m, y ${LA.number(at[1], 3)} m`, null],
      ];
    },
  };
};
