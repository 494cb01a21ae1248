/**
 * What models share that are looked at, or not.
 */

import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

export abstract class Looked implements IDisposable {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get visible(): boolean {
    return this._visible;
  }

  /** Nothing is asked while nobody looks. */
  set visible(visible: boolean) {
    if (visible !== this._visible) {
      this._visible = visible;
      if (visible) {
        void this.refresh();
      } else {
        this.left();
      }
    }
  }

  /** Bring everything up to date, if somebody looks. */
  abstract refresh(): Promise<void>;

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.ended();
      Signal.disconnectReceiver(this);
      Signal.clearData(this);
    }
  }

  /** Nobody looks any more. */
  protected left(): void {
    // Nothing is to be done, unless something waits.
  }

  /** To let go of what is held. */
  protected abstract ended(): void;

  protected tell(): void {
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
  private _visible = false;
}
