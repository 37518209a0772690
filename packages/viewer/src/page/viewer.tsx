import type { Review } from "@rag-instruct/core";
import { render } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Item, RunDifference, RunEntry, Summary } from "../app/api.ts";
import { verdicts } from "../shape.ts";
import { Comparison } from "./components/compare.tsx";
import { Foreign } from "./components/foreign.tsx";
import { type Choice, Pager, PairList, SearchForm } from "./components/list.tsx";
import { Live, Made, Reasons, ReviewState } from "./components/overview.tsx";
import { FirstPairs } from "./components/pair.tsx";
import { type Deciding, type Mode, ReviewPair } from "./components/review.tsx";
import { Trial } from "./components/trial.tsx";
import { type Found, server } from "./viewer-client.ts";
import { useKeys, useReviewer, useRoute, type ViewerRoute, viewerHref, whileAsked } from "./viewer-hooks.ts";

const pageSize = 50;
const sampleSize = 50;

/** The app: what the address names is shown; decisions go to the server one by one, and the page follows what it says. */
function Viewer({ runs }: { runs: readonly RunEntry[] }) {
  const route = useRoute();
  const run = runs[route.run] ? route.run : 0;
  const [summary, setSummary] = useState<Summary>();
  const [isLost, setLost] = useState(false);
  const [error, setError] = useState<string>();
  const report = useCallback((thrown: unknown) => setError(thrown instanceof Error ? thrown.message : `${thrown}`), []);
  useEffect(() => {
    setSummary(undefined);
    return server.follow(run, setSummary, setLost);
  }, [run]);
  const here = { ...route, run };
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header runs={runs} route={here} rows={summary?.rows} />
      <main id="main" tabIndex={-1}>
        {isLost && <p class="notice">The viewer does not answer. Is it still running? This page goes on when it is.</p>}
        {error && (
          <p class="notice" role="alert">
            {error}{" "}
            <button type="button" onClick={() => setError(undefined)}>
              Close
            </button>
          </p>
        )}
        {summary === undefined ? (
          <p class="none">Reading the run…</p>
        ) : (
          <>
            <Live summary={summary} onStop={() => server.stop(run).catch(report)} />
            {route.view === "try" && runs[run]?.trial !== undefined && (
              <Trial instructions={runs[run].trial} report={report} />
            )}
            {route.view === "overview" && <Overview summary={summary} route={here} report={report} />}
            {route.view === "review" && <Reviewing summary={summary} route={here} report={report} />}
            {route.view === "compare" && <Comparing runs={runs} route={here} report={report} />}
          </>
        )}
      </main>
    </>
  );
}

const views = [
  ["try", "Try"],
  ["overview", "Overview"],
  ["review", "Review"],
  ["compare", "Compare"],
] as const;

function Header({ runs, route, rows }: { runs: readonly RunEntry[]; route: ViewerRoute; rows: number | undefined }) {
  const empty = { ...route, filter: {}, open: undefined };
  return (
    <header>
      <div>
        <h1>RAG-Instruct</h1>
        {runs.length > 1 ? (
          <select
            aria-label="Run"
            value={route.run}
            onChange={(event) => {
              location.hash = viewerHref({ ...empty, run: Number(event.currentTarget.value) });
            }}
          >
            {runs.map(({ number, path }) => (
              <option key={number} value={number}>
                {path}
              </option>
            ))}
          </select>
        ) : (
          <p class="quiet">
            <Foreign text={runs[0]?.path ?? ""} />
          </p>
        )}
      </div>
      <nav aria-label="Views">
        {views
          .filter(([view]) => view !== "compare" || runs.length > 1)
          .filter(([view]) => view !== "try" || runs[route.run]?.trial !== undefined)
          .map(([view, label]) => (
            <a key={view} href={viewerHref({ ...empty, view })} aria-current={view === route.view ? "page" : undefined}>
              {label}{" "}
              {view === "review" && rows !== undefined && <span class="quiet">{rows.toLocaleString("en")}</span>}
            </a>
          ))}
      </nav>
    </header>
  );
}

interface ViewOf {
  summary: Summary;
  route: ViewerRoute;
  report: (error: unknown) => void;
}

