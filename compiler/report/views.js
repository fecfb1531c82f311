// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// HTML of what the page shows, from a state: {op, batch, level, machine, …}.

const esc = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const digits = (number) => (number >= 100 ? number.toFixed(0) : number.toPrecision(3));
const showUs = (us) => (us === null ? "–" : us >= 1e4 ? `${digits(us / 1e3)} ms` : `${digits(us)} µs`);
const showBytes = (bytes) =>
  bytes === null ? "–"
  : bytes >= 1 << 20 ? `${digits(bytes / (1 << 20))} MiB`
  : bytes >= 1 << 10 ? `${digits(bytes / (1 << 10))} KiB` : `${Math.round(bytes)} B`;
const showPercent = (share) => (share === null ? "–" : `${(100 * share).toFixed(0)} %`);
const showTile = (tile) =>
  `${tile.strategy} · ${tile.blocks} block${tile.blocks > 1 ? "s" : ""} · unroll ${tile.unroll} · ${tile.tokens} token${tile.tokens > 1 ? "s" : ""}`;
/** A table of [name, value] pairs; null values are left out. */
const pairs = (rows) =>
  `<table>${rows.filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `<tr><th>${name}<td>${value}`).join("")}</table>`;
const unique = (list) => [...new Set(list)];
const packings = (op) => unique(matrices(op).map((w) => w.packing).filter(Boolean)).join(", ");

//===--- The list ----------------------------------------------------------===

/** [{title, ops: [{op, name, times}]}] in the order that the state asks for. */
function groupOps(state, list) {
  const item = (op) => ({ op, name: op.layer === null ? op.name : op.short,
                          time: timing(op, state.level, state.batch, state.machine), count: 1 });
  if (state.order === "slow")
    return [{ title: "slowest first", items: list.map((op) => ({ ...item(op), name: op.name }))
      .sort((a, b) => (b.time.us ?? 0) - (a.time.us ?? 0)) }];
  const groups = new Map();
  for (const op of list) {
    const title = state.order === "kinds" ? "all layers" : op.layer === null ? "model" : `layer ${op.layer}`;
    if (!groups.has(title)) groups.set(title, []);
    groups.get(title).push(item(op));
  }
  if (state.order !== "kinds") return [...groups].map(([title, items]) => ({ title, items }));
  const families = new Map();
  for (const one of groups.get("all layers") ?? []) {
    const known = families.get(one.op.family);
    if (!known) { families.set(one.op.family, { ...one, name: one.op.family, time: { ...one.time } }); continue; }
    known.count++;
    known.time.us = known.time.us === null ? null : known.time.us + one.time.us;
    if (known.time.real) known.time.real = { us: known.time.us, waitUs: known.time.real.waitUs + one.time.real.waitUs };
  }
  return [{ title: "all layers", items: [...families.values()].sort((a, b) => b.time.us - a.time.us) }];
}

function listView(state, list) {
  const groups = groupOps(state, list);
  const most = Math.max(...groups.flatMap((g) => g.items.map((i) => i.time.us ?? 0)), 1e-9);
  const row = ({ op, name, time, count }) => {
    const tile = state.batch && tileOf(op, state.level, state.batch);
    const what = [count > 1 ? `${count}×` : "", packings(op), tile?.strategy ?? op.kind].filter(Boolean).join(" ");
    const waits = time.real?.waitUs ?? 0, width = (us) => (100 * us / most).toFixed(1);
    return `<a href="${esc(link(state, { op: op.name }))}" data-op="${op.index}"` +
      `${op === state.op ? ' aria-current="true"' : ""}><span class="name">${esc(name)}</span>` +
      `<span class="time${time.real ? "" : " predicted"}">${time.real || time.us === null ? "" : "≈ "}${showUs(time.us)}</span>` +
      `<span class="what">${esc(what)}</span><span class="share">${time.share === null || count > 1 ? "" : `${showPercent(time.share)} of roof`}</span>` +
      `<span class="bar"><i style="width:${width((time.us ?? 0) - waits)}%"></i>` +
      `<i class="waiting" style="width:${width(waits)}%"></i></span></a>`;
  };
  return groups.map((group) =>
    `<h2><span>${group.title}</span><span>${showUs(sum(group.items, (i) => i.time.us))}</span></h2>` +
    group.items.map(row).join("")).join("") || '<p class="note">&nbsp; nothing matches</p>';
}

