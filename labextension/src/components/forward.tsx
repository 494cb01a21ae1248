/**
 * What depends on the selection.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Failure, Forward, Place } from '../messages';
import { moveFocus } from './variables';

export interface IForwardProps {
  readonly forward: Forward | Failure | null;
  readonly trans: TranslationBundle;
  readonly onSelect: (name: string) => void;
  readonly onJump: (place: Place) => void;
}

export function ForwardView(props: IForwardProps): JSX.Element {
  const { forward, trans } = props;
  if (!forward) {
    return (
      <p className="jp-Slicer-note">
        {trans.__('Choose a variable to see what depends on it.')}
      </p>
    );
  }
  if (forward.kind === 'failure') {
    return <p className="jp-Slicer-note">{forward.message}</p>;
  }
  if (forward.places.length === 0) {
    return (
      <p className="jp-Slicer-note">
        {trans.__('Nothing that ran has used this value of %1.', forward.name)}
      </p>
    );
  }
  return (
    <div className="jp-Slicer-forward">
      {forward.variables.length > 0 && (
        <p>
          {trans.__('Values that came from %1:', forward.name)}{' '}
          {forward.variables.map(name => (
            <button
              type="button"
              key={name}
              className="jp-Slicer-chip"
              onClick={() => props.onSelect(name)}
            >
              {name}
            </button>
          ))}
        </p>
      )}
      <ol aria-label={trans.__('Statements that depend on it')} onKeyDown={moveFocus}>
        {forward.places.map((place, index) => (
          <li
            key={index}
            tabIndex={index === 0 ? 0 : -1}
            onClick={() => props.onJump(place)}
            onKeyDown={event => {
              if (event.key === 'Enter') {
                props.onJump(place);
              }
            }}
          >
            <span className="jp-Slicer-number">
              {place.count === null ? '' : `[${place.count}]`}
            </span>
            <code>{place.text}</code>
          </li>
        ))}
      </ol>
    </div>
  );
}
