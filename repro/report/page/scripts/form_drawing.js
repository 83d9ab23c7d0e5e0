// A reader's number as a line on the runs' numbers, each a dot.

const DRAWN_WIDTH = 340; // pixels, as the other drawings
const DRAWN_MARGIN = 10;
const DRAWN_RADIUS = 3.5; // of the room of a dot; the dot itself leaves some of it
const DRAWN_HEAD = 16; // for the reader's number
const DRAWN_NAME = 20; // for the name of a group, above its dots
const DRAWN_GAP = 8;
const DRAWN_APART = 120; // so far apart are two numbers below the axis, or they are written as one
const SVG_NAMES = "http://www.w3.org/2000/svg";

/** `{name, given, isShare, groups: [{change, isChanged, values}]}` as a figure; null without runs. */
export function drawnNumber({ name, given, isShare, groups }) {
  const values = groups.flatMap((group) => group.values);
  if (!values.length) {
    return null;
  }
  const shown = (value) => (isShare ? `${(100 * value).toFixed(2)} %` : value.toFixed(4));
  const range = (some) => `${shown(Math.min(...some))} to ${shown(Math.max(...some))}`;
  const x = drawnScale([given, ...values]);
  const ranges = groups.map((group) => `${drawnLabel(group)}: ${range(group.values)}`);
  const svg = svgElement("svg", { role: "img", "aria-label": `${name}: yours ${shown(given)}; ${ranges.join("; ")}` });
  let y = DRAWN_HEAD;
  groups.forEach((group, place) => {
    y = DRAWN_GAP + drawGroup(svg, group, place ? "asked" : "unchanged", x, y);
  });
  const side = x(given) > DRAWN_WIDTH / 2 ? "end" : "start";
  const yours = svgText(x(given) + (side === "end" ? 4 : -4), 12, `yours ${shown(given)}`, side);
  yours.setAttribute("class", "given-text");
  svg.append(
    svgElement("line", { x1: x(given), x2: x(given), y1: DRAWN_HEAD, y2: y - DRAWN_GAP, class: "given" }),
    yours,
    ...drawnEnds(values, x, y + 8, shown, range),
  );
  svg.setAttribute("viewBox", `0 0 ${DRAWN_WIDTH} ${Math.ceil(y + 14)}`);
  const figure = document.createElement("figure");
  figure.className = "strip";
  const caption = document.createElement("figcaption");
  caption.textContent = name;
  figure.append(caption, svg);
  return figure;
}

/** Takes a number, gives its place in pixels; with some room beside the smallest and the largest. */
function drawnScale(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  const perUnit = (DRAWN_WIDTH - 2 * DRAWN_MARGIN) / (high - low + 2 * room);
  return (value) => DRAWN_MARGIN + perUnit * (value - low + room);
}

/** Draw the dots of a group from `top` on, above a line; returns where the line is. */
function drawGroup(svg, group, look, x, top) {
  svg.append(svgText(DRAWN_MARGIN, top + 12, drawnLabel(group)));
  const places = group.values.map(x);
  const below = stackedDots(places);
  const base = top + DRAWN_NAME + (Math.max(0, ...below) + 1) * 2 * DRAWN_RADIUS;
  places.forEach((cx, run) => {
    const cy = base - (2 * below[run] + 1) * DRAWN_RADIUS;
    const at = { cx: cx.toFixed(1), cy: cy.toFixed(1), r: DRAWN_RADIUS - 0.5 };
    svg.append(svgElement("circle", { ...at, class: look }));
  });
  const ends = { x1: DRAWN_MARGIN, x2: DRAWN_WIDTH - DRAWN_MARGIN, y1: base, y2: base };
  svg.append(svgElement("line", { ...ends, class: "axis" }));
  return base;
}

/** The smallest and the largest number below their places; as one text if there is no room for two. */
function drawnEnds(values, x, y, shown, range) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (x(high) - x(low) > DRAWN_APART) {
    return [svgText(x(low) - DRAWN_RADIUS, y, shown(low)), svgText(x(high) + DRAWN_RADIUS, y, shown(high), "end")];
  }
  const onTheRight = x(low) > DRAWN_WIDTH / 2;
  const at = onTheRight ? x(high) + DRAWN_RADIUS : x(low) - DRAWN_RADIUS;
  return [svgText(at, y, range(values), onTheRight ? "end" : "start")];
}

function drawnLabel({ change, isChanged, values }) {
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
