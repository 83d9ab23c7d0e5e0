// On paper nothing can be opened: everything is open while the page is printed.

/** Open all details before printing, and close them after it. */
export function openForPrinting(view) {
  let opened = [];
  view.addEventListener("beforeprint", () => {
    opened = [...view.document.querySelectorAll("details:not([open])")];
    opened.forEach((each) => {
      each.open = true;
    });
  });
  view.addEventListener("afterprint", () => {
    opened.forEach((each) => {
      each.open = false;
    });
  });
}
