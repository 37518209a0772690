import { render } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Item, RunDifference, RunEntry, Summary } from "../app/api.ts";
import { Comparison } from "./components/compare.tsx";
import { Foreign } from "./components/foreign.tsx";
import { Live, Made, Reasons, ReviewState } from "./components/overview.tsx";
import { FirstPairs, unfoldInPrint } from "./components/pair.tsx";
import { asEdited } from "./components/review.tsx";
import { Trial } from "./components/trial.tsx";
import { Reviewing, type ViewOf } from "./reviewing.tsx";
import { server } from "./viewer-client.ts";
import { useRoute, type ViewerRoute, viewerHref, whileAsked } from "./viewer-hooks.ts";

/** The app: what the address names is shown; decisions go to the server one by one, and the page follows what it says. */
function Viewer({ runs }: { runs: readonly RunEntry[] }) {
  const route = useRoute();
  const run = runs[route.run] ? route.run : 0;
  const [summary, setSummary] = useState<Summary>();
  const [trouble, setTrouble] = useState<string>();
  const [error, setError] = useState<string>();
  const report = useCallback((thrown: unknown) => setError(thrown instanceof Error ? thrown.message : `${thrown}`), []);
  useEffect(() => {
    setSummary(undefined);
    setTrouble(undefined);
    return server.follow(run, setSummary, setTrouble);
  }, [run]);
  const here = { ...route, run };
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header runs={runs} route={here} rows={summary?.rows} />
      <main id="main" tabIndex={-1}>
        {trouble && (
          <p class="notice" role="status">
            <Foreign text={trouble} />
          </p>
        )}
        {error && (
          <p class="notice" role="alert">
            {error}{" "}
            <button type="button" onClick={() => setError(undefined)}>
              Close
            </button>
          </p>
        )}
        {summary === undefined ? (
          !trouble && <p class="none">Reading the run…</p>
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
          pairs={items.map(asEdited)}
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

unfoldInPrint();
server.runs().then(
  (runs) => {
    // A run that can be tried is opened to be tried.
    if (runs[0]?.trial !== undefined && location.hash === "") location.hash = "#/0/try";
    render(<Viewer runs={runs} />, document.getElementById("app")!);
  },
  (error) => render(<p class="notice">{String(error.message)}</p>, document.getElementById("app")!),
);
