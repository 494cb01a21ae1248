/**
 * How a replay is to be made; the plan is made again when something is changed.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { IWish } from './model';

export interface IOptionsProps {
  readonly wish: IWish;
  readonly trans: TranslationBundle;
  readonly onWish: (changed: Partial<IWish>) => void;
}

export function Options(props: IOptionsProps): JSX.Element {
  const { wish, trans, onWish } = props;
  return (
    <>
      <Field
        label={trans.__('Iterations')}
        value={wish.iterations}
        placeholder={trans.__('all, or such as 3,7:12')}
        onValue={iterations => onWish({ iterations })}
      />
      <details
        className="jp-Slicer-options"
        open={wish.workers > 0 || wish.missing || wish.on !== ''}
      >
        <summary>{trans.__('More options')}</summary>
        <Field
          label={trans.__('Workers')}
          value={wish.workers > 0 ? String(wish.workers) : ''}
          placeholder={trans.__('as many as the machine can run at once')}
          pattern={/^\d{0,3}$/}
          onValue={workers => onWish({ workers: Number(workers) })}
        />
        <Field
          label={trans.__('Dask cluster')}
          value={wish.on}
          placeholder={trans.__('none, or such as tcp://host:8786')}
          onValue={on => onWish({ on })}
        />
        <label className="jp-Slicer-check">
          <input
            type="checkbox"
            checked={wish.missing}
            onChange={event => onWish({ missing: event.target.checked })}
          />
          {trans.__('only where it has not been logged yet')}
        </label>
      </details>
    </>
  );
}

/** A line of text that counts when it is left, or by Enter. */
function Field(props: {
  label: string;
  value: string;
  placeholder: string;
  pattern?: RegExp;
  onValue: (value: string) => void;
}): JSX.Element {
  const [text, setText] = useState(props.value);
  const give = () => {
    if (text !== props.value) {
      props.onValue(text);
    }
  };
  return (
    <label className="jp-Slicer-iterations">
      <span>{props.label}</span>
      <input
        type="text"
        value={text}
        placeholder={props.placeholder}
        onChange={event => {
          if (props.pattern?.test(event.target.value) ?? true) {
            setText(event.target.value);
          }
        }}
        onBlur={give}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            give();
          }
        }}
      />
    </label>
  );
}
