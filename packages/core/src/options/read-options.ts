import { closestMatch } from "leven";
import { z } from "zod/v4";
import { badOption } from "../errors.ts";
import { isObject } from "../types.ts";
import { bare, shapeOf } from "./option.ts";

type Issue = z.core.$ZodIssue;

/** What an error calls the place of a field: the file that says it, or the flag that gave it. */
export type PlaceOf = (path: readonly PropertyKey[]) => string;

/**
 * Options with their defaults filled in. Throws `bad-option` with each fault: where, which field, what is wrong with it, and the word that
 * was probably meant. Passwords in addresses are not told.
 */
export function checkOptions<S extends z.ZodType>(schema: S, given: unknown, placeOf: PlaceOf): z.output<S> {
  const { success, data, error } = schema.safeParse(given, { reportInput: true });
  if (success) return data;
  const first = firstOf(error.issues);
  const issues = [first, ...error.issues.filter((issue) => issue !== first)].flatMap(eachKey);
  let last: string | undefined;
  const told = issues.slice(0, maxTold).map((issue) => {
    const place = placeOf(issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]!] : issue.path);
    const where = place === last ? "" : `${place}: `;
    last = place;
    return `${where}${describe(issue, [], schema)}`;
  });
  const more = issues.length > maxTold ? ` (and ${issues.length - maxTold} more)` : "";
  throw badOption(`${told.join("; also ")}${more}`);
}

/** An issue of several names that are not known as one for each of them. */
function eachKey(issue: Issue): Issue[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ ...issue, keys: [key, ...issue.keys.filter((other) => other !== key)] }));
}

// So many faults are told at once.
const maxTold = 8;

/** `; did you mean "…"?` where a known word is near, else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = closestMatch(word, known, { maxDistance: Math.max(2, Math.floor(word.length / 3)) });
  return near === undefined || near === word ? "" : `; did you mean "${near}"?`;
}

/** A word that is not known explains why another is missing. */
function firstOf(issues: readonly Issue[]): Issue {
  return issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
}

function describe(issue: Issue, base: readonly PropertyKey[], schema: z.ZodType): string {
  const path = pathOf([...base, ...issue.path]);
  switch (issue.code) {
    case "unrecognized_keys": {
      const [key = ""] = issue.keys;
      const known = namesAt(schemaAt(schema, issue.path), issue);
      const choices = known.length > 0 && known.length < 8 ? `; there are ${known.join(", ")}` : "";
      return `${pathOf([...base, ...issue.path, key])} is not an option${didYouMean(key, known) || choices}`;
    }
    case "invalid_value": {
      if (issue.input === undefined) break;
      const values = issue.values.map(String);
      return `${path}: "${issue.input}" is not one of ${values.join(", ")}${didYouMean(String(issue.input), values)}`;
    }
    case "invalid_type":
      if (issue.input === undefined) return `${path} is missing; it must be ${article(issue.expected)}`;
      return `${path} must be ${article(issue.expected)}, not ${shown(issue.input)}`;
    case "too_small":
      return `${path} must be ${issue.minimum} or more, not ${shown(issue.input)}`;
    case "invalid_union": {
      const nearest = nearestOption(issue.errors);
      const [words, ...others] = issue.errors.flat();
      const isWord = others.every((each) => each.code === "invalid_type" && each.expected === "object");
      // A word that stands for an object.
      if (nearest === undefined && words?.code === "invalid_value" && isWord && typeof issue.input === "string")
        return describe({ ...words, path: issue.path, input: issue.input } as Issue, base, schema);
      if (nearest === undefined) {
        const wanted =
          issue.message === plainMessage ? `must be ${issue.errors.flat().map(wantedBy).join(", or ")}` : issue.message;
        return `${path} ${wanted}, not ${shown(issue.input)}`;
      }
      const union = schemaAt(schema, issue.path) as z.ZodUnion<z.ZodType[]>;
      return describe(firstOf(issue.errors[nearest]!), [...base, ...issue.path], union.options[nearest]!);
    }
  }
  return `${path}: ${issue.message}${issue.input === undefined ? "" : ` (it is ${shown(issue.input)})`}`;
}

