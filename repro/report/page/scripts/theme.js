// Light, dark, or as the system says; remembered if the browser allows.

const THEMES = ["system", "light", "dark"];
const THEME_KEY = "lstm-walkthroughs-theme";

/** Put the choice into an element, and show what was chosen the last time. */
export function themeChoice(place) {
  const select = document.createElement("select");
  for (const name of THEMES) {
    select.add(new Option(name, name));
  }
  const label = document.createElement("label");
  label.append("Theme", select);
  place.append(label);
  select.value = rememberedTheme();
  showTheme(select.value);
  select.addEventListener("change", () => {
    showTheme(select.value);
    rememberTheme(select.value);
  });
}

function showTheme(name) {
  if (name === "system") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = name;
  }
}

/** What was chosen the last time; "system" if nothing was, or if the browser keeps nothing for files. */
function rememberedTheme() {
  try {
    const name = localStorage.getItem(THEME_KEY);
    return THEMES.includes(name) ? name : "system";
  } catch {
    return "system";
  }
}

function rememberTheme(name) {
  try {
    localStorage.setItem(THEME_KEY, name);
  } catch {
    // it is shown all the same
  }
}
