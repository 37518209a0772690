import { openPassageStore } from "../src/index.ts";

// Reads a store from its beginning again and again until it holds so many passages; prints the sizes that were seen:
// node reader-child.ts STORE PASSAGES
const [path = "", until = ""] = process.argv.slice(2);
await using store = await openPassageStore(path, { readOnly: true });
const sizes: number[] = [];
while (sizes.at(-1) !== Number(until)) {
  let next = 0;
  for await (const { id } of store.all()) if (id !== String(next++)) throw new Error(`row ${next} is ${id}`);
  sizes.push(next);
}
process.stdout.write(JSON.stringify(sizes));
