/**
 * The commands' names.
 */

import type { Action } from './components/slice';

export namespace CommandIDs {
  export const openPanel = 'slicer:open-panel';
  export const openGraph = 'slicer:open-graph';
  export const sliceOutput = 'slicer:slice-output';
  export const sliceVariable = 'slicer:slice-variable';
  export const copy = 'slicer:copy-program';
  export const insert = 'slicer:insert-cell';
  export const notebook = 'slicer:open-notebook';
  export const script = 'slicer:export-script';
  export const verify = 'slicer:verify-slice';
  export const cancel = 'slicer:stop-run';
  export const minimize = 'slicer:minimize-slice';
  export const load = 'slicer:load-extension';
  export const toggleRecording = 'slicer:toggle-recording';
  export const showRuns = 'slicer:show-runs';
  export const replayRun = 'slicer:replay-run';
  export const startReplay = 'slicer:start-replay';
  export const stopReplay = 'slicer:stop-replay';
  export const exportLogs = 'slicer:export-logs';
  export const toggleHighlights = 'slicer:toggle-highlights';
}

/** The command behind each button of the slice. */
export const COMMAND_OF: Record<Action, string> = {
  verify: CommandIDs.verify,
  cancel: CommandIDs.cancel,
  minimize: CommandIDs.minimize
};
