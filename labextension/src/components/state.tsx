/**
 * Why the panel has nothing to show: one sentence and one thing to do.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { PanelState } from '../model';

export type Named = PanelState | 'no-notebook' | 'error';

export interface IStateProps {
  readonly state: Named;
  readonly message: string;
  readonly trans: TranslationBundle;
  readonly onAct: (state: Named) => void;
}

export function StateView(props: IStateProps): JSX.Element | null {
  const { state, trans } = props;
  const said = sentence(state, trans);
  if (!said) {
    return null;
  }
  const [words, action] = said;
  return (
    <div className="jp-Slicer-state" role="status" data-state={state}>
      <p>{words}</p>
      {props.message && <p className="jp-Slicer-detail">{props.message}</p>}
      {action && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          onClick={() => props.onAct(state)}
        >
          {action}
        </button>
      )}
    </div>
  );
}

function sentence(
  state: Named,
  trans: TranslationBundle
): readonly [string, string | null] | null {
  switch (state) {
    case 'no-notebook':
      return [
        trans.__('Open a notebook to see where its values come from.'),
        trans.__('New notebook')
      ];
    case 'no-kernel':
      return [
        trans.__('This notebook has no kernel, so there are no values to ask about.'),
        trans.__('Choose a kernel')
      ];
    case 'connecting':
      return [trans.__('Waiting for the kernel…'), null];
    case 'not-loaded':
      return [
        trans.__('This kernel does not record what its cells do.'),
        trans.__('Record from here')
      ];
    case 'loading':
      return [trans.__('Recording is being turned on…'), null];
    case 'not-installed':
      return [
        trans.__(
          'The Python of this kernel has no jupyter_slicer: install it in the environment of that kernel.'
        ),
        trans.__('Try again')
      ];
    case 'other-version':
      return [
        trans.__(
          'The kernel has another version of jupyter_slicer than this sidebar: install the same one, and start the kernel anew.'
        ),
        trans.__('Restart the kernel')
      ];
    case 'error':
      return [trans.__('The kernel could not answer.'), trans.__('Ask again')];
    default:
      return null;
  }
}
