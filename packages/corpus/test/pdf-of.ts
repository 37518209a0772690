/** A page: what draws it, and what it has beside the fonts. */
export interface PdfPage {
  /** Operators of the content stream; text in the fonts `F1` (Helvetica) and `F2` (STSong, whose text is UTF-16). */
  content: string;
  /** Annotations, as dictionaries. */
  annotations?: readonly string[];
  /** Entries of its resources beside fonts. */
  resources?: string;
}

/** A PDF by hand: 600 points wide, 800 high. `objects` are further ones by their numbers, from 5 to 9. */
export function pdfOf(
  pages: readonly PdfPage[],
  { info = "", catalog = "", objects = {} }: { info?: string; catalog?: string; objects?: Record<number, string> } = {},
): Buffer {
  const first = 10;
  const kids = pages.map((_, index) => `${first + index * 2} 0 R`).join(" ");
  const all: [number, string][] = [
    [1, `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`],
    [2, `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`],
    [3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"],
    [4, `<< ${info} >>`],
    ...Object.entries(objects).map(([number, content]): [number, string] => [Number(number), content]),
    ...pages.flatMap(({ content, annotations = [], resources = "" }, index): [number, string][] => [
      [
        first + index * 2,
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R /F2 ${chinese} >> ${resources} >> /Annots [${annotations.join(" ")}] /Contents ${first + 1 + index * 2} 0 R >>`,
      ],
      [first + 1 + index * 2, streamOf(content)],
    ]),
  ];
  let body = "%PDF-1.7\n";
  const offsets = new Map<number, number>();
  for (const [number, content] of all) {
    offsets.set(number, body.length);
    body += `${number} 0 obj\n${content}\nendobj\n`;
  }
  const size = Math.max(...offsets.keys()) + 1;
  const entries = Array.from({ length: size }, (_, number) => {
    const offset = offsets.get(number);
    return offset === undefined ? "0000000000 65535 f \n" : `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R /Info 4 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(`${body}xref\n0 ${size}\n${entries.join("")}${trailer}`, "latin1");
}

/** A stream with its length. */
export function streamOf(content: string, entries = ""): string {
  return `<< /Length ${content.length} ${entries} >>\nstream\n${content}\nendstream`;
}

/** Text at places: from left and below, in points. Letters are 12 points high. */
export function textAt(lines: readonly (readonly [x: number, y: number, text: string, size?: number])[]): string {
  return lines
    .map(
      ([x, y, text, size = 12]) => `BT /F1 ${size} Tf 1 0 0 1 ${x} ${y} Tm (${text.replace(/[()\\]/g, "\\$&")}) Tj ET`,
    )
    .join("\n");
}

// The map of its codes to characters is one of those that a reader has to bring: the file has neither the font nor Unicode for it.
const chinese =
  "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /StemV 93 /CapHeight 880 >> >>] >>";
