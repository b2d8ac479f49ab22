// What the page asks for, and what it shows of it.

const part = (id) => document.getElementById(id);
let token = "";
let isShowing = "";
let overview = null;
let results = null;
let hidden = new Set();

class Refused extends Error {}

async function ask(route, query = {}) {
  const url = new URL(`ttp/sandbox/${route}`, document.baseURI);
  url.hash = "";
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  const headers = { accept: "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(url, { headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(30000) });
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401) throw new Refused(said.message);
  if (!answer.ok) throw Object.assign(new Error(said.message || `It answered with ${answer.status}.`), { status: answer.status });
  return said.data;
}

// Which project, experiment and run are looked at stands behind the # of the address, which is sent nowhere.
const NAMES = ["collab_id", "project_id", "expt_id", "run_id", "metric"];
const chosen = () => Object.fromEntries([...new URLSearchParams(location.hash.slice(1))].filter(([name]) => NAMES.includes(name)));
const leadTo = (key, more = {}) => "#" + new URLSearchParams({ ...key, ...more });
const isSame = (one, other) => NAMES.slice(0, 4).every((name) => (one[name] || "") === (other[name] || ""));
const of = ({ collab_id, project_id }) => ({ ...(collab_id ? { collab_id } : {}), project_id });

const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
const span = (seconds) => {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${(seconds / 3600).toFixed(1)} h` : `${Math.round(seconds / 86400)} days`;
};
const WORK = {
  alignments: "Alignment", models: "Training", optimizations: "Search", validations: "Validation", predictions: "Prediction",
};
const WHERE = { run_id: "run", expt_id: "experiment", project_id: "project", participant_id: "participant", collab_id: "collaboration" };
function place(ids) {
  const names = Object.keys(WHERE).filter((name) => ids[name]);
  return names.flatMap((name, at) => [at ? ", " : "", `${WHERE[name]} `, named(ids[name])]);
}

// Only what is another than before is drawn anew, and it stays where it was scrolled to and what was chosen by the keyboard.
const drawn = {};
function show(id, key, draw) {
  const text = JSON.stringify(key);
  const active = part(id).contains(document.activeElement) ? document.activeElement : null;
  // A list that is open would be closed.
  if (drawn[id] === text || (active && active.tagName === "SELECT")) return;
  drawn[id] = text;
  const all = (what) => [...part(id).querySelectorAll(what)];
  const scrolled = all(".scroll, pre").map((one) => one.scrollLeft);
  const place = active ? all("a, input, [tabindex]").indexOf(active) : -1;
  part(id).replaceChildren(...[draw()].flat().filter(Boolean));
  all(".scroll, pre").forEach((one, at) => { one.scrollLeft = scrolled[at] || 0; });
  const now = place >= 0 ? all("a, input, [tabindex]")[place] : undefined;
  if (now) now.focus({ preventScroll: true });
}

// JSON is Python here, and so is what `clean` writes, unless it is escaped once more.
const python = (value) => clean(JSON.stringify(value));
const given = (ids) => Object.entries(ids).map(([name, value]) => `${name}=${python(value)}`).join(", ");
const code = (...lines) => make("pre", { tabindex: "0" }, make("code", {}, lines.join("\n")));
function driver() {
  const port = location.port || (location.protocol === "https:" ? "443" : "80");
  const where = location.protocol === "https:" ? `url=${python(location.origin)}` : `host=${python(location.hostname)}, port=${port}`;
  return `driver = Driver(${where}${token ? ', token="…"' : ""})`;
}

function showAbout() {
  const { kind, is_cluster, versions, seconds } = overview;
  show("kind", kind, () => document.createTextNode(kind === "sandbox" ? "sandbox" : "TTP"));
  const what = kind === "sandbox" ? "a TTP with its participants in one process" : "a TTP with its participants on machines of their own";
  const generation = is_cluster ? "answers as a cluster of v8" : "answers as v4 and v8";
  const parts = [location.host, what, generation, `up ${span(seconds)}`, `Synergos ${versions.synergos}`, `Flower ${versions.flwr}`, `PyTorch ${versions.torch}`, `Python ${versions.python}`];
  part("about").textContent = clean(parts.join(" · "));
  document.title = `${running() ? "● " : ""}Synergos ${location.host}`;
}
const running = () => overview.work.find((one) => one.state === "running");
// Whether something is being done in a project that will change it.
const isBusy = (ids) => [running(), ...waiting()].some((one) => one && isSame(of(one.ids), of(ids)));
const waiting = () => overview.work.filter((one) => one.state === "queued");

function showState(text, kind = "") {
  if (part("state").textContent !== text) part("state").textContent = text;
  part("state").className = kind;
}

function showNow() {
  const job = running();
  show("now", [job, waiting(), overview.curve], () => {
    if (!job && !waiting().length) return [];
    const found = [];
    if (job) {
      found.push(make("div", { class: "head" },
        make("h2", {}, `${WORK[job.resource] || job.resource}: `, place(job.key || job.ids)),
        make("p", { class: "soft" }, span(job.seconds))));
      if (job.round) {
        const losses = [`loss ${digits(job.train_loss)}`, ...(job.evaluate_loss === null ? [] : [`evaluation ${digits(job.evaluate_loss)}`])];
        found.push(make("progress", { value: job.round, max: job.rounds, "aria-label": "rounds" }));
        found.push(make("p", { class: "soft" }, `round ${job.round} of ${job.rounds}, ${losses.join(", ")}`));
      } else found.push(make("p", { class: "soft" }, "under way"));
      if (overview.curve && overview.curve.points.length > 1) {
        const curves = [["training", 1, false, 0], ["evaluation", 2, true, 1]]
          .map(([name, at, isDashed, group]) => ({ name, group, isDashed, points: overview.curve.points.map((point) => [point[0], point[at]]) }))
          .filter((one) => one.points.some(([, y]) => y !== null));
        found.push(drawLines("Loss so far", curves, "round", "loss, a mean per row"), drawLegend(curves));
      }
    }
    if (waiting().length) {
      found.push(make("h3", {}, `Waiting: ${waiting().length}`));
      found.push(make("ol", { class: "plain" }, waiting().slice(0, 20).map((one) => make("li", {}, `${WORK[one.resource] || one.resource}: `, place(one.ids)))));
      if (waiting().length > 20) found.push(make("p", { class: "soft" }, `and ${waiting().length - 20} more`));
    }
    return found;
  });
}

const AT = [
  ["Experiment", "experiments"], ["Run", "runs"], ["Registration", "participants"], ["Model", "trained"], ["Validation", "validations"],
];
function nextStep(project) {
  const { counts, key } = project;
  const ids = given(key);
  const has = (kind) => counts[kind] || 0;
  if (!has("Experiment")) return ["It has no experiments yet. Say which layers to train:", `driver.experiments.create(${ids}, expt_id="first", model=[...])`];
  if (!has("Run")) return ["It has no runs yet. Say how to train:", `driver.runs.create(${ids}, expt_id=..., run_id="first", rounds=10)`];
  if (!has("Registration")) return ["Nobody takes part yet:", `driver.registrations.create(${ids}, participant_id=..., role="guest")`];
  if (!has("Tag")) return ["The participants' data are not named yet:", `driver.tags.create(${ids}, participant_id=..., train=[[...]], evaluate=[[...]])`];
  if (!has("Alignment")) return ["The participants have not agreed on their features yet:", `driver.alignments.create(${ids})`];
  if (!has("Model")) return ["Nothing is trained yet:", `driver.models.create(${ids})`];
  if (!has("Validation")) return ["Nothing is validated yet, so there is nothing to rank:", `driver.validations.create(${ids})`];
  return null;
}

function looked() {
  const ids = chosen();
  const named = overview.projects.find((one) => isSame(of(one.key), of(ids)));
  if (named) return { project: named, ids };
  const busy = running() && overview.projects.find((one) => isSame(of(one.key), of(running().ids)));
  const project = busy || overview.projects[overview.projects.length - 1];
  return { project, ids: project ? of(project.key) : {}, isGone: Boolean(ids.project_id) };
}

function showProjects() {
  const { projects, more } = overview;
  const { project: own, isGone } = looked();
  show("projects", [projects, more, own && own.key, isGone, Boolean(token)], () => {
    if (!projects.length)
      return [make("h2", {}, "Nothing here yet"), make("p", {}, "Make a project from Python, and it is shown here:"),
        code("from synergos import Driver", driver(), 'driver.projects.create(project_id="penguins", action="classify", incentives={})')];
    const inCollab = projects.some((one) => one.key.collab_id);
    const columns = ["project", ...(inCollab ? ["collaboration"] : []), "action", ...AT.map(([, name]) => name)];
    const rows = [...projects].reverse();
    const cells = rows.map((one) => [one.key.project_id, ...(inCollab ? [one.key.collab_id || ""] : []), one.action || "", ...AT.map(([kind]) => String(one.counts[kind] || 0))]);
    return [make("h2", {}, "Projects"),
      isGone ? make("p", { class: "wait" }, "The project of this address is not there.") : null,
      drawTable({ title: "Projects", columns, rows: cells }, (line, number, [first]) => {
        first.replaceChildren(make("a", { href: leadTo(of(rows[number].key)) }, named(rows[number].key.project_id)));
        if (rows[number] === own) { line.className = "chosen"; line.setAttribute("aria-current", "true"); }
      }),
      more.projects ? make("p", { class: "soft" }, `${more.projects} older projects are not shown.`) : null];
  });
}

function drawMetrics(ids) {
  if (results.data.metrics.length < 2) return null;
  const choose = (event) => { event.target.blur(); location.hash = leadTo(ids, { metric: event.target.value }).slice(1); };
  return make("label", { class: "soft" }, "ranked by ",
    make("select", { onchange: choose }, results.data.metrics.map((name) => make("option", { value: name, selected: name === results.data.metric }, clean(name)))));
}

function drawLosses(chart, isOne) {
  if (!chart) return [];
  if (isOne) {
    const curves = chart.panels.flatMap((panel, at) => panel.lines.map((line) => ({
      ...line, name: panel.title.replace(/^all: /, ""), isDashed: panel.title === "all: evaluation", group: at,
    })));
    return [make("h3", {}, "Losses"), drawLines("All together, and each participant", curves, chart.x_name, `${chart.y_name}, a mean per row`), drawLegend(curves)];
  }
  const panels = chart.panels.slice(0, 2).map((panel) => {
    const curves = panel.lines.filter((line) => line.group === null || !hidden.has(line.name));
    return drawLines(panel.title.replace(/^all: /, "Losses: "), curves, chart.x_name, `${chart.y_name}, a mean per row`);
  });
  const behind = chart.panels[0].lines.find((line) => line.group === null);
  return [make("div", { class: "charts" }, panels), behind ? make("p", { class: "soft" }, `In grey: ${behind.name}.`) : null];
}

function drawBoard(ids) {
  const { tables, runs, losses } = results.data;
  const isOne = Boolean(ids.run_id);
  // On a narrow screen the numbers come the sooner.
  const isOfOne = new Set(runs.map((one) => one.expt_id)).size < 2;
  const board = without(tables.run, [...(isOfOne ? ["expt_id"] : []), ...(isOne ? ["run_id"] : [])]);
  const lines = losses ? losses.panels[0].lines : [];
  const at = ["expt_id", "run_id"].map((name) => board.columns.indexOf(name));
  const decorate = (line, number, cells) => {
    const run = runs[number];
    const more = { expt_id: run.expt_id, run_id: run.run_id };
    if (at[0] >= 0) cells[at[0]].replaceChildren(make("a", { href: leadTo(of(ids), { expt_id: run.expt_id }) }, named(run.expt_id)));
    if (at[1] >= 0) cells[at[1]].replaceChildren(make("a", { href: leadTo(of(ids), more) }, named(run.run_id)));
    const state = board.columns.indexOf("state");
    if (overview.curve && isSame(overview.curve.key, { ...of(ids), ...more }) && state >= 0) cells[state].textContent = "being trained";
    const own = lines.find((one) => one.name === run.run_id || one.name === `${run.expt_id}/${run.run_id}`);
    if (isOne) return;
    const cell = make("td", { class: own ? colour(own.group) : "" });
    if (own) {
      const toggle = (event) => { hidden[event.target.checked ? "delete" : "add"](own.name); delete drawn.project; showProject(); };
      cell.append(make("input", { type: "checkbox", checked: !hidden.has(own.name), onchange: toggle, "aria-label": `draw ${clean(own.name)}` }), make("span", { class: "swatch" }));
    }
    line.prepend(cell);
  };
  const found = drawTable(board, decorate);
  if (!isOne) found.querySelector("thead tr").prepend(make("th", { scope: "col" }, "curve"));
  return [found, ...drawLosses(losses, isOne), drawNotes(board.notes)];
}

function drawSearches(ids) {
  return results.data.searches.slice(0, 5).map((one) => {
    const trials = Object.entries(one.trials).map(([state, number]) => `${number} ${state}`).join(", ");
    return make("li", {}, "Search in ", named(one.expt_id), ` by ${clean(one.metric)}: ${trials}`,
      one.best ? [`; best ${digits(one.best.score)}, as a search counts: a mean over classes and participants; `, make("a", { href: leadTo(of(ids), { expt_id: one.expt_id, run_id: one.best.run_id }) }, named(one.best.run_id))] : [],
      one.failures.map((why) => make("p", { class: "bad" }, clean(why))));
  });
}

function showProject() {
  const { project, ids } = looked();
  const training = overview.curve ? overview.curve.key : {};
  show("project", [ids, project, results && results.text, [...hidden], Boolean(token), isBusy(ids), training], () => {
    if (!project) return [];
    const steps = ["project_id", "expt_id", "run_id"].filter((name) => ids[name]);
    const path = steps.flatMap((name, at) => {
      const above = Object.fromEntries(steps.slice(1, at + 1).map((step) => [step, ids[step]]));
      const isLast = at === steps.length - 1;
      return [at ? " / " : "", isLast ? named(ids[name]) : make("a", { href: leadTo(of(ids), above) }, named(ids[name]))];
    });
    if (ids.collab_id) path.push(make("span", { class: "soft" }, " in ", named(ids.collab_id)));
    const next = isBusy(ids) ? null : nextStep(project);
    const found = [];
    const isMine = results && isSame(results.ids, ids);
    found.push(make("div", { class: "head" }, make("h2", {}, path), isMine && results.data && !ids.run_id ? drawMetrics(ids) : null));
    if (next) found.push(make("p", {}, next[0]), code("from synergos import Driver", driver(), next[1]));
    if (!isMine) found.push(make("p", { class: "soft" }, "…"));
    else if (results.error) found.push(make("p", { class: "bad" }, clean(results.error)));
    else {
      const { tables, searches, runs } = results.data;
      if (runs.length) found.push(...drawBoard(ids));
      else if (!next) found.push(make("p", { class: "soft" }, "There are no runs here."));
      for (const level of ["participant", "class"])
        if (tables[level] && tables[level].rows.length)
          found.push(make("h3", {}, level === "class" ? "By class" : "By participant"), drawTable({ ...without(tables[level], ["expt_id", "run_id"]), title: `by ${level}` }), drawNotes(tables[level].notes));
      if (searches.length) found.push(make("h3", {}, "Searches"), make("ul", { class: "plain" }, drawSearches(ids)));
    }
    return found;
  });
}

function showParticipants() {
  const { participants, connected, more } = overview;
  show("participants", [participants, connected, more], () => {
    const names = [...new Set([...Object.keys(connected || {}), ...participants.map((one) => one.participant_id)])];
    if (!names.length) return [];
    const joined = new Map(participants.map((one) => [one.participant_id, one.projects]));
    const chip = (name) => {
      const isKnown = connected && Object.hasOwn(connected, name);
      const isOn = isKnown && connected[name];
      const link = !connected ? "" : isOn ? ", connected" : isKnown ? ", not connected" : ", its key is not known";
      const takes = joined.has(name) ? `in ${count(joined.get(name), "project")}` : "not registered";
      return make("li", { class: connected ? `dot ${isOn ? "on" : ""}` : "" }, named(name), make("span", { class: "soft" }, ` ${takes}${link}`));
    };
    return [make("h2", {}, "Participants"), make("ul", { class: "chips" }, names.map(chip)),
      more.participants ? make("p", { class: "soft" }, `${more.participants} more are not shown.`) : null];
  });
}

function showEnded() {
  const ended = overview.work.filter((one) => !["running", "queued"].includes(one.state)).reverse();
  show("ended", ended.slice(0, 30), () => {
    if (!ended.length) return [];
    const row = (one) => make("li", {},
      make("span", { class: one.state === "failed" ? "bad" : one.state === "cancelled" ? "wait" : "soft" }, one.state), ` ${WORK[one.resource] || one.resource}: `, place(one.ids),
      make("span", { class: "soft" }, ` ${span(one.seconds)}`),
      one.message ? make("p", { class: one.state === "failed" ? "bad" : "soft" }, `${one.status}: ${clean(one.message)}`) : null);
    return [make("h2", {}, "Ended work, the last first"), make("ul", { class: "plain" }, ended.slice(0, 30).map(row))];
  });
}

function showAll() {
  part("entry").hidden = true;
  part("shown").hidden = false;
  const busy = running();
  const queue = waiting().length ? `, ${waiting().length} waiting` : "";
  showState(busy ? `${(WORK[busy.resource] || busy.resource).toLowerCase()} under way${queue}` : "idle", busy ? "busy" : "");
  showAbout();
  showNow();
  showProjects();
  showProject();
  showParticipants();
  showEnded();
}

function askForToken(error) {
  const isFirst = part("entry").hidden && !token;
  part("shown").hidden = true;
  part("entry").hidden = false;
  part("refused").textContent = token ? "The TTP does not take this token." : "";
  part("refused").className = "bad";
  token = "";
  overview = results = null;
  for (const id of Object.keys(drawn)) { delete drawn[id]; part(id).replaceChildren(); }
  part("about").textContent = location.host;
  showState("closed");
  if (isFirst) part("token").focus();
}

async function look() {
  overview = await ask("overview");
  const { project, ids } = looked();
  const about = JSON.stringify([overview.changes, ids]);
  if (!project) results = null;
  else if (isShowing !== about || !results) {
    try {
      const data = await ask("results", ids);
      results = { ids, data, text: JSON.stringify(data) };
      isShowing = about;
    } catch (error) {
      if (!error.status) throw error;
      results = { ids, error: error.message, text: error.message };
      // What the TTP refuses stays refused; what it fails with is asked for again.
      isShowing = error.status < 500 ? about : "";
    }
  }
  showAll();
}

let wake = () => {};
async function follow() {
  let failed = 0;
  for (;;) {
    if (document.hidden) { await new Promise((done) => { wake = done; }); continue; }
    const begun = performance.now();
    const address = location.hash;
    let pause = 0;
    try {
      await look();
      failed = 0;
      // A TTP with much to tell is asked less often.
      pause = Math.max(running() || waiting().length ? 1000 : 4000, 10 * (performance.now() - begun));
      // Somebody went elsewhere meanwhile.
      if (location.hash !== address) pause = 0;
    } catch (error) {
      if (error instanceof Refused) { askForToken(error); pause = 1e9; }
      else {
        failed += 1;
        pause = Math.min(15000, 1000 * 2 ** failed);
        showState(error.status ? `the TTP says: ${clean(error.message)}` : "the TTP does not answer; what is shown may be old", "away");
      }
    }
    await new Promise((done) => { wake = done; setTimeout(done, Math.min(pause, 2 ** 31 - 1)); });
  }
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });
addEventListener("hashchange", () => { hidden = new Set(); if (overview) showAll(); wake(); });
part("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  token = part("token").value.trim();
  part("token").value = "";
  // A header holds no other characters.
  if (/^[!-~]+$/.test(token)) wake();
  else { token = ""; part("refused").textContent = "A token is a text of ASCII characters without spaces."; part("refused").className = "bad"; }
});
follow();
