const names = "think|thinking|thought|reasoning|reflection";
const anyTag = new RegExp(`<(/?)(${names})>`, "gi");
const untilLastEnd = new RegExp(`^[\\s\\S]*</(?:${names})>`, "i");
const fromFirstStart = new RegExp(`<(?:${names})>[\\s\\S]*$`, "i");

/** What is said outside of reasoning, whose opening tag may stand in the prompt, and whose closing one may be cut off. */
export function withoutReasoning(text: string): string {
  return withoutPairs(text).replace(untilLastEnd, "").replace(fromFirstStart, "");
}

/** Takes out each opening tag with all up to the next closing one of its name, in one pass: a model caught in a loop writes thousands. */
function withoutPairs(text: string): string {
  const tags = [...text.matchAll(anyTag)];
  const nextEnd = new Map<string, number>();
  const ends = new Array<number | undefined>(tags.length);
  for (const [at, [tag, slash, name]] of [...tags.entries()].reverse()) {
    const key = name!.toLowerCase();
    if (slash) nextEnd.set(key, tags[at]!.index + tag.length);
    else ends[at] = nextEnd.get(key);
  }
  let kept = "";
  let from = 0;
  for (const [at, { index }] of tags.entries()) {
    const end = ends[at];
    if (end === undefined || index < from) continue;
    kept += text.slice(from, index);
    from = end;
  }
  return kept + text.slice(from);
}
