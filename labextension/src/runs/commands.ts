/**
 * What can be done with training runs, as commands.
 */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from '../ids';
import { ISlicer } from '../tokens';
import type { RunsSection } from './section';

export interface IRunsCommandOptions {
  readonly app: JupyterFrontEnd;
  readonly slicer: ISlicer;
  readonly section: RunsSection;
  /** Open the section. */
  readonly show: () => void;
  readonly tracker: INotebookTracker;
  readonly palette: ICommandPalette | null;
  readonly trans: TranslationBundle;
}

export function addRunsCommands(options: IRunsCommandOptions): void {
  const { app, slicer, section, show, tracker, palette, trans } = options;
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
  for (const command of [
    CommandIDs.showRuns,
    CommandIDs.replayRun,
    CommandIDs.startReplay,
    CommandIDs.stopReplay
  ]) {
    palette?.addItem({ command, category });
  }
}