//===--- The overview ------------------------------------------------------===

const hues = [210, 35, 150, 280, 0, 90, 320, 60];
function sectionsView() {
  const all = sum(data.sections, (s) => s.bytes);
  const color = (i) => `hsl(${hues[i % hues.length]} 55% 50%)`;
  return `<h2>Bytes of the executable's model: ${showBytes(all)}</h2><div class="sections">` +
    data.sections.map((s, i) => `<i title="${esc(s.name)}: ${showBytes(s.bytes)}" ` +
      `style="flex-grow:${s.bytes};background:${color(i)}"></i>`).join("") + "</div><table>" +
    data.sections.map((s, i) => `<tr><td><span class="swatch" style="background:${color(i)}"></span>${esc(s.name)}` +
      `<td class="n">${showBytes(s.bytes)}<td class="n">${(100 * s.bytes / all).toFixed(1)} %`).join("") + "</table>";
}

/** Multiply-adds a second over multiply-adds a byte, both logarithmic. */
function rooflineView(state) {
  const facts = levels[state.level], { gbs, ghz, threads } = state.machine;
  const roofs = [["dot products", facts.dotMacs], ["look-ups", facts.lookupMacs + (facts.mixes ? facts.dotMacs : 0)]]
    .map(([name, rate]) => [name, rate * ghz * threads]).filter(([, rate]) => rate > 0);
  const points = [], seen = new Set();
  for (const batch of classes)
    for (const op of ops) {
      const time = timing(op, state.level, batch, state.machine), rows = rowsOf(batch);
      const bytes = bytesRead(op, rows), work = macs(op) * rows;
      if (!bytes || !work || !time.us || !matrices(op).some(isTrit)) continue;
      const key = `${batch.name} ${op.family} ${time.real ? op.index : ""}`;
      if (seen.has(key) && op !== state.op) continue;
      seen.add(key);
      points.push({ op, batch, time, x: work / bytes, y: work / time.us / 1e3 });
    }
  if (!points.length || !roofs.length) return "";
  const highest = Math.max(...roofs.map(([, rate]) => rate));
  const xs = points.map((p) => p.x), ys = [...points.map((p) => p.y), ...roofs.map(([, r]) => r)];
  const low = Math.log10(Math.min(...xs) / 2), high = Math.log10(Math.max(...xs, highest / gbs) * 4);
  const floor = Math.log10(Math.min(...ys) / 2), top = Math.log10(Math.max(...ys) * 2);
  const W = 760, H = 340, x = (v) => 60 + (W - 80) * (Math.log10(v) - low) / (high - low);
  const y = (v) => H - 40 - (H - 60) * (Math.log10(v) - floor) / (top - floor);
  const ticks = (from, to) => { const t = []; for (let e = Math.ceil(from); e <= to; ++e) t.push(10 ** e); return t; };
  let svg = `<svg viewBox="0 0 ${W} ${H}" width="${W}" role="img" aria-label="roofline">`;
  for (const t of ticks(low, high)) svg += `<path class="axis" d="M${x(t)} 20V${H - 40}"/><text x="${x(t)}" y="${H - 24}" text-anchor="middle">${t}</text>`;
  for (const t of ticks(floor, top)) svg += `<path class="axis" d="M60 ${y(t)}H${W - 20}"/><text x="54" y="${y(t) + 4}" text-anchor="end">${t}</text>`;
  svg += `<text x="${W - 20}" y="${H - 6}" text-anchor="end">multiply-adds a byte of weights</text><text x="8" y="14">10⁹ multiply-adds a second</text>`;
  svg += `<path class="roof" d="M${x(10 ** low)} ${y(10 ** low * gbs)}L${x(highest / gbs)} ${y(highest)}"/>`;
  for (const [name, rate] of roofs) svg += `<path class="roof" d="M${x(rate / gbs)} ${y(rate)}H${W - 20}"/><text x="${W - 24}" y="${y(rate) - 5}" text-anchor="end">${name}</text>`;
  for (const p of points)
    svg += `<a href="${esc(link(state, { op: p.op.name, batch: p.batch.name }))}" class="${p.batch.name}${p.time.real ? "" : " predicted"}"` +
      `${p.op === state.op && p.batch === state.batch ? ' aria-current="true"' : ""}><circle cx="${x(p.x).toFixed(1)}" cy="${y(p.y).toFixed(1)}" r="5">` +
      `<title>${esc(p.op.name)}, ${p.batch.name}: ${digits(p.y)}·10⁹ multiply-adds/s${p.time.real ? "" : " (predicted)"}</title></circle></a>`;
  return `<h2>Roofline</h2>${svg}</svg><p class="note">Linears; full circles are measured, hollow ones predicted. ` +
    `Blue: ${classes.map((b) => b.name).join(", brown: ").replace(", brown: prefill", ", violet: prefill")}. ` +
    `The slope is ${gbs} GB/s, the roofs are the target's facts at ${ghz} GHz on ${threads} thread${threads > 1 ? "s" : ""}.</p>`;
}

