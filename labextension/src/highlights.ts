/**
 * Lines of the notebook's own cells that the slice is made of, marked in their editors.
 */

import { RangeSetBuilder, StateEffect } from '@codemirror/state';
import {
  Decoration,
  DecorationSet,
  EditorView,
  ViewPlugin,
  ViewUpdate
} from '@codemirror/view';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { Lines, linesNow } from './lines';
import { ISlicer } from './tokens';

/** Which lines of which cells are marked now. */
export class Highlights implements IDisposable {
  constructor(slicer: ISlicer) {
    this._slicer = slicer;
    slicer.changed.connect(this._follow, this);
  }

  /** Off, all marks go. */
  get shown(): boolean {
    return this._shown;
  }

  set shown(shown: boolean) {
    this._shown = shown;
    this._follow();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  of(cell: string): Lines {
    return this._lines.get(cell) ?? [];
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.disconnectReceiver(this);
      Signal.clearData(this);
    }
  }

  private _follow(): void {
    const model = this._shown && this._slicer.visible ? this._slicer.current : null;
    const lines = model?.contributions() ?? new Map<string, Lines>();
    const told = JSON.stringify([...lines]);
    if (told !== this._told) {
      this._told = told;
      this._lines = lines;
      this._changed.emit();
    }
  }

  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
  private _lines: Map<string, Lines> = new Map();
  private _shown = true;
  private _slicer: ISlicer;
  private _told = '';
}

const again = StateEffect.define<null>();
const mark = Decoration.line({ class: 'jp-Slicer-kept' });

/** Make every editor of a cell follow the marks. */
export function register(
  extensions: IEditorExtensionRegistry,
  highlights: Highlights
): void {
  extensions.addExtension({
    name: 'jupyter-slicer:highlights',
    factory: ({ model }) => {
      const shared = model.sharedModel as { getId?: () => string };
      const id = typeof shared.getId === 'function' ? shared.getId() : null;
      return id === null
        ? null
        : EditorExtensionRegistry.createImmutableExtension(follower(id, highlights));
    }
  });
}

function follower(cell: string, highlights: Highlights) {
  return ViewPlugin.fromClass(
    class {
      constructor(view: EditorView) {
        this._view = view;
        this.decorations = this._decorated();
        highlights.changed.connect(this._changed, this);
      }

      update(update: ViewUpdate): void {
        const told = update.transactions.some(t => t.effects.some(e => e.is(again)));
        if (told || update.docChanged) {
          this.decorations = this._decorated();
        }
      }

      destroy(): void {
        highlights.changed.disconnect(this._changed, this);
      }

      decorations: DecorationSet;

      private _changed(): void {
        this._view.dispatch({ effects: again.of(null) });
      }

      private _decorated(): DecorationSet {
        const { doc } = this._view.state;
        const builder = new RangeSetBuilder<Decoration>();
        const ran = highlights.of(cell);
        for (const line of ran.length ? linesNow(doc.toString(), ran) : []) {
          const { from } = doc.line(line);
          builder.add(from, from, mark);
        }
        return builder.finish();
      }

      private _view: EditorView;
    },
    { decorations: plugin => plugin.decorations }
  );
}
