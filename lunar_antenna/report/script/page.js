// The report page: still pictures become figures that answer to the sliders.

LA.page = () => {
  const data = JSON.parse(document.getElementById("la-data").textContent);
  const places = {};
  for (const figure of document.querySelectorAll("figure[data-live]")) {
    const place = LA.html("div", { class: "la-place" });
    figure.querySelector(".wide")?.remove();
    figure.prepend(place);
    figure.classList.add("la-live");
    const caption = figure.querySelector("figcaption");
    if (caption && figure.dataset.caption) caption.textContent = figure.dataset.caption;
    places[figure.dataset.live] = place;
  }
  const mhz = data.frequency.map((f) => f / 1e6);
  const state = { z0: data.z0, mark: data.mark / 1e6, varied: null };
  const controls = document.getElementById("la-controls");
  const sliders = {};
  const panels = new LA.Panels(places, (f) => setMark(f));

  const solved = { name: data.name, mhz, z: data.z, shares: data.shares, colour: LA.COLOURS[0] };
  const measured = data.measurements.map((m, k) => ({
    name: m.name, mhz: m.frequency.map((f) => f / 1e6), colour: LA.COLOURS[(k + 1) % LA.COLOURS.length], dash: "2 3",
    z: m.frequency.reduce((z, _, i) => {
      const [re, im] = LA.impedance(m.gamma[0][i], m.gamma[1][i], m.z0);
      z[0].push(re);
      z[1].push(im);
      return z;
    }, [[], []]),
  }));

  const circuit = () => {
    let sets = [solved, ...measured];
    if (state.varied) {
      const found = LA.between(data.emulated, state.varied);
      const shown = { name: "emulated", mhz: data.emulated.frequency.map((f) => f / 1e6), ...found, colour: LA.COLOURS[1] };
      sets = [shown, { ...solved, dash: "6 3" }, ...measured.map((m, k) => ({ ...m, colour: LA.COLOURS[(k + 2) % LA.COLOURS.length] }))];
    }
    const gamma = panels.circuit(sets, state.z0, state.mark);
    readings(sets[0], gamma[0]);
  };

  const table = document.getElementById("la-readings");
  const readings = (set, gamma) => {
    if (!table) return;
    const k = LA.nearest(set.mhz, state.mark);
    const mismatch = 1 - gamma[0][k] ** 2 - gamma[1][k] ** 2;
    const rows = [
      ["frequency", `${LA.number(set.mhz[k], 5)} MHz`],
      ["impedance", `${LA.number(set.z[0][k], 4)} ${set.z[1][k] < 0 ? "−" : "+"} j${LA.number(Math.abs(set.z[1][k]), 4)} Ω`],
      ["|S11|", `${LA.number(LA.decibel(Math.hypot(gamma[0][k], gamma[1][k])), 3)} dB`],
      ["accepted", LA.percent(mismatch)],
      ...LA.SHARES.filter(([name]) => set.shares[name]).map(([name]) => [`${name}, of accepted`, LA.percent(set.shares[name][k])]),
      ["realised", LA.percent(mismatch * set.shares.sky[k])],
    ];
    table.replaceChildren();
    for (const [name, value] of rows) {
      const cell = LA.html("div", {}, table);
      LA.html("b", {}, cell, value);
      LA.html("span", {}, cell, name);
    }
  };

  const fields = () => {
    if (data.pattern) {
      const f = LA.nearest(data.pattern.frequency, state.mark * 1e6);
      const level = LA.patternLevels(data.pattern, f);
      panels.cuts(LA.cuts(data.pattern, level));
      panels.surface(data.pattern.theta, data.pattern.phi, level);
      told("pattern", data.pattern.frequency[f]);
      told("cuts", data.pattern.frequency[f]);
    }
    if (data.current) {
      const f = LA.nearest(data.current.frequency, state.mark * 1e6);
      panels.current(data.current.vertices, data.current.faces, LA.currentSizes(data.current, f), data.current.unit);
      told("current", data.current.frequency[f]);
    }
  };
  const told = (name, frequency) => {
    const caption = document.querySelector(`figure[data-live="${name}"] figcaption`);
    if (caption) caption.textContent = `${caption.closest("figure").dataset.caption}, ${LA.number(frequency / 1e6, 4)} MHz`;
  };

  let asked = 0;
  const setMark = (f) => {
    state.mark = f;
    sliders.frequency?.set(f);
    circuit();
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(fields);
  };

  if (controls) {
    controls.hidden = false;
    const row = controls.querySelector("[data-sliders]");
    sliders.z0 = LA.slider(row, { name: "z0", label: "reference z0", unit: "Ω", low: 5, high: 2000, value: state.z0[0], offset: 0 }, (_, v) => {
      state.z0 = [v, state.z0[1]];
      circuit();
    });
    sliders.frequency = LA.slider(row, { name: "frequency", label: "frequency", unit: "MHz", low: mhz[0], high: mhz[mhz.length - 1], value: state.mark }, (_, v) => setMark(mhz[LA.nearest(mhz, v)]));
    if (data.emulated) {
      const start = {};
      for (const axis of data.emulated.axes) start[axis.name] = axis.value;
      for (const axis of data.emulated.axes) {
        sliders[axis.name] = LA.slider(row, axis, (name, v) => {
          state.varied = { ...(state.varied || start), [name]: v };
          circuit();
        });
      }
      const back = LA.html("button", { type: "button" }, row, "back to what was solved");
      back.addEventListener("click", () => {
        state.varied = null;
        for (const axis of data.emulated.axes) sliders[axis.name].set(axis.value);
        circuit();
      });
      controls.querySelector("[data-note]").textContent = data.emulated.note;
    }
  }
  circuit();
  fields();
};

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", LA.page);
else LA.page();