function overviewView(state) {
  const model = data.model, facts = levels[state.level], times = data.times;
  const total = sum(ops, (op) => timing(op, state.level, state.batch, state.machine).us);
  const step = times?.steps[state.batch?.name];
  const stepRows = classes.map((batch) => {
    const real = times?.steps[batch.name];
    const predicted = sum(ops, (op) => predict(op, state.level, batch, state.machine).us);
    return `<tr><td>${batch.name}<td class="n">${rowsOf(batch)}<td class="n">${showUs(predicted)}` +
      `<td class="n">${real ? showUs(real.us) : "–"}<td class="n">${real ? real.count : "–"}`;
  }).join("");
  return `<h1>${esc(model.name)}</h1><div class="tables">` +
    pairs([["layers", model.layers], ["hidden, intermediate", `${model.hidden}, ${model.intermediate}`],
      ["heads, KV heads, width", `${model.heads}, ${model.kvHeads}, ${model.headDim}`],
      ["vocabulary", model.vocab], ["context", model.context],
      ["weights", model.weightsBytes ? showBytes(model.weightsBytes) : null],
      ["a decoded token reads", model.tokenBytes ? showBytes(model.tokenBytes) : null],
      ["KV cache a position", model.cacheBytes ? showBytes(model.cacheBytes) : null]]) +
    pairs([["level", esc(facts.name)], ["triple", esc(facts.triple)], ["lut.dot", facts.dot],
      ["multiply-adds a cycle", `${facts.dotMacs} by dot products, ${facts.lookupMacs} by look-ups${facts.mixes ? ", both at once" : ""}`],
      ["byte tables", `${facts.permuteBytes} entries`], ["sums in registers", facts.sums],
      ["streams", facts.streams], ["L2", showBytes(facts.l2Bytes)], ["base 3", facts.base3 ? "as fast as it is read" : "no"]]) +
    `<table><thead><tr><th>step<th class="n">tokens<th class="n">predicted<th class="n">measured<th class="n">times</thead>${stepRows}</table></div>` +
    `<p class="note">Predicted, op by op, for the machine above: bytes ÷ bandwidth, and of linears what passes/tile/Cost.cpp says of their ` +
    `tiles; no caches, no float stages, no attention, no waiting. ${times
      ? `Measured: medians of a trace, ${times.workers} worker${times.workers > 1 ? "s" : ""}, from the end of the op before to the end of its own; the pale end of a bar is waiting.`
      : "Nothing was measured: run the executable with <code>bench --profile trace.json</code> and compile with <code>--report-profile=trace.json</code>."}` +
    `${levels.length > 1 && times ? " The trace does not say which CPU level ran." : ""}</p>` +
    sectionsView() + rooflineView(state) +
    (step ? `<p class="note">Of the ${state.batch.name} step's ${showUs(step.us)} the list's ops take ${showUs(total)}.</p>` : "");
}

