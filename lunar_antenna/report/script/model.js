// What a page knows of a solution: levels, cuts, currents, and what lies between emulated points.

LA.level = (gamma) => gamma[0].map((g, k) => LA.decibel(Math.hypot(g, gamma[1][k])));
LA.mismatch = (gamma) => gamma[0].map((g, k) => 1 - g * g - gamma[1][k] ** 2);

// Directivity of one stored frequency as [theta][phi] dBi.
LA.patternLevels = (pattern, index) => {
  if (!pattern.decoded) pattern.decoded = LA.numbers(pattern.directivity, Int16Array);
  const [n, m] = [pattern.theta.length, pattern.phi.length];
  return pattern.theta.map((_, i) => {
    const row = pattern.decoded.subarray((index * n + i) * m, (index * n + i + 1) * m);
    return Array.from(row, (v) => v / 100);
  });
};

// The two principal cuts of it, angles from the zenith, the first named side positive.
LA.cuts = (pattern, level) => {
  const column = (degrees) => LA.nearest(pattern.phi, degrees);
  const cut = (plus, minus) => {
    const back = pattern.theta.map((t, i) => [-t, level[i][column(minus)]]).reverse();
    const forth = pattern.theta.map((t, i) => [t, level[i][column(plus)]]);
    const both = [...back.slice(0, -1), ...forth];
    return { angle: both.map((p) => p[0]), level: both.map((p) => p[1]) };
  };
  return [
    { name: "φ 0°, along x (E–W)", colour: LA.COLOURS[0], ...cut(0, 180) },
    { name: "φ 90°, across (N–S)", colour: LA.COLOURS[1], dash: "6 3", ...cut(90, 270) },
  ];
};

LA.currentSizes = (current, index) => {
  if (!current.decoded) current.decoded = LA.numbers(current.density, Uint16Array);
  const count = current.faces.length;
  const part = current.decoded.subarray(index * count, (index + 1) * count);
  return Array.from(part, (v) => (v / 65535) * current.largest[index]);
};

// Values between the Chebyshev points of a box of soils and heights: product of barycentric
// formulas, one axis after the other.  emulated: as report/emulated.py makes it; values: SI by name.
LA.between = (emulated, values) => {
  if (!emulated.decoded) emulated.decoded = LA.numbers(emulated.table, Float32Array);
  let table = emulated.decoded;
  let inner = table.length;
  for (const axis of emulated.axes) {
    const n = axis.places.length;
    inner /= n;
    const scaled = (v) => Math.log(v + axis.offset);
    const at = (scaled(values[axis.name]) - scaled(axis.low)) / (scaled(axis.high) - scaled(axis.low));
    const weight = new Float64Array(n);
    let exact = -1;
    let sum = 0;
    for (let k = 0; k < n; k += 1) {
      const apart = at - axis.places[k];
      if (Math.abs(apart) < 1e-12) exact = k;
      weight[k] = ((k % 2 ? -1 : 1) * axis.ends[k]) / apart;
      sum += weight[k];
    }
    const next = new Float64Array(inner);
    for (let k = 0; k < n; k += 1) {
      const w = exact >= 0 ? Number(k === exact) : weight[k] / sum;
      if (w === 0) continue;
      for (let i = 0; i < inner; i += 1) next[i] += w * table[k * inner + i];
    }
    table = next;
  }
  const count = emulated.frequency.length;
  const column = (c) => Array.from({ length: count }, (_, k) => table[k * 6 + c]);
  const [re, im] = [column(0), column(1)];
  const z = [[], []];
  for (let k = 0; k < count; k += 1) {
    const [a, b] = LA.impedance(re[k], im[k], [emulated.reference, 0]);
    z[0].push(a);
    z[1].push(b);
  }
  return { z, shares: { sky: column(2), ground: column(3), metal: column(4), film: column(5) } };
};
