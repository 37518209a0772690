import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { styleText } from "node:util";

/** Says on standard error what was understood in a way that the user may not have meant. */
export function note(text: string): void {
  process.stderr.write(`${paint("yellow", "note:")} ${text}\n`);
}

/** Colours a text for standard error, where that is a terminal and NO_COLOR is not set. */
export function paint(colour: "red" | "green" | "yellow" | "dim", text: string): string {
  return styleText(colour, text, { stream: process.stderr });
}

/** A path as it is written from here. */
export function shownPath(path: string): string {
  return relative(process.cwd(), path) || ".";
}

/** The address of a file that a terminal makes a link of. */
export function linkTo(path: string): string {
  return pathToFileURL(resolve(path)).href;
}
