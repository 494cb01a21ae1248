/**
 * What a fresh run said, and what can be done about it.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { duration } from '../format';
import { Verdict } from '../messages';

export interface IVerdictProps {
  readonly verdict: Verdict;
  /** How a fresh run goes on; null when none does. */
  readonly verifying: string | null;
  readonly trans: TranslationBundle;
}

const SIGNS: Record<string, string> = {
  same: '✓',
  different: '✗',
  'did not run': '✗'
};

export function VerdictLine(props: IVerdictProps): JSX.Element {
  const { verdict, verifying, trans } = props;
  if (verifying !== null) {
    return (
      <Judged kind="verifying">
        <b>{trans.__('verifying…')}</b> {verifying}
      </Judged>
    );
  }
  return (
    <Judged kind={verdict.verdict}>
      <b>{name(verdict, trans)}</b> {said(verdict, trans)}
      <p>{advice(verdict, trans)}</p>
    </Judged>
  );
}

/** A strip that says how something came out, or that it goes on. */
export function Judged(props: { kind: string; children: React.ReactNode }): JSX.Element {
  const { kind } = props;
  return (
    <div className={`jp-Slicer-verdict jp-mod-${kind.replace(/ /g, '-')}`} role="status">
      {kind === 'verifying' ? (
        <span className="jp-Slicer-spinner" aria-hidden="true" />
      ) : (
        <span aria-hidden="true">{SIGNS[kind] ?? '•'}</span>
      )}
      <div>{props.children}</div>
    </div>
  );
}

function name(verdict: Verdict, trans: TranslationBundle): string {
  const names: Record<string, string> = {
    same: trans.__('same'),
    different: trans.__('different'),
    'did not run': trans.__('did not run'),
    nondeterministic: trans.__('nondeterministic'),
    'not comparable': trans.__('not comparable'),
    'not verified': trans.__('not verified')
  };
  return names[verdict.verdict] ?? verdict.verdict;
}

function said(verdict: Verdict, trans: TranslationBundle): string {
  if (verdict.verdict !== 'same') {
    return verdict.reason;
  }
  const took = duration(verdict.seconds);
  const what = compared(verdict, trans);
  const runs =
    verdict.runs <= 1
      ? trans.__('a fresh run gave the same %1 (%2)', what, took)
      : trans.__(
          'the last of %1 fresh runs gave the same %2 (%3)',
          verdict.runs,
          what,
          took
        );
  return verdict.reason ? `${runs}; ${verdict.reason}` : runs;
}

function compared(verdict: Verdict, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    output: trans.__('output'),
    file: trans.__('file'),
    error: trans.__('error')
  };
  return words[verdict.compared] ?? trans.__('value');
}

/** One thing to do about each verdict but the good one. */
function advice(verdict: Verdict, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    different: trans.__(
      'Something was not recorded, or a file has changed. Run the notebook’s cells again with recording on.'
    ),
    'did not run': trans.__(
      'Run the cell that makes what is missing once more, so that it is recorded.'
    ),
    nondeterministic: trans.__('Seed the random generator, and run the cells again.'),
    'not comparable': trans.__(
      'Choose a value that can be compared, such as a result computed from this one.'
    ),
    'not verified': trans.__('Press Verify to run the program in a fresh process.')
  };
  return words[verdict.verdict] ?? '';
}
