"use strict";
// Names of files are data: they are only ever put in as text.

const AT_ONCE = 4, TRIES = 60;
const $ = (id) => document.getElementById(id);
const counts = { waiting: 0, anomalous: 0, normal: 0, failed: 0 };
const queue = [];
let working = 0;
let about = {};

async function describe() {
  about = await (await fetch("detector")).json();
  $("name").textContent = about.name ?? "";
  $("summary").textContent = about.summary ?? "";
  $("limits").textContent = `Up to ${about.most_megabytes} MB and ${about.most_megapixels} megapixels each. ` +
    "They stay on the computer that serves this page, which keeps none.";
  if (about.name) document.title = `Detector ${about.name}`;
}

function add(files) {
  for (const file of files) {
    const item = element("li");
    item.append(element("h2", file.name), element("p", "Waiting …"));
    $("results").append(item);
    queue.push({ file, item });
    counts.waiting += 1;
  }
  report();
  while (working < AT_ONCE && queue.length) work();
}

async function work() {
  working += 1;
  for (let next; (next = queue.shift()); ) {
    const verdict = await show(next.file, next.item);
    if (!next.item.isConnected) continue; // cleared meanwhile
    counts.waiting -= 1;
    counts[verdict] += 1;
    report();
  }
  working -= 1;
}

async function show(file, item) {
  const line = item.querySelector("p");
  let pages;
  try {
    pages = await score(file);
  } catch (error) {
    line.replaceChildren(element("strong", "Not scored"), `: ${error.message}`);
    item.className = "failed";
    return "failed";
  }
  line.remove();
  for (const page of pages) item.append(...judged(page, file.name));
  item.className = pages.some((page) => page.anomalous) ? "anomalous" : "normal";
  return item.className;
}

function judged(page, name) {
  const line = element("p");
  line.className = page.anomalous ? "anomalous" : "normal";
  const where = page.page ? `Page ${page.page}: ` : "";
  const numbers = `: score ${digits(page.score)}, threshold ${digits(about.threshold)}`;
  line.append(where, element("strong", page.anomalous ? "Anomalous" : "Normal"), numbers);
  const map = element("img");
  map.alt = `Anomaly map over ${name}${page.page ? `, page ${page.page}` : ""}`;
  map.src = `data:image/png;base64,${page.overlay}`;
  return [line, map];
}

async function score(file) {
  if (file.size > 1e6 * about.most_megabytes) throw new Error(`more than ${about.most_megabytes} MB`);
  for (let tried = 1; ; tried += 1) {
    let answer;
    try {
      answer = await fetch("score?overlay=1", { method: "POST", body: file });
    } catch {
      throw new Error("the service cannot be reached, or the file cannot be read");
    }
    const said = await answer.json();
    if (answer.ok) return said.pictures;
    if (answer.status !== 503 || tried === TRIES) throw new Error(said.detail);
    await new Promise((resolve) => setTimeout(resolve, 1000 * answer.headers.get("Retry-After")));
  }
}

function report() {
  const { waiting, anomalous, normal, failed } = counts;
  const done = anomalous + normal + failed;
  const parts = [`${anomalous} anomalous`, `${normal} normal`];
  if (failed) parts.push(`${failed} not scored`);
  if (waiting) parts.push(`${waiting} waiting`);
  $("status").textContent = done + waiting ? parts.join(", ") : "";
  $("clear").hidden = $("legend").hidden = !(done + waiting);
}

function clear() {
  queue.length = 0;
  $("results").replaceChildren();
  for (const name in counts) counts[name] = 0;
  report();
  $("pictures").focus();
}

function element(tag, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function digits(number) {
  return number.toPrecision(4);
}

function over(event) {
  event.preventDefault(); // else the browser would open the picture instead
  $("zone").classList.toggle("over", event.type === "dragover");
}

for (const type of ["dragover", "dragleave", "drop"]) addEventListener(type, over);
addEventListener("drop", (event) => add(event.dataTransfer.files));
$("pictures").addEventListener("change", (event) => {
  add(event.target.files);
  event.target.value = ""; // the same file can be chosen again
});
$("clear").addEventListener("click", clear);
describe();
