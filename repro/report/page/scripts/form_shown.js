// The answer to a reader: the sentences, the tables, and each number beside those of the runs.
import { makeSortable } from "./sorting.js";
import { drawnNumber } from "./form_drawing.js";

const ANSWER_TABLES = { numbers: "Your numbers beside those of the runs", ways: "What may have been run" };

/** Put an answer, as `answerReader` gives it, into an element in place of what was there. */
export function showAnswer(place, answer) {
  const { experiment, understood, verdict } = answer.data;
  const list = document.createElement("ul");
  list.append(...understood.map((line) => textIn("li", line)));
  const paragraphs = answer.sentences.map(sentenceIn);
  paragraphs[answer.sentences.indexOf(verdict)].classList.add("found");
  const parts = [textIn("h3", `${experiment}: your numbers`), list, ...paragraphs];
  const drawn = answer.drawn.map(drawnNumber).filter((each) => each !== null);
  if (drawn.length) {
    const grid = document.createElement("div");
    grid.className = "panels";
    grid.setAttribute("aria-live", "off"); // the sentences are read out; drawings and tables are read when wanted
    grid.append(...drawn);
    parts.push(grid);
  }
  for (const [name, title] of Object.entries(ANSWER_TABLES)) {
    if (answer.tables[name]) {
      parts.push(answerTable(title, answer.tables[name]));
    }
  }
  place.replaceChildren(...parts);
}

/** A paragraph; what stands between backticks, a command or a name, as code. */
function sentenceIn(text) {
  const paragraph = document.createElement("p");
  paragraph.append(...text.split("`").map((part, place) => (place % 2 ? textIn("code", part) : part)));
  return paragraph;
}

/** An element with this text alone. */
function textIn(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

/** `{caption, columns: [{header, align}], rows}` under a title, as a table that can be sorted. */
function answerTable(title, { caption, columns, rows }) {
  const table = document.createElement("table");
  table.createCaption().textContent = title;
  const head = table.createTHead().insertRow();
  for (const { header: name, align } of columns) {
    const header = textIn("th", name);
    header.scope = "col";
    header.classList.toggle("right", align === "right");
    head.append(header);
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((text, column) => {
      const cell = textIn(column ? "td" : "th", text);
      cell.classList.add(columns[column].align === "right" ? "right" : "wide");
      if (!column) {
        cell.scope = "row";
      }
      line.append(cell);
    });
  }
  makeSortable(table);
  const region = document.createElement("div");
  region.className = "scroll";
  region.tabIndex = 0;
  region.setAttribute("role", "group");
  region.setAttribute("aria-label", title);
  region.append(table);
  const reading = document.createElement("details");
  reading.className = "reading";
  reading.append(textIn("summary", "How to read this table"), textIn("p", caption));
  const part = document.createElement("div");
  part.className = "table-part";
  part.setAttribute("aria-live", "off");
  part.append(region, reading);
  return part;
}
