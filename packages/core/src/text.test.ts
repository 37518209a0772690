import { expect, it } from "vitest";
import { tokensAtMost } from "./text.ts";

it.each(["", "plain", "é漢\u0000ß", "🙂🙂x", "\ud83d", "\ude42\ud83d", "e\u0301 ‮"])(
  "a token is a byte of UTF-8 at least: %j",
  (text) => {
    expect(tokensAtMost(text, "a")).toBe(new TextEncoder().encode(text).length + 1);
  },
);
