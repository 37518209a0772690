import { isUtf8 } from "node:buffer";
import { describe, expect, it } from "vitest";
import { type DecodeOptions, toUtf8 } from "./to-utf8.ts";

/** Bytes of a text as another encoding has them, by turning the platform's decoder around. */
function encode(text: string, encoding: string): Buffer {
  const bytes = new Map<string, number[]>();
  for (let first = 0; first < 256; first++) {
    remember([first]);
    if (/^(gb|big5|shift|euc)/.test(encoding)) for (let second = 64; second < 256; second++) remember([first, second]);
  }
  function remember(given: number[]): void {
    const decoded = new TextDecoder(encoding).decode(Uint8Array.from(given));
    if ([...decoded].length === 1 && decoded !== "\uFFFD" && !bytes.has(decoded)) bytes.set(decoded, given);
  }
  return Buffer.from([...text].flatMap((character) => bytes.get(character) ?? [0x3f]));
}

async function decode(bytes: Uint8Array, options: Partial<DecodeOptions> = {}, chunk = bytes.length) {
  const guesses: { encoding: string; count: number }[] = [];
  let invalid = 0;
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const parts = await Array.fromAsync(
    toUtf8(chunks(), {
      onGuess: (guess) => guesses.push(guess),
      onInvalidBytes: (count) => {
        invalid += count;
      },
      ...options,
    }),
  );
  return { text: Buffer.concat(parts).toString("utf8"), guesses, invalid };
}

const texts: [language: string, text: string, encodings: string[]][] = [
  [
    "French",
    "Le café de l'hôtel coûte cher. L'élève naïve à Besançon était très déçue.",
    ["windows-1252", "macintosh"],
  ],
  ["German", "Größe der Tür in München: Herr Müller fährt über die Brücke nach Österreich.", ["windows-1252"]],
  [
    "Polish",
    "Zażółć gęślą jaźń. Królowa Jadwiga mieszkała w Krakowie i była mądrą władczynią.",
    ["windows-1250", "iso-8859-2"],
  ],
  ["Russian", "Москва столица России. Город расположен на реке Москве.", ["windows-1251", "koi8-r", "ibm866"]],
  ["Ukrainian", "Київ є столицею України. Місто розташоване на річці Дніпро.", ["windows-1251", "koi8-u"]],
  ["Greek", "Η Αθήνα είναι η πρωτεύουσα της Ελλάδας και η μεγαλύτερη πόλη της χώρας.", ["windows-1253"]],
  ["Turkish", "İstanbul Türkiye'nin en kalabalık şehridir. Şehir iki kıtaya yayılmıştır.", ["windows-1254"]],
  ["Hebrew", "ירושלים היא עיר הבירה של מדינת ישראל והעיר הגדולה ביותר בה.", ["windows-1255"]],
  ["Arabic", "القاهرة هي عاصمة جمهورية مصر العربية وأكبر مدنها وأهمها.", ["windows-1256"]],
  ["Thai", "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย", ["windows-874"]],
  ["Chinese", "中华人民共和国的首都是北京，北京位于华北平原的北部，是全国的政治、文化中心。", ["gbk"]],
  ["traditional Chinese", "臺北市是中華民國的首都，位於臺灣北部，是臺灣的政治、文化中心。", ["big5"]],
  ["Japanese", "東京は日本の首都であり、世界最大の都市圏を形成している。", ["shift_jis", "euc-jp"]],
  ["Korean", "서울은 대한민국의 수도이자 최대 도시이다. 한강을 끼고 있다.", ["euc-kr"]],
];

