import type { Review } from "@rag-instruct/core";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Item, Summary } from "../app/api.ts";
import { verdicts } from "../shape.ts";
import { type Choice, focusLine, Neighbours, Pager, PairList, SearchForm } from "./components/list.tsx";
import { ReviewState } from "./components/overview.tsx";
import { type Deciding, type Mode, ReviewPair } from "./components/review.tsx";
import { type Found, server } from "./viewer-client.ts";
import {
  goInstead,
  keepDraft,
  useKeys,
  useReviewer,
  type ViewerRoute,
  viewerHref,
  whileAsked,
} from "./viewer-hooks.ts";

const pageSize = 50;
const sampleSize = 50;

/** What each view of a run is given. */
export interface ViewOf {
  summary: Summary;
  route: ViewerRoute;
  report: (error: unknown) => void;
}

/** The list of a run's pairs, and the opened one to decide on. */
export function Reviewing({ summary, route, report }: ViewOf) {
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
    return numbers[place < 0 ? 0 : place + step];
  };
  const hrefBeside = (step: number) => {
    const next = open !== undefined && numbers.includes(open) ? beside(step) : undefined;
    return next === undefined ? undefined : viewerHref({ ...route, open: next });
  };
  const step = (by: number) => {
    const next = beside(by);
    if (next !== undefined) go({ open: next });
  };
  const show = (number: number) => {
    setMode("read");
    if (number === open) server.pair(run, number).then(setItem, report);
    else go({ open: number });
  };
  // Of the next one, which is not there yet, nobody has read a word.
  const read = item?.number === open ? item : undefined;
  const { deciding, undo } = useDecisions({ run, item: read, numbers, reviewer, show, report });
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    a: () => deciding.decide("accepted"),
    r: () => item && setMode("rejecting"),
    e: () => item && setMode("editing"),
    u: undo,
    "/": () => document.getElementById("search")?.focus(),
    Escape: () => (mode === "read" ? close() : setMode("read")),
  });
  const close = () => {
    go({ open: undefined });
    focusLine();
  };
  const set = (name: string, value: string | undefined) => {
    goInstead({ ...route, filter: { ...filter, [name]: value ?? "" }, open: undefined });
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
            onClick={() =>
              go({ filter: { verdict: "accepted", sample: String(sampleSize), seed: "1" }, open: undefined })
            }
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
            <Neighbours
              before={hrefBeside(-1)}
              after={hrefBeside(1)}
              close={viewerHref({ ...route, open: undefined })}
            />
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
  const isSending = useRef(false);
  /** Sends a decision, and does what follows once it is kept. A key that is pressed twice meanwhile decides once. */
  const send = async (
    [decision, more]: [Review["decision"], object?],
    { id, seen }: Pick<Item, "id" | "seen">,
    follow: () => void,
  ) => {
    isSending.current = true;
    try {
      await server.decide(run, { id, seen, decision, reviewer, ...more });
    } catch (error) {
      return report(error);
    } finally {
      isSending.current = false;
    }
    follow();
  };
  const deciding: Deciding = {
    decide(decision, more) {
      if (!item || isSending.current) return;
      const { number } = item;
      send([decision, more], item, () => {
        keepDraft(item, undefined);
        if (decision === "undone") return show(number);
        done.current.push(item);
        show(numbers[numbers.indexOf(number) + 1] ?? number);
      });
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
    if (isSending.current) return;
    const last = done.current.pop();
    if (last) send(["undone"], last, () => show(last.number));
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