//===--- An op -------------------------------------------------------------===

function timeView(state) {
  const { op } = state, rows = classes.map((batch) => {
    const t = timing(op, state.level, batch, state.machine), bytes = bytesRead(op, rowsOf(batch));
    return `<tr${batch === state.batch ? ' style="font-weight:600"' : ""}><td>${batch.name}<td class="n">${rowsOf(batch)}<td class="n">${showBytes(bytes)}` +
      `<td class="n">${showUs(t.predicted.us)}<td>${t.predicted.us === null ? "" : t.predicted.bound}` +
      `<td class="n">${t.real ? showUs(t.real.us) : "–"}<td class="n">${t.real ? showUs(t.real.waitUs) : "–"}` +
      `<td class="n">${t.gbs === null ? "–" : digits(t.gbs)}<td class="n">${showPercent(t.share)}`;
  }).join("");
  const notes = [
    op.kind === "attention" ? `Reads the KV cache: ${data.model.cacheBytes ? showBytes(data.model.cacheBytes / data.model.layers) : "more"} a position so far, so nothing is predicted.` : "",
    op.choices[state.level]?.skip && state.batch?.rows === 1 ? "Decoding skips what zeros make needless: bytes and GB/s count the whole weight." : "",
    op.weights.some((w) => w.packing === "screen") ? "Bytes count the screen only; rows that may win are read beside." : "",
  ].filter(Boolean).map((n) => `<p class="note">${n}</p>`).join("");
  return `<div class="wide"><table><thead><tr><th>step<th class="n">tokens<th class="n">reads<th class="n">predicted<th>bound by` +
    `<th class="n">measured<th class="n">of it waiting<th class="n">GB/s<th class="n">of the roofline</thead>${rows}</table></div>${notes}`;
}

/** The chosen tile among those that could have been. */
function candidatesView(state) {
  const { op, level, batch, machine } = state, list = candidatesOf(op, level, batch);
  if (!list) return "";
  const cell = (cycles) => `<td class="n">${showUs(timeOf(cycles, machine))}`;
  const row = (each) => `<tr${each.chosen ? ' class="chosen"' : ""}><td>${each.chosen ? "▸" : ""}<td>${each.packing}<td>${showTile(each)}` +
    `<td class="n">× ${(each.cycles / list[0].cycles).toFixed(2)}${cell(each.reading)}${cell(each.computing)}${cell(each.preparing)}${cell(each.waiting)}`;
  return `<div class="wide"><table id="candidates"><thead><tr><th><th>packing<th>tile<th class="n">cost<th class="n">reading<th class="n">computing` +
    `<th class="n">tables<th class="n">waiting</thead>${list.map(row).join("")}</table></div><p class="note">The cheapest, and the best of other ` +
    `strategies and packings; ▸ is what was compiled. Predicted by passes/tile/Cost.cpp, in time of one core at ${machine.ghz} GHz that reads ` +
    `as fast as the one it was fitted to, for ${tileOf(op, level, batch).rows} tokens. Reading and computing overlap; waiting is the mean for ` +
    `1, 2 and 4 threads. The order counts shorter steps, too. <code>--set</code>, or <code>lut.tiles</code> of a dump, tries another one.</p>`;
}

