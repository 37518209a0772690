import type { ProgressView } from "@rag-instruct/core/node";
import { leftOutLines } from "@rag-instruct/corpus";
import { relaxedNoise } from "@rag-instruct/format";
import { type RunEnd, runEnd } from "@rag-instruct/simulate";
import { openPage, type Viewer } from "@rag-instruct/viewer";
import type { RunSummary } from "../pipeline/pipeline.ts";
import type { RunFlags } from "./command.ts";
import { paint } from "./note.ts";

/** What is said of a run: of its noise, and of documents and pairs that gave nothing, besides. */
interface WholeEnd extends RunEnd {
  /** What is said of noise where there is no corpus to draw any from. */
  noise: string[];
  leftOut: string[];
  exitCode: number;
}

/** Gathers what has to be said of a run, and warns of pairs that are missing. With --strict they make the exit code 1. */
export async function endOfRun(
  { to, stages, pairs, cost }: Omit<RunSummary, "calls" | "seconds">,
  { flags, view, isDemo }: { flags: Pick<RunFlags, "strict">; view: ProgressView; isDemo?: boolean },
): Promise<WholeEnd> {
  const [ingest, assemble] = ["ingest", "assemble"].map((name) => stages.find((stage) => stage.name === name));
  const end = await runEnd(to, { stages, cost, isInFull: isDemo });
  if (end.shortfall.length > 0) view.say([`${paint("yellow", "warning:")} ${end.shortfall[0]}`]);
  const noise = assemble ? await relaxedNoise(to) : "";
  if (noise !== "") view.say([`${paint("yellow", "note:")} ${noise}`]);
  return {
    ...end,
    noise: assemble && !ingest && assemble.counts["noise documents"] === 0 ? [withoutNoise] : [],
    leftOut: [...leftOutLines(ingest?.leftOut ?? []), ...end.unassembled],
    exitCode: flags.strict && pairs.missing > 0 ? 1 : 0,
  };
}

const withoutNoise =
  "There is no corpus, so there are no noise documents: each training example has the documents of its exemplar alone.";

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
