import { setTimeout as sleep } from "node:timers/promises";
import { isObject, RagInstructError } from "@rag-instruct/core";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { FirstPairPicker } from "../first-pairs.ts";
import type { RunItem } from "../read-run.ts";
import { verdicts } from "../shape.ts";
import { type EditCheck, itemOf, type Judged, type ListedRow, type Summary, type TrialInstructions } from "./api.ts";
import { LiveRun } from "./live.ts";
import { type RowFilter, RunIndex } from "./run-index.ts";
import type { RunTrial, ViewerTools } from "./viewer-tools.ts";

const maxPageSize = 200;
/** Milliseconds between two looks at a run's files while a page is open. */
const lookEvery = 500;
/** Milliseconds that an answer waits at most for the first reading of a run's files. */
const maxFirstWait = 300;

/** A run as the page asks for it. */
export function runRoutes(run: string, { ruleOf, checkEdit, judgeOf, promptOf }: ViewerTools): Hono {
  const index = new RunIndex(run);
  const live = new LiveRun(run);
  const app = new Hono();
  const judge = judgeOf?.(run).catch(() => undefined) ?? Promise.resolve(undefined);
  index.refresh().catch(() => {});

  /** Reads what is new; a large run's first reading goes on while the page shows what is there. */
  async function fresh(): Promise<void> {
    const reading = index.refresh();
    if (index.isComplete) await reading;
    else await Promise.race([reading, sleep(maxFirstWait)]);
  }

  app.get("/summary", async (context) => {
    await fresh();
    return context.json(await summaryOf(index, live));
  });
  app.get("/pairs", async (context) => {
    await fresh();
    const reviews = await index.reviews();
    const query = context.req.query();
    const found = await index.find(filterOf(query));
    const from = Math.max(0, Number(query.from) || 0);
    const size = Math.min(maxPageSize, Math.max(1, Number(query.size) || 50));
    const rows = found.slice(from, from + size).map((row): ListedRow => {
      const { number, id, paradigm, verdict, reason } = row;
      const { decision, edit } = reviews.of(row) ?? {};
      return { number, id, paradigm, question: edit?.question ?? row.question, verdict, reason, decision };
    });
    return context.json({ total: found.length, numbers: found.map(({ number }) => number), rows });
  });
  app.get("/pairs/:number", async (context) => {
    const number = Number(context.req.param("number"));
    // What is known is shown at once: a large run is still being read.
    if (index.isComplete || !index.has(number)) await fresh();
    const item = await index.item(number);
    const reviews = await index.reviews();
    const canJudge = (await judge) !== undefined;
    const rule = ruleOf?.(item.paradigm);
    return context.json(itemOf(item, { number, reviews, rule, prompt: promptFor(item), canJudge }));
  });
  app.post("/reviews", async (context) => {
    const decided = await index.decide((await context.req.json()) as Record<string, unknown>);
    if (decided) return context.json(decided);
    return context.json({ error: "The pair has changed since it was shown; it is shown anew.", changed: true }, 409);
  });
  app.post("/check", async (context) => {
    const { number, edit } = (await context.req.json()) as { number: number; edit: unknown };
    if (!isObject(edit)) throw new RagInstructError("bad-option", "there is nothing to check");
    const item = await index.item(number);
    return context.json((await checkEdit?.({ ...item, ...edit })) ?? ({ ok: true } satisfies EditCheck));
  });
  app.post("/judge", async (context) => {
    const { number, edit, line } = (await context.req.json()) as { number: number; edit: unknown; line?: string };
    const asked = await judge;
    if (!isObject(edit) || !asked) throw new RagInstructError("bad-option", "nobody can be asked to judge it");
    const item = { ...(await index.item(number)), ...edit };
    const price = await asked.price(item);
    // It is asked for the price that was shown, and for no other.
    const verdict = line === price.line ? await asked.ask(item, { signal: context.req.raw.signal }) : undefined;
    return context.json({ price, verdict } satisfies Judged);
  });
  app.post("/stop", async (context) => context.json({ stopped: await live.stop() }));
  app.get("/events", (context) =>
    streamSSE(context, async (stream) => {
      let last = "";
      while (!stream.aborted) {
        const [event, data] = await look();
        if (data !== last) await stream.writeSSE({ event, data });
        last = data;
        await stream.sleep(lookEvery);
      }
    }),
  );

  /** What the run comes to now, or why that cannot be said: a file that is mended meanwhile is read on. */
  async function look(): Promise<[event: string, data: string]> {
    try {
      await index.refresh();
      return ["summary", JSON.stringify(await summaryOf(index, live))];
    } catch (error) {
      return ["unreadable", error instanceof Error ? error.message : String(error)];
    }
  }

  function promptFor({ paradigm, sources, exemplar }: RunItem): string | undefined {
    const prompt = exemplar && promptOf?.({ paradigm, documents: sources, exemplar });
    return prompt && `${prompt.instructions}\n\n${prompt.prompt}`;
  }
  return app;
}

async function summaryOf(index: RunIndex, live: LiveRun): Promise<Summary> {
  const rows = index.rows();
  const paradigms: Summary["paradigms"] = {};
  const reasons: Summary["reasons"] = {};
  const first = new FirstPairPicker<number>();
  const reviews = await index.reviews();
  for (const row of rows) {
    const { paradigm, verdict, reason, number } = row;
    const standing = reviews.apply(row);
    if (standing) first.offer(standing, () => number);
    paradigms[paradigm] ??= { accepted: 0, rejected: 0, failed: 0, unassembled: 0 };
    paradigms[paradigm][verdict]++;
    if (reason !== undefined) reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return {
    isComplete: index.isComplete,
    rows: rows.length,
    wanted: index.wanted,
    paradigms,
    reasons,
    languages: index.languages(),
    reviews: reviews.figures(rows),
    live: await live.state(),
    first: first.pick(),
  };
}

function filterOf(query: Record<string, string>): RowFilter {
  const { text, paradigm, verdict, reason, review, language, sample, seed } = query;
  return {
    text,
    paradigm,
    verdict: verdicts.find((one) => one === verdict),
    reason,
    review: (["none", "any", "accepted", "rejected", "edited"] as const).find((one) => one === review),
    language,
    sample: sample ? { size: Math.max(1, Number(sample) || 50), seed: Number(seed) || 1 } : undefined,
  };
}

/** Trying a run: the price is said before anything is called, and a call is made for the price that was said alone. */
export function trialRoutes(trial: RunTrial, { signal }: { signal?: AbortSignal }): Hono {
  const app = new Hono();
  let isBusy = false;
  app.post("/price", async (context) => context.json(await trial.price(instructionsIn(await context.req.json()))));
  app.post("/make", async (context) => {
    const given = await context.req.json();
    const instructions = instructionsIn(given);
    const price = await trial.price(instructions);
    if (given.line !== price.line)
      return context.json({ error: "The price has changed since it was shown; it is shown anew.", changed: true }, 409);
    if (isBusy) return context.json({ error: "Pairs are being made already." }, 409);
    isBusy = true;
    try {
      return context.json(await trial.make(instructions, { signal }));
    } finally {
      isBusy = false;
    }
  });
  app.post("/keep", async (context) => context.json(await trial.keep(instructionsIn(await context.req.json()))));
  return app;
}

function instructionsIn({ instructions }: { instructions?: unknown }): TrialInstructions {
  if (isObject(instructions) && Object.values(instructions).every((text) => typeof text === "string"))
    return instructions as TrialInstructions;
  throw new RagInstructError("bad-option", "instructions are texts by the id of a paradigm");
}
