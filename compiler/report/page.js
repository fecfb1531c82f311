// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The address says what is shown: #op=…&batch=…&level=…&stage=…&kernel=…

const $ = (id) => document.getElementById(id);
const orders = [...$("order").options].map((option) => option.value);
const usual = { gbs: 30, ghz: 3, threads: data.times?.workers ?? 1 };

function readState() {
  const words = new URLSearchParams(location.hash.slice(1)), state = {};
  state.level = Math.max(0, words.has("level") ? levelNames.indexOf(words.get("level")) : levels.length - 1);
  state.batch = classes.find((b) => b.name === words.get("batch")) ?? classes[0] ?? null;
  state.op = ops.find((op) => op.name === words.get("op")) ?? null;
  state.stage = words.get("stage") ?? "tile";
  state.order = orders.includes(words.get("order")) ? words.get("order") : "model";
  const part = state.op && partOf(state.op, state.level, state.batch);
  state.kernel = part?.kernels.includes(words.get("kernel")) ? words.get("kernel")
    : part?.kernels.find((name) => data.code[name] && kernels.get(name).generated) ?? part?.kernels[0];
  state.machine = { ...usual };
  for (const key of Object.keys(usual)) {
    const number = +words.get(key);
    if (number >= 1e-3 && number <= 1e6) state.machine[key] = number;
  }
  return state;
}

/** The address of the state with some words changed; usual words stay away. */
function link(state, change) {
  const words = new URLSearchParams();
  const put = (key, value, plain) => { if (value && value !== plain) words.set(key, value); };
  put("op", "op" in change ? change.op : state.op?.name);
  put("batch", change.batch ?? state.batch?.name, classes[0]?.name);
  put("level", change.level ?? levelNames[state.level], levelNames[levelNames.length - 1]);
  put("stage", change.stage ?? state.stage, "tile");
  put("kernel", change.kernel ?? ("op" in change || "batch" in change ? null : state.kernel));
  put("order", change.order ?? state.order, "model");
  for (const key of Object.keys(usual)) put(key, String(change[key] ?? state.machine[key]), String(usual[key]));
  return `#${words}`;
}

let state = readState(), shown = location.hash;
// At once, for the next key may come before the event does.
const go = (change) => { location.hash = link(state, change); follow(); };

function follow() {
  if (location.hash === shown) return;
  const before = state;
  shown = location.hash;
  state = readState();
  show(before);
}

/** What the search finds: all its words, somewhere. */
function found() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (op) => [op.name, op.kind, ...op.weights.map((w) => w.packing),
    ...(state.batch ? [tileOf(op, state.level, state.batch)?.strategy, ...(partOf(op, state.level, state.batch)?.kernels ?? [])] : [])]
    .join(" ").toLowerCase();
  return ops.filter((op) => words.every((word) => text(op).includes(word)));
}

function showHeader() {
  $("home").textContent = data.model.name;
  $("home").href = link(state, { op: null });
  $("classes").innerHTML = classes.map((b) =>
    `<button data-batch="${b.name}" aria-pressed="${b === state.batch}">${b.name}</button>`).join(" ");
  $("level").innerHTML = levelNames.map((name, i) => `<option${i === state.level ? " selected" : ""}>${esc(name)}</option>`).join("");
  $("order").value = state.order;
  for (const key of Object.keys(usual)) $(key).value = state.machine[key];
}

function showList() {
  $("list").innerHTML = listView(state, found());
  $("list").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

function showStage() {
  for (const column of document.querySelectorAll("#stages .column")) {
    const chosen = column.dataset.stage === state.stage;
    column.classList.toggle("chosen", chosen);
    if (chosen) column.parentElement.scrollLeft = column.offsetLeft + column.offsetWidth - column.parentElement.offsetLeft - column.parentElement.clientWidth;
  }
}

/** Draws what changed: a new stage only scrolls. */
function show(before) {
  document.title = `${state.op?.name ?? data.model.name} – Setun report`;
  const key = (s) => s && JSON.stringify([s.op?.name, s.batch?.name, s.level, s.kernel, s.machine, s.order]);
  if (key(before) !== key(state)) {
    showHeader();
    showList();
    const kept = before?.op === state.op ? $("main").scrollTop : 0;
    $("main").innerHTML = state.op ? opView(state) : overviewView(state);
    $("main").scrollTop = kept;
  }
  showStage();
}

//===--- What the user does ------------------------------------------------===

function step(by) {
  const order = [...$("list").querySelectorAll("[data-op]")].map((a) => ops[a.dataset.op]);
  const at = order.indexOf(state.op), next = order[at < 0 ? 0 : at + by];
  if (next) go({ op: next.name });
}

function stepStage(by) {
  const names = [...document.querySelectorAll("#stages .column")].map((c) => c.dataset.stage);
  const next = names[names.indexOf(state.stage) + by];
  if (next) go({ stage: next });
}

const next = (list, item) => list[(list.indexOf(item) + 1) % list.length];

function leave() {
  if ($("search").value) { $("search").value = ""; showList(); }
  else if (document.activeElement === $("search")) $("search").blur();
  else go({ op: null });
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("setun-theme", theme); } catch { /* a file may have no storage */ }
}

const keys = {
  "/": () => $("search").focus(), j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  l: () => stepStage(1), ArrowRight: () => stepStage(1), h: () => stepStage(-1), ArrowLeft: () => stepStage(-1),
  c: () => classes.length && go({ batch: next(classes, state.batch).name }),
  s: () => go({ order: next(orders, state.order) }),
  t: () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
  "?": () => $("keys").showModal(), Escape: leave,
};

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("input, select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  if (writing && event.key === "Enter") $("list").querySelector("a")?.click();
  if (!keys[event.key] || (writing && event.key !== "Escape")) return;
  event.preventDefault();
  keys[event.key]();
});

/** Marks the lines of all columns that belong together; scrolls the others. */
function linkLines(line, scroll) {
  for (const old of document.querySelectorAll(".linked")) old.classList.remove("linked");
  const strip = line.closest(".strip"), names = line.dataset.names?.split("\n");
  const together = (other) => strip.id === "kernel" ? line.dataset.n && other.dataset.n === line.dataset.n
    : names && other.dataset.names?.split("\n").some((name) => names.includes(name));
  for (const column of strip.querySelectorAll(".ir")) {
    const lines = [...column.children].filter(together);
    for (const other of lines) other.classList.add("linked");
    if (scroll && lines.length && !column.contains(line))
      column.scrollTop = lines[0].offsetTop - column.offsetTop - column.clientHeight / 3;
  }
}

document.addEventListener("click", (event) => {
  const batch = event.target.closest("[data-batch]"), kernel = event.target.closest("[data-kernel]");
  const line = event.target.closest(".ir [data-n]");
  if (batch) go({ batch: batch.dataset.batch });
  if (kernel) go({ kernel: kernel.dataset.kernel });
  if (line) linkLines(line, true);
});
$("theme").onclick = keys.t;
$("help").onclick = keys["?"];
$("search").oninput = showList;
$("level").onchange = (event) => go({ level: event.target.value });
$("order").onchange = (event) => go({ order: event.target.value });
for (const key of Object.keys(usual)) $(key).onchange = (event) => go({ [key]: event.target.value });

window.addEventListener("hashchange", follow);

let theme = null;
try { theme = localStorage.getItem("setun-theme"); } catch { /* see setTheme */ }
const dark = matchMedia("(prefers-color-scheme: dark)");
document.documentElement.dataset.theme = theme ?? (dark.matches ? "dark" : "light");
show(null);
