"use strict";
// Elements and charts. Whatever comes from the TTP becomes text, never markup.

// What steers the direction of writing, or cannot be seen, is written out, as in all that Synergos prints.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const clean = (value) =>
  String(value).replace(UNSEEN, (mark) => "\\u" + mark.charCodeAt(0).toString(16).padStart(4, "0"));
const short = (value) => {
  const text = clean(value);
  return text.length <= 28 ? text : text.slice(0, 13) + "…" + text.slice(-13);
};

function make(tag, attributes = {}, ...children) {
  const isSvg = ["svg", "path", "line", "text", "circle", "title", "rect"].includes(tag);
  const element = isSvg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}
const named = (text) => make("bdi", { title: clean(text) }, short(text));

const digits = (value) => (value === null || value === undefined ? "none" : String(Number(value.toPrecision(4))));
const colour = (group) => (group === null ? "none" : "c" + (group % 10));

// Bounds with some room, so far apart that numbers can be told between them.
function bounds(numbers, share) {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const least = Math.max(Math.abs(low), Math.abs(high)) * 1e-6;
  const room = high - low > least ? (high - low) * share : Math.abs(high) * 0.1 || 1;
  return [low - (low >= 0 && low < room ? low : room), high + room];
}

function ticks(low, high, most) {
  const rough = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const found = [];
  for (let number = Math.ceil(low / step); number * step <= high + step * 1e-9; number++) found.push(number * step);
  return found;
}

// A chart of curves: {name, points: [[x, y], …], group, isDashed}. It is as wide as where it stands.
function drawLines(title, curves, xName, yName) {
  const holder = make("div");
  const read = make("p", { class: "read" });
  const figure = make("figure", {}, make("figcaption", {}, clean(title)), holder, read);
  const shown = curves.map((one) => ({ ...one, points: one.points.filter(([, y]) => y !== null) })).filter((one) => one.points.length);
  const said = shown.slice(0, 12).map((one) => {
    const [first, last] = [one.points[0], one.points[one.points.length - 1]];
    return `${short(one.name)} ${digits(first[1])} → ${digits(last[1])}`;
  });
  let width = 0;
  const draw = () => {
    if (Math.abs(holder.clientWidth - width) < 1 || !holder.clientWidth) return;
    width = holder.clientWidth;
    const height = Math.round(Math.min(250, Math.max(170, width * 0.5)));
    const all = shown.flatMap((one) => one.points);
    const xs = all.map(([x]) => x), ys = all.map(([, y]) => y);
    const [left, right, top, bottom] = [48, 10, 8, 34];
    let [xLow, xHigh] = [Math.min(...xs), Math.max(...xs)];
    const [yLow, yHigh] = bounds(ys, 0.06);
    if (xLow === xHigh) [xLow, xHigh] = [xLow - 0.5, xHigh + 0.5];
    const toX = (x) => left + ((x - xLow) / (xHigh - xLow)) * (width - left - right);
    const toY = (y) => height - bottom - ((y - yLow) / (yHigh - yLow)) * (height - top - bottom);
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": `${clean(title)}: ${said.join(", ")}` });
    for (const y of ticks(yLow, yHigh, 4)) {
      svg.append(make("line", { class: "grid", x1: left, x2: width - right, y1: toY(y), y2: toY(y) }));
      svg.append(make("text", { x: left - 6, y: toY(y) + 4, "text-anchor": "end" }, digits(y)));
    }
    for (const x of ticks(xLow, xHigh, Math.max(2, Math.floor(width / 80))).filter((one) => Number.isInteger(one)))
      svg.append(make("text", { x: toX(x), y: height - bottom + 15, "text-anchor": "middle" }, String(x)));
    svg.append(make("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, clean(xName)));
    for (const one of [...shown].reverse()) {
      const path = one.points.map(([x, y], at) => `${at ? "L" : "M"}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join("");
      const kind = `curve ${colour(one.group)}${one.isDashed ? " dashed" : ""}${one.group === null ? " behind" : ""}`;
      svg.append(make("path", { class: kind, d: path }, make("title", {}, clean(one.name))));
      if (one.points.length <= 12 && one.group !== null)
        for (const [x, y] of one.points) svg.append(make("circle", { class: colour(one.group), cx: toX(x), cy: toY(y), r: 2.2 }));
    }
    const guide = make("line", { class: "guide", y1: top, y2: height - bottom, visibility: "hidden" });
    svg.append(guide);
    svg.addEventListener("pointermove", (event) => {
      const x = xLow + ((event.offsetX - left) / (width - left - right)) * (xHigh - xLow);
      const nearest = xs.reduce((best, one) => (Math.abs(one - x) < Math.abs(best - x) ? one : best));
      const here = shown.filter((one) => one.group !== null).flatMap((one) => {
        const point = one.points.find(([at]) => at === nearest);
        return point ? [`${short(one.name)} ${digits(point[1])}`] : [];
      });
      guide.setAttribute("x1", toX(nearest));
      guide.setAttribute("x2", toX(nearest));
      guide.setAttribute("visibility", "visible");
      read.textContent = `${clean(xName)} ${nearest}: ${here.slice(0, 10).join(", ")}`;
    });
    svg.addEventListener("pointerleave", () => { guide.setAttribute("visibility", "hidden"); read.textContent = clean(yName); });
    read.textContent = clean(yName);
    holder.replaceChildren(svg);
  };
  if (shown.length) new ResizeObserver(draw).observe(holder);
  else holder.append(make("p", { class: "soft" }, "Nothing is chosen, or there is nothing to draw."));
  return figure;
}

function drawLegend(curves) {
  return make("ul", { class: "legend" }, curves.map((one) =>
    make("li", { class: colour(one.group) },
      make("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" }, make("path", { class: `curve${one.isDashed ? " dashed" : ""}`, d: "M1 5H25" })),
      named(one.name))));
}

const isNumber = (cell) => cell === "" || !Number.isNaN(Number(cell));

// A table without some of its columns.
const without = (table, names) => {
  const kept = table.columns.map((_, at) => at).filter((at) => !names.includes(table.columns[at]));
  const pick = (cells) => kept.map((at) => cells[at]);
  return { ...table, columns: pick(table.columns), rows: table.rows.map(pick) };
};

// A table of texts; `decorate(row, number, cells)` may change its cells.
function drawTable(table, decorate = () => {}) {
  const numeric = table.columns.map((_, at) => table.rows.every((row) => isNumber(row[at])) && table.rows.some((row) => row[at] !== ""));
  const kind = (at) => (numeric[at] ? { class: "number" } : {});
  const head = make("tr", {}, table.columns.map((name, at) => make("th", { scope: "col", ...kind(at) }, clean(name))));
  const body = table.rows.map((row, number) => {
    const cells = row.map((cell, at) => make("td", { ...kind(at), title: cell.length > 20 ? clean(cell) : undefined }, make("bdi", {}, clean(cell))));
    const line = make("tr", {}, cells);
    decorate(line, number, cells);
    return line;
  });
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": clean(table.title || "table") },
    make("table", {}, make("thead", {}, head), make("tbody", {}, body)));
}
const drawNotes = (notes) => (notes.length ? make("ul", { class: "notes" }, notes.map((note) => make("li", {}, clean(note)))) : null);
