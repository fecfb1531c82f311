// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the page knows: the compiler's data, and what is computed from them.

const data = JSON.parse(document.getElementById("data").textContent);

/** Lines of a text by number, from its stretches. */
class Lines {
  constructor(stretches) {
    this.stretches = stretches;
    this.lines = null;
  }
  get(number) {
    if (!this.lines) {
      this.lines = new Map();
      for (const [first, text] of Object.entries(this.stretches))
        text.split("\n").forEach((line, i) => this.lines.set(+first + i, line));
    }
    return this.lines.get(number) ?? "";
  }
  /** [[number, line], …] of [first, last, first, last, …]. */
  of(ranges) {
    const found = [];
    for (let i = 0; i < ranges.length; i += 2)
      for (let n = ranges[i]; n <= ranges[i + 1]; ++n) found.push([n, this.get(n)]);
    return found;
  }
}

const stages = data.stages.map((stage) => ({
  name: stage.name,
  lines: new Lines(stage.text),
  names: new Map(stage.names),
}));
const lowered = new Lines(data.lowered);
const kernels = new Map(data.kernels.map((kernel) => [kernel.name, kernel]));
const levels = data.levels;
const levelNames = levels.map((level) => level.name);

/** Batch classes: of the steps, or of the tiles if nothing was lowered. */
const classes = data.steps.length
  ? [...new Map(data.steps.map((s) => [s.name, { name: s.name, rows: s.rows }])).values()]
  : (data.operations.find((o) => o.choices[0].tiles)?.choices[0].tiles ?? [])
      .map((tile) => ({ name: `${tile.rows} tokens`, rows: tile.rows }));
classes.sort((a, b) => a.rows - b.rows);

const ops = data.operations.map((op, index) => ({
  ...op,
  index,
  layer: op.name.match(/(?:^|\.)(\d+)(?:\.|$)/)?.[1] ?? null,
  /** Of all layers, the same. */
  family: op.name.replace(/(^|\.)\d+(?=\.|$)/, "$1*"),
  short: op.name.replace(/^.*?\.\d+\./, "").replace(/^model\./, ""),
}));

const matrices = (op) => op.weights.filter((w) => w.shape.length === 2);
const isTrit = (weight) => weight.element.startsWith("trit");
const sum = (list, f) => list.reduce((total, item) => total + (f(item) ?? 0), 0);

/** Bytes of weights that an op reads in a step; null: unknown. */
function bytesRead(op, rows) {
  if (op.kind === "attention") return null;
  if (op.kind === "embedding") {
    const [weight] = op.weights;
    return (rows * weight.bytes) / weight.shape[0];
  }
  const screen = op.weights.find((w) => w.packing === "screen");
  return screen ? screen.bytes : sum(op.weights, (w) => w.bytes);
}

/** Multiply-adds of a token. */
const macs = (op) =>
  op.kind === "embedding" ? 0 : sum(matrices(op).filter((w) => w.packing !== "screen"),
                                    (w) => w.shape[0] * w.shape[1]);

function bitsPerWeight(op) {
  const list = matrices(op).filter((w) => w.bytes && w.packing !== "screen");
  return list.length ? (8 * sum(list, (w) => w.bytes)) / sum(list, (w) => w.shape[0] * w.shape[1]) : null;
}

/** The tile of an op in a class, or null. */
const tileOf = (op, level, batch) =>
  op.choices[level]?.tiles?.find((tile) => tile.rows === batch.rows) ??
  op.choices[level]?.tiles?.[classes.indexOf(batch)] ?? null;

/** int8 multiply-adds a cycle that the target's facts promise; null: none do. */
function macsPerCycle(op, level, batch) {
  const tile = tileOf(op, level, batch), facts = levels[level];
  if (!tile || tile.strategy === "table") return null;
  if (tile.strategy !== "lookup") return facts.dotMacs;
  return facts.lookupMacs + (facts.mixes ? facts.dotMacs : 0);
}

/** Tokens that a step of the class took when measured, else takes at most. */
const rowsOf = (batch) => data.times?.steps[batch.name]?.rows || batch.rows;

