import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runBuffer, runReader } from "./runs.ts";

// A buffer that grew by a passage at a time would copy 400 GB here.
it("grows far beyond its capacity, and writes all it was given", async () => {
  const folder = await mkdtemp(join(tmpdir(), "runs-"));
  try {
    const [passages, distinct] = [20_000, Uint32Array.from({ length: 100 }, (_, term) => term)];
    const buffer = runBuffer(1 << 10);
    const text = { distinct, found: distinct.length, counts: new Uint32Array(100).fill(2) };
    for (let row = 0; row < passages; row++) buffer.add(text, { row, length: 200 });
    expect(buffer.length).toBe(passages * 100);
    const run = { folder, name: "0", terms: 100 };
    expect(await buffer.write(run)).toEqual(new Uint32Array(100).fill(passages));
    const reader = await runReader(run);
    const { rows } = reader.read(0, 2);
    await reader.close();
    expect(rows.length).toBe(2 * passages);
    expect([rows[0], rows[passages - 1], rows[passages]]).toEqual([0, passages - 1, 0]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
