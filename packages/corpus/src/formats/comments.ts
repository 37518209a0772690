/** A markup with its comments replaced. One that is not closed is none, and no other is looked for behind it. */
export function replaceComments(markup: string, replace: (comment: string) => string): string {
  let result = "";
  let from = 0;
  for (let at = markup.indexOf("<!--"); at >= 0; at = markup.indexOf("<!--", from)) {
    const end = markup.indexOf("-->", at + 4);
    if (end < 0) break;
    result += markup.slice(from, at) + replace(markup.slice(at, end + 3));
    from = end + 3;
  }
  return result + markup.slice(from);
}
