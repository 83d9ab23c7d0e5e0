// Marks in the list of sections where the reader is.

/** Mark the link to the section that the upper part of the window shows. */
export function markSection(root) {
  const links = new Map([...root.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((each) => each.isIntersecting)) {
        links.forEach((link) => link.removeAttribute("aria-current"));
        const link = links.get(entry.target.id);
        link.setAttribute("aria-current", "location");
        const list = link.closest("ul");
        list.scrollLeft = link.offsetLeft - (list.clientWidth - link.offsetWidth) / 2;
      }
    },
    { rootMargin: "-15% 0px -80% 0px" },
  );
  for (const id of links.keys()) {
    watch.observe(root.getElementById(id));
  }
}
