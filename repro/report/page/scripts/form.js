// The form: takes what a reader typed, and shows what it means.
import { answerReader } from "./form_answer.js";
import { ReaderError } from "./errors.js";
import { takeEvaluated } from "./form_paste.js";
import { showAnswer } from "./form_shown.js";

const FORM_NUMBERS = ["accuracy", "loss", "sensitivity", "specificity", "auc"];

/** Make the form work. The data are read when they are asked for the first time: they are large. */
export function startForm(root) {
  const form = root.getElementById("form");
  const answer = root.getElementById("form-answer");
  const examples = JSON.parse(root.getElementById("form-examples").textContent);
  let data = null;
  form.hidden = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    formError(form, null);
    data ??= JSON.parse(root.getElementById("form-data").textContent);
    try {
      showAnswer(answer, answerReader(data, formRequest(form)));
      const heading = answer.querySelector("h3");
      if (heading.getBoundingClientRect().bottom > innerHeight) {
        heading.scrollIntoView({ block: "center" });
      }
    } catch (error) {
      if (!(error instanceof ReaderError)) {
        throw error;
      }
      answer.replaceChildren();
      formError(form, error.message);
    }
  });
  takeEvaluated(form);
  form.elements.history.addEventListener("input", () => {
    delete form.dataset.file;
  });
  form.addEventListener("reset", () => {
    delete form.dataset.file;
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
    const [file] = event.target.files;
    if (file) {
      form.elements.history.value = await file.text();
      form.dataset.file = file.name;
    }
  });
}

/** What `answerReader` takes: lists of what was typed, empty where nothing was. */
function formRequest(form) {
  const fields = form.elements;
  const typed = (name) => [fields[name].value].filter((text) => text.trim());
  const history = fields.history.value;
  const request = {
    experiment: fields.experiment.value,
    split: fields.split.value || null,
    matrix: typed("matrix"),
    transposed: fields.transposed.checked,
    history: history.trim() ? { name: form.dataset.file || formHistoryName(history), text: history } : null,
    numerics: fields.numerics.value || null,
  };
  for (const name of FORM_NUMBERS) {
    request[name] = typed(name);
  }
  return request;
}

/** A name for what was pasted: its ending says how it is written. */
function formHistoryName(text) {
  return /^\s*[[{]/.test(text) ? "history.json" : "history.csv";
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

/** Say what is wrong, and go to the field that the message names; null for nothing. */
function formError(form, message) {
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
  const field = form.elements[named ?? names.find((name) => form.elements[name].value) ?? "accuracy"];
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", "form-error");
  field.closest("details")?.setAttribute("open", "");
  field.focus();
}
