/**
 * The slice of what is selected: program, facts, verdict, and what can be done with it.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Failure, Slice, Statement } from '../messages';
import type { IDifference } from '../model';
import { IToken, Program } from './program';
import { VerdictLine } from './verdict';

/** What a button of the slice does; the others are in the section's toolbar. */
export type Action = 'verify' | 'cancel' | 'minimize';

export interface ISliceProps {
  readonly slice: Slice | null;
  readonly failure: Failure | null;
  /** Whether something is selected. */
  readonly selected: boolean;
  readonly verifying: string | null;
  readonly differences: readonly IDifference[];
  readonly tokens: readonly (readonly IToken[])[] | null;
  readonly trans: TranslationBundle;
  readonly onAction: (action: Action) => void;
  readonly onJump: (statement: Statement) => void;
  readonly onJumpToCell: (cell: string) => void;
  /** Draws what ran beside what the cell says now. */
  readonly Difference: React.ComponentType<{ difference: IDifference }>;
}

export function SliceView(props: ISliceProps): JSX.Element {
  const { slice, failure, trans } = props;
  if (failure) {
    return (
      <p className="jp-Slicer-note jp-mod-error" role="alert">
        {failure.message}
      </p>
    );
  }
  if (!slice) {
    return (
      <p className="jp-Slicer-note">
        {props.selected
          ? trans.__('Looking…')
          : trans.__('Choose a variable to see the program that made it.')}
      </p>
    );
  }
  return (
    <div className="jp-Slicer-slice">
      <Buttons {...props} />
      <VerdictLine verdict={slice.verdict} verifying={props.verifying} trans={trans} />
      {props.differences.map(difference => (
        <details key={difference.execution} className="jp-Slicer-difference">
          <summary>
            {difference.now === null
              ? trans.__('In[%1] is no longer in the notebook', difference.count ?? '')
              : trans.__('In[%1] says something else now', difference.count ?? '')}
          </summary>
          {difference.now !== null && (
            <button
              type="button"
              className="jp-mod-styled"
              onClick={() => props.onJumpToCell(difference.cell)}
            >
              {trans.__('Go to the cell')}
            </button>
          )}
          <props.Difference difference={difference} />
        </details>
      ))}
      <Program slice={slice} tokens={props.tokens} trans={trans} onJump={props.onJump} />
      <p className="jp-Slicer-facts">{slice.facts}</p>
      {slice.notes.length > 0 && (
        <ul className="jp-Slicer-notes" aria-label={trans.__('Notes')}>
          {slice.notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Buttons(props: ISliceProps): JSX.Element {
  const { trans, verifying, slice } = props;
  const button = (action: Action, label: string, title: string) => (
    <button
      type="button"
      className="jp-mod-styled"
      title={title}
      data-action={action}
      onClick={() => props.onAction(action)}
    >
      {label}
    </button>
  );
  return (
    <div className="jp-Slicer-buttons" role="toolbar" aria-label={trans.__('Slice')}>
      <span className="jp-Slicer-criterion">{slice?.criterion}</span>
      {verifying === null
        ? button(
            'verify',
            trans.__('Verify'),
            trans.__('Run the program in a fresh process')
          )
        : button('cancel', trans.__('Stop'), trans.__('End the fresh run'))}
      {button(
        'minimize',
        trans.__('Minimise'),
        trans.__('Leave out, by fresh runs, every statement that can go')
      )}
    </div>
  );
}
