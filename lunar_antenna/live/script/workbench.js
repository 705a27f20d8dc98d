// The workbench: sliders, figures that follow, pinned designs, undo, work in the background.
// ask: (message) => Promise(answer); who carries it (a server, a widget) does not matter here.

LA.workbench = (root, start, ask) => {
  root.classList.add("la-bench");
  const side = LA.html("div", { class: "la-side" }, root);
  const main = LA.html("div", { class: "la-main" }, root);
  const said = LA.html("p", { class: "la-said", role: "status" }, main);
  const readings = LA.html("div", { class: "la-readings" }, main);
  const grid = LA.html("div", { class: "la-grid" }, main);
  const places = {};
  const titles = {
    s11: "Reflection", smith: "Smith chart", shares: "Where the accepted power goes", realised: "Of the available power",
    cuts: "Cuts through the zenith", pattern: "Directivity; drag to turn", layout: "Layout", current: "Current; drag to turn",
  };
  for (const [name, title] of Object.entries(titles)) {
    const card = LA.html("figure", { "data-live": name }, grid);
    places[name] = LA.html("div", {}, card);
    LA.html("figcaption", {}, card, title);
  }
  const drawLayout = LA.layout(places.layout);
  let state = structuredClone(start.state);
  let shown = null;  // the last answer
  let full = null;  // the last one at rest
  let mark = (start.band[0] + start.band[1]) / 2;
  const measured = [];
  const pinned = [];
  let checked = null;
  const history = [];
  const panels = new LA.Panels(places, (f) => { mark = f; circuit(); fields(); move(); });

  // -- asking: one move at a time, the latest wins ------------------------------------------
  let busy = false;
  let wanted = null;
  let serial = 0;
  let idle = 0;
  let closed = false;
  const pump = async () => {
    if (busy || !wanted || closed) return;
    busy = true;
    const message = wanted;
    wanted = null;
    const answer = await ask(message).catch((error) => ({ error: String(error) }));
    busy = false;
    if (closed) return;
    pump();  // the next one is solved while this one is drawn
    if (answer.error) tell(answer.error, true);
    else if (!answer.moved) {
      shown = answer;
      full = null;
      circuit();
      root.dataset.updates = String(Number(root.dataset.updates || 0) + 1);
      root.dataset.seconds = String(answer.seconds);
      root.classList.add("la-draft");
      const known = drafted(answer) && off !== null ? `, |Z| off by ${LA.number(100 * off, 2)} % where it last stood still` : "";
      tell(`${answer.source}${known}; ${LA.number(1000 * answer.seconds, 3)} ms`, false);
      cuts(answer.cut);
      drawLayout(answer.layout);
      follow(answer.layout.values);
    }
  };
  const move = () => {
    serial += 1;
    wanted = { type: "move", state, mark: mark * 1e6 };
    pump();
    clearTimeout(idle);
    idle = setTimeout(rest, 350);
  };
  const rest = async () => {
    const mine = serial;
    if (busy || wanted) { idle = setTimeout(rest, 150); return; }
    const answer = await ask({ type: "rest", state }).catch((error) => ({ error: String(error) }));
    if (closed || mine !== serial || answer.moved) return;
    if (answer.error) { tell(answer.error, true); return; }
    if (shown && drafted(shown)) off = apart(shown, answer);
    shown = answer;
    full = answer;
    root.classList.remove("la-draft");
    circuit();
    fields();
    drawLayout(answer.layout);
    root.dataset.rests = String(Number(root.dataset.rests || 0) + 1);
    tell(answer.quality, false);
  };
  // what a draft mesh is off by, known wherever the same design has been solved at rest
  let off = null;
  const drafted = (answer) => answer.source?.startsWith("draft");
  const apart = (draft, solved) => Math.max(...draft.frequency.map((f, k) => {
    const at = LA.nearest(solved.frequency, f);
    const [re, im] = [draft.z[0][k] - solved.z[0][at], draft.z[1][k] - solved.z[1][at]];
    return Math.hypot(re, im) / Math.hypot(solved.z[0][at], solved.z[1][at]);
  }));
  const tell = (text, bad) => {
    said.textContent = text;
    said.classList.toggle("la-wrong", bad);
  };

  // -- drawing --------------------------------------------------------------------------------
  const z0 = () => [state.z0, 0];
  const setOf = (answer, name, colour, dash) => ({
    name, mhz: answer.frequency.map((f) => f / 1e6), z: answer.z, shares: answer.shares, colour, dash,
  });
  const circuit = () => {
    if (!shown) return;
    const sets = [setOf(shown, start.name, LA.COLOURS[0])];
    pinned.forEach((p, k) => sets.push({ ...setOf(p.answer, p.name, LA.COLOURS[(k + 2) % 6], "6 3") }));
    if (checked) sets.push({ name: checked.name, mhz: checked.frequency.map((f) => f / 1e6), z: checked.z, colour: "#000000", dash: "1 3", dots: true });
    measured.forEach((m) => sets.push(m));
    // measured and checked ones have no network behind them; each pinned one was taken with its own
    const gamma = panels.circuit(sets, z0(), mark);
    const k = LA.nearest(sets[0].mhz, mark);
    readings.replaceChildren();
    const mismatch = 1 - gamma[0][0][k] ** 2 - gamma[0][1][k] ** 2;
    const say = (name, value) => {
      const cell = LA.html("div", {}, readings);
      LA.html("b", {}, cell, value);
      LA.html("span", {}, cell, name);
    };
    say("", `${LA.number(sets[0].mhz[k], 4)} MHz`);
    say("Z", `${LA.number(shown.z[0][k], 4)} ${shown.z[1][k] < 0 ? "−" : "+"} j${LA.number(Math.abs(shown.z[1][k]), 4)} Ω`);
    say("|S11|", `${LA.number(LA.decibel(Math.hypot(gamma[0][0][k], gamma[0][1][k])), 3)} dB`);
    for (const [name, share] of Object.entries(shown.shares)) say(name, LA.percent(share[k]));
    say("realised", LA.percent(mismatch * shown.shares.sky[k]));
  };
  const cuts = (cut) => {
    const name = (k, extra) => ["φ 0°, along x (E–W)", "φ 90°, across (N–S)"][k] + extra;
    const lines = cut.level.map((level, k) => ({ name: name(k, ""), angle: cut.angle, level, colour: LA.COLOURS[k], dash: k ? "6 3" : undefined }));
    pinned.forEach((p, n) => p.cut?.level.forEach((level, k) => lines.push({ name: name(k, `, ${p.name}`), angle: p.cut.angle, level, colour: LA.COLOURS[(n + 2) % 6], dash: k ? "2 3" : "1 2" })));
    panels.cuts(lines);
  };
  const cutOf = (answer) => {
    if (answer.cut) return answer.cut;
    const f = LA.nearest(answer.pattern.frequency, mark * 1e6);
    const found = LA.cuts(answer.pattern, LA.patternLevels(answer.pattern, f));
    return { angle: found[0].angle, level: found.map((c) => c.level), frequency: answer.pattern.frequency[f] };
  };
  const fields = () => {
    if (!full) return;
    const f = LA.nearest(full.pattern.frequency, mark * 1e6);
    panels.surface(full.pattern.theta, full.pattern.phi, LA.patternLevels(full.pattern, f));
    cuts(cutOf(full));
    if (full.current) panels.current(full.current.vertices, full.current.faces, LA.currentSizes(full.current, f), full.current.unit);
  };

  // -- sliders --------------------------------------------------------------------------------
  const sliders = {};
  const remember = () => { history.push(structuredClone(state)); if (history.length > 200) history.shift(); };
  let held = false;  // a drag is one step back
  const changed = (settled) => {
    if (settled) held = false;
    move();
  };
  const before = () => { if (!held) { remember(); held = true; } };
  const group = (title) => {
    const box = LA.html("fieldset", {}, side);
    LA.html("legend", {}, box, title);
    return box;
  };
  const shape = group(`${start.name}`);
  for (const spec of start.parameters) {
    sliders[spec.name] = LA.slider(shape, spec, (name, v, settled) => {
      before();
      state.values[name] = v;
      changed(settled);
    });
  }
  if (!start.parameters.length) LA.html("p", {}, shape, "a drawing: it has no numbers");
  const earth = group("Ground");
  const soil = LA.html("select", { "aria-label": "soil", "data-name": "soil" }, earth);
  for (const name of start.soils) LA.html("option", { value: name }, soil, name);
  soil.value = state.soil;
  const ground = LA.html("div", {}, earth);
  const makeGround = (of) => {
    ground.replaceChildren();
    for (const name of ["eps_r", "loss_tangent", "height"]) delete sliders[name];
    if (!of) return;
    const where = of.layers > 1 ? " of layer 1" : "";
    const add = (spec) => { sliders[spec.name] = LA.slider(ground, spec, (name, v, settled) => { before(); state[name] = v; changed(settled); }); };
    add({ name: "height", label: "height", unit: "m", low: of.ranges.height[0], high: of.ranges.height[1], value: state.height, offset: 0.01 });
    add({ name: "eps_r", label: `permittivity${where}`, unit: "", low: of.ranges.eps_r[0], high: of.ranges.eps_r[1], value: state.eps_r ?? of.eps_r, offset: 0 });
    add({ name: "loss_tangent", label: `loss tangent${where}`, unit: "", low: of.ranges.loss_tangent[0], high: of.ranges.loss_tangent[1], value: state.loss_tangent ?? of.loss_tangent, offset: 1e-3 });
  };
  const newGround = async () => {
    const answer = await ask({ type: "ground", state });
    if (answer.error) tell(answer.error, true);
    else makeGround(answer.ground);
  };
  soil.addEventListener("change", async () => {
    remember();
    state.soil = soil.value;
    state.eps_r = null;
    state.loss_tangent = null;
    await newGround();
    move();
  });
  makeGround(start.ground);
  const load = group("Load and network");
  sliders.z0 = LA.slider(load, { name: "z0", label: "reference z0", unit: "Ω", low: 5, high: 2000, value: state.z0, offset: 0 }, (_, v, settled) => {
    before();
    state.z0 = v;
    if (settled) held = false;
    circuit();
  });
  const rows = [];
  const network = () => rows.filter((r) => r.kind.value).map((r) => ({ element: r.kind.value, value: r.slider.get() * r.unit() }));
  for (let k = 0; k < start.most_elements; k += 1) {
    const kind = LA.html("select", { "aria-label": `network element ${k + 1}`, "data-name": `element_${k + 1}` }, load);
    LA.html("option", { value: "" }, kind, k ? "no second element" : "no network");
    for (const name of start.elements) LA.html("option", { value: name }, kind, name);
    const holder = LA.html("div", {}, load);
    const row = { kind, slider: null, unit: () => (kind.value.endsWith("L") ? 1e-6 : 1e-12) };
    const make = (value) => {
      holder.replaceChildren();
      row.slider = null;
      if (!kind.value) return;
      const coil = kind.value.endsWith("L");
      row.slider = LA.slider(holder, { name: `value_${k + 1}`, label: kind.value, unit: coil ? "µH" : "pF", low: coil ? 0.01 : 1, high: coil ? 100 : 10000, value: value ?? (coil ? 1 : 100), offset: 0 }, (_, v, settled) => {
        before();
        state.network = network();
        changed(settled);
      });
    };
    row.make = make;
    kind.addEventListener("change", () => { remember(); make(); state.network = network(); move(); });
    rows.push(row);
  }
  // numbers that follow from others, as the layout that was drawn has them
  const follow = (values) => {
    for (const [name, v] of Object.entries(values)) {
      const slider = sliders[name];
      if (slider && state.values[name] === undefined && !slider.row.contains(document.activeElement)) slider.set(v);
    }
  };
  const showState = () => {
    for (const spec of start.parameters) sliders[spec.name].set(state.values[spec.name] ?? spec.value);
    soil.value = state.soil;
    sliders.z0.set(state.z0);
    rows.forEach((row, k) => {
      const item = state.network[k];
      row.kind.value = item ? item.element : "";
      row.make(item ? item.value / row.unit() : undefined);
    });
  };
  const go = async (next) => {
    state = structuredClone(next);
    showState();
    await newGround();
    move();
  };

  // -- actions ----------------------------------------------------------------------------------
  const actions = group("Design");
  const button = (name, label, act, where = actions) => {
    const made = LA.html("button", { type: "button", "data-act": name }, where, label);
    made.addEventListener("click", act);
    return made;
  };
  button("undo", "undo", () => { held = false; if (history.length) go(history.pop()); });
  button("pin", "pin", () => {
    if (!shown) return;
    if (pinned.length === 3) pinned.shift();
    const name = `pinned ${(LA.pins = (LA.pins || 0) + 1)}`;
    pinned.push({ name, state: structuredClone(state), answer: shown, cut: cutOf(shown) });
    showPins();
    circuit();
  });
  button("save", "save as TOML", async () => {
    const answer = await ask({ type: "toml", state });
    if (answer.error) { tell(answer.error, true); return; }
    const link = LA.html("a", { download: answer.name, href: URL.createObjectURL(new Blob([answer.toml], { type: "application/toml" })) }, actions);
    link.click();
    link.remove();
    tell(`saved as ${answer.name}; lunar-antenna solve ${answer.name} solves it`, false);
  });
  const file = LA.html("input", { type: "file", accept: ".s1p,.s2p,.csv", hidden: "", "data-name": "measured" }, actions);
  button("measured", "overlay a measurement", () => file.click());
  file.addEventListener("change", async () => {
    for (const item of file.files) {
      const answer = await ask({ type: "measurement", name: item.name, text: await item.text() });
      if (answer.error) { tell(answer.error, true); continue; }
      const m = answer.measurement;
      const z = [[], []];
      m.frequency.forEach((_, i) => {
        const [re, im] = LA.impedance(m.gamma[0][i], m.gamma[1][i], m.z0);
        z[0].push(re);
        z[1].push(im);
      });
      measured.push({ name: m.name, mhz: m.frequency.map((f) => f / 1e6), z, colour: LA.COLOURS[(measured.length + 1) % 6], dash: "2 3" });
      tell(`${m.name}: ${m.frequency.length} points`, false);
    }
    file.value = "";
    circuit();
  });
  const work = (name, label, done) => {
    const made = button(name, label, async () => {
      const answer = await ask({ type: "job", job: name, state });
      if (answer.error) { tell(answer.error, true); return; }
      const line = LA.html("p", { class: "la-job" }, actions, `${label}: starting`);
      const stop = LA.html("button", { type: "button" }, line, "stop");
      stop.addEventListener("click", () => ask({ type: "stop", number: answer.number }));
      const look = async () => {
        if (closed) return;
        const told = await ask({ type: "poll", number: answer.number }).catch((error) => ({ error: String(error) }));
        if (told.error || told.done) {
          line.remove();
          made.disabled = false;
          if (told.result) done(told.result);
          else tell(`${label}: ${told.error || told.failed}`, true);
          return;
        }
        line.firstChild.textContent = `${label}: ${Math.round(100 * told.fraction)} % ${told.message} `;
        setTimeout(look, 400);
      };
      made.disabled = true;
      look();
    });
  };
  work("optimise", "optimise from here", (result) => {
    remember();
    held = false;
    go({ ...state, values: { ...state.values, ...result.values } });
    tell(`best of ${result.trials} trials${result.band_mhz ? `: ${result.band_mhz.map((v) => v.toFixed(2)).join(" to ")} MHz` : ""}; undo takes it back`, false);
  });
  work("cross-check", "check by another engine", (result) => { checked = result; circuit(); });
  const pins = LA.html("div", { class: "la-pins wide" }, main);
  const showPins = () => {
    pins.replaceChildren();
    if (!pinned.length) return;
    const table = LA.html("table", {}, pins);
    const row = (head, of) => {
      const line = LA.html("tr", {}, table);
      LA.html("th", {}, line, head);
      pinned.forEach((p) => LA.html("td", {}, line, of(p)));
    };
    row("", (p) => p.name);
    for (const spec of start.parameters) row(`${spec.label}${spec.unit ? ` (${spec.unit})` : ""}`, (p) => LA.number(p.state.values[spec.name] ?? p.answer.layout.values[spec.name] ?? spec.value, 4));
    row("soil", (p) => p.state.soil);
    row("height (m)", (p) => LA.number(p.state.height, 4));
    row("z0 (Ω)", (p) => LA.number(p.state.z0, 4));
    row("−10 dB band (MHz)", (p) => {
      const level = LA.level(LA.reflectionOf(p.answer.z, [p.state.z0, 0]));
      const inside = p.answer.frequency.filter((_, k) => level[k] <= -10);
      return inside.length ? `${LA.number(Math.min(...inside) / 1e6, 4)} to ${LA.number(Math.max(...inside) / 1e6, 4)}` : "none";
    });
    const last = LA.html("tr", {}, table);
    LA.html("th", {}, last, "");
    pinned.forEach((p, k) => {
      const cell = LA.html("td", {}, last);
      button("back", "go back to it", () => { remember(); go(p.state); }, cell);
      button("unpin", "unpin", () => { pinned.splice(k, 1); showPins(); circuit(); }, cell);
    });
  };
  tell("solving; the first time the solver is compiled, which takes half a minute", false);
  move();
  return { close() { closed = true; clearTimeout(idle); }, state: () => state };
};

