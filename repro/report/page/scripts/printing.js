// On paper nothing can be opened, and the ground is white: while the page is printed, everything is open, and light.

/** Open all details and take the light theme before printing; undo it afterwards. */
export function openForPrinting(view) {
  const { documentElement: root } = view.document;
  let opened = [];
  let theme;
  view.addEventListener("beforeprint", () => {
    opened = [...view.document.querySelectorAll("details:not([open])")];
    opened.forEach((each) => {
      each.open = true;
    });
    theme = root.dataset.theme;
    root.dataset.theme = "light";
  });
  view.addEventListener("afterprint", () => {
    opened.forEach((each) => {
      each.open = false;
    });
    if (theme) {
      root.dataset.theme = theme;
    } else {
      delete root.dataset.theme;
    }
  });
}
