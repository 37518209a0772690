import { type Pair, seededRandom } from "@rag-instruct/core";

/** Words drawn as language has them: a few very often, most seldom. */
function wordDrawer(random: { next(): number }): () => string {
  return () => `w${Math.floor(60_000 ** random.next())}`;
}

/** So many texts of so many words, a fifth of them an earlier one with up to a tenth of its words changed. */
export function* madeTexts(count: number, { words, seed }: { words: number; seed: number }): Generator<string> {
  const random = seededRandom(seed, "made texts");
  const word = wordDrawer(random);
  const recent: string[][] = [];
  for (let i = 0; i < count; i++) {
    const isCopy = recent.length > 0 && random.next() < 0.2;
    const text = isCopy ? [...random.pick(recent)] : Array.from({ length: words }, word);
    if (isCopy) {
      for (let c = random.integer(Math.ceil(words / 10)); c > 0; c--) text[random.integer(text.length)] = word();
    }
    if (recent.length < 10_000) recent.push(text);
    else recent[random.integer(recent.length)] = text;
    yield text.join(" ");
  }
}

/** Pairs with questions of 14 and answers of 40 words. */
export function* madePairs(count: number, seed: number): Generator<Pair> {
  let id = 0;
  for (const text of madeTexts(count, { words: 54, seed })) {
    const words = text.split(" ");
    yield {
      id: `p${id++}`,
      paradigm: "single-doc-answer",
      exemplarId: "e",
      question: words.slice(0, 14).join(" "),
      answer: words.slice(14).join(" "),
      documents: [],
      model: "made",
    };
  }
}
