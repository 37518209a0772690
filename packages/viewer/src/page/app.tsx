import { render } from "preact";
import { type ShownExample, type ShownExemplar, type ShownPassage, verdicts } from "../shape.ts";
import { Foreign, Outline } from "./components/foreign.tsx";
import { type Choice, focusLine, Neighbours, Pager, PairList, SearchForm } from "./components/list.tsx";
import { FirstPairs, PairDetail, type ReadDocument, type ReadPair, unfoldInPrint } from "./components/pair.tsx";
import { type Entry, type ExampleIndex, openRecords, type Records, readIndex } from "./records.ts";
import { type Filter, hrefOf, type Route, readRoute } from "./route.ts";

const byId = (id: string) => document.getElementById(id)!;
const locale = "en";
const pageSize = 50;
// Milliseconds that nothing was typed before the list follows.
const typingPause = 120;

/** The page of a report: what the address names is shown, and every click and key changes the address. */
class App {
  readonly #records: Records;
  readonly #choices: readonly Choice[];
  #index: ExampleIndex | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  /** Numbers that the filter lets through. */
  #found: readonly number[] = [];
  /** The route of the list and the number of the example that were last drawn, so that neither is drawn again. */
  #drawnList: string | undefined;
  #drawnExample: number | undefined;

  constructor(records: Records) {
    this.#records = records;
    const { paradigms, reasons, tasks } = records.meta;
    this.#choices = [
      choice("verdict", "verdict", verdicts),
      choice("paradigm", "paradigm", paradigms),
      choice("reason", "reason", reasons),
      choice("task", "exemplar's task", tasks),
    ];
  }

  /** Shows the page, and the examples as their index arrives. */
  async start(): Promise<void> {
    addEventListener("hashchange", () => this.#draw());
    addEventListener("keydown", (event) => event.key === "Escape" && closeExample());
    unfoldInPrint();
    this.#draw();
    await this.#drawFirst();
    await readIndex(this.#records, (index) => {
      this.#index = index;
      this.#drawnList = undefined;
      this.#draw();
    });
    byId("examples").dataset.ready = "true";
  }

  async #drawFirst(): Promise<void> {
    const first = await this.#records.first();
    const pairs = first.map(({ sources, ...example }) => ({
      ...example,
      documents: sources.map((passage, i) => ({ ...passage, role: "source" as const, number: i + 1 })),
    }));
    const hrefTo = (place: number) =>
      hrefOf({ view: "examples", filter: { text: "" }, page: 0, open: first[place]!.number });
    render(
      <FirstPairs pairs={pairs} hrefOf={hrefTo} link="Read it whole, with its noise and its prompt" />,
      byId("first"),
    );
  }

  #filterBy(filter: Filter): void {
    history.replaceState(null, "", hrefOf({ view: "examples", filter, page: 0 }));
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
    this.#drawForm(route.filter);
    if (view === "overview") return;
    this.#drawList(route);
    this.#drawExample(route).catch(report);
  }

  #drawForm({ text, ...filter }: Filter): void {
    const chosen = Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, value?.toString()]));
    const now = () => readRoute(location.hash).filter;
    const onText = (typed: string) => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#filterBy({ ...now(), text: typed }), typingPause);
    };
    const onChoose = (name: string, value: string | undefined) =>
      this.#filterBy({ ...now(), [name]: value === undefined ? undefined : Number(value) });
    const form = { text, choices: this.#choices, chosen, onText, onChoose };
    render(<SearchForm {...form} />, byId("filters"));
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
    const pages = Math.max(1, Math.ceil(found.length / pageSize));
    const page = Math.min(route.page, pages - 1);
    const lines = found.slice(page * pageSize, (page + 1) * pageSize).map((number) => this.#line(index.entry(number)));
    byId("found").textContent =
      `${found.length.toLocaleString(locale)} of ${meta.counts.examples.toLocaleString(locale)}`;
    const list = (
      <>
        <PairList
          lines={lines}
          open={route.open}
          start={page * pageSize + 1}
          hrefTo={(open) => hrefOf({ ...route, page, open })}
        />
        <Pager page={page} pages={pages} hrefTo={(page) => hrefOf({ ...route, page, open: undefined })} />
      </>
    );
    render(found.length > 0 ? list : <p class="none">{this.#emptyText(filter)}</p>, byId("list"));
  }

  #line({ number, question, paradigm, verdict, reason }: Entry) {
    const { paradigms, reasons } = this.#records.meta;
    return {
      number,
      question,
      paradigm: paradigms[paradigm] ?? "",
      verdict: verdicts[verdict]!,
      reason: reasons[reason],
    };
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
    const [around, into] = this.#partsOf(detail);
    const place = this.#found.indexOf(open);
    const beside = (step: number) => {
      const target = place < 0 ? undefined : this.#found[place + step];
      return target === undefined ? undefined : hrefOf({ ...route, open: target });
    };
    render(<Neighbours before={beside(-1)} after={beside(1)} close={hrefOf(route)} />, around);
    if (this.#drawnExample === open) return;
    this.#drawnExample = open;
    const { pair, exemplarHref } = await readExample(open, this.#records);
    // Another example may have been opened meanwhile.
    if (this.#drawnExample !== open) return;
    // Nothing of the example before it stays: what was folded open there is folded here.
    render(null, into);
    render(<PairDetail pair={pair} exemplarHref={exemplarHref} />, into);
    detail.scrollTop = 0;
    if (matchMedia("(max-width: 60rem)").matches) detail.scrollIntoView({ block: "start" });
    byId("detail-heading").focus({ preventScroll: true });
  }

  /** Where the links around an example and the example itself are drawn. */
  #partsOf(detail: HTMLElement): [HTMLElement, HTMLElement] {
    while (detail.children.length < 2) detail.append(document.createElement("div"));
    return [...detail.children] as [HTMLElement, HTMLElement];
  }
}

function choice(name: string, label: string, values: readonly string[]): Choice {
  return { name, label, values: values.map((value, i) => [String(i), value]) };
}

/** An address without the page of the list and the opened example, which change nothing about what is filtered by. */
function withoutPlace(href: string): string {
  return href.replace(/[?&](open|page)=\d+/g, "");
}

function placeOrigin(origin: Awaited<ReturnType<typeof originOf>>): void {
  const all = origin && <a href="#examples">Show all examples again</a>;
  render(
    <>
      {origin}
      {all}
    </>,
    byId("origin"),
  );
}

function closeExample(): void {
  const { open, ...route } = readRoute(location.hash);
  if (open === undefined) return;
  location.hash = hrefOf(route);
  focusLine();
}

function report(error: unknown): void {
  byId("found").textContent = error instanceof Error ? error.message : String(error);
}

openRecords()
  .then((records) => new App(records).start())
  .catch(report);

/** One example of a report with all that led there, as the components read it, and where all of its exemplar is shown. */
async function readExample(
  number: number,
  records: Records,
): Promise<{ pair: ReadPair; exemplarHref: string | undefined }> {
  const { documents, sources, exemplar, instructions, prompt, ...example } = await records.get<ShownExample>(
    "examples",
    number,
  );
  const passages = await Promise.all(documents.map(({ passage }) => records.get<ShownPassage>("passages", passage)));
  const fixed = instructions === undefined ? "" : records.meta.instructions[instructions]!;
  const shown = documents.map(({ passage, role, rank, relaxed }, i): ReadDocument => {
    const place = role === "source" ? sources.indexOf(passage) : -1;
    return {
      ...passages[i]!,
      role,
      rank,
      relaxed,
      number: place < 0 ? undefined : place + 1,
      href: hrefOf({ view: "examples", filter: { text: "", passage }, page: 0 }),
    };
  });
  const pair = {
    ...example,
    documents: shown,
    exemplar: exemplar < 0 ? undefined : await records.get<ShownExemplar>("exemplars", exemplar),
    prompt: [fixed, prompt ?? ""].filter(Boolean).join("\n\n"),
  };
  const exemplarHref = pair.exemplar && hrefOf({ view: "examples", filter: { text: "", exemplar }, page: 0 });
  return { pair, exemplarHref };
}

/** What a list is narrowed to: a passage or an exemplar; undefined where it is neither. */
async function originOf(filter: Filter, records: Records) {
  const { passage, exemplar } = filter;
  const { counts } = records.meta;
  if (passage !== undefined && passage < counts.passages) {
    const { id, title, text, metadata } = await records.get<ShownPassage>("passages", passage);
    return (
      <aside class="origin" aria-label="Passage">
        <h2>
          Passage: <Foreign text={title || "untitled"} />
        </h2>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
        <p class="passage" tabIndex={0}>
          <Foreign text={text} />
        </p>
        {metadata && Object.keys(metadata).length > 0 && <Outline value={metadata} />}
        <p class="quiet">
          Id <Foreign text={id} />. Below: what was written from it.
        </p>
      </aside>
    );
  }
  if (exemplar === undefined || exemplar >= counts.exemplars) return undefined;
  const { id, question, source, task, options } = await records.get<ShownExemplar>("exemplars", exemplar);
  return (
    <aside class="origin" aria-label="Exemplar">
      <h2>Exemplar</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <p class="passage" tabIndex={0}>
        <Foreign text={[question, ...(options ?? [])].join("\n")} />
      </p>
      <p class="quiet">
        <Foreign text={`${task}, from ${source}, ${id}`} />. Below: what was written after it.
      </p>
    </aside>
  );
}
