import { isObject } from "@rag-instruct/core";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";

/** What stands before the text of a page. */
export interface FrontMatter {
  metadata: Record<string, unknown>;
  /** The text behind it. */
  text: string;
}

/** Lines of front matter at most: what is longer is no front matter. */
const maxLines = 2_000;

/**
 * Takes the front matter from a page: YAML between `---` (or up to `...`), TOML between `+++`, or an object of JSON. What its parser
 * refuses is read entry by entry, as far as it can be, so that one wrong line does not make the others text. A block that has no
 * entries, such as prose between two rules, is text.
 */
export function takeFrontMatter(page: string): FrontMatter {
  const first = /^(---|\+\+\+)[ \t]*\r?(?:\n|$)/.exec(page);
  if (first) {
    const isToml = first[1] === "+++";
    const block = fencedBlock(page, first[0].length, isToml ? /^\+\+\+[ \t]*\r?$/ : /^(---|\.\.\.)[ \t]*\r?$/);
    const metadata = block && (isToml ? tomlEntries(block.inner) : yamlEntries(block.inner));
    if (metadata) return { metadata, text: page.slice(block.end) };
  }
  return (page.startsWith("{") ? jsonFrontMatter(page) : undefined) ?? { metadata: {}, text: page };
}

/** What stands up to the line that closes a block. */
function fencedBlock(page: string, from: number, close: RegExp): { inner: string; end: number } | undefined {
  let at = from;
  for (let lines = 0; at < page.length && lines < maxLines; lines++) {
    const next = page.indexOf("\n", at);
    const end = next < 0 ? page.length : next + 1;
    if (close.test(page.slice(at, next < 0 ? end : next))) return { inner: page.slice(from, at), end };
    at = end;
  }
  return undefined;
}

function jsonFrontMatter(page: string): FrontMatter | undefined {
  const block = fencedBlock(page, 0, /^\}[ \t]*\r?$/);
  try {
    const metadata: unknown = block && JSON.parse(page.slice(0, block.end));
    return isObject(metadata) ? { metadata, text: page.slice(block!.end) } : undefined;
  } catch {
    return undefined;
  }
}

const yamlOptions = { maxAliasCount: 10, logLevel: "error", prettyErrors: false } as const;

function yamlEntries(inner: string): Record<string, unknown> | undefined {
  try {
    const metadata: unknown = parseYaml(inner, yamlOptions) ?? {};
    return isObject(metadata) ? metadata : undefined;
  } catch {
    return looseEntries(inner, { mark: ":", parse: yamlValue });
  }
}

function yamlValue(entry: string): unknown {
  const value: unknown = parseYaml(entry, yamlOptions);
  return isObject(value) ? Object.values(value)[0] : undefined;
}

function tomlEntries(inner: string): Record<string, unknown> | undefined {
  try {
    return plainDates(parseToml(inner)) as Record<string, unknown>;
  } catch {
    const parse = (entry: string) => plainDates(Object.values(parseToml(entry))[0]);
    return looseEntries(inner, { mark: "=", parse });
  }
}

/** Dates as the text that they were written in. */
function plainDates(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plainDates);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainDates(inner)]));
}

/** How the entries of a block are told. */
interface EntryRules {
  /** What stands between key and value. */
  mark: ":" | "=";
  /** Reads one entry alone. */
  parse: (entry: string) => unknown;
}

/**
 * The entries of a block that its parser refuses: each key with the lines behind it that are indented, items of a list, comments or
 * headings of tables. An entry that cannot be read alone is the text behind its key. Undefined where there are other lines, or where
 * nothing but a list, an object or a quote is begun and not ended: then it is text.
 */
function looseEntries(inner: string, rules: EntryRules): Record<string, unknown> | undefined {
  const entries: { name: string; lines: string[] }[] = [];
  for (const line of inner.split(/\r?\n/)) {
    const name = keyOf(line, rules);
    if (name !== undefined) entries.push({ name, lines: [line] });
    else if (/^(?:\s|- |-$|#|\[)/.test(line) || line === "") entries.at(-1)?.lines.push(line);
    else return undefined;
  }
  const values = entries.map(({ name, lines }) => ({ name, ...looseValue(lines, rules) }));
  if (!values.some(({ isSound }) => isSound)) return undefined;
  return Object.fromEntries(values.map(({ name, value }) => [name, value]));
}

/** The key of a line that begins an entry. */
function keyOf(line: string, { mark }: EntryRules): string | undefined {
  const at = line.indexOf(mark);
  const isSpaced = mark === "=" || /^\s?$/.test(line.charAt(at + 1));
  return at > 0 && isSpaced && /^["'\w.$@/][\w.$@/ "'-]*$/.test(line.slice(0, at))
    ? unquoted(line.slice(0, at).trim())
    : undefined;
}

function looseValue(lines: readonly string[], { mark, parse }: EntryRules): { value: unknown; isSound: boolean } {
  const entry = lines.join("\n");
  try {
    return { value: parse(entry), isSound: true };
  } catch {
    const text = entry.slice(entry.indexOf(mark) + 1).trim();
    return { value: unquoted(text), isSound: !/^[[{"']/.test(text) };
  }
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}
