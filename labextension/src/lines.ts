/**
 * Where lines that ran stand in a text that may have been edited since.
 */

export type Lines = readonly { readonly line: number; readonly text: string }[];

/** Lines of a text on which the lines that ran stand now; edited ones stand nowhere. */
export function linesNow(text: string, ran: Lines): number[] {
  const now = text.split('\n').map(line => line.trimEnd());
  const found: number[] = [];
  let from = 0;
  for (const { line, text: wanted } of [...ran].sort((a, b) => a.line - b.line)) {
    const exact = now[line - 1] === wanted.trimEnd() ? line - 1 : -1;
    const at = exact >= 0 ? exact : now.indexOf(wanted.trimEnd(), from);
    if (at >= 0) {
      found.push(at + 1);
      from = at + 1;
    }
  }
  return [...new Set(found)].sort((a, b) => a - b);
}
