import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { lazyCalls, memoryLedger } from "../calls/index.ts";
import { type Replace, refuseLoss } from "./refuse-loss.ts";
import { openRunFolder, type RunFolder } from "./run-folder.ts";
import { stageStatuses } from "./stage-status.ts";
import {
  checkStages,
  type Retries,
  type RunContext,
  runStages,
  type Stage,
  type StageTools,
  stagesUntil,
} from "./stages.ts";

type Step = Stage<RunContext & StageTools>;

/** A stage that writes a file of its own, with the number of times that it was made. */
function step(name: string, more: Partial<Step> = {}): Step {
  let times = 0;
  return {
    name,
    inputs: {},
    outputs: [`${name}.txt`],
    async run({ folder, replacing }) {
      await replacing();
      await writeFile(folder.path(`${name}.txt`), `${name} ${++times}`);
      return { counts: { times } };
    },
    ...more,
  };
}

let to: string;
beforeEach(async () => {
  to = await mkdtemp(join(tmpdir(), "stages-"));
});

async function inFolder<T>(work: (folder: RunFolder) => Promise<T>): Promise<T> {
  await using folder = await openRunFolder(to);
  return await work(folder);
}

/** The names of the stages that were made and not skipped. */
function make(stages: readonly Step[], { retries, replace = false }: { retries?: Retries; replace?: Replace } = {}) {
  return inFolder(async (folder) => {
    await using calls = lazyCalls({ ledger: memoryLedger() });
    const checked = await checkStages(stages, { folder, retries });
    await refuseLoss(checked, { stages, folder, replace });
    const made: string[] = [];
    for await (const { name, skipped } of runStages(checked, { folder, calls, onProgress: () => {} }))
      if (!skipped) made.push(name);
    return made;
  });
}

describe("stages", () => {
  test("are made once, and again when their inputs or a stage that they need has changed", async () => {
    const second = step("second", { needs: ["first"] });
    const third = step("third", { needs: [] });
    expect(await make([step("first"), second, third])).toEqual(["first", "second", "third"]);
    expect(await make([step("first"), second, third])).toEqual([]);
    expect(await make([step("first", { inputs: { seed: 2 } }), second, third])).toEqual(["first", "second"]);
    await writeFile(join(to, "third.txt"), "by hand");
    expect(await make([step("first", { inputs: { seed: 2 } }), second, third], { replace: true })).toEqual(["third"]);
  });

  test("are come back to where what came of a later one calls for it, and what was made is not made again later", async () => {
    let [wanted, enough] = [1, 3];
    const stages = [
      step("first"),
      step("pairs", { inputs: async () => ({ wanted }) }),
      step("examples"),
      step("report", { needs: ["examples"] }),
    ];
    const goBack = async ({ name }: { name: string }) =>
      name === "examples" && wanted < enough && ++wanted ? "pairs" : undefined;
    const madeBy = (more: { goBack?: typeof goBack }) =>
      inFolder(async (folder) => {
        await using calls = lazyCalls({ ledger: memoryLedger() });
        const context = { folder, calls, onProgress: () => {}, ...more };
        const results = await Array.fromAsync(runStages(await checkStages(stages, { folder }), context));
        return results.flatMap(({ name, counts, skipped }) => (skipped ? [] : `${name} ${counts.times}`));
      });
    const rounds = [1, 2, 3].map((times) => [`pairs ${times}`, `examples ${times}`]);
    expect(await madeBy({ goBack })).toEqual(["first 1", ...rounds.flat(), "report 1"]);
    expect(await make(stages)).toEqual([]);
    // A run that was killed before it went back does so when it goes on.
    wanted = 4;
    expect(await madeBy({})).toEqual(["pairs 4", "examples 4", "report 2"]);
    enough = 5;
    expect(await madeBy({ goBack })).toEqual(["pairs 5", "examples 5", "report 3"]);
  });

  test("lead to those that are wanted, and no others", () => {
    const stages = [step("a"), step("b", { needs: ["a"] }), step("c", { needs: [] }), step("d", { needs: ["b"] })];
    expect(stagesUntil(stages, ["d"]).map(({ name }) => name)).toEqual(["a", "b", "d"]);
  });

  test("are run again for what they left open, and with all for what they rejected", async () => {
    const left = step("left", { run: async () => ({ counts: {}, open: 1 }), outputs: [] });
    const caller = { model: "m", concurrency: 1 };
    const rejecting = step("rejecting", {
      run: async () => ({ counts: { rejected: 1 } }),
      outputs: [],
      caller,
      needs: [],
    });
    await make([left, rejecting]);
    expect(await make([left, rejecting])).toEqual([]);
    expect(await make([left, rejecting], { retries: "unusable" })).toEqual(["left"]);
    expect(await make([rejecting], { retries: "all" })).toEqual(["rejecting"]);
  });

  test("that stop keep what they have, unfinished, and throw", async () => {
    const stopping = step("stopping", { run: async () => ({ counts: { kept: 1 }, stopped: new Error("enough") }) });
    await writeFile(join(to, "stopping.txt"), "").catch(() => {});
    await expect(make([stopping], { replace: true })).rejects.toThrow("enough");
    await inFolder(async (folder) => expect(folder.last("stopping")).toMatchObject({ key: "", counts: { kept: 1 } }));
  });

  test("say how they stand and why they would be made again", async () => {
    await make([step("first", { inputs: { seed: 1 } }), step("second")]);
    const stages = [step("first", { inputs: { seed: 2 } }), step("second"), step("third")];
    const { stages: found } = await inFolder((folder) => stageStatuses(stages, { folder }));
    expect(found.map(({ name, state, why }) => [name, state, why])).toEqual([
      ["first", "again", "seed 1 → 2"],
      ["second", "again", "first comes before it"],
      ["third", "missing", "it has not been made"],
    ]);
  });
});

describe("what is there", () => {
  const paid = (seed: number) =>
    step("paid", {
      inputs: { seed },
      stakes: {
        causes: { seed: "the seed is another" },
        edited: { "paid.txt": (path) => `copy ${path}` },
        lost: async ({ isOther }) => (isOther ? ["3 pairs", "1 review"] : []),
      },
    });

  test("is not replaced by something of another origin, unless that is allowed", async () => {
    await make([paid(1)]);
    await expect(make([paid(2)])).rejects.toThrow(
      `${to} would lose 3 pairs and 1 review, since the seed is another; name another folder with --to, or replace it with --replace`,
    );
    const asked: string[] = [];
    const allow = (loss: string) => asked.push(loss) > 0;
    expect(await make([paid(2)], { replace: allow })).toEqual(["paid"]);
    expect(asked).toEqual([expect.stringContaining("would lose 3 pairs")]);
  });

  test("is not replaced where it was changed by hand or made by nobody here", async () => {
    await make([paid(1)]);
    await writeFile(join(to, "paid.txt"), "by hand");
    await expect(make([paid(1)])).rejects.toThrow(/paid\.txt was changed since paid made it.*copy .*paid\.txt/);
    await writeFile(join(to, "other.txt"), "of somebody");
    await expect(make([step("other")])).rejects.toThrow(/other\.txt was not made by a run here/);
    expect(await make([step("other", { stakes: { isUnedited: true } })])).toEqual(["other"]);
  });
});
