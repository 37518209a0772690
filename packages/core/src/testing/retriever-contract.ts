import assert from "node:assert/strict";
import { RagInstructError } from "../errors.ts";
import { memoryPassages } from "../memory-passages.ts";
import type { Closable, PassageStore, Retriever } from "../plug-points.ts";
import { seededRandom } from "../random.ts";
import type { Passage } from "../types.ts";
import { type Contract, closing, endedOrAborted } from "./contract.ts";

/** Options of {@link retrieverContract}. */
export interface RetrieverContractOptions {
  /**
   * Makes a retriever over a corpus of a few hundred English passages. The store takes note of what is read: a retriever that
   * reads from it is held to read no passage that it does not return, and none twice in a call.
   */
  open(store: PassageStore): Promise<Retriever & Partial<Closable>>;
}

const count = 400;

/** What whoever asks a `Retriever` relies on. */
export function retrieverContract({ open }: RetrieverContractOptions): Contract[] {
  const passages = madePassages();
  const questions = [
    "harbour bridge opened",
    "old lighthouse painter",
    "where does the northern railway end",
    "harbour bridge opened",
  ];
  const contract = (name: string, use: (opened: Opened) => Promise<void>): Contract => ({
    name,
    async run() {
      const store = countingStore(passages);
      await closing(await open(store), (retriever) => use({ retriever, reads: store.reads }));
    },
  });
  return [
    contract("ranks for each question in order, best first, counting from 1", async ({ retriever }) => {
      const found = await retriever.retrieve(questions, { limit: 20 });
      assert.equal(found.length, questions.length);
      for (const ranking of found) {
        assert.ok(ranking.length > 0 && ranking.length <= 20);
        assert.deepEqual(
          ranking.map(({ rank }) => rank),
          ranking.map((_, i) => i + 1),
        );
        assert.ok(
          ranking.every(({ score }, i) => i === 0 || score <= ranking[i - 1]!.score),
          "scores rise",
        );
        assert.equal(new Set(ranking.map(({ passage }) => passage.id)).size, ranking.length, "a passage twice");
      }
      assert.deepEqual(found[3], found[0]);
      assert.notDeepEqual(found[1], found[0]);
    }),
    contract("returns the passages of the corpus as they are", async ({ retriever }) => {
      const byId = new Map(passages.map((passage) => [passage.id, passage]));
      const found = await retriever.retrieve(questions, { limit: 50 });
      for (const { passage } of found.flat()) assert.deepEqual(passage, byId.get(passage.id));
    }),
    contract("leaves the leading ranks that are skipped unread, and counts them", async ({ retriever, reads }) => {
      const whole = await retriever.retrieve(questions, { limit: 60 });
      reads.length = 0;
      const rest = await retriever.retrieve(questions, { limit: 60, skip: 40 });
      assert.deepEqual(
        rest,
        whole.map((ranking) => ranking.slice(40)),
      );
      assert.equal(rest[0]![0]?.rank, 41);
      const returned = new Set(rest.flat().map(({ passage }) => passage.id));
      assert.deepEqual(
        reads.filter((id) => !returned.has(id)),
        [],
        "passages are read that are not returned",
      );
    }),
    contract("reads each passage once in a call", async ({ retriever, reads }) => {
      await retriever.retrieve(questions, { limit: 60 });
      assert.equal(new Set(reads).size, reads.length);
    }),
    contract("reads nothing where all ranks are skipped or nothing is asked", async ({ retriever, reads }) => {
      assert.deepEqual(
        await retriever.retrieve(questions, { limit: 30, skip: 30 }),
        questions.map(() => []),
      );
      assert.deepEqual(await retriever.retrieve([], { limit: 30 }), []);
      assert.deepEqual(reads, []);
    }),
    contract("ranks a shallower list the same, and goes no deeper than the corpus", async ({ retriever }) => {
      const [deep] = await retriever.retrieve(questions.slice(0, 1), { limit: count * 2 });
      assert.ok(deep!.length <= count);
      const [shallow] = await retriever.retrieve(questions.slice(0, 1), { limit: 5 });
      assert.equal(shallow!.length, 5);
    }),
    contract("answers calls at the same time", async ({ retriever }) => {
      const calls = [20, 20, 20].map((limit) => retriever.retrieve(questions, { limit }));
      const [one, ...others] = await Promise.all(calls);
      for (const other of others) assert.deepEqual(other, one);
    }),
    contract("refuses limits below 1", async ({ retriever }) => {
      for (const limit of [0, -1, 1.5]) {
        await assert.rejects(retriever.retrieve(questions, { limit }), (error) =>
          RagInstructError.is(error, "bad-option"),
        );
      }
    }),
    contract("stops when told to, with the reason, and goes on to answer others", async ({ retriever }) => {
      const reason = new Error("enough");
      const before = retriever.retrieve(questions, { limit: 20, signal: AbortSignal.abort(reason) });
      await assert.rejects(before, reason);
      const stop = new AbortController();
      const during = retriever.retrieve(questions, { limit: 20, signal: stop.signal });
      stop.abort(reason);
      await endedOrAborted(during, reason);
      assert.equal((await retriever.retrieve(questions, { limit: 20 })).length, questions.length);
    }),
    contract("keeps its id", async ({ retriever }) => {
      const { id } = retriever;
      assert.ok(id.length > 0);
      await closing(await open(countingStore(passages)), async (again) => assert.equal(again.id, id));
    }),
  ];
}

interface Opened {
  retriever: Retriever;
  /** Ids in the order in which they were read. */
  reads: string[];
}

function madePassages(): Passage[] {
  const random = seededRandom(5, "passages");
  const words =
    "the a harbour bridge lighthouse railway northern old opened painter painted end market island bell river town stone was by of in".split(
      " ",
    );
  return Array.from({ length: count }, (_, i) => ({
    id: `d${i}`,
    title: `Page ${i}`,
    text: Array.from({ length: 30 }, () => random.pick(words)).join(" "),
  }));
}

function countingStore(passages: readonly Passage[]): PassageStore & { reads: string[] } {
  const store = memoryPassages(passages);
  const reads: string[] = [];
  return {
    ...store,
    reads,
    get(ids) {
      reads.push(...ids);
      return store.get(ids);
    },
  };
}
