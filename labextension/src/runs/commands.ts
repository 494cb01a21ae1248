/**
 * What can be done with training runs, as commands.
 */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Files } from '../files';
import { CommandIDs } from '../ids';
import { ISlicer } from '../tokens';
import type { RunsSection } from './section';

export interface IRunsCommandOptions {
  readonly app: JupyterFrontEnd;
  readonly slicer: ISlicer;
  readonly files: Files;
  readonly section: RunsSection;
  /** Open the section. */
  readonly show: () => void;
  readonly tracker: INotebookTracker;
  readonly palette: ICommandPalette | null;
  readonly trans: TranslationBundle;
}

export function addRunsCommands(options: IRunsCommandOptions): void {
  const { app, slicer, files, section, show, tracker, palette, trans } = options;
  const category = trans.__('Slicer');
  const onCode = () => tracker.activeCell?.model.type === 'code';
  app.commands.addCommand(CommandIDs.showRuns, {
    label: trans.__('Show Training Runs'),
    caption: trans.__('Show the training runs that were recorded'),
    execute: show
  });
  app.commands.addCommand(CommandIDs.replayRun, {
    label: trans.__('Replay This Cell’s Training Run…'),
    caption: trans.__(
      'Replay the last training run of this cell with the cell as it is now'
    ),
    isEnabled: () => onCode() && slicer.current?.state === 'ready',
    isVisible: onCode,
    execute: async ({ run }) => {
      const cell = tracker.activeCell?.model.id ?? '';
      show();
      await section.current?.propose(typeof run === 'number' ? { run } : { cell });
    },
    describedBy: {
      args: {
        type: 'object',
        properties: {
          run: { type: 'number', description: trans.__('The run; the cell’s if absent') }
        }
      }
    }
  });
  app.commands.addCommand(CommandIDs.startReplay, {
    label: trans.__('Start the Planned Replay'),
    isEnabled: () => section.current?.canStart ?? false,
    execute: () => section.current?.start()
  });
  app.commands.addCommand(CommandIDs.stopReplay, {
    label: trans.__('Stop the Replay'),
    isEnabled: () => section.current?.replaying != null,
    execute: () => section.current?.stop()
  });
  app.commands.addCommand(CommandIDs.exportLogs, {
    label: trans.__('Export the Logs of a Training Run…'),
    caption: trans.__('Write all that a run and its replays have logged to a CSV file'),
    isEnabled: () => (section.current?.selected?.names.length ?? 0) > 0,
    execute: async ({ run, name }) => {
      const model = section.current;
      const chosen = typeof run === 'number' ? run : model?.selected?.run;
      const path = slicer.current?.notebook.path;
      const made = chosen === undefined ? null : await model?.logs(chosen);
      if (!made || path === undefined) {
        return null;
      }
      return files.exportText(made, path, typeof name === 'string' ? name : undefined, {
        title: trans.__('Export the logs to a CSV file'),
        failed: trans.__('Cannot export the logs'),
        done: written => trans.__('The logs were written to %1.', written)
      });
    },
    describedBy: {
      args: {
        type: 'object',
        properties: {
          run: {
            type: 'number',
            description: trans.__('The run; the chosen one if absent')
          },
          name: { type: 'string', description: trans.__('The file; asked for if absent') }
        }
      }
    }
  });
  for (const command of [
    CommandIDs.exportLogs,
    CommandIDs.showRuns,
    CommandIDs.replayRun,
    CommandIDs.startReplay,
    CommandIDs.stopReplay
  ]) {
    palette?.addItem({ command, category });
  }
}