// Metal, film and feed from above, to scale, with length and width.
LA.layout = (parent) => {
  let layout = null;
  const draw = () => {
    if (!layout) return;
    const [x0, y0, x1, y1] = layout.bounds;
    const width = Math.max(parent.clientWidth, 220);
    const scale = (width - 40) / (x1 - x0);
    const height = Math.min(Math.max((y1 - y0) * scale + 60, 90), 420);
    const s = Math.min(scale, (height - 60) / (y1 - y0 || 1e-9));
    const px = (x) => width / 2 + (x - (x0 + x1) / 2) * s;
    const py = (y) => height / 2 - 8 - (y - (y0 + y1) / 2) * s;
    const svg = LA.svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "layout from above" });
    const path = (rings) => rings.map((ring) => `M${ring.map(([x, y]) => `${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join("L")}Z`).join("");
    if (layout.film.length) LA.svg("path", { d: path(layout.film), fill: "#f4d58d", "fill-opacity": 0.5 }, svg);
    LA.svg("path", { d: path(layout.metal), fill: layout.colour, "fill-rule": "evenodd", "data-series": "metal" }, svg);
    LA.svg("path", { d: path(layout.ports), fill: "#d62728" }, svg);
    LA.svg("text", { x: width / 2, y: height - 6, "text-anchor": "middle" }, svg, `${LA.number(x1 - x0, 4)} m × ${LA.number(y1 - y0, 4)} m`);
    parent.querySelector("svg")?.remove();
    parent.prepend(svg);
  };
  const figure = LA.figure(parent, draw);
  return (next) => { layout = next; figure.now(); };
};

// Behind a server: messages are requests.
LA.alone = (root, start) => LA.workbench(root, start, async (message) => {
  const answer = await fetch("ask", {
    method: "POST", headers: { "Content-Type": "application/json", "X-Token": start.token }, body: JSON.stringify(message),
  });
  if (!answer.ok) throw new Error(`the workbench answered ${answer.status}`);
  return answer.json();
});
