import { expect, it } from "vitest";
import { redact } from "./redact.ts";

it.each([
  ["https://hunter@models.example/v1 is down", "https://[key]@models.example/v1 is down"],
  ["https://me:hunter2@models.example/v1", "https://[key]@models.example/v1"],
  ["GET https://h/v1?api-key=hunter2&x=1", "GET https://h/v1?api-key=[key]&x=1"],
  ["https://h/v1?subscription-key=hunter2", "https://h/v1?subscription-key=[key]"],
  ["https://h/v1?a=1&client_secret=hunter2#top", "https://h/v1?a=1&client_secret=[key]#top"],
  ['{"x-api-key":"hunter2","accept":"*/*"}', '{"x-api-key":"[key]","accept":"*/*"}'],
  ["api-key: hunter2", "api-key: [key]"],
  ["Incorrect API key provided: sk-hunter22222", "Incorrect API key provided: [key]"],
  ["https://h/v1?monkeys=3 and mail to me@h", "https://h/v1?monkeys=3 and mail to me@h"],
])("strikes keys out of %s", (text, expected) => {
  expect(redact(text)).toBe(expected);
});

it("strikes known keys out, whatever they look like", () => {
  expect(redact("it said plain words", ["plain words"])).toBe("it said [key]");
});

it("takes out what would move the cursor, colour the screen or turn the direction", () => {
  expect(redact("\u001b[2J\u001b[31mred\u001b[0m\u0007 \u202eback\nnext")).toBe("[2J[31mred[0m back\nnext");
});
