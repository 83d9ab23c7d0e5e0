// The form: takes what a reader typed, and shows what it means.
import { answerReader } from "./form_answer.js";
import { ReaderError } from "./errors.js";
import { takeEvaluated } from "./form_paste.js";
import { showAnswer } from "./form_shown.js";
import { MOST_BYTES } from "./reader_history.js";

const PASTED = "history"; // what messages call it
const FORM_NUMBERS = ["accuracy", "loss", "sensitivity", "specificity", "auc"];

/** Make the form work. The data are read when they are asked for the first time: they are large. */
export function startForm(root) {
  const form = root.getElementById("form");
  const answer = root.getElementById("form-answer");
  const examples = JSON.parse(root.getElementById("form-examples").textContent);
  let data = null;
  let file = null; // the history that was chosen, {name, bytes}; null if none was, or if one was pasted since
  form.hidden = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    formError(form, null);
    data ??= JSON.parse(root.getElementById("form-data").textContent);
    try {
      showAnswer(answer, answerReader(data, formRequest(form, file)));
      const heading = answer.querySelector("h3");
      if (heading.getBoundingClientRect().bottom > innerHeight) {
        heading.scrollIntoView({ block: "center" });
      }
    } catch (error) {
      if (!(error instanceof ReaderError)) {
        throw error;
      }
      answer.replaceChildren();
      formError(form, error.message, file);
    }
  });
  takeEvaluated(form);
  form.elements.history.addEventListener("input", () => {
    file = null;
    form.elements["form-file"].value = "";
  });
  form.addEventListener("reset", () => {
    file = null;
    formError(form, null);
    answer.replaceChildren();
  });
  root.getElementById("form-example").addEventListener("change", (event) => {
    const example = examples[Number(event.target.value)];
    if (event.target.value && example) {
      fillForm(form, example);
      form.requestSubmit();
    }
  });
  root.getElementById("form-file").addEventListener("change", async (event) => {
    const [chosen] = event.target.files;
    form.elements.history.value = "";
    try {
      file = chosen ? { name: chosen.name, bytes: await bytesOfFile(chosen) } : null;
    } catch {
      file = null;
      formError(form, `${chosen.name}: cannot be read`, chosen);
    }
  });
}

/** The bytes of a file; of one that is too large, as many as tell so. */
async function bytesOfFile(file) {
  return new Uint8Array(await file.slice(0, MOST_BYTES + 1).arrayBuffer());
}

/** What `answerReader` takes: lists of what was typed, empty where nothing was. file: a history that was chosen. */
function formRequest(form, file) {
  const fields = form.elements;
  const typed = (name) => [fields[name].value].filter((text) => text.trim());
  const pasted = fields.history.value;
  const request = {
    experiment: fields.experiment.value,
    split: fields.split.value || null,
    matrix: typed("matrix"),
    transposed: fields.transposed.checked,
    history: file ?? (pasted.trim() ? { name: PASTED, text: pasted } : null),
    numerics: fields.numerics.value || null,
  };
  for (const name of FORM_NUMBERS) {
    request[name] = typed(name);
  }
  return request;
}

function fillForm(form, example) {
  const chosen = form.elements["form-example"].value;
  form.reset();
  form.elements["form-example"].value = chosen;
  for (const [name, value] of Object.entries(example)) {
    if (name !== "label") {
      form.elements[name].value = value;
    }
  }
}

/** Say what is wrong, and go to the field that the message names; null for nothing. file: a history that was chosen. */
function formError(form, message, file = null) {
  const place = form.querySelector("#form-error");
  place.textContent = message ?? "";
  place.hidden = message === null;
  form.querySelectorAll("[aria-invalid]").forEach((field) => {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  });
  if (message === null) {
    return;
  }
  const names = [...FORM_NUMBERS, "matrix", "history", "split"];
  const named = names.find((name) => message.toLowerCase().includes(name) && form.elements[name].value);
  const isOfFile = file && message.startsWith(`${file.name}:`);
  const field =
    form.elements[isOfFile ? "form-file" : (named ?? names.find((name) => form.elements[name].value) ?? "accuracy")];
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", "form-error");
  field.closest("details")?.setAttribute("open", "");
  field.focus();
}
