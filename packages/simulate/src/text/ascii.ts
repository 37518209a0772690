const ascii = /^[ -~\t\n\r]*$/;

/** Whether a text is plain ASCII, as most English text is: what it takes to read other scripts can then be left out. */
export function isAscii(text: string): boolean {
  return ascii.test(text);
}
