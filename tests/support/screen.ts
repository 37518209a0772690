// A move of the cursor or a colour, another sequence, or a character.
const esc = String.fromCharCode(27);
const tokens = new RegExp(`${esc}\\[([?\\d;]*)([A-Za-z])|${esc}.|[\\s\\S]`, "gu");

/** What a terminal of 80 columns shows in the end of all that was written to it, scrolled-off lines before it; colours are left out. */
export function screenText(written: string, columns = 80): string {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  const move = (to: number) => {
    row = Math.max(0, to);
    while (lines.length <= row) lines.push([]);
  };
  for (const [token, numbers = "", command] of written.matchAll(tokens)) {
    const count = Number.parseInt(numbers, 10) || 1;
    if (command === "A") move(row - count);
    else if (command === "B") move(row + count);
    else if (command === "C") column += count;
    else if (command === "D") column = Math.max(0, column - count);
    else if (command === "G") column = count - 1;
    else if (command === "K") lines[row]!.length = Math.min(lines[row]!.length, column);
    else if (command === "J") {
      lines[row]!.length = Math.min(lines[row]!.length, column);
      lines.length = row + 1;
    } else if (token === "\r") column = 0;
    else if (token === "\n") move(row + 1);
    else if (token === "\b") column = Math.max(0, column - 1);
    else if (!token.startsWith(esc)) {
      if (column === columns) {
        move(row + 1);
        column = 0;
      }
      while (lines[row]!.length < column) lines[row]!.push(" ");
      lines[row]![column++] = token;
    }
  }
  return lines
    .map((line) => line.join("").trimEnd())
    .join("\n")
    .trim();
}