function Overview({ summary, route, report }: ViewOf) {
  const [items, setItems] = useState<readonly Item[]>();
  const first = summary.first.join();
  useEffect(() => {
    const asked = summary.first.map((number) => server.pair(route.run, number));
    return whileAsked(Promise.all(asked), setItems, report);
  }, [first, route.run]);
  return (
    <>
      {items && (
        <FirstPairs
          pairs={items}
          hrefOf={(place) => viewerHref({ ...route, view: "review", filter: {}, open: items[place]!.number })}
          link="Read it whole and decide on it"
        />
      )}
      <div class="columns">
        <Made summary={summary} route={route} />
        <ReviewState {...summary} />
        <Reasons summary={summary} route={route} />
      </div>
    </>
  );
}

function Reviewing({ summary, route, report }: ViewOf) {
  const { run, filter, open } = route;
  const [found, setFound] = useState<Found>();
  const [item, setItem] = useState<Item>();
  const [mode, setMode] = useState<Mode>("read");
  const [reviewer, setReviewer] = useReviewer();
  const page = pageOf(found, open);
  const query = new URLSearchParams({ ...filter, size: String(pageSize), from: String(page * pageSize) });
  // Pairs that land and decisions of others change the list.
  const state = `${summary.rows} ${JSON.stringify(summary.reviews)} ${JSON.stringify(summary.paradigms)}`;
  useEffect(() => whileAsked(server.pairs(run, query), setFound, report), [run, query.toString(), state]);
  useEffect(() => {
    if (open === undefined) return setItem(undefined);
    return whileAsked(server.pair(run, open), setItem, report);
  }, [run, open, state]);
  useEffect(() => {
    setMode("read");
    document.getElementById("detail")?.scrollTo(0, 0);
  }, [open]);

  const go = (to: Partial<ViewerRoute>) => {
    location.hash = viewerHref({ ...route, ...to });
  };
  const numbers = found?.numbers ?? [];
  const beside = (step: number) => {
    const place = open === undefined ? -step : numbers.indexOf(open);
    const next = numbers[place < 0 ? 0 : place + step];
    if (next !== undefined) go({ open: next });
  };
  const show = (number: number) => {
    setMode("read");
    if (number === open) server.pair(run, number).then(setItem, report);
    else go({ open: number });
  };
  const { deciding, undo } = useDecisions({ run, item, numbers, reviewer, show, report });
  useKeys({
    j: () => beside(1),
    k: () => beside(-1),
    a: () => deciding.decide("accepted"),
    r: () => item && setMode("rejecting"),
    e: () => item && setMode("editing"),
    u: undo,
    "/": () => document.getElementById("search")?.focus(),
    Escape: () => (mode === "read" ? go({ open: undefined }) : setMode("read")),
  });
  const set = (name: string, value: string | undefined) => {
    go({ filter: { ...filter, [name]: value ?? "" }, open: undefined });
  };
  return (
    <div id="examples" class={item ? "opened" : ""} data-ready={found ? "true" : undefined}>
      <SearchForm
        text={filter.text ?? ""}
        choices={choicesOf(summary)}
        chosen={filter}
        onText={(text) => set("text", text)}
        onChoose={set}
      >
        <div class="field">
          <label for="reviewer">your name</label>
          <input id="reviewer" value={reviewer} onInput={(event) => setReviewer(event.currentTarget.value)} />
        </div>
        <div class="field buttons">
          <button
            type="button"
            onClick={() => go({ filter: { sample: String(sampleSize), seed: "1" }, open: undefined })}
          >
            {`A fair sample of ${sampleSize}`}
          </button>
        </div>
      </SearchForm>
      <ReviewState {...summary} />
      <p class="quiet keys">
        Keys: <kbd>j</kbd> next, <kbd>k</kbd> previous, <kbd>a</kbd> accept, <kbd>r</kbd> reject, <kbd>e</kbd> edit,{" "}
        <kbd>u</kbd> undo, <kbd>/</kbd> search
      </p>
      <div class="split">
        <FoundPairs found={found} rows={summary.rows} route={route} />
        {item && (
          <article id="detail" aria-label="Opened example">
            <ReviewPair key={item.id} item={item} mode={mode} setMode={setMode} deciding={deciding} />
          </article>
        )}
      </div>
    </div>
  );
}

interface DecisionsOf {
  run: number;
  item: Item | undefined;
  /** Numbers of the list, in its order. */
  numbers: readonly number[];
  reviewer: string;
  /** Shows a pair as it is now. */
  show: (number: number) => void;
  report: (error: unknown) => void;
}

