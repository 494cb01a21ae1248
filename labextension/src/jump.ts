/**
 * From a line of a program to the cell that it came from.
 */

import type { INotebookTracker } from '@jupyterlab/notebook';

import { indexOf, panelWith } from './documents';

/** Show a line of a cell and put the cursor there; false when the cell is gone. */
export async function jumpTo(
  tracker: INotebookTracker,
  activate: (id: string) => void,
  cell: string,
  line: number
): Promise<boolean> {
  const panel = panelWith(tracker, cell);
  if (!panel) {
    return false;
  }
  const notebook = panel.content;
  const index = indexOf(panel, cell);
  activate(panel.id);
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  const widget = notebook.widgets[index];
  await notebook.scrollToCell(widget, 'smart');
  await widget.ready;
  const editor = widget.editor;
  if (editor && !widget.isDisposed) {
    const at = Math.min(line, editor.lineCount) - 1;
    editor.setCursorPosition({ line: at, column: 0 });
    editor.revealPosition({ line: at, column: 0 });
  }
  return true;
}
