import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { Task } from "../../test/pool-thread.ts";
import { RagInstructError } from "../errors.ts";
import { ThreadPool, type ThreadPoolOptions, threadFile } from "./thread-pool.ts";

const file = new URL("../../test/pool-thread.ts", import.meta.url);

function openPool(options: Partial<ThreadPoolOptions> = {}): ThreadPool<Task, unknown> {
  return new ThreadPool({
    file,
    threads: 2,
    workerData: {},
    name: "a test thread",
    closed: "the pool is closed",
    ...options,
  });
}
/** A task that goes on until it is let go. */
function held(echo: unknown = "held"): { task: Task; letGo(): void } {
  const wait = new Int32Array(new SharedArrayBuffer(4));
  return {
    task: { wait, echo },
    letGo: () => {
      Atomics.store(wait, 0, 1);
      Atomics.notify(wait, 0);
    },
  };
}

describe("ThreadPool", () => {
  it("does one task a thread at a time, and those that wait in their order", async () => {
    await using pool = openPool({ threads: 1 });
    const done: unknown[] = [];
    const tasks = [1, 2, 3, 4].map((echo) => pool.run({ echo }).then((reply) => done.push(reply)));
    await Promise.all(tasks);
    expect(done).toEqual([1, 2, 3, 4]);
  });

  it("starts a thread more where a task finds none that is free", async () => {
    const numbers: number[] = [];
    await using pool = openPool({
      threads: 3,
      workerData: (thread: number) => {
        numbers.push(thread);
        return {};
      },
    });
    expect(numbers).toEqual([]);
    await pool.run({ echo: 1 });
    await pool.run({ echo: 2 });
    expect(numbers).toEqual([0]);
    const [first, second] = [held("a"), held("b")];
    const both = [pool.run(first.task), pool.run(second.task)];
    expect(await pool.run({ echo: 3 })).toBe(3);
    expect(numbers).toEqual([0, 1, 2]);
    first.letGo();
    second.letGo();
    expect(await Promise.all(both)).toEqual(["a", "b"]);
    await using eager = openPool({ start: "eager", workerData: (thread: number) => numbers.push(thread) && {} });
    expect(numbers).toEqual([0, 1, 2, 0, 1]);
    await eager.close();
  });

  it("says what the first thread opened, and rejects all when one cannot be opened", async () => {
    await using pool = openPool({ workerData: { opened: { dimensions: 8 } } });
    expect(await pool.opened()).toEqual({ dimensions: 8 });
    await using broken = openPool({ workerData: { refuse: "this is no model" } });
    await expect(broken.opened()).rejects.toMatchObject({ code: "model-mismatch", message: "this is no model" });
    await expect(broken.run({ echo: 1 })).rejects.toThrow("this is no model");
  });

  it("keeps the code of an error, names the thread in others, and goes on with the next task", async () => {
    await using pool = openPool({ threads: 1 });
    await expect(pool.run({ failWithCode: "line 7 is torn" })).rejects.toMatchObject({
      code: "file-corrupt",
      message: "line 7 is torn",
    });
    await expect(pool.run({ fail: "oops" })).rejects.toMatchObject({
      code: "call-failed",
      message: "a test thread failed: oops",
    });
    expect(await pool.run({ echo: 1 })).toBe(1);
  });

  it.each([
    [{ crash: "out of luck" }, "a test thread failed: out of luck"],
    [{ exit: 3 }, "a test thread failed: it ended with code 3"],
  ] as [Task, string][])("rejects all, now and later, when a thread crashes: %j", async (task, message) => {
    await using pool = openPool({ threads: 1 });
    const crashing = pool.run(task);
    const waiting = pool.run({ echo: 1 });
    for (const promise of [crashing, waiting]) {
      await expect(promise).rejects.toSatisfy((error) => RagInstructError.is(error, "call-failed"));
      await expect(promise).rejects.toThrow(message);
    }
    await expect(pool.run({ echo: 2 })).rejects.toThrow(message);
  });

  it("rejects at once when the signal aborts, and never begins a task that waits", async () => {
    await using pool = openPool({ threads: 1 });
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const running = held();
    const controller = new AbortController();
    const { signal } = controller;
    const begun = pool.run(running.task, { signal });
    const waiting = pool.run({ add: counter }, { signal });
    await sleep(50);
    controller.abort(new Error("enough"));
    await expect(begun).rejects.toThrow("enough");
    await expect(waiting).rejects.toThrow("enough");
    await expect(pool.run({ add: counter }, { signal })).rejects.toThrow("enough");
    // The thread is still at the first task; the next one comes after it.
    const next = pool.run({ echo: "next" });
    running.letGo();
    expect(await next).toBe("next");
    expect(counter[0]).toBe(0);
  });

  it("lends a thread for tasks in a row", async () => {
    await using pool = openPool({ threads: 1 });
    const thread = await pool.reserve();
    const other = pool.run({ echo: "other" });
    let isDone = false;
    other.then(() => {
      isDone = true;
    });
    expect(await thread.run({ echo: 1 })).toBe(1);
    expect(await thread.run({ echo: 2 })).toBe(2);
    await expect(thread.run({ failWithCode: "no" })).rejects.toMatchObject({ code: "file-corrupt" });
    expect(isDone).toBe(false);
    thread.release();
    expect(await other).toBe("other");
  });

  it("gives a reserved thread back only when it has done what it was given", async () => {
    await using pool = openPool({ threads: 1 });
    const thread = await pool.reserve();
    const running = held("slow");
    const controller = new AbortController();
    const slow = thread.run(running.task, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(slow).rejects.toThrow("enough");
    thread.release();
    const other = pool.run({ echo: "other" });
    running.letGo();
    expect(await other).toBe("other");
  });

  it("broadcasts a task to all threads, one broadcast after another", async () => {
    await using pool = openPool({ threads: 3 });
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const made: number[] = [];
    const broadcast = () =>
      pool.broadcast(() => {
        made.push(counter[0]!);
        return { add: counter };
      });
    const replies = await Promise.all([broadcast(), broadcast()]);
    expect(made).toEqual([0, 3]);
    expect(replies.map((each) => each.toSorted())).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    await expect(pool.broadcast(() => ({ failWithCode: "all of them" }))).rejects.toMatchObject({
      code: "file-corrupt",
    });
    expect(await pool.broadcast(() => ({ echo: 1 }))).toEqual([1, 1, 1]);
  });

  it("hands memory over in both directions", async () => {
    await using pool = openPool({ threads: 1 });
    const bytes = new Uint8Array(1000);
    await pool.run({ echo: bytes }, { transfer: [bytes.buffer] });
    expect(bytes.byteLength).toBe(0);
    expect(await pool.run({ memory: 5 })).toEqual({ count: 2, bytes: new Uint8Array(5) });
  });

  it("rejects everything when it is closed, twice if need be", async () => {
    const pool = openPool({ threads: 1 });
    const tasks = [pool.run(held().task), pool.run({ echo: 1 })];
    const closing = pool.close();
    for (const task of tasks) {
      await expect(task).rejects.toMatchObject({ code: "bad-option", message: "the pool is closed" });
    }
    await closing;
    await pool.close();
    await expect(pool.run({ echo: 1 })).rejects.toThrow("the pool is closed");
    await expect(pool.broadcast(() => ({ echo: 1 }))).rejects.toThrow("the pool is closed");
    await expect(openPool().close()).resolves.toBeUndefined();
  });

  it("waits for what must not be interrupted", async () => {
    const pool = openPool({ threads: 1, finishOnClose: true });
    const running = held();
    const counter = new Int32Array(new SharedArrayBuffer(4));
    await pool.run({ add: counter });
    const task = pool.run(running.task);
    const waiting = pool.run({ add: counter });
    let isClosed = false;
    const closing = pool.close().then(() => {
      isClosed = true;
    });
    await expect(task).rejects.toThrow("the pool is closed");
    await expect(waiting).rejects.toThrow("the pool is closed");
    await sleep(50);
    expect(isClosed).toBe(false);
    running.letGo();
    await closing;
    expect(counter[0]).toBe(1);
  });

  it("lets the process end when there is nothing to do, and not before", async () => {
    const program = `
      import { ThreadPool } from ${JSON.stringify(new URL("./thread-pool.ts", import.meta.url).href)};
      const pool = new ThreadPool({ file: new URL(${JSON.stringify(file.href)}), threads: 2, start: "eager", workerData: {}, name: "a thread", closed: "closed" });
      pool.run({ echo: "done" }).then(console.log);
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
    expect(stdout).toBe("done\n");
  });
});

describe("threadFile", () => {
  it("finds sources beside sources and built files beside built ones", () => {
    expect(threadFile("file:///a/src/search.ts", "search-worker").href).toBe("file:///a/src/search-worker.ts");
    expect(threadFile("file:///a/dist/chunk-X.js", "search-worker").href).toBe("file:///a/dist/search-worker.js");
  });
});