/** What can be done with the opened pair, and a way back from the decisions of this visit. */
function useDecisions({ run, item, numbers, reviewer, show, report }: DecisionsOf) {
  const done = useRef<Pick<Item, "id" | "seen" | "number">[]>([]);
  const send = (decision: Review["decision"], { id, seen }: Pick<Item, "id" | "seen">, more: object = {}) =>
    server.decide(run, { id, seen, decision, reviewer, ...more });
  const deciding: Deciding = {
    decide(decision, more) {
      if (!item) return;
      const { number } = item;
      send(decision, item, more).then(() => {
        if (decision === "undone") return show(number);
        done.current.push(item);
        show(numbers[numbers.indexOf(number) + 1] ?? number);
      }, report);
    },
    check: (edit) => server.check(run, item?.number ?? 0, edit),
    judge: (edit, line) => {
      const answer = server.judge(run, item?.number ?? 0, edit, line);
      answer.catch(report);
      return answer;
    },
  };
  /** Takes the last decision back and shows its pair again; without one, that of the opened pair. */
  const undo = () => {
    const last = done.current.pop();
    if (last) send("undone", last).then(() => show(last.number), report);
    else if (item?.review) deciding.decide("undone");
  };
  return { deciding, undo };
}

function FoundPairs({ found, rows, route }: { found: Found | undefined; rows: number; route: ViewerRoute }) {
  const { filter, open } = route;
  const page = pageOf(found, open);
  const hrefTo = (number: number | undefined) => viewerHref({ ...route, open: number });
  return (
    <section class="found" aria-label="List of examples">
      <p class="quiet" id="found" role="status">
        {found ? `${found.total.toLocaleString("en")} of ${rows.toLocaleString("en")}` : "Reading…"}
        {filter.sample && `, drawn by chance with an equal share of each paradigm (seed ${filter.seed ?? 1})`}
      </p>
      {found && found.total === 0 && <p class="none">Nothing fits. Take a word or a filter away.</p>}
      {found && <PairList lines={found.rows} open={open} start={page * pageSize + 1} hrefTo={hrefTo} />}
      {found && (
        <Pager
          page={page}
          pages={Math.ceil(found.total / pageSize)}
          hrefTo={(to) => hrefTo(found.numbers[to * pageSize])}
        />
      )}
    </section>
  );
}

/** The page of the list on which a pair stands; the first where it is not in the list. */
function pageOf(found: Found | undefined, open: number | undefined): number {
  const place = open === undefined ? 0 : (found?.numbers.indexOf(open) ?? 0);
  return Math.floor(Math.max(0, place) / pageSize);
}

function choicesOf({ paradigms, reasons, languages }: Summary): Choice[] {
  const plain = (values: readonly string[]) => values.map((value) => [value, value] as const);
  return [
    { name: "verdict", label: "verdict", values: plain(verdicts) },
    { name: "paradigm", label: "paradigm", values: plain(Object.keys(paradigms)) },
    { name: "reason", label: "reason", values: plain(Object.keys(reasons)) },
    {
      name: "review",
      label: "review",
      values: [["none", "not reviewed"], ["any", "reviewed"], ...plain(["accepted", "rejected", "edited"])],
    },
    { name: "language", label: "language", values: plain(languages) },
  ];
}

function Comparing({ runs, route, report }: { runs: readonly RunEntry[] } & Omit<ViewOf, "summary">) {
  const { run } = route;
  const other = Number(route.filter.with ?? (run === 0 ? 1 : 0));
  const [difference, setDifference] = useState<RunDifference>();
  useEffect(() => {
    setDifference(undefined);
    return whileAsked(server.compare(run, other), setDifference, report);
  }, [run, other]);
  return (
    <>
      <form>
        <div class="field">
          <label for="with">compare with</label>
          <select
            id="with"
            value={other}
            onChange={(event) => {
              location.hash = viewerHref({ ...route, filter: { with: event.currentTarget.value } });
            }}
          >
            {runs.map(({ number, path }) => number !== run && <option value={number}>{path}</option>)}
          </select>
        </div>
      </form>
      {difference === undefined ? (
        <p class="none">Reading both runs…</p>
      ) : (
        <Comparison difference={difference} names={namesOf(runs[run]!, runs[other]!)} />
      )}
    </>
  );
}

/** What two runs are called beside each other. */
function namesOf(one: RunEntry, other: RunEntry): [string, string] {
  return one.name === other.name ? [one.path, other.path] : [one.name, other.name];
}

server.runs().then(
  (runs) => {
    // A run that can be tried is opened to be tried.
    if (runs[0]?.trial !== undefined && location.hash === "") location.hash = "#/0/try";
    render(<Viewer runs={runs} />, document.getElementById("app")!);
  },
  (error) => render(<p class="notice">{String(error.message)}</p>, document.getElementById("app")!),
);
