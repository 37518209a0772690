import { join } from "node:path";
import type { ProgressView } from "@rag-instruct/core/node";
import { leftOutLines } from "@rag-instruct/corpus";
import { relaxedNoise } from "@rag-instruct/format";
import {
  budgetStopLines,
  costLine,
  exampleLines,
  firstPairInFull,
  firstPairLines,
  keptExemplarLines,
  keptExemplars,
  shortfallLines,
} from "@rag-instruct/simulate";
import { openPage, type Viewer } from "@rag-instruct/viewer";
import type { RunSummary } from "../pipeline/pipeline.ts";
import type { RunFlags } from "./command.ts";
import { paint } from "./note.ts";

/** What is said of a run beside its counts, by what it is about; each part is empty where there is nothing to say. */
export interface RunEnd {
  shortfall: string[];
  leftOut: string[];
  /** What is said of noise where there is no corpus to draw any from. */
  noise: string[];
  exemplars: string[];
  cost: string[];
  sample: string[];
  /** What the budget stopped, which is said last. */
  stopped: string[];
  exitCode: number;
}

/** Gathers what has to be said of a run, and warns of pairs that are missing. With --strict they make the exit code 1. */
export async function endOfRun(
  { to, stages, pairs, cost }: Omit<RunSummary, "calls" | "seconds">,
  { flags, view, isDemo = false }: { flags: Pick<RunFlags, "strict">; view: ProgressView; isDemo?: boolean },
): Promise<RunEnd> {
  const of = (name: string) => stages.find((stage) => stage.name === name);
  const { paradigms } = of("synthesize") ?? {};
  const shortfall = paradigms ? shortfallLines({ paradigms }) : [];
  if (shortfall.length > 0) view.say([`${paint("yellow", "warning:")} ${shortfall[0]}`]);
  const noise = of("assemble") ? await relaxedNoise(to) : "";
  if (noise !== "") view.say([`${paint("yellow", "note:")} ${noise}`]);
  const costs = costLine(cost);
  return {
    shortfall,
    noise: of("assemble") && !of("ingest") && of("assemble")!.counts["noise documents"] === 0 ? [withoutNoise] : [],
    leftOut: [...leftOutLines(of("ingest")?.leftOut ?? []), ...(of("assemble") ? await exampleLines(to) : [])],
    exemplars: of("exemplars") ? await exemplarsKept(to) : [],
    cost: costs === "" ? [] : [costs],
    sample: isDemo
      ? await firstPairInFull(join(to, "pairs.jsonl"))
      : paradigms
        ? await firstPairLines(join(to, "pairs.jsonl"))
        : [],
    stopped: budgetStopLines(stages),
    exitCode: flags.strict && pairs.missing > 0 ? 1 : 0,
  };
}

const withoutNoise =
  "There is no corpus, so there are no noise documents: each training example has the documents of its exemplar alone.";

/** What became of the exemplars of a run, in lines. */
export async function exemplarsKept(to: string): Promise<string[]> {
  return keptExemplarLines(await keptExemplars(to));
}

/** Says where a viewer is, opens it, and waits until it has ended. */
export async function showViewer(
  { url, closed }: Viewer,
  { view, what, open }: { view: ProgressView; what: string; open: boolean },
): Promise<void> {
  view.say([`${what} at ${url}`, "The address lets one browser in. Ctrl-C ends the viewer."]);
  const advice = open ? await openPage(url) : undefined;
  if (advice) view.say([advice]);
  await closed;
}
