/**
 * Python text in the colours that the notebook's editors have.
 */

import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';

import { IToken } from './components/program';

/** For each line of a program its coloured pieces. */
export async function coloured(
  languages: IEditorLanguageRegistry,
  program: string
): Promise<IToken[][]> {
  const host = document.createElement('div');
  const python = await languages.getLanguage('python');
  await languages.highlight(program, python, host);
  return linesOf(
    [...host.childNodes].map(node => ({
      text: node.textContent ?? '',
      style: node instanceof HTMLElement ? node.className : ''
    }))
  );
}

/** Pieces that run over line ends, as lines. */
export function linesOf(tokens: readonly IToken[]): IToken[][] {
  const lines: IToken[][] = [[]];
  for (const { text, style } of tokens) {
    text.split('\n').forEach((part, index) => {
      if (index > 0) {
        lines.push([]);
      }
      if (part) {
        lines[lines.length - 1].push({ text: part, style });
      }
    });
  }
  return lines;
}
