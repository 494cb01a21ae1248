/**
 * The section of the sidebar that shows training runs; drawn when somebody looks.
 */

import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import React from 'react';

import type { NotebookModel } from '../model';
import { ISlicer } from '../tokens';
import { RunsModel } from './model';

export interface ISectionOptions {
  readonly slicer: ISlicer;
  readonly trans: TranslationBundle;
  readonly jumpToCell: (cell: string, line: number) => void;
  /** Write what a run has logged to a file. */
  readonly exportLogs: (run: number) => void;
}

export class RunsSection extends ReactWidget {
  constructor(options: ISectionOptions) {
    super();
    this._options = options;
    this.addClass('jp-Slicer-body');
    options.slicer.changed.connect(this._changed, this);
  }

  /** The runs of the notebook that the sidebar follows. */
  get current(): RunsModel | null {
    const notebook = this._options.slicer.current;
    return notebook ? this._modelOf(notebook) : null;
  }

  dispose(): void {
    for (const model of this._models.values()) {
      model.dispose();
    }
    super.dispose();
  }

  protected render(): JSX.Element | null {
    const model = this.current;
    if (!model || this._options.slicer.current?.state !== 'ready') {
      return null;
    }
    const { trans } = this._options;
    if (model.failure) {
      return <p className="jp-Slicer-note jp-mod-error">{model.failure.message}</p>;
    }
    if (model.runs === null) {
      return <p className="jp-Slicer-note">{trans.__('Looking…')}</p>;
    }
    return (
      <React.Suspense fallback={<p className="jp-Slicer-note">{trans.__('Drawing…')}</p>}>
        <LazyView
          runs={model.runs}
          own={model.own}
          leftOut={model.leftOut}
          selected={model.selected}
          curves={model.curves}
          proposal={model.proposal}
          replaying={model.replaying}
          replayed={model.replayed}
          trans={trans}
          onSelect={run => void model.select(run)}
          comparison={model.comparison}
          onPropose={wish => void model.propose(wish)}
          onCompare={(name, runs) => void model.compare(name, runs)}
          onExport={run => this._options.exportLogs(run)}
          onDismiss={() => model.dismiss()}
          onStart={() => void model.start()}
          onStop={() => model.stop()}
          onJump={line => {
            if (line.cell_id !== null) {
              this._options.jumpToCell(line.cell_id, line.line);
            }
          }}
          onJumpToCell={cell => this._options.jumpToCell(cell, 1)}
        />
      </React.Suspense>
    );
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._look();
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._look();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._look();
  }

  private _changed(): void {
    this._look();
    if (this.isVisible) {
      this.update();
    }
  }

  /** Only the notebook that is looked at asks its kernel. */
  private _look(): void {
    const current = this.current;
    for (const model of this._models.values()) {
      model.visible = this.isVisible && model === current;
    }
    if (this.isVisible) {
      this.update();
    }
  }

  private _modelOf(notebook: NotebookModel): RunsModel {
    const known = this._models.get(notebook);
    if (known) {
      return known;
    }
    const model = new RunsModel(notebook);
    this._models.set(notebook, model);
    model.changed.connect(() => {
      if (model === this.current && this.isVisible) {
        this.update();
      }
    });
    notebook.disposed.connect(() => {
      this._models.delete(notebook);
      model.dispose();
    });
    return model;
  }

  private _models = new Map<NotebookModel, RunsModel>();
  private _options: ISectionOptions;
}

const LazyView = React.lazy(async () => ({ default: (await import('./view')).RunsView }));
