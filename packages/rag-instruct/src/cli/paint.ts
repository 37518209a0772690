import { styleText } from "node:util";

/** Colours a text for standard error, where that is a terminal and NO_COLOR is not set. */
export function paint(colour: "red" | "green" | "yellow" | "dim", text: string): string {
  return styleText(colour, text, { stream: process.stderr });
}
