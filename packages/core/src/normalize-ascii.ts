const plain = /^[\t-\r -~]*$/;

/** Whether a text holds nothing but printable ASCII and white space, so that {@link normalizeAscii} may take it. */
export function isAscii(text: string): boolean {
  return plain.test(text);
}

/**
 * `normalizeAnswer` for ASCII in one pass over the characters: the same result several times as fast, which counts where
 * hundreds of thousands of answers are scored. A test holds the two together.
 */
export function normalizeAscii(text: string): string {
  const lower = text.toLowerCase();
  let result = "";
  let word = "";
  let from = 0;
  const endWord = (at: number) => {
    word += lower.slice(from, at);
    if (word !== "" && word !== "a" && word !== "an" && word !== "the") result += result === "" ? word : ` ${word}`;
    word = "";
  };
  for (let at = 0; at < lower.length; at++) {
    const code = lower.charCodeAt(at);
    if (
      isWordCode(code) ||
      (isJoint(code) && isDigit(lower, at - 1) && isDigit(lower, at + 1) && !separates(lower, at))
    ) {
      continue;
    }
    if (code === apostrophe || code === backtick || (code === comma && separates(lower, at)))
      word += lower.slice(from, at);
    else endWord(at);
    from = at + 1;
  }
  endWord(lower.length);
  return result;
}

const apostrophe = 39;
const backtick = 96;
const comma = 44;

function isWordCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}

// . , : / - between digits belong to a figure, a date or a time.
function isJoint(code: number): boolean {
  return (code >= 44 && code <= 47) || code === 58;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Whether a comma separates thousands: a digit before it, just three behind it. */
function separates(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === comma &&
    isDigit(text, at - 1) &&
    isDigit(text, at + 1) &&
    isDigit(text, at + 2) &&
    isDigit(text, at + 3) &&
    !isDigit(text, at + 4)
  );
}
