/**
 * The program of a slice, line by line.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { Slice, Statement } from '../messages';
import { moveFocus } from './variables';

/** A piece of a line and how it is coloured. */
export interface IToken {
  readonly text: string;
  readonly style: string;
}

export interface IProgramProps {
  readonly slice: Slice;
  /** For each line its coloured pieces; null before they are known. */
  readonly tokens: readonly (readonly IToken[])[] | null;
  readonly trans: TranslationBundle;
  readonly onJump: (statement: Statement) => void;
}

export function Program(props: IProgramProps): JSX.Element {
  const { slice, tokens, trans } = props;
  const [line, setLine] = useState<number | null>(null);
  const lines = slice.program.replace(/\n+$/, '').split('\n');
  const owner = owners(slice.statements);
  const shown = line === null ? undefined : owner.get(line);
  const first = lines.findIndex((_, index) => owner.has(index + 1)) + 1;
  return (
    <div className="jp-Slicer-program">
      <ol
        aria-label={trans.__('Program')}
        onKeyDown={moveFocus}
        onMouseLeave={() => setLine(null)}
      >
        {lines.map((text, index) => (
          <Line
            key={index}
            number={index + 1}
            text={text}
            tokens={tokens?.[index] ?? null}
            statement={owner.get(index + 1)}
            together={shown !== undefined && owner.get(index + 1) === shown}
            reachable={index + 1 === (line ?? first)}
            trans={trans}
            onLook={setLine}
            onJump={props.onJump}
          />
        ))}
      </ol>
      <p className="jp-Slicer-reason" aria-live="polite">
        {shown
          ? `${place(shown, trans)} ${shown.reason}`
          : trans.__('Point at a line, or move to it, to see why it is there.')}
      </p>
    </div>
  );
}

interface ILineProps {
  readonly number: number;
  readonly text: string;
  readonly tokens: readonly IToken[] | null;
  readonly statement: Statement | undefined;
  readonly together: boolean;
  readonly reachable: boolean;
  readonly trans: TranslationBundle;
  readonly onLook: (line: number) => void;
  readonly onJump: (statement: Statement) => void;
}

function Line(props: ILineProps): JSX.Element {
  const { statement, trans } = props;
  const code = (
    <code>
      {props.tokens
        ? props.tokens.map((token, index) => (
            <span key={index} className={token.style}>
              {token.text}
            </span>
          ))
        : props.text}
    </code>
  );
  if (!statement) {
    return <li>{code}</li>;
  }
  const jump = () => props.onJump(statement);
  return (
    <li
      tabIndex={props.reachable ? 0 : -1}
      className={props.together ? 'jp-mod-together' : ''}
      title={statement.reason}
      aria-label={`${props.text}. ${place(statement, trans)} ${statement.reason}`}
      data-line={props.number}
      onFocus={() => props.onLook(props.number)}
      onMouseEnter={() => props.onLook(props.number)}
      onClick={jump}
      onKeyDown={event => {
        if (event.key === 'Enter') {
          jump();
        }
      }}
    >
      {code}
    </li>
  );
}

/** Where a statement comes from, as `In[3]:`. */
function place(statement: Statement, trans: TranslationBundle): string {
  if (statement.execution === null) {
    return trans.__('Added:');
  }
  return statement.count === null ? trans.__('Ran:') : `In[${statement.count}]:`;
}

function owners(statements: readonly Statement[]): Map<number, Statement> {
  const found = new Map<number, Statement>();
  for (const statement of statements) {
    for (let line = statement.line; line <= statement.end_line; line++) {
      found.set(line, statement);
    }
  }
  return found;
}
