import { exampleDetail } from "./detail.ts";
import { element } from "./elements.ts";
import { searchForm } from "./filters.ts";
import { type ExampleIndex, readIndex } from "./index-of-examples.ts";
import { listPage } from "./list.ts";
import { originOf } from "./origin.ts";
import { openRecords, type Records } from "./records.ts";
import { hrefOf, type Route, readRoute } from "./route.ts";

const byId = (id: string) => document.getElementById(id)!;
const locale = "en";

/** Everything that changes while the page is used. */
interface State {
  records: Records;
  index: ExampleIndex | undefined;
  search: ReturnType<typeof searchForm>;
  /** What was last drawn, so that the same list or example is not drawn again. */
  drawn: { list?: string; open?: number | undefined };
  /** Numbers that the filter lets through. */
  found: readonly number[];
}

async function start(): Promise<void> {
  const records = await openRecords();
  const search = searchForm(records.meta, (filter) => {
    const { filter: before } = readRoute(location.hash);
    const { passage, exemplar } = before;
    history.replaceState(null, "", hrefOf({ view: "examples", filter: { ...filter, passage, exemplar }, page: 0 }));
    draw(state);
  });
  const state: State = { records, index: undefined, search, drawn: {}, found: [] };
  byId("filters").append(search.form);
  addEventListener("hashchange", () => draw(state));
  addEventListener("keydown", (event) => event.key === "Escape" && closeExample());
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  draw(state);
  await readIndex(records, (index) => {
    state.index = index;
    delete state.drawn.list;
    draw(state);
  });
  byId("examples").dataset.ready = "true";
}

function draw(state: State): void {
  const route = readRoute(location.hash);
  const { view } = route;
  byId("overview").hidden = view !== "overview";
  byId("examples").hidden = view !== "examples";
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.getAttribute("data-view") === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (view === "overview") return;
  state.search.show(route.filter);
  drawList(route, state);
  drawExample(route, state).catch(report);
}

function drawList(route: Route, state: State): void {
  const { index, records, drawn } = state;
  const shown = hrefOf(route);
  if (!index || drawn.list === shown) return;
  const { filter } = route;
  if (drawn.list === undefined || !sameFilter(drawn.list, route)) originOf(filter, records).then(placeOrigin, report);
  drawn.list = shown;
  const found = index.find(filter);
  state.found = found;
  const all = records.meta.counts.examples.toLocaleString(locale);
  byId("found").textContent = `${found.length.toLocaleString(locale)} of ${all}`;
  byId("list").replaceChildren(
    found.length > 0
      ? listPage(found, { index, route, meta: records.meta })
      : element(
          "p",
          { class: "none" },
          emptyText(records, filter.passage !== undefined || filter.exemplar !== undefined),
        ),
  );
}

function sameFilter(drawn: string, route: Route): boolean {
  return drawn.replace(/[?&](open|page)=\d+/g, "") === hrefOf(route).replace(/[?&](open|page)=\d+/g, "");
}

function placeOrigin(origin: HTMLElement | undefined): void {
  const all = element("a", { href: "#examples" }, "Show all examples again");
  byId("origin").replaceChildren(...(origin ? [origin, all] : []));
}

function emptyText({ meta }: Records, isOrigin: boolean): string {
  if (isOrigin) return "Nothing was written from it.";
  return meta.counts.examples === 0 ? "This run has no examples." : "Nothing fits. Take a word or a filter away.";
}

async function drawExample({ open, ...route }: Route, state: State): Promise<void> {
  const { records, drawn } = state;
  const detail = byId("detail");
  const isOpen = open !== undefined && open < records.meta.counts.examples;
  detail.hidden = !isOpen;
  byId("examples").classList.toggle("opened", isOpen);
  if (!isOpen || drawn.open === open) {
    drawn.open = isOpen ? open : undefined;
    // The list around it may have changed.
    if (isOpen) detail.querySelector(".around")?.replaceWith(waysOut(open, route, state.found));
    return;
  }
  drawn.open = open;
  const parts = await exampleDetail(open, records);
  // Another example may have been opened meanwhile.
  if (drawn.open !== open) return;
  detail.replaceChildren(waysOut(open, route, state.found), ...parts);

  detail.scrollTop = 0;
  if (matchMedia("(max-width: 60rem)").matches) detail.scrollIntoView({ block: "start" });
  byId("detail-heading").focus({ preventScroll: true });
}

/** To the examples beside this one in the list, and back to the list. */
function waysOut(open: number, route: Route, found: readonly number[]): HTMLElement {
  const place = found.indexOf(open);
  const to = (target: number | undefined, label: string) =>
    target === undefined || place < 0 ? undefined : element("a", { href: hrefOf({ ...route, open: target }) }, label);
  return element(
    "nav",
    { class: "around", "aria-label": "Around this example" },
    to(found[place - 1], "Previous"),
    to(found[place + 1], "Next"),
    element("a", { href: hrefOf(route) }, "Close"),
  );
}

function closeExample(): void {
  const { open, ...route } = readRoute(location.hash);
  if (open === undefined) return;
  location.hash = hrefOf(route);
  document.querySelector<HTMLElement>(".list a[aria-current], .list a")?.focus();
}

function report(error: unknown): void {
  byId("found").textContent = error instanceof Error ? error.message : String(error);
}

start().catch(report);
