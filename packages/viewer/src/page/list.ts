import { type ReportMeta, verdicts } from "../shape.ts";
import { visibleString } from "../visible-text.ts";
import { element, foreign } from "./elements.ts";
import type { Entry, ExampleIndex } from "./records.ts";
import { type Filter, hrefOf, type Route } from "./route.ts";

const pageSize = 50;
// What a line shows of a long question.
const maxShown = 220;

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

/** One page of the list, with the way to the pages around it. */
export function listPage(
  found: readonly number[],
  { index, route, meta }: { index: ExampleIndex; route: Route; meta: ReportMeta },
): HTMLElement {
  const pages = Math.max(1, Math.ceil(found.length / pageSize));
  const page = Math.min(route.page, pages - 1);
  const items = found.slice(page * pageSize, (page + 1) * pageSize).map((number) => {
    const entry = index.entry(number);
    const current = number === route.open ? "true" : undefined;
    const href = hrefOf({ ...route, page, open: number });
    return element("li", {}, element("a", { href, "aria-current": current }, ...lineOf(entry, meta)));
  });
  const list = element(
    "ol",
    { class: "list", start: String(page * pageSize + 1), "aria-label": "Examples found" },
    items,
  );
  list.addEventListener("keydown", moveWithin);
  return element("div", {}, list, pages > 1 ? pager({ ...route, page }, pages) : undefined);
}

function lineOf({ question, paradigm, verdict, reason }: Entry, meta: ReportMeta): HTMLElement[] {
  const name = verdicts[verdict]!;
  const why = reason < 0 ? "" : meta.reasons[reason]!;
  const cut = question.length > maxShown ? `${question.slice(0, maxShown)}…` : question;
  return [
    element(
      "span",
      { class: "line-question" },
      cut ? foreign(cut) : element("em", {}, "no question: the reply could not be read"),
    ),
    element(
      "span",
      { class: "line-facts" },
      element("span", { class: `verdict ${name}` }, name),
      foreign(meta.paradigms[paradigm] ?? ""),
      why ? foreign(why) : undefined,
    ),
  ];
}

function pager(route: Route, pages: number): HTMLElement {
  const to = (page: number, label: string) =>
    page < 0 || page >= pages
      ? element("span", { class: "off" }, label)
      : element(
          "a",
          { href: hrefOf({ ...route, page, open: undefined }), rel: page < route.page ? "prev" : "next" },
          label,
        );
  return element(
    "nav",
    { class: "pager", "aria-label": "Pages of the list" },
    to(route.page - 1, "← Before"),
    element("span", {}, `Page ${(route.page + 1).toLocaleString("en")} of ${pages.toLocaleString("en")}`),
    to(route.page + 1, "After →"),
  );
}

/** Arrow keys go from line to line. */
function moveWithin(this: HTMLElement, event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...this.querySelectorAll("a")];
  links[links.indexOf(document.activeElement as HTMLAnchorElement) + step]?.focus();
  event.preventDefault();
}