/** What the chooser of tiles knew and took. */
function whyView(state) {
  const { op, level, batch } = state, tile = batch && tileOf(op, level, batch);
  if (!tile) return "";
  const facts = levels[level], list = matrices(op).filter(isTrit);
  const blocks = (w) => Math.ceil(w.shape[0] / 16), panel = list[0].panelBlocks, panelBytes = Math.max(...list.map((w) => w.panelBytes));
  const shared = op.gate ? list.slice(0, 1) : list;
  const tiles = sum(shared, (w) => Math.ceil(blocks(w) / tile.blocks));
  const bytes = Math.ceil(tile.blocks / panel) * panelBytes * (op.gate ? list.length : 1), { threads } = state.machine;
  const choice = op.choices[level].skip;
  return `<h2>Why this tile</h2>` + pairs([
    ["tile", `<code>${showTile(tile)}</code>`],
    ["chosen", originOf(op, level, batch)],
    ["blocks of 16 rows", list.map((w) => blocks(w)).join(" + ")],
    ["packed bytes", `${showBytes(panelBytes)} ${panel > 1 ? `a panel of ${panel} blocks` : "a block"}, ${showBytes(bytes)} a tile${op.gate ? " of gate and up" : ""}; L2 has ${showBytes(facts.l2Bytes)}`],
    ["tiles to share", `${tiles}, which is ${digits(tiles / threads)} a worker with ${threads}`],
    ["strategy", tile.strategy === "lookup" || batch.rows > 1
      ? `${facts.lookupMacs} multiply-adds a cycle by look-ups, ${facts.dotMacs} by dot products`
      : `dot products are <code>${facts.dot}</code>; byte tables have ${facts.permuteBytes} entries`],
    ["sums", tile.strategy === "mad" ? `${tile.unroll} × ${tile.tokens} in registers, which hold ${facts.sums} beside what they are made of` : null],
    ["streams", tile.strategy === "mad" && panel === 1 ? `${tile.unroll} read side by side; up to ${facts.streams} are as fast as one` : null],
    ["skips", choice && batch.rows === 1 ? `from ${choice.alone} zeros of 1000 on with one worker, from ${choice.shared} with several` : null],
  ]) + candidatesView(state);
}

const irLine = ([number, line], content, names) =>
  `<div data-n="${number}"${names ? ` data-names="${esc(names.join("\n"))}"` : ""}><i>${number}</i>${content ?? esc(line)}</div>`;

/** Lines of IR, marked where tokens are new; gaps are shown. */
function irView(lines, tokens, names) {
  const indent = Math.min(...lines.map(([, line]) => line.match(/^ */)[0].length));
  let marked = null;
  if (tokens) {
    marked = [""];
    for (const [token, fresh] of tokens)
      for (const [i, piece] of token.split("\n").entries()) {
        if (i) marked.push("");
        if (piece) marked[marked.length - 1] += fresh && piece.trim() ? `<mark>${esc(piece)}</mark>` : esc(piece);
      }
  }
  let last = null;
  return lines.map(([number, line], i) => {
    const gap = last !== null && number !== last + 1 ? '<div class="gap">⋯</div>' : "";
    last = number;
    return gap + irLine([number, line], marked ? marked[i].replace(new RegExp(`^ {${indent}}`), "") : esc(line.slice(indent)), names?.get(number));
  }).join("");
}

/** Columns of the strip: [{name, lines, names}]. */
function columnsOf(state) {
  const columns = stages.map((stage) => ({ name: stage.name, lines: stage.lines.of(state.op.lines[stage.name]), names: stage.names }));
  const part = partOf(state.op, state.level, state.batch);
  if (part) columns.push({ name: "lower", lines: lowered.of(part.lines), names: null, of: state.batch.name });
  return columns;
}

