// The script of the page: what works without it is in the page itself.
import { themeChoice } from "./theme.js";
import { sortableTables } from "./sorting.js";
import { runNotes } from "./notes.js";
import { openForPrinting } from "./printing.js";
import { markSection } from "./sections.js";
import { startForm } from "./form.js";

themeChoice(document.getElementById("theme"));
sortableTables(document);
runNotes(document);
openForPrinting(window);
markSection(document);
startForm(document);
