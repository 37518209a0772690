/**
 * A list or an object that was written into a text, as JSON or as Python and NumPy print it; undefined for any other text.
 * Tables have no columns of lists, so that re-hosts of benchmarks write them so.
 */
export function parseLiteral(text: string): unknown[] | Record<string, unknown> | undefined {
  const trimmed = text.trim();
  if (!/^(?:\[.*\]|\{.*\})$/s.test(trimmed)) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return pythonLiteral(trimmed);
  }
}

function pythonLiteral(text: string): unknown[] | Record<string, unknown> | undefined {
  const reader = new PythonReader(text);
  const value = reader.value();
  return reader.isAtEnd() && typeof value === "object" && value !== null
    ? (value as unknown[] | Record<string, unknown>)
    : undefined;
}

const wrong = Symbol("not a Python literal");
const constants: Readonly<Record<string, unknown>> = { True: true, False: false, None: null, nan: null };

/** Reads strings, numbers, constants, lists, tuples, dicts and NumPy's `array([…], dtype=object)`; commas may be left out, as NumPy does. */
class PythonReader {
  private readonly text: string;
  private place = 0;

  constructor(text: string) {
    this.text = text;
  }

  isAtEnd(): boolean {
    this.take(/\s*/y);
    return this.place === this.text.length;
  }

  /** The next value; a symbol where none can be read. */
  value(): unknown {
    this.take(/\s*/y);
    const string = this.take(/[rub]{0,2}(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/isy);
    if (string) return unescapePython(string[1] ?? string[2] ?? "");
    const number = this.take(/[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?(?![\w.])/iy);
    if (number) return Number(number[0]);
    if (this.take(/array\(/y)) return this.array();
    const name = this.take(/[A-Za-z]+/y);
    if (name) return name[0] in constants ? constants[name[0]] : wrong;
    if (this.take(/[[(]/y)) return this.list(/\s*[\])]/y);
    return this.take(/\{/y) ? this.dict() : wrong;
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.place;
    const found = pattern.exec(this.text);
    if (found) this.place = pattern.lastIndex;
    return found;
  }

  private array(): unknown {
    const value = this.value();
    return this.take(/\s*(?:,\s*dtype=[^)]*)?\)/y) ? value : wrong;
  }

  private list(end: RegExp): unknown {
    const entries: unknown[] = [];
    while (!this.take(end)) {
      const entry = this.value();
      if (entry === wrong) return wrong;
      entries.push(entry);
      this.take(/\s*,/y);
    }
    return entries;
  }

  private dict(): unknown {
    const entries: [string, unknown][] = [];
    while (!this.take(/\s*\}/y)) {
      const key = this.value();
      const colon = this.take(/\s*:/y);
      const value = colon ? this.value() : wrong;
      if (key === wrong || value === wrong) return wrong;
      entries.push([String(key), value]);
      this.take(/\s*,/y);
    }
    return Object.fromEntries(entries);
  }
}

function unescapePython(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gis, (_all, x, u, wide, plain) => {
    if (plain !== undefined) return plain === "n" ? "\n" : plain === "t" ? "\t" : plain;
    return String.fromCodePoint(Number.parseInt(x ?? u ?? wide, 16));
  });
}
