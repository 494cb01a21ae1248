/**
 * Everything that the sidebar can do, as commands.
 */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, ICommandPalette, InputDialog } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  addBelowIcon,
  copyIcon,
  LabIcon,
  notebookIcon,
  pythonIcon,
  searchIcon
} from '@jupyterlab/ui-components';

import type { Files } from './files';
import { slicerIcon } from './icon';
import { CommandIDs } from './ids';
import { selectionOf } from './model';
import { ISlicer } from './tokens';

const ICONS: Record<string, LabIcon> = {
  [CommandIDs.sliceOutput]: slicerIcon,
  [CommandIDs.sliceVariable]: searchIcon,
  [CommandIDs.copy]: copyIcon,
  [CommandIDs.insert]: addBelowIcon,
  [CommandIDs.notebook]: notebookIcon,
  [CommandIDs.script]: pythonIcon
};

export interface ICommandOptions {
  readonly app: JupyterFrontEnd;
  readonly slicer: ISlicer;
  readonly tracker: INotebookTracker;
  readonly files: Files;
  readonly palette: ICommandPalette | null;
  readonly trans: TranslationBundle;
}

export function addCommands(options: ICommandOptions): void {
  const { app, slicer, tracker, files, palette, trans } = options;
  const category = trans.__('Slicer');
  const add = (
    id: string,
    label: string,
    enabled: () => boolean,
    execute: (args: Record<string, unknown>) => unknown,
    args: Record<string, { type: string; description: string }> = {}
  ) => {
    app.commands.addCommand(id, {
      label,
      caption: label,
      icon: ICONS[id],
      isEnabled: enabled,
      isVisible:
        id === CommandIDs.sliceOutput
          ? () => tracker.activeCell?.model.type === 'code'
          : undefined,
      execute,
      describedBy: { args: { type: 'object', properties: args } }
    });
    palette?.addItem({ command: id, category });
  };
  const ready = () => slicer.current?.state === 'ready';
  const sliced = () => ready() && slicer.current?.slice !== null;
  const show = () => {
    if (app.commands.hasCommand(CommandIDs.openPanel)) {
      return app.commands.execute(CommandIDs.openPanel);
    }
    return Promise.resolve();
  };

  add(
    CommandIDs.sliceOutput,
    trans.__('Slice This Cell’s Output'),
    () => tracker.activeCell?.model.type === 'code',
    async () => {
      const cell = tracker.activeCell?.model.id;
      await show();
      if (cell) {
        await slicer.current?.select({ kind: 'cell', cell });
      }
    }
  );
  add(
    CommandIDs.sliceVariable,
    trans.__('Slice a Variable or an Expression…'),
    () => ['connecting', 'ready'].includes(slicer.current?.state ?? ''),
    async ({ name }) => {
      const chosen = typeof name === 'string' ? name : await askVariable(slicer, trans);
      if (chosen) {
        await show();
        await slicer.current?.select(selectionOf(chosen));
      }
    },
    {
      name: {
        type: 'string',
        description: trans.__('The variable, or an expression; asked for if absent')
      }
    }
  );
  add(CommandIDs.copy, trans.__('Copy the Slice’s Program'), sliced, () =>
    Clipboard.copyToSystem(slicer.current?.slice?.program ?? '')
  );
  add(CommandIDs.insert, trans.__('Insert the Slice’s Program as a Cell'), sliced, () => {
    const notebook = tracker.currentWidget?.content;
    const program = slicer.current?.slice?.program;
    if (notebook && program) {
      NotebookActions.insertBelow(notebook);
      notebook.activeCell?.model.sharedModel.setSource(program.trimEnd());
    }
  });
  add(
    CommandIDs.notebook,
    trans.__('Open the Slice as a Notebook'),
    sliced,
    () => slicer.current && files.openNotebook(slicer.current)
  );
  add(
    CommandIDs.script,
    trans.__('Export the Slice to a Python File…'),
    sliced,
    ({ name }) =>
      slicer.current &&
      files.exportScript(slicer.current, typeof name === 'string' ? name : undefined),
    { name: { type: 'string', description: trans.__('The file; asked for if absent') } }
  );
  add(CommandIDs.verify, trans.__('Verify the Slice'), sliced, () =>
    slicer.current?.verify()
  );
  add(
    CommandIDs.cancel,
    trans.__('Stop the Fresh Run'),
    () => slicer.current?.verifying != null,
    () => slicer.current?.cancel()
  );
  add(CommandIDs.minimize, trans.__('Minimise the Slice'), sliced, () =>
    slicer.current?.verify(true)
  );
  add(
    CommandIDs.load,
    trans.__('Record What This Kernel’s Cells Do'),
    () => ['not-loaded', 'not-installed'].includes(slicer.current?.state ?? ''),
    () => slicer.current?.load()
  );
  add(CommandIDs.toggleRecording, trans.__('Pause or Resume Recording'), ready, () =>
    slicer.current?.toggleRecording()
  );
  slicer.changed.connect(() => app.commands.notifyCommandChanged());
}

async function askVariable(
  slicer: ISlicer,
  trans: TranslationBundle
): Promise<string | null> {
  const items = (slicer.current?.variables ?? []).map(v => v.name);
  const { value, button } = await InputDialog.getItem({
    title: trans.__('Slice a variable, or an expression such as df["age"].mean()'),
    items,
    editable: true
  });
  return button.accept ? value : null;
}