/** The tiles that an op could have in a class, the cheapest first, or null. */
const candidatesOf = (op, level, batch) =>
  data.candidates[op.choices[level]?.candidates]?.[classes.indexOf(batch)] ?? null;

/** Why an op has its tile: the cheapest, measured, or chosen by hand. */
function originOf(op, level, batch) {
  const tuned = data.tuned[`${levelNames[level]}/${batch.name}/${op.name}`];
  if (tuned !== undefined) return `measured: ${tuned.toFixed(2)} of the time of the cheapest (<code>--tuning</code>)`;
  const list = candidatesOf(op, level, batch);
  const chosen = list?.find((tile) => tile.chosen);
  if (!chosen) return null;
  return list.find((tile) => tile.packing === chosen.packing) === chosen ? "predicted to be the cheapest of its packing" : "chosen by <code>--set</code>, a schedule or an edit";
}

/** µs of one core for so many cycles. */
const timeOf = (cycles, machine) => cycles / machine.ghz / 1e3;

/** In µs: what the roofline says, and what the compiler's cost model says of
    linears. No caches, no float stages, no waiting. */
function predict(op, level, batch, machine) {
  const rows = rowsOf(batch), bytes = bytesRead(op, rows);
  const perCycle = macsPerCycle(op, level, batch);
  const memory = bytes === null ? null : bytes / machine.gbs / 1e3;
  const products = perCycle && timeOf((macs(op) * rows) / perCycle, machine) / machine.threads;
  const cost = batch && candidatesOf(op, level, batch)?.find((tile) => tile.chosen);
  const compute = cost
    ? (timeOf(cost.computing + cost.preparing, machine) / machine.threads) * (rows / tileOf(op, level, batch).rows)
    : products;
  const roof = memory === null ? null : Math.max(memory, products ?? 0);
  const us = memory === null ? null : cost ? Math.hypot(memory, compute) : roof;
  return { memory, compute, roof, us, bound: compute > memory ? "compute" : "memory" };
}

/** {us, waitUs} of the trace, or null. */
const measured = (op, batch) => data.times?.steps[batch.name]?.ops[op.name] ?? null;

/** Everything about the time of an op. */
function timing(op, level, batch, machine) {
  const predicted = predict(op, level, batch, machine), real = measured(op, batch);
  const bytes = bytesRead(op, rowsOf(batch));
  return {
    predicted, real,
    us: real?.us ?? predicted.us,
    gbs: real && bytes ? bytes / real.us / 1e3 : null,
    share: real && predicted.roof ? predicted.roof / real.us : null,
  };
}

const stepOf = (level, batch) =>
  data.steps.find((s) => s.name === batch.name && s.level === levelNames[level]) ??
  data.steps.find((s) => s.name === batch.name);
const partOf = (op, level, batch) => batch && stepOf(level, batch)?.parts[op.name];

/** Marks the tokens of `after` that are not in `before`: their longest common
    subsequence stays. Values are numbered anew by every stage, so all are one. */
const tokenPattern = /%[\w#:]+|@[\w.]+|[#!]?[\w.]+|\s+|./g;
function diff(before, after) {
  const key = (token) => (token[0] === "%" ? "%" : token);
  const a = before.match(tokenPattern) ?? [], b = after.match(tokenPattern) ?? [];
  if (a.length * b.length > 6e6) return null;
  const width = b.length + 1, table = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; --i)
    for (let j = b.length - 1; j >= 0; --j)
      table[i * width + j] = key(a[i]) === key(b[j])
        ? table[(i + 1) * width + j + 1] + 1
        : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
  const tokens = [];
  for (let i = 0, j = 0; j < b.length;) {
    if (i < a.length && key(a[i]) === key(b[j])) {
      tokens.push([b[j], false]);
      ++i, ++j;
    } else if (i < a.length && table[(i + 1) * width + j] >= table[i * width + j + 1]) {
      ++i;
    } else {
      tokens.push([b[j++], true]);
    }
  }
  // Blanks between new words are new.
  for (let i = 1; i + 1 < tokens.length; ++i)
    if (!tokens[i][0].trim()) tokens[i][1] = tokens[i - 1][1] && tokens[i + 1][1];
  return tokens;
}
