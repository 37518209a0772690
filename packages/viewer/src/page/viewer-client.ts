import type { Review, ReviewEdit, ReviewFigures } from "@rag-instruct/core";
import type {
  Decide,
  EditCheck,
  Item,
  Judged,
  ListedRow,
  Price,
  RunDifference,
  RunEntry,
  Summary,
  TrialInstructions,
  TrialPrice,
  TriedPair,
} from "../app/api.ts";

/** A page of the list, and the numbers of all that the filter lets through, in order. */
export interface Found {
  total: number;
  numbers: number[];
  rows: ListedRow[];
}

/** What went wrong, in the server's words; `changed` where the pair has changed since it was shown. */
export class ServerError extends Error {
  readonly changed: boolean;
  constructor(message: string, changed = false) {
    super(message);
    this.changed = changed;
  }
}

async function call<T>(path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { ...init, headers }).catch(() => {
    throw new ServerError(`The viewer has ended. Start it again: ${document.documentElement.dataset.program} view`);
  });
  const isJson = response.headers.get("content-type")?.includes("json");
  const answer = isJson ? await response.json() : { error: await response.text() };
  if (!response.ok) throw new ServerError(answer.error ?? response.statusText, answer.changed === true);
  return answer as T;
}

/** What the page asks of the server. */
export const server = {
  runs: () => call<RunEntry[]>("/api/runs"),
  summary: (run: number) => call<Summary>(`/api/runs/${run}/summary`),
  pairs: (run: number, query: URLSearchParams) => call<Found>(`/api/runs/${run}/pairs?${query}`),
  pair: (run: number, number: number) => call<Item>(`/api/runs/${run}/pairs/${number}`),
  decide: (run: number, decide: Decide) =>
    call<{ review?: Review; figures: ReviewFigures }>(`/api/runs/${run}/reviews`, decide),
  check: (run: number, number: number, edit: ReviewEdit) => call<EditCheck>(`/api/runs/${run}/check`, { number, edit }),
  judge: (run: number, number: number, edit: ReviewEdit, line?: string) =>
    call<Judged>(`/api/runs/${run}/judge`, { number, edit, line }),
  price: (instructions: TrialInstructions) => call<TrialPrice>("/api/trial/price", { instructions }),
  make: (instructions: TrialInstructions, line: string) => call<TriedPair[]>("/api/trial/make", { instructions, line }),
  keep: (instructions: TrialInstructions) =>
    call<{ file: string; command: string }>("/api/trial/keep", { instructions }),
  stop: (run: number) => call<{ stopped: boolean }>(`/api/runs/${run}/stop`, {}),
  compare: (first: number, second: number) => call<RunDifference>(`/api/compare?first=${first}&second=${second}`),
  /** Calls back whenever something in the run is new, and with what is wrong while it cannot be shown. @returns ends it */
  follow(run: number, onSummary: (summary: Summary) => void, onTrouble: (trouble?: string) => void): () => void {
    const source = new EventSource(`/api/runs/${run}/events`);
    source.addEventListener("summary", (event) => {
      onTrouble(undefined);
      onSummary(JSON.parse(event.data));
    });
    source.addEventListener("unreadable", (event) => onTrouble(`This run cannot be read on: ${event.data}`));
    source.addEventListener("error", () => {
      // One that was started anew in the same place refuses this page for good.
      const isRefused = source.readyState === EventSource.CLOSED;
      onTrouble(
        isRefused
          ? "The viewer was started again. Open the address that it has printed."
          : "The viewer does not answer. Is it still running? This page goes on when it is.",
      );
    });
    return () => source.close();
  },
};

/** What a button says that spends: what it does, and for how much. */
export function pricedText(what: string, { usd, isFree }: Price): string {
  if (isFree) return `${what}; nothing is charged`;
  if (usd === undefined) return `${what} at a price that is not known`;
  return `${what} for about $${usd.toFixed(usd < 0.1 ? 4 : 2)}`;
}
