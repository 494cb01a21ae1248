/**
 * The item in the status bar: whether the kernel records, and what that costs.
 */

import { ReactWidget } from '@jupyterlab/ui-components';
import { TextItem } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { duration, share } from './format';
import type { NotebookModel } from './model';
import { ISlicer } from './tokens';

export class StatusItem extends ReactWidget {
  constructor(options: { slicer: ISlicer; trans: TranslationBundle; open: () => void }) {
    super();
    this._slicer = options.slicer;
    this._trans = options.trans;
    this._open = options.open;
    this.addClass('jp-mod-highlighted');
    this._slicer.changed.connect(() => this.update(), this);
  }

  protected render(): JSX.Element | null {
    const model = this._slicer.current;
    if (!model) {
      return null;
    }
    const [words, title] = told(model, this._trans);
    return (
      <TextItem
        source={words}
        title={title}
        role="button"
        tabIndex={0}
        onClick={this._open}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            this._open();
          }
        }}
      />
    );
  }

  private _open: () => void;
  private _slicer: ISlicer;
  private _trans: TranslationBundle;
}

/** What the item says, and what it says when pointed at. */
export function told(
  model: Pick<NotebookModel, 'state' | 'status'>,
  trans: TranslationBundle
): [string, string] {
  const { state, status } = model;
  if (state === 'not-loaded' || state === 'not-installed') {
    return [trans.__('Slicer: off'), trans.__('This kernel does not record.')];
  }
  if (!status) {
    // Nobody has looked yet, so the kernel was not asked.
    return [trans.__('Slicer'), trans.__('Open the Slicer sidebar')];
  }
  if (status.recording === 'paused') {
    return [trans.__('Slicer: paused'), trans.__('Recording is paused.')];
  }
  const cost = share(status.spent, status.ran);
  const title = trans.__(
    '%1 cell executions are recorded; that took %2 in all.',
    status.executions,
    duration(status.spent)
  );
  return [trans.__('Slicer: on') + (cost ? ` · ${cost}` : ''), title];
}
