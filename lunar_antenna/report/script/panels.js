// The figures of one antenna, drawn into the places that exist.  The page and the workbench use it.

// places: { s11, smith, impedance, shares, realised, cuts, pattern, current } of elements, any of them
LA.Panels = class {
  constructor(places, onFrequency) {
    const make = {
      s11: (e) => LA.chart(e, onFrequency), impedance: (e) => LA.chart(e, onFrequency),
      shares: (e) => LA.chart(e, onFrequency), realised: (e) => LA.chart(e, onFrequency),
      smith: LA.smith, cuts: LA.polar,
      pattern: (e) => LA.scene(e, { azimuth: -50, elevation: 28 }),
      current: (e) => LA.scene(e, { azimuth: -90, elevation: 62 }),
    };
    this.made = {};
    for (const [name, element] of Object.entries(places)) {
      if (element && make[name]) this.made[name] = make[name](element);
    }
  }

  // sets: [{ name, mhz, z: [re, im], shares?, gamma? (at z0), colour, dash?, dots? }], the first is it
  circuit(sets, z0, mark) {
    const x = sets[0].mhz;
    const gamma = sets.map((s) => s.gamma || LA.reflectionOf(s.z, z0));
    const line = (s, y, extra = {}) => ({ name: s.name, x: s.mhz, y, colour: s.colour, dash: s.dash, dots: s.dots, ...extra });
    const common = { x, xLabel: "Frequency (MHz)", xUnit: "MHz", mark };
    const told = `${LA.number(z0[0], 4)}${z0[1] ? ` ${z0[1] < 0 ? "−" : "+"} j${LA.number(Math.abs(z0[1]), 4)}` : ""} Ω`;
    const level = gamma.map(LA.level);
    const lowest = Math.min(...level.flat().filter(Number.isFinite));
    this.made.s11?.set({
      ...common, yLabel: `|S11| (dB, ${told})`, unit: "dB", high: 0, low: Math.max(Math.min(lowest - 1, -12), -50),
      series: sets.map((s, k) => line(s, level[k])), lines: [{ y: -10, text: "−10 dB" }], legend: true,
    });
    this.made.smith?.set({
      series: sets.map((s, k) => ({ name: s.name, frequency: s.mhz, gamma: gamma[k], colour: s.colour, dash: s.dash })), mark, z0,
    });
    const first = sets[0];
    if (first.z) {
      const most = Math.max(...first.z[0].map(Math.abs).filter(Number.isFinite));
      const limit = Math.max(300, Math.min(1.1 * most, 2000));
      this.made.impedance?.set({
        ...common, yLabel: "Impedance (Ω)", unit: "Ω", low: -limit, high: limit, lines: [{ y: 0 }],
        series: [
          { name: "resistance", y: first.z[0], colour: LA.COLOURS[0] },
          { name: "reactance", y: first.z[1], colour: LA.COLOURS[1], dash: "6 3" },
        ],
      });
    }
    if (first.shares) {
      this.made.shares?.set({
        ...common, yLabel: "Share of accepted power (%)", stack: true,
        series: LA.SHARES.filter(([name]) => first.shares[name]).map(([name, colour]) => ({ name, colour, y: first.shares[name] })),
      });
      const mismatch = LA.mismatch(gamma[0]).map((m) => 100 * m);
      this.made.realised?.set({
        ...common, yLabel: `Share of available (%, ${told})`, unit: "%", low: 0, high: 100,
        series: [
          { name: "accepted (mismatch)", y: mismatch, colour: LA.COLOURS[0], dash: "6 3" },
          { name: "to the sky (realised)", y: mismatch.map((m, k) => m * first.shares.sky[k]), colour: LA.COLOURS[1] },
        ],
      });
    }
    return gamma;
  }

  // cuts: [{ name, angle, level, colour, dash }]
  cuts(cuts) {
    const top = 5 * Math.ceil(Math.max(...cuts.flatMap((c) => c.level)) / 5 + 0.01);
    this.made.cuts?.set({ series: cuts, floor: top - 30, top });
  }

  surface(theta, phi, level) {
    const top = Math.max(...level.flat());
    this.made.pattern?.set(LA.patternSurface(theta, phi, level, top - 30, top));
  }

  current(vertices, faces, sizes, unit) {
    this.made.current?.set(LA.currentSurface(vertices, faces, sizes, unit));
  }
};

LA.reflectionOf = (z, z0) => {
  const [re, im] = [[], []];
  for (let k = 0; k < z[0].length; k += 1) {
    const [a, b] = LA.reflection(z[0][k], z[1][k], z0);
    re.push(a);
    im.push(b);
  }
  return [re, im];
};
