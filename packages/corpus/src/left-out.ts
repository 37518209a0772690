import { dirname, join, normalize, sep } from "node:path";
import { type LeftOut, numberText } from "@rag-instruct/core";

/** Why a record gave no document. */
export type UnreadRecordReason = "empty" | "malformed" | "too-long";

/**
 * Why something gave no passage.
 *
 * - Records: `malformed`, `empty`, `too-long`. Passages: `duplicate`.
 * - Files, also those of archives: `unknown-format`, `empty-file`, and `image`, a picture that nobody reads.
 * - Pages of a MediaWiki dump: `redirect`, `other-namespace`.
 * - Entries of a folder or an archive: `git-ignored` (where that is asked for), `hidden` (also `node_modules` and `__MACOSX`), `generated`
 *   (lock files, minified bundles), `link-outside`, `not-a-file`.
 * - Parts of a document that was read: `embedded-data` (files inside a text, such as pictures in base64), `attachment` (of a message),
 *   `expression` (what a page of MDX computes), `page-header` (running headers and footers, page numbers and watermarks of a PDF),
 *   `scanned-page` (a page that shows something and has no text), `invalid-bytes`.
 * - Not left out, but counted here: `guessed-encoding`, bytes that were read in the encoding that was guessed.
 */
export type LeftOutReason =
  | UnreadRecordReason
  | "duplicate"
  | "unknown-format"
  | "empty-file"
  | "redirect"
  | "other-namespace"
  | "git-ignored"
  | "hidden"
  | "generated"
  | "link-outside"
  | "not-a-file"
  | "embedded-data"
  | "attachment"
  | "expression"
  | "page-header"
  | "scanned-page"
  | "image"
  | "invalid-bytes"
  | "guessed-encoding";

const maxPlaces = 10;

/** Adds what is left out at a place to a list with one entry a reason. */
export function leaveOut(
  list: LeftOut[],
  { reason, place, count = 1 }: { reason: LeftOutReason; place: string; count?: number },
): void {
  addTo(list, { reason, count, places: [place] });
}

/** Several lists as one, with one entry a reason. */
export function joinLeftOut(...lists: readonly (readonly LeftOut[])[]): LeftOut[] {
  const joined: LeftOut[] = [];
  for (const entry of lists.flat()) addTo(joined, entry);
  return joined;
}

function addTo(list: LeftOut[], { reason, count, places }: LeftOut): void {
  if (count === 0) return;
  const known = list.find((entry) => entry.reason === reason);
  if (!known) {
    list.push({ reason, count, places: places.slice(0, maxPlaces) });
    return;
  }
  known.count += count;
  for (const place of places) {
    if (known.places.length < maxPlaces && !known.places.includes(place)) known.places.push(place);
  }
}

/** What was left out, most of it first: a line for each reason with the first places. Empty where nothing was. */
export function leftOutLines(list: readonly LeftOut[]): string[] {
  const lines = list
    .toSorted((a, b) => b.count - a.count)
    .map(({ reason, count, places }) => {
      const more = count > places.length && places.length === maxPlaces ? ", …" : "";
      return `  ${numberText(count)} ${reason}: ${inFiles(places).join(", ")}${more}`;
    });
  return lines.length === 0 ? [] : ["Left out of the documents:", ...lines];
}

/** Places as text: of several lines of a file the first with its name. */
function inFiles(places: readonly string[]): string[] {
  const fileOf = (place: string) => /^(.*):\d+$/.exec(place)?.[1];
  return places.map((place, index) => {
    const file = fileOf(place);
    const isSame = file !== undefined && index > 0 && fileOf(places[index - 1]!) === file;
    return isSame ? place.slice(file.length) : place;
  });
}

/**
 * What was left out, with places relative to the documents that were given, as `handbook/a.md:3`: the same wherever these lie.
 * @param from the files and folders that were given
 */
export function leftOutWithin(list: readonly LeftOut[], from: readonly string[]): LeftOut[] {
  // Of a glob the folder that it begins in.
  const given = from.map((path) => dirname(normalize(path.split(/[*?[{]/, 1)[0]!)));
  const folders = given.map((path) => join(path, sep)).sort((a, b) => b.length - a.length);
  const within = (place: string) => {
    const folder = folders.find((one) => place.startsWith(one));
    return (folder === undefined ? place : place.slice(folder.length)).split(sep).join("/");
  };
  return list.map((entry) => ({ ...entry, places: entry.places.map(within) }));
}

/** Files that tools write for tools: locks of package managers, minified bundles and their maps. */
const generated =
  /^(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|composer\.lock|gemfile\.lock|cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|pipfile\.lock|go\.sum|flake\.lock)$|\.min\.(js|mjs|css|html?|json)$|\.(js|css)\.map$/i;

/**
 * Why an entry of a folder or an archive is passed over by its name, which is that of no document: hidden ones (`.git`, `.ssh`, and
 * `._` files that macOS writes beside others), `node_modules` and `__MACOSX`, and what tools write for tools. Undefined for any other.
 */
export function whyPassedOver(name: string): LeftOutReason | undefined {
  if (name.startsWith(".") || name === "node_modules" || name === "__MACOSX") return "hidden";
  return generated.test(name) ? "generated" : undefined;
}
