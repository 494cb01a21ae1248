/**
 * Programs as files, through Jupyter's own file handling.
 */

import {
  Dialog,
  InputDialog,
  Notification,
  showDialog,
  showErrorMessage
} from '@jupyterlab/apputils';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { Document, Failure } from './messages';
import type { NotebookModel } from './model';

/** What is said when a text becomes a file. */
export interface IExportWords {
  readonly title: string;
  readonly failed: string;
  readonly done: (path: string) => string;
}

export class Files {
  constructor(options: {
    contents: Contents.IManager;
    browser: IDefaultFileBrowser | null;
    commands: CommandRegistry;
    trans: TranslationBundle;
  }) {
    this._contents = options.contents;
    this._browser = options.browser;
    this._commands = options.commands;
    this._trans = options.trans;
  }

  /** Ask for a name in the file browser's folder and write the program there. */
  async exportScript(model: NotebookModel, name?: string): Promise<string | null> {
    const trans = this._trans;
    return this.exportText(await model.document('script'), model.notebook.path, name, {
      title: trans.__('Export the program to a Python file'),
      failed: trans.__('Cannot export the program'),
      done: path => trans.__('The program was written to %1.', path)
    });
  }

  /** The same for any text; without a name that is asked for. */
  async exportText(
    made: Document | Failure,
    notebook: string,
    name: string | undefined,
    words: IExportWords
  ): Promise<string | null> {
    if (made.kind === 'failure') {
      await showErrorMessage(words.failed, made.message);
      return null;
    }
    const chosen = name ?? (await this._askName(words.title, made.name));
    if (!chosen) {
      return null;
    }
    const path = this._inFolder(chosen, notebook);
    if (!name && (await this._exists(path)) && !(await this._mayReplace(chosen))) {
      return null;
    }
    await this._contents.save(path, {
      type: 'file',
      format: 'text',
      content: made.text
    });
    const trans = this._trans;
    Notification.success(words.done(path), {
      autoClose: 5000,
      actions: [
        {
          label: trans.__('Open'),
          callback: () => void this._commands.execute('docmanager:open', { path })
        }
      ]
    });
    return path;
  }

  /** A notebook of the kept cells, beside the one that it comes from. */
  async openNotebook(model: NotebookModel): Promise<string | null> {
    const made = await model.document('notebook');
    if (made.kind === 'failure') {
      await showErrorMessage(this._trans.__('Cannot make a notebook'), made.message);
      return null;
    }
    const path = await this._freePath(this._inFolder(made.name, model.notebook.path));
    await this._contents.save(path, {
      type: 'notebook',
      format: 'json',
      content: JSON.parse(made.text)
    });
    await this._commands.execute('docmanager:open', { path });
    return path;
  }

  private async _askName(title: string, proposed: string): Promise<string | null> {
    const trans = this._trans;
    const { value, button } = await InputDialog.getText({
      title,
      label: trans.__('Name'),
      text: proposed,
      okLabel: trans.__('Export')
    });
    return button.accept ? value : null;
  }

  private async _mayReplace(name: string): Promise<boolean> {
    const trans = this._trans;
    const { button } = await showDialog({
      title: trans.__('Replace %1?', name),
      body: trans.__('A file of that name exists.'),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Replace') })]
    });
    return button.accept;
  }

  private _inFolder(name: string, notebook: string): string {
    const beside = notebook.split('/').slice(0, -1).join('/');
    const folder = this._browser?.model.path ?? beside;
    return folder ? `${folder}/${name}` : name;
  }

  private async _exists(path: string): Promise<boolean> {
    try {
      await this._contents.get(path, { content: false });
      return true;
    } catch {
      return false;
    }
  }

  private async _freePath(path: string): Promise<string> {
    const [, stem, ending] = /^(.*?)(\.[^./]*)?$/.exec(path) ?? ['', path, ''];
    let free = path;
    for (let number = 1; await this._exists(free); number++) {
      free = `${stem}-${number}${ending ?? ''}`;
    }
    return free;
  }

  private _browser: IDefaultFileBrowser | null;
  private _commands: CommandRegistry;
  private _contents: Contents.IManager;
  private _trans: TranslationBundle;
}