/** The names that an object may have; of several kinds of objects those of the kinds that have all others that were given. */
function namesAt(schema: z.ZodType | undefined, { input, keys }: z.core.$ZodIssueUnrecognizedKeys): string[] {
  const kinds = schema instanceof z.ZodUnion ? (schema.options as z.ZodType[]).map(bare) : [schema];
  const others = Object.keys(isObject(input) ? input : {}).filter((key) => !keys.includes(key));
  const shapes = kinds.map(shapeOf).filter((shape) => shape !== undefined);
  return shapes.filter((shape) => others.every((key) => key in shape)).flatMap((shape) => Object.keys(shape));
}

// What zod says where a schema has no words of its own.
const plainMessage = "Invalid input";

/** Of the options of a union the one that was probably meant: an object that is wrong within, with the fewest faults. */
function nearestOption(errors: readonly (readonly Issue[])[]): number | undefined {
  const isWithin = ({ path, code }: Issue) => path.length > 0 || code === "unrecognized_keys";
  const meant = errors.flatMap((issues, i) => (issues.some(isWithin) ? [{ i, faults: issues.length }] : []));
  return meant.sort((a, b) => a.faults - b.faults)[0]?.i;
}

function wantedBy(issue: Issue): string {
  if (issue.code === "invalid_type") return article(issue.expected);
  if (issue.code === "too_small") return `${issue.minimum} or more`;
  return issue.code === "invalid_value"
    ? issue.values.map((value) => JSON.stringify(value)).join(" or ")
    : issue.message;
}

/** The schema at a path of objects; what it is wrapped in is taken off. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = bare(schema);
  for (const part of path) {
    const within: z.ZodType | undefined = shapeOf(at)?.[String(part)];
    at = within && bare(within);
  }
  return at;
}

function pathOf(path: readonly PropertyKey[]): string {
  return (
    path.reduce<string>(
      (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
      "",
    ) || "the config"
  );
}

function article(expected: string): string {
  return `${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected}`;
}

function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? String(value)).replace(/(?<=:\/\/)[^/\s"]*@/g, "");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/**
 * The path and the value of `corpus.words=80`, the value as JSON where it is any, else as text. Names are joined where the schema has
 * one name with points in it, such as the model of `prices.gpt-4.1.inputPerMillion`. Undefined where there is no path.
 */
export function readAssignment(schema: z.ZodType, text: string): { path: string[]; value: unknown } | undefined {
  const cut = text.indexOf("=");
  if (cut < 1) return undefined;
  return { path: pathIn(schema, text.slice(0, cut).split(".")), value: jsonOrText(text.slice(cut + 1)) };
}

/** `text=abstract` and more as an object. Throws `bad-option` that names the flag, with an example. */
export function readFields(flag: string, given: readonly string[], example: string): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const cut = text.indexOf("=");
      if (cut < 1) throw badOption(`${flag} ${text} must be a field and its value, such as ${example}`);
      return [text.slice(0, cut), text.slice(cut + 1)];
    }),
  );
}

/** A text as the JSON that it is, else as it is. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Puts a value at a path of objects, which are copied and made where they are not there. */
export function putAt(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = into;
  for (const part of path.slice(0, -1)) {
    const inner = Object.hasOwn(at, part) && isObject(at[part]) ? { ...at[part] } : {};
    at[part] = inner;
    at = inner;
  }
  at[path.at(-1)!] = value;
}

function pathIn(schema: z.ZodType | undefined, names: readonly string[]): string[] {
  const at = schema && bare(schema);
  const [name, ...rest] = names;
  if (name === undefined) return [];
  const shape = shapeOf(at);
  if (shape) return [name, ...pathIn(shape[name], rest)];
  if (!(at instanceof z.ZodRecord)) return [...names];
  const value = bare(at.valueType as z.ZodType);
  if (value instanceof z.ZodUnknown) return [...names];
  const isField = names.length > 1 && Object.hasOwn(shapeOf(value) ?? {}, names.at(-1)!);
  return isField ? [names.slice(0, -1).join("."), names.at(-1)!] : [names.join(".")];
}