function stripView(state) {
  let before = null;
  const columns = columnsOf(state).map((column) => {
    const text = column.lines.map(([, line]) => line).join("\n");
    const tokens = before === null ? null : diff(before, text);
    const words = tokens?.filter(([t]) => t.trim()), fresh = words?.filter(([, f]) => f).length;
    const what = before === null ? "" : !words ? "rewritten" : !fresh ? "as before" : `${fresh} of ${words.length} words new`;
    // Where nearly all is new, marks would only tire the eye.
    const marks = words && fresh < 0.85 * words.length ? tokens : null;
    before = text;
    return `<section class="column${column.name === state.stage ? " chosen" : ""}" data-stage="${column.name}">` +
      `<h3><a href="${esc(link(state, { stage: column.name }))}">${column.name}${column.of ? ` · ${column.of}` : ""}</a><small>${what}</small></h3>` +
      `<div class="ir">${column.lines.length ? irView(column.lines, marks, column.names) : '<div class="gap">nothing</div>'}</div></section>`;
  });
  return `<h2>Stage by stage</h2><div class="strip" id="stages">${columns.join("")}</div>`;
}

const listingView = (listing) => {
  const lines = listing.text.replace(/\n$/, "").replace(/^\t/gm, "  ").replaceAll("\t", " ").split("\n");
  return lines.map((line, i) => `<div data-n="${listing.from[i] || ""}"><i>${listing.from[i] || ""}</i>${esc(line)}</div>`).join("");
};

function kernelsView(state) {
  const names = partOf(state.op, state.level, state.batch)?.kernels ?? [];
  if (!names.length) return "";
  const name = state.kernel, kernel = kernels.get(name), code = data.code[name];
  const column = (title, small, body) => `<section class="column ${title === "assembly" ? "code" : ""}"><h3>${title}<small>${small}</small></h3><div class="ir listing">${body}</div></section>`;
  const own = lowered.of(kernel.lines), count = (text) => `${text.split("\n").length - 1} lines`;
  return `<h2>Kernels of this step</h2><div class="tabs">` + names.map((n) =>
    `<button data-kernel="${esc(n)}" aria-pressed="${n === name}">${esc(n)}</button>`).join("") + "</div>" +
    (code ? "" : `<p class="note">${data.steps.length && Object.keys(data.code).length ? "Small enough to be inlined into the step: it has no code of its own." : "No code was generated."}</p>`) +
    `<div class="strip" id="kernel">` + column(kernel.generated ? "lower" : "lower · Halide writes it", `${own.length} lines`, irView(own, null, null)) +
    (code ? column("LLVM IR", count(code.llvm.text), listingView(code.llvm)) : "") +
    (code?.asm ? column("assembly", count(code.asm.text), listingView(code.asm)) : "") +
    `</div>${kernel.generated && code ? '<p class="note">Numbers are lines of <code>lower</code>; a click on a line shows where it comes from and what becomes of it.</p>' : ""}`;
}

function opView(state) {
  const { op, level, batch } = state, tile = batch && tileOf(op, level, batch), bits = bitsPerWeight(op);
  const weights = op.weights.map((w) => `<tr><td class="mono">${esc(w.name)}<td>${w.shape.join(" × ")}<td>${esc(w.element)}` +
    `<td>${esc([w.packing, w.skipPacking].filter(Boolean).join(" and "))}<td class="n">${w.bytes === undefined ? "–" : showBytes(w.bytes + (w.skipBytes ?? 0))}`).join("");
  const rest = [op.norm ? "norm" : "", op.gate ? `gate ${op.gate}` : "", op.residual ? "residual" : ""].filter(Boolean).join(", ");
  return `<h1>${esc(op.name)}</h1><div class="tables">` + pairs([
      ["op", `tern.${esc(op.kind)}${rest ? ` with ${rest}` : ""}`],
      ["tile", tile ? `<code>${showTile(tile)}</code>` : null],
      ["bits per weight", bits === null ? null : bits.toFixed(2)],
    ]) + (weights ? `<div class="wide"><table><thead><tr><th>weight<th>shape<th>type<th>packing<th class="n">bytes</thead>${weights}</table></div>` : "") +
    `</div><h2>Time</h2>${timeView(state)}${whyView(state)}${stripView(state)}${kernelsView(state)}${matrices(op).some(isTrit) ? rooflineView(state) : ""}`;
}
