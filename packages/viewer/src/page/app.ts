import { exampleDetail, originOf } from "./detail.ts";
import { element } from "./elements.ts";
import { listPage, searchForm } from "./list.ts";
import { type ExampleIndex, openRecords, type Records, readIndex } from "./records.ts";
import { type Filter, hrefOf, type Route, readRoute } from "./route.ts";

const byId = (id: string) => document.getElementById(id)!;
const locale = "en";

/** The page: what the address names is shown, and every click and key changes the address. */
class App {
  readonly #records: Records;
  readonly #search: ReturnType<typeof searchForm>;
  #index: ExampleIndex | undefined;
  /** Numbers that the filter lets through. */
  #found: readonly number[] = [];
  /** The route of the list and the number of the example that were last drawn, so that neither is drawn again. */
  #drawnList: string | undefined;
  #drawnExample: number | undefined;

  constructor(records: Records) {
    this.#records = records;
    this.#search = searchForm(records.meta, (filter) => this.#filterBy(filter));
  }

  /** Shows the page, and the examples as their index arrives. */
  async start(): Promise<void> {
    byId("filters").append(this.#search.form);
    addEventListener("hashchange", () => this.#draw());
    addEventListener("keydown", (event) => event.key === "Escape" && closeExample());
    addEventListener("beforeprint", () => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    this.#draw();
    await readIndex(this.#records, (index) => {
      this.#index = index;
      this.#drawnList = undefined;
      this.#draw();
    });
    byId("examples").dataset.ready = "true";
  }

  #filterBy(filter: Filter): void {
    const { passage, exemplar } = readRoute(location.hash).filter;
    history.replaceState(null, "", hrefOf({ view: "examples", filter: { ...filter, passage, exemplar }, page: 0 }));
    this.#draw();
  }

  #draw(): void {
    const route = readRoute(location.hash);
    const { view } = route;
    byId("overview").hidden = view !== "overview";
    byId("examples").hidden = view !== "examples";
    for (const link of document.querySelectorAll("[data-view]")) {
      if (link.getAttribute("data-view") === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (view === "overview") return;
    this.#search.show(route.filter);
    this.#drawList(route);
    this.#drawExample(route).catch(report);
  }

  #drawList(route: Route): void {
    const { filter } = route;
    const { meta } = this.#records;
    const index = this.#index;
    const shown = hrefOf(route);
    if (!index || this.#drawnList === shown) return;
    if (this.#drawnList === undefined || withoutPlace(this.#drawnList) !== withoutPlace(shown)) {
      originOf(filter, this.#records).then(placeOrigin, report);
    }
    this.#drawnList = shown;
    const found = index.find(filter);
    this.#found = found;
    byId("found").textContent =
      `${found.length.toLocaleString(locale)} of ${meta.counts.examples.toLocaleString(locale)}`;
    byId("list").replaceChildren(
      found.length > 0
        ? listPage(found, { index, route, meta })
        : element("p", { class: "none" }, this.#emptyText(filter)),
    );
  }

  #emptyText({ passage, exemplar }: Filter): string {
    if (passage !== undefined || exemplar !== undefined) return "Nothing was written from it.";
    if (this.#records.meta.counts.examples === 0) return "This run has no examples.";
    return "Nothing fits. Take a word or a filter away.";
  }

  async #drawExample({ open, ...route }: Route): Promise<void> {
    const detail = byId("detail");
    const isOpen = open !== undefined && open < this.#records.meta.counts.examples;
    detail.hidden = !isOpen;
    byId("examples").classList.toggle("opened", isOpen);
    if (!isOpen) {
      this.#drawnExample = undefined;
      return;
    }
    if (this.#drawnExample === open) {
      // The list around it may have changed.
      detail.querySelector(".around")?.replaceWith(neighbours(open, route, this.#found));
      return;
    }
    this.#drawnExample = open;
    const parts = await exampleDetail(open, this.#records);
    // Another example may have been opened meanwhile.
    if (this.#drawnExample !== open) return;
    detail.replaceChildren(neighbours(open, route, this.#found), ...parts);

    detail.scrollTop = 0;
    if (matchMedia("(max-width: 60rem)").matches) detail.scrollIntoView({ block: "start" });
    byId("detail-heading").focus({ preventScroll: true });
  }
}

/** An address without the page of the list and the opened example, which change nothing about what is filtered by. */
function withoutPlace(href: string): string {
  return href.replace(/[?&](open|page)=\d+/g, "");
}

function placeOrigin(origin: HTMLElement | undefined): void {
  const all = element("a", { href: "#examples" }, "Show all examples again");
  byId("origin").replaceChildren(...(origin ? [origin, all] : []));
}

/** Links to the examples beside an opened one in the list, and back to the list. */
function neighbours(open: number, route: Route, found: readonly number[]): HTMLElement {
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

openRecords()
  .then((records) => new App(records).start())
  .catch(report);
