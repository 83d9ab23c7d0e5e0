// Tables that can be sorted by every column: a click on a header sorts, another one turns the order round.

const SORT_NUMBER = /^[+-]?(?:\d[\d,]*)?\.?\d+(?:e[+-]?\d+)?/i;
const SORT_WORDS = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Make every table with the class `sortable` so. */
export function sortableTables(root) {
  for (const table of root.querySelectorAll("table.sortable")) {
    makeSortable(table);
  }
}

/** Put a button into each header of a table. */
export function makeSortable(table) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    header.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const ascending = header.getAttribute("aria-sort") !== "ascending";
      headers.forEach((each) => each.setAttribute("aria-sort", "none"));
      header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sortRows(table.tBodies[0], column, ascending);
    });
  });
}

/** Rows with nothing in the column stay last in both orders; equal ones keep theirs. */
function sortRows(body, column, ascending) {
  const rows = [...body.rows].map((row) => ({ row, key: sortKey(row.cells[column].textContent.trim()) }));
  const side = ascending ? 1 : -1;
  rows.sort((a, b) => {
    if (a.key === null || b.key === null) {
      return (a.key === null) - (b.key === null);
    }
    return side * compareKeys(a.key, b.key);
  });
  body.append(...rows.map((each) => each.row));
  markRepeated(body);
}

/** A number if the text begins with one, such as `81.81 ± 1.79`; otherwise the text; null for nothing. */
function sortKey(text) {
  if (!text) {
    return null;
  }
  const found = SORT_NUMBER.exec(text.replace("−", "-").replace(/^[~*]/, ""));
  return found ? Number(found[0].replaceAll(",", "")) : text;
}

function compareKeys(a, b) {
  if (typeof a === "number" && typeof b === "number") {
    return a - b;
  }
  if (typeof a === typeof b) {
    return SORT_WORDS.compare(a, b);
  }
  return typeof a === "number" ? -1 : 1;
}

/** Which names of rows stand in the row above too. */
function markRepeated(body) {
  let above = [];
  for (const row of body.rows) {
    const names = [...row.cells].filter((cell) => cell.tagName === "TH");
    let same = true;
    names.forEach((cell, place) => {
      same = same && above[place] === cell.textContent;
      cell.classList.toggle("repeated", same);
    });
    above = names.map((cell) => cell.textContent);
  }
}
