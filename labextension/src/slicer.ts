/**
 * One model for each notebook that is open; the panel follows the active one.
 */

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { OpenNotebook } from './documents';
import { KernelLink } from './link';
import { ISettings, NotebookModel, Part } from './model';
import { ISlicer } from './tokens';

export class Slicer implements ISlicer, ISettings, IDisposable {
  constructor(tracker: INotebookTracker) {
    this._tracker = tracker;
    tracker.currentChanged.connect(this._follow, this);
    this._follow();
  }

  get current(): NotebookModel | null {
    return this._current;
  }

  get currentChanged(): ISignal<this, void> {
    return this._currentChanged;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get visible(): boolean {
    return this._visible;
  }

  /** Seconds that a fresh run may take which nobody has asked for. */
  verifyUpTo = 20;

  look(viewer: string, parts: readonly (Part | 'slice')[]): void {
    this._viewers.set(viewer, parts);
    const all = [...this._viewers.values()].flat();
    this.wanted = new Set(all.filter((part): part is Part => part !== 'slice'));
    const before = this._visible;
    this._visible = all.length > 0;
    if (this._current) {
      this._current.visible = this._visible;
      void this._current.askParts();
    }
    if (before !== this._visible) {
      this._changed.emit();
    }
  }

  wanted: ReadonlySet<Part> = new Set();

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      for (const model of this._models.values()) {
        model.dispose();
      }
      Signal.disconnectReceiver(this);
      Signal.clearData(this);
    }
  }

  private _follow(): void {
    const panel = this._tracker.currentWidget;
    const model = panel ? this._modelOf(panel) : null;
    if (model === this._current) {
      return;
    }
    if (this._current && !this._current.isDisposed) {
      this._current.visible = false;
    }
    this._current = model;
    if (model) {
      model.visible = this._visible;
    }
    this._currentChanged.emit();
    this._changed.emit();
  }

  private _modelOf(panel: NotebookPanel): NotebookModel {
    const known = this._models.get(panel);
    if (known) {
      return known;
    }
    const model = new NotebookModel({
      notebook: new OpenNotebook(panel, this._tracker),
      link: new KernelLink(panel.sessionContext, clientOf(panel)),
      settings: this
    });
    this._models.set(panel, model);
    model.changed.connect(this._modelChanged, this);
    panel.disposed.connect(() => {
      this._models.delete(panel);
      model.dispose();
      this._follow();
    });
    return model;
  }

  private _modelChanged(model: NotebookModel): void {
    if (model === this._current) {
      this._changed.emit();
    }
  }

  private _changed = new Signal<this, void>(this);
  private _current: NotebookModel | null = null;
  private _currentChanged = new Signal<this, void>(this);
  private _isDisposed = false;
  private _models = new Map<NotebookPanel, NotebookModel>();
  private _tracker: INotebookTracker;
  private _viewers = new Map<string, readonly (Part | 'slice')[]>();
  private _visible = false;
}

/**
 * The kernel drops what an earlier load of this page has left there: it knows the page by
 * this name. A reload keeps it; another tab, a duplicated one too, has its own.
 */
function clientOf(panel: NotebookPanel): string {
  page ??= pageName();
  return `${page}:${panel.context.path}`;
}

let page: string | null = null;

function pageName(): string {
  const key = 'jupyter-slicer:page';
  const [navigation] = performance.getEntriesByType('navigation');
  const reloaded =
    (navigation as PerformanceNavigationTiming | undefined)?.type === 'reload';
  const before = reloaded ? window.sessionStorage.getItem(key) : null;
  const name = before ?? Math.random().toString(36).slice(2);
  window.sessionStorage.setItem(key, name);
  return name;
}
