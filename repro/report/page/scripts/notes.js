// Where a number comes from: a note opens at the number under the pointer, at the focus, and at a click, which keeps it.

const NOTE_DELAY = 250; // milliseconds under the pointer before a note opens, and away from it before it closes
const NOTE_MARGIN = 8; // pixels

/** Open the notes of all numbers. The browser opens them at a click, and closes them at Escape, by itself. */
export function runNotes(root) {
  oneStopInARow(root);
  let timer = 0;
  let kept = false;
  const numberAt = (event) => (event.target.closest ? event.target.closest(".sourced") : null);
  const noteOf = (button) => document.getElementById(button.getAttribute("popovertarget"));
  const openNote = () => root.querySelector(".run-note:popover-open");
  const show = (button) => {
    const note = noteOf(button);
    if (!note.matches(":popover-open")) {
      note.showPopover({ source: button });
    }
    placeNote(note, button);
  };
  const later = (action) => {
    clearTimeout(timer);
    timer = setTimeout(action, NOTE_DELAY);
  };
  const hide = () => {
    if (!kept) {
      openNote()?.hidePopover();
    }
  };

  root.addEventListener("pointerover", (event) => {
    const button = numberAt(event);
    if (event.pointerType === "touch") {
      return;
    }
    if (button) {
      later(() => {
        kept = kept && noteOf(button).matches(":popover-open");
        show(button);
      });
    } else if (event.target.closest(".run-note")) {
      clearTimeout(timer);
    } else if (openNote() || timer) {
      later(hide);
    }
  });
  root.addEventListener("focusin", (event) => {
    const button = numberAt(event);
    if (button?.matches(":focus-visible")) {
      kept = false;
      show(button);
    }
  });
  root.addEventListener("focusout", (event) => {
    if (numberAt(event) && !event.relatedTarget?.closest(".run-note")) {
      clearTimeout(timer);
      hide();
    }
  });
  root.addEventListener("click", (event) => {
    const button = numberAt(event);
    if (button) {
      event.preventDefault(); // the browser would close what the pointer or the focus opened
      clearTimeout(timer);
      kept = !(kept && noteOf(button).matches(":popover-open"));
      if (kept) {
        show(button);
      } else {
        noteOf(button).hidePopover();
      }
    }
  });
  root.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".run-note") && event.newState === "closed") {
      kept = false;
    }
  }, true);
}

/** All numbers of a row come from the same runs: the tab key stops at the first of them. */
function oneStopInARow(root) {
  for (const row of root.querySelectorAll("tbody tr")) {
    [...row.querySelectorAll(".sourced")].slice(1).forEach((button) => {
      button.tabIndex = -1;
    });
  }
}

/** Below the number, or above it where there is more room; never outside the window. */
function placeNote(note, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = note;
  const { clientWidth, clientHeight } = document.documentElement; // without the scroll bars
  const below = at.bottom + NOTE_MARGIN;
  const top = below + height > clientHeight && at.top > height ? at.top - height - NOTE_MARGIN : below;
  note.style.margin = "0";
  note.style.inset = "auto";
  note.style.left = `${Math.max(NOTE_MARGIN, Math.min(at.left, clientWidth - width - NOTE_MARGIN))}px`;
  note.style.top = `${Math.max(NOTE_MARGIN, Math.min(top, clientHeight - height - NOTE_MARGIN))}px`;
}
