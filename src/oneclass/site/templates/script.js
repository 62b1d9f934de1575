"use strict";

// A number, the first in the cell; what has none comes last. Labels are compared as text.
function keyOf(cell, isLabel) {
  if (isLabel) return cell.textContent.trim();
  const number = parseFloat(cell.textContent.trim().replace(/^\u2212/, "-"));  // a minus sign
  return Number.isNaN(number) ? null : number;
}

function compare(one, other) {
  if (one === null || other === null) return (one === null) - (other === null);
  return typeof one === "number" ? one - other : one.localeCompare(other, "en", { numeric: true });
}

// Rows are sorted within their group; an average stays below what it averages.
function sort(table, column, direction) {
  const isLabel = table.tHead.rows[0].cells[column].classList.contains("label");
  for (const body of table.tBodies) {
    const rows = [...body.rows].filter((row) => !row.classList.contains("group"));
    const keyed = rows.map((row) => ({ row, key: keyOf(row.cells[column], isLabel), average: row.classList.contains("average") }));
    keyed.sort((one, other) => {
      if (one.average !== other.average) return one.average - other.average;
      if (direction === "none") return one.row.dataset.place - other.row.dataset.place;
      const order = compare(one.key, other.key);
      return direction === "descending" && one.key !== null && other.key !== null ? -order : order;
    });
    body.append(...keyed.map(({ row }) => row));
  }
}

for (const table of document.querySelectorAll(".sortable table, table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  [...table.rows].forEach((row, place) => { row.dataset.place = place; });
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    const turns = heading.classList.contains("label") ? ["ascending", "descending", "none"] : ["descending", "ascending", "none"];
    button.addEventListener("click", () => {
      const next = turns[(turns.indexOf(heading.ariaSort ?? "none") + 1) % turns.length];
      headings.forEach((other) => { other.ariaSort = null; });
      if (next !== "none") heading.ariaSort = next;
      sort(table, column, next);
    });
  });
}

const both = document.querySelector("#both");
if (both) {
  both.addEventListener("change", () => document.body.classList.toggle("measured-only", !both.checked));
  both.closest(".switch").hidden = false;
}

// Paper folds nothing.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  opened.forEach((part) => { part.open = true; });
});
addEventListener("afterprint", () => opened.forEach((part) => { part.open = false; }));
