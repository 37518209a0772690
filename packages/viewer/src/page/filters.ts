import { type ReportMeta, verdicts } from "../shape.ts";
import { visibleString } from "../visible-text.ts";
import { element } from "./elements.ts";
import type { Filter } from "./index-of-examples.ts";

type Choice = "paradigm" | "verdict" | "reason" | "task";

/** The search form: a field and a list for each thing to filter by. `onChange` gets what it says now. */
export function searchForm(
  meta: ReportMeta,
  onChange: (filter: Filter) => void,
): { form: HTMLElement; show(filter: Filter): void } {
  const text = element("input", { type: "search", name: "q", id: "search", autocomplete: "off" });
  const lists: Record<Choice, HTMLSelectElement> = {
    verdict: choice("verdict", "any", verdicts),
    paradigm: choice("paradigm", "any", meta.paradigms),
    reason: choice("reason", "any", meta.reasons),
    task: choice("task", "any", meta.tasks),
  };
  const read = () => {
    const filter: Filter = { text: text.value };
    for (const [name, list] of Object.entries(lists)) {
      filter[name as Choice] = list.value === "" ? undefined : Number(list.value);
    }
    onChange(filter);
  };
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(read, 120);
  };
  text.addEventListener("input", soon);
  for (const list of Object.values(lists)) list.addEventListener("change", read);
  const form = element(
    "form",
    { role: "search", "aria-label": "Examples" },
    field("Words of question or answer", text, "wide"),
    Object.entries(lists).map(([name, list]) => field(name === "task" ? "exemplar's task" : name, list)),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  return {
    form,
    show(filter) {
      if (document.activeElement !== text) text.value = filter.text;
      for (const [name, list] of Object.entries(lists)) list.value = String(filter[name as Choice] ?? "");
    },
  };
}

function choice(name: string, any: string, options: readonly string[]): HTMLSelectElement {
  return element(
    "select",
    { name, id: `choose-${name}` },
    element("option", { value: "" }, any),
    options.map((option, i) => element("option", { value: String(i) }, visibleString(option).slice(0, 80))),
  );
}

function field(label: string, control: HTMLElement, className = ""): HTMLElement {
  return element("div", { class: `field ${className}` }, element("label", { for: control.id }, label), control);
}
