import { hashOf, type Outcome, type Pair, type Tally } from "@rag-instruct/core";
import {
  adoptStages,
  openOutcomeFiles,
  type Replace,
  type RunFolder,
  readRunFolder,
  refuseLoss,
  type StageOrigin,
} from "@rag-instruct/core/node";
import { pairStakes } from "../synthesis/pair-stakes.ts";

const stageName = "synthesize";
const [accepted, refused] = ["pairs.jsonl", "rejected.jsonl"];
// What finds noise documents for pairs, whoever wrote them.
const foundBy = ["ingest", "embed", "index", "share"];

/** Options of {@link openGivenPairs}. */
export interface GivenPairsOptions {
  folder: RunFolder;
  /** The command that puts them there. */
  by: "verify" | "assemble";
  /** A hash of the pairs as they were given, and what else decides what is kept of them. */
  inputs: StageOrigin["inputs"] & { pairs: string };
  replace: Replace;
}

/** Pairs on their way into a run folder. What is not committed leaves nothing. */
export interface GivenPairs extends AsyncDisposable {
  /** Writes outcomes as they pass. */
  writing<O extends Outcome<Pair>>(outcomes: AsyncIterable<O>): AsyncGenerator<O>;
  tally(): Tally;
  /** Puts what was written in the place of the pairs that are there. */
  commit(): Promise<void>;
  /**
   * Makes the folder a run of its own, which `assemble`, `export` and `search` take as it is.
   * @param from the run whose passages the pairs were written from: its passages and indexes are linked, so that it may go. @default none
   * @param files what else of that run is taken along. @default nothing
   */
  record(from?: string, files?: readonly string[]): Promise<void>;
}

/**
 * Opens a run folder for pairs that the run did not write itself, in the place of those that it writes. Throws `file-exists` where they
 * would replace others, or some that were edited by hand, and that is not allowed.
 */
export async function openGivenPairs({ folder, by, inputs, replace }: GivenPairsOptions): Promise<GivenPairs> {
  const start = performance.now();
  const origin = { key: "", lineage: hashOf([by, inputs.pairs]), inputs };
  const stage = {
    name: stageName,
    needs: [],
    inputs,
    outputs: [accepted, refused],
    stakes: pairStakes(stageName),
    run: async () => ({ counts: {} }),
  };
  await refuseLoss([{ stage, ...origin, before: undefined }], { stages: [stage], folder, replace });
  const written = await openOutcomeFiles<Pair>({ accepted: folder.path(accepted), refused: folder.path(refused) });
  return {
    writing: written.writing,
    tally: written.tally,
    async commit() {
      await folder.begin(stageName, origin);
      await folder.replacing(stageName);
      await written.commit();
    },
    async record(from, files) {
      if (from !== undefined) await adoptStages(foundBy, { from: await readRunFolder(from), into: folder, files });
      const outputs = await folder.describe(stage.outputs);
      const { requested, accepted, rejected, failed } = written.tally();
      const counts = { requested, accepted, rejected, failed };
      const seconds = Math.round(performance.now() - start) / 1000;
      const { lineage } = origin;
      await folder.record(stageName, {
        key: hashOf([inputs, outputs]),
        lineage,
        inputs,
        outputs,
        counts,
        seconds,
        given: by,
      });
    },
    [Symbol.asyncDispose]: written.close,
  };
}

/** Pairs as outcomes that are accepted as they are. */
export async function* asAccepted(pairs: AsyncIterable<Pair>): AsyncGenerator<Outcome<Pair>> {
  for await (const value of pairs) yield { status: "accepted", id: value.id, value };
}
