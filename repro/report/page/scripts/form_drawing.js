// A reader's number as a line on the runs' numbers, each a dot.

const DRAWN_WIDTH = 340;
const DRAWN_LEFT = 10;
const DRAWN_RADIUS = 3.5;
const DRAWN_ROW = 20; // pixels for the name of a group above its dots
const SVG_NAMES = "http://www.w3.org/2000/svg";

/** `{name, given, is_share, groups: [{change, is_changed, values}]}` as a figure; null without runs. */
export function drawnNumber({ name, given, is_share: isShare, groups }) {
  const values = groups.flatMap((group) => group.values);
  if (!values.length) {
    return null;
  }
  const low = Math.min(given, ...values);
  const high = Math.max(given, ...values);
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  const span = high - low + 2 * room;
  const inner = DRAWN_WIDTH - 2 * DRAWN_LEFT;
  const x = (value) => DRAWN_LEFT + (inner * (value - low + room)) / span;
  const shown = (value) => (isShare ? `${(100 * value).toFixed(2)} %` : value.toFixed(4));

  const svg = svgElement("svg", { role: "img" });
  let y = 16;
  groups.forEach((group, place) => {
    svg.append(svgText(DRAWN_LEFT, y + 12, drawnLabel(group)));
    const heights = stackedDots(group.values.map(x));
    const tallest = Math.max(0, ...heights);
    const base = y + DRAWN_ROW + (tallest + 1) * 2 * DRAWN_RADIUS;
    group.values.forEach((value, run) => {
      const at = { cx: x(value).toFixed(1), cy: (base - (2 * heights[run] + 1) * DRAWN_RADIUS).toFixed(1), r: DRAWN_RADIUS - 0.5 };
      svg.append(svgElement("circle", { ...at, class: place ? "asked" : "unchanged" }));
    });
    svg.append(svgElement("line", { x1: DRAWN_LEFT, x2: DRAWN_WIDTH - DRAWN_LEFT, y1: base, y2: base, class: "axis" }));
    y = base + 8;
  });
  const ends = svgText(DRAWN_LEFT, y + 8, shown(Math.min(...values)));
  const last = svgText(DRAWN_WIDTH - DRAWN_LEFT, y + 8, shown(Math.max(...values)), "end");
  const side = x(given) > DRAWN_WIDTH / 2 ? "end" : "start";
  const yours = svgText(x(given) + (side === "end" ? 4 : -4), 12, `yours ${shown(given)}`, side);
  yours.setAttribute("class", "given-text");
  svg.append(svgElement("line", { x1: x(given), x2: x(given), y1: 16, y2: y - 8, class: "given" }), yours, ends, last);
  svg.setAttribute("viewBox", `0 0 ${DRAWN_WIDTH} ${Math.ceil(y + 14)}`);
  const alone = groups.map((group) => `${drawnLabel(group)}: ${shown(Math.min(...group.values))} to ${shown(Math.max(...group.values))}`);
  svg.setAttribute("aria-label", `${name}: yours ${shown(given)}; ${alone.join("; ")}`);

  const figure = document.createElement("figure");
  figure.className = "strip";
  const caption = document.createElement("figcaption");
  caption.textContent = name;
  figure.append(caption, svg);
  return figure;
}

function drawnLabel({ change, is_changed: isChanged, values }) {
  const runs = values.length === 1 ? "1 run" : `${values.length} runs`;
  return `${runs}, ${isChanged ? change : "unchanged"}`;
}

/** How many dots lie under each, so that none covers another. */
function stackedDots(places) {
  const order = places.map((_, index) => index).sort((a, b) => places[a] - places[b]);
  const levels = [];
  const heights = new Array(places.length).fill(0);
  for (const index of order) {
    let level = 0;
    while (levels[level] !== undefined && places[index] - levels[level] < 2 * DRAWN_RADIUS) {
      level += 1;
    }
    levels[level] = places[index];
    heights[index] = level;
  }
  return heights;
}

function svgElement(tag, attributes) {
  const element = document.createElementNS(SVG_NAMES, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  return element;
}

function svgText(x, y, text, anchor = "start") {
  const element = svgElement("text", { x: Number(x).toFixed(1), y, "text-anchor": anchor });
  element.textContent = text;
  return element;
}
