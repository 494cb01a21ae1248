/**
 * Notebooks of JupyterLab as the model sees them.
 */

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ISignal, Signal } from '@lumino/signaling';

import { ICell, INotebook } from './tokens';

export class OpenNotebook implements INotebook {
  constructor(panel: NotebookPanel, tracker: INotebookTracker) {
    this._panel = panel;
    this._tracker = tracker;
    panel.context.model.contentChanged.connect(this._contentChanged, this);
  }

  get path(): string {
    return this._panel.context.path;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Those of other notebooks too, where they share the kernel. */
  cells(): ICell[] {
    const kernel = kernelOf(this._panel);
    const found: ICell[] = cellsOf(this._panel);
    this._tracker.forEach(other => {
      if (other !== this._panel && kernel && kernelOf(other) === kernel) {
        found.push(...cellsOf(other));
      }
    });
    return found;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.disconnectReceiver(this);
      Signal.clearData(this);
    }
  }

  private _contentChanged(): void {
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
  private _panel: NotebookPanel;
  private _tracker: INotebookTracker;
}

function kernelOf(panel: NotebookPanel): string | null {
  return panel.sessionContext.session?.kernel?.id ?? null;
}

function cellsOf(panel: NotebookPanel): ICell[] {
  const cells = panel.content.model?.cells;
  const found: ICell[] = [];
  for (let index = 0; index < (cells?.length ?? 0); index++) {
    const cell = cells!.get(index);
    if (cell.type === 'code') {
      found.push({ id: cell.id, text: cell.sharedModel.getSource() });
    }
  }
  return found;
}

/** The notebook that has a cell, the one that is looked at first. */
export function panelWith(tracker: INotebookTracker, cell: string): NotebookPanel | null {
  const current = tracker.currentWidget;
  if (current && indexOf(current, cell) >= 0) {
    return current;
  }
  return tracker.find(panel => indexOf(panel, cell) >= 0) ?? null;
}

export function indexOf(panel: NotebookPanel, cell: string): number {
  return panel.content.widgets.findIndex(widget => widget.model.id === cell);
}