describe("text of other encodings than UTF-8", () => {
  for (const [language, text, encodings] of texts) {
    it.each(encodings)(`is told of ${language} in %s, and the guess is named`, async (encoding) => {
      const bytes = encode(text, encoding);
      expect(isUtf8(bytes)).toBe(false);
      const { text: found, guesses, invalid } = await decode(bytes, {}, 7);
      expect([found, invalid]).toEqual([text, 0]);
      expect(guesses).toMatchObject([{ count: expect.any(Number) }]);
      expect(guesses[0]?.count).toBeGreaterThan(0);
    });
  }

  it("is told behind any length of plain ASCII, and with few letters beyond it", async () => {
    const plain = "A plain line of English that goes on for a while.\n".repeat(4000);
    const { text, guesses } = await decode(Buffer.from(`${plain}caf\xe9 au lait\n${plain}`, "latin1"), {}, 65_536);
    expect(text).toBe(`${plain}café au lait\n${plain}`);
    expect(guesses).toMatchObject([{ count: 1 }]);
  });

  it.each([
    "El Niño",
    "Citroën",
    "Málaga y Córdoba, año 2004",
    "© 2020 ACME",
    "£5 ± 2",
    "Øl",
    '{"id":"1","text":"Café “quoted” – naïve résumé"}',
  ])("is western where little speaks for anything else: %s", async (text) => {
    const { text: found, guesses } = await decode(encode(text, "windows-1252"));
    expect([found, guesses.map(({ encoding }) => encoding)]).toEqual([text, ["windows-1252"]]);
  });

  it("is what it states, in XML, HTML, for an editor or for LaTeX, and is then no guess", async () => {
    const cases: [string, string, boolean?][] = [
      ["iso-8859-2", '<?xml version="1.0" encoding="ISO-8859-2"?><p>Łódź</p>'],
      ["gbk", "<html><meta charset=gb2312><p>联通</p>", true],
      ["koi8-r", '<html><meta http-equiv="Content-Type" content="text/html; charset=koi8-r">Москва', true],
      ["windows-1251", "% -*- coding: windows-1251 -*-\nМосква"],
      ["windows-1252", "\\documentclass{article}\n\\usepackage[ansinew]{inputenc}\nGröße €"],
    ];
    for (const [encoding, text, isHtml] of cases)
      expect(await decode(encode(text, encoding), { isHtml })).toEqual({ text, guesses: [], invalid: 0 });
  });

  it("is UTF-8 where it plainly is, whatever it states, which is named", async () => {
    const text = '<meta charset="iso-8859-1"><p>Élève naïve à Besançon, où</p>';
    const { text: found, guesses } = await decode(Buffer.from(text), { isHtml: true });
    expect(found).toBe(text);
    expect(guesses).toMatchObject([{ encoding: "utf-8" }]);
    const wrong = '<meta charset="utf-8"><p>Élève naïve à Besançon, où</p>';
    expect((await decode(encode(wrong, "windows-1252"), { isHtml: true })).text).toBe(wrong);
  });

  it("is read as it is asked to be, which UTF-8 and marks go before", async () => {
    const text = "Łódź, żółć";
    const options = { encoding: "windows-1250" };
    expect(await decode(encode(text, "windows-1250"), options)).toEqual({ text, guesses: [], invalid: 0 });
    expect((await decode(Buffer.from(text), options)).text).toBe(text);
    expect((await decode(Buffer.from(`\uFEFF${text}`), options)).text).toBe(`\uFEFF${text}`);
    await expect(decode(Buffer.from("é"), { encoding: "latin-eins" })).rejects.toMatchObject({ code: "bad-option" });
  });

  it("counts bytes that are no text in it", async () => {
    const bytes = Buffer.concat([
      encode("北京是中国的首都，", "gbk"),
      Buffer.from([0xff]),
      encode("人口很多。", "gbk"),
    ]);
    expect(await decode(bytes, { encoding: "gbk" })).toEqual({
      text: "北京是中国的首都，人口很多。",
      guesses: [],
      invalid: 1,
    });
  });

  it("stays UTF-8 where a few bytes of it are damaged, and UTF-16 where that is", async () => {
    const damaged = Buffer.concat([Buffer.from("naïve café – déjà vu "), Buffer.from([0xe9]), Buffer.from(" où")]);
    const { text, guesses } = await decode(damaged);
    expect([text, guesses]).toEqual([damaged.toString(), []]);
    const wide = Buffer.from("plain words", "utf16le");
    expect((await decode(wide)).text).toBe(wide.toString());
  });

  it("is told of Japanese in ISO-2022, whose bytes are ASCII, and not of colours of a terminal", async () => {
    const japanese = Buffer.from("\x1b$B$3$s\x1b(B", "latin1");
    expect((await decode(japanese)).text).toBe("こん");
    expect((await decode(Buffer.from("\x1b[31mred\x1b[0m"))).text).toBe("\x1b[31mred\x1b[0m");
  });
});
