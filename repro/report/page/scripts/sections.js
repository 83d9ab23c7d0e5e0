// Marks in the list of sections where the reader is.

/** Mark the link to the section that the upper part of the window shows; at the end of the page, the last one. */
export function markSection(root) {
  const links = [...root.querySelectorAll("nav a")];
  const sections = links.map((link) => root.getElementById(link.hash.slice(1)));
  const mark = () => {
    const view = root.defaultView;
    const begun = sections.filter((section) => section.getBoundingClientRect().top <= 0.2 * view.innerHeight).length;
    const atEnd = view.scrollY + view.innerHeight >= root.documentElement.scrollHeight - 2;
    const current = atEnd ? links.at(-1) : links[Math.max(begun - 1, 0)];
    if (!current.hasAttribute("aria-current")) {
      links.forEach((link) => link.removeAttribute("aria-current"));
      current.setAttribute("aria-current", "location");
      const list = current.closest("ul");
      list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2;
    }
  };
  root.defaultView.addEventListener("scroll", mark, { passive: true });
  mark();
}
