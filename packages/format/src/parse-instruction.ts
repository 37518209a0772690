const paragraphHead = "### Paragraph:\n";
const instructionHead = "### Instruction:\n";

/**
 * Reads a prompt of the method's layout back into its documents and question, the inverse of core's `renderInstruction`
 * (titles and choices stay where they were written, in text and question).
 * @returns undefined for a prompt of another layout
 */
export function parseInstruction(prompt: string): { documents: string[]; question: string } | undefined {
  if (prompt.startsWith(instructionHead))
    return { documents: [], question: body(prompt.slice(instructionHead.length)) };
  if (!prompt.startsWith(paragraphHead)) return undefined;
  const end = prompt.indexOf(`\n\n${instructionHead}`, paragraphHead.length);
  if (end < 0) return undefined;
  const lines = prompt.slice(paragraphHead.length, end).split("\n");
  if (!lines.every((line, i) => line.startsWith(`[${i + 1}] `))) return undefined;
  const documents = lines.map((line, i) => line.slice(`[${i + 1}] `.length));
  return { documents, question: body(prompt.slice(end + 2 + instructionHead.length)) };
}

function body(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
