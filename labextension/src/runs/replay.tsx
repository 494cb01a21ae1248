/**
 * A replay: what it would do, how it goes on, what it has given.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { Judged } from '../components/verdict';
import { duration } from '../format';
import type { Failure } from '../messages';
import { Chart } from './chart';
import { briefText } from './curve';
import type { IProposal, IReplaying } from './model';
import type { Column, Divergence, Line, Plan, Replayed } from './wire';

export interface IProposalProps {
  readonly proposal: IProposal;
  readonly replaying: IReplaying | null;
  readonly trans: TranslationBundle;
  readonly onPropose: (run: number, iterations: string, force: boolean) => void;
  readonly onDismiss: () => void;
  readonly onStart: () => void;
  readonly onJump: (line: Line) => void;
}

export function Proposal(props: IProposalProps): JSX.Element {
  const { proposal, trans, onDismiss } = props;
  const { plan } = proposal;
  if (!plan) {
    return (
      <Judged kind="verifying">
        <b>{trans.__('Looking what a replay would do…')}</b>
      </Judged>
    );
  }
  return (
    <div className="jp-Slicer-plan" role="group" aria-label={trans.__('Plan')}>
      {plan.kind === 'failure' ? (
        <p className="jp-Slicer-detail" role="alert">
          {plan.message}
        </p>
      ) : (
        <Planned {...props} plan={plan} />
      )}
      <div className="jp-Slicer-buttons">
        {plan.kind === 'plan' && <Go {...props} plan={plan} />}
        <button type="button" className="jp-mod-styled" onClick={onDismiss}>
          {trans.__('Cancel')}
        </button>
      </div>
    </div>
  );
}

type IPlannedProps = IProposalProps & { plan: Plan };

function Planned(props: IPlannedProps): JSX.Element {
  const { plan, trans, onJump } = props;
  const refused = plan.lines.length === 0;
  return (
    <>
      {refused ? (
        <p className="jp-Slicer-detail" role="alert">
          {trans.__(
            'The cell does more than log now, so a replay would be another training:'
          )}
        </p>
      ) : (
        <p role="status">
          {plan.names.length > 0
            ? trans.__('A replay would log %1:', plan.names.join(', '))
            : trans.__('A replay would do this:')}
        </p>
      )}
      <Lines lines={plan.refused} trans={trans} onJump={onJump} />
      {refused && (
        <p>
          {trans.__('Take that back. If you replay all the same, what differs is told.')}
        </p>
      )}
      {!refused && (
        <ul className="jp-Slicer-notes">
          {plan.lines.slice(1).map(line => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {plan.watched.length > 0 && (
        <>
          <p>
            {trans.__('Nobody knows whether these lines only log; the replay shows it:')}
          </p>
          <Lines lines={plan.watched} trans={trans} onJump={onJump} />
        </>
      )}
      {!refused && <Iterations {...props} key={props.proposal.wish.iterations} />}
    </>
  );
}

function Go(props: IPlannedProps): JSX.Element {
  const { plan, trans, proposal } = props;
  if (plan.lines.length === 0) {
    return (
      <button
        type="button"
        className="jp-mod-styled"
        onClick={() => props.onPropose(plan.run, proposal.wish.iterations, true)}
      >
        {trans.__('Replay all the same')}
      </button>
    );
  }
  return (
    <button
      type="button"
      className="jp-mod-styled jp-mod-accept"
      disabled={props.replaying !== null}
      onClick={props.onStart}
    >
      {trans.__('Start')}
    </button>
  );
}

/** Which iterations; the plan is made again when that is changed. */
function Iterations(props: IPlannedProps): JSX.Element {
  const { plan, proposal, trans } = props;
  const { iterations, force } = proposal.wish;
  const [text, setText] = useState(iterations);
  const ask = () => {
    if (text !== iterations) {
      props.onPropose(plan.run, text, force);
    }
  };
  return (
    <label className="jp-Slicer-iterations">
      {trans.__('Iterations')}
      <input
        type="text"
        value={text}
        placeholder={trans.__('all, or such as 3,7:12')}
        onChange={event => setText(event.target.value)}
        onBlur={ask}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            ask();
          }
        }}
      />
    </label>
  );
}

function Lines(props: {
  lines: readonly Line[];
  trans: TranslationBundle;
  onJump: (line: Line) => void;
}): JSX.Element | null {
  const { lines, trans } = props;
  if (lines.length === 0) {
    return null;
  }
  return (
    <ul className="jp-Slicer-lines">
      {lines.map((line, index) => (
        <li key={index}>
          <button
            type="button"
            className="jp-Slicer-chip"
            disabled={line.cell_id === null}
            title={trans.__('Go to the line')}
            onClick={() => props.onJump(line)}
          >
            {trans.__('line %1', line.line)}
          </button>
          <code>{line.text}</code>
          <p>{line.why}</p>
        </li>
      ))}
    </ul>
  );
}

export function Progress(props: {
  replaying: IReplaying;
  trans: TranslationBundle;
  onStop: () => void;
}): JSX.Element {
  const { replaying, trans } = props;
  return (
    <div className="jp-Slicer-plan" role="group" aria-label={trans.__('Replay')}>
      <Judged kind="verifying">
        <b>
          {replaying.stopping
            ? trans.__('stopping…')
            : trans.__('replaying run %1…', replaying.run)}
        </b>
      </Judged>
      {replaying.workers.map(worker => (
        <label key={worker.number} className="jp-Slicer-worker">
          <span>{trans.__('worker %1', worker.number)}</span>
          <progress value={worker.iterations} max={Math.max(1, worker.of)} />
          <span className="jp-Slicer-number">
            {worker.state === 'running'
              ? trans.__('%1 of %2', worker.iterations, worker.of)
              : worker.state === 'done'
                ? trans.__('done')
                : trans.__('ended')}
          </span>
        </label>
      ))}
      <div className="jp-Slicer-buttons">
        <button
          type="button"
          className="jp-mod-styled"
          disabled={replaying.stopping}
          title={trans.__('End the replay; what is done is kept')}
          onClick={props.onStop}
        >
          {trans.__('Stop')}
        </button>
      </div>
    </div>
  );
}

export function Result(props: {
  replayed: Replayed | Failure;
  trans: TranslationBundle;
}): JSX.Element {
  const { replayed, trans } = props;
  if (replayed.kind === 'failure') {
    return (
      <Judged kind="did not run">
        <b>{trans.__('not replayed')}</b> {replayed.message}
      </Judged>
    );
  }
  const { divergences, failures, columns } = replayed;
  const [kind, name] = outcome(replayed, trans);
  return (
    <>
      <Judged kind={kind}>
        <b>{name}</b> {said(replayed, trans)}
        {(divergences.length > 0 || failures.length > 0) && (
          <ul className="jp-Slicer-notes" aria-label={trans.__('Divergences')}>
            {failures.map((one, index) => (
              <li key={`f${index}`}>
                {one.iterations
                  ? trans.__('in iteration %1: %2', one.iterations, one.why)
                  : one.why}
              </li>
            ))}
            {divergences.map((one, index) => (
              <li key={`d${index}`}>{diverged(one, trans)}</li>
            ))}
          </ul>
        )}
      </Judged>
      {columns.length > 0 && <LogTable columns={columns} trans={trans} />}
      {replayed.left_out > 0 && (
        <p className="jp-Slicer-facts">
          {trans.__('%1 more rows: %hindsight frame gives them all.', replayed.left_out)}
        </p>
      )}
      {replayed.series.map(series => (
        <Chart key={series.name} series={series} trans={trans} />
      ))}
      {replayed.printed.length > 0 && (
        <pre className="jp-Slicer-printed" aria-label={trans.__('Printed')} tabIndex={0}>
          {replayed.printed.join('\n')}
        </pre>
      )}
      {replayed.notes.length > 0 && (
        <ul className="jp-Slicer-notes" aria-label={trans.__('Notes of the replay')}>
          {replayed.notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function outcome(replayed: Replayed, trans: TranslationBundle): [string, string] {
  if (replayed.failures.length > 0) {
    return ['did not run', trans.__('failed')];
  }
  if (replayed.divergences.length > 0) {
    return ['different', trans.__('diverged')];
  }
  if (replayed.stopped) {
    return ['not verified', trans.__('stopped')];
  }
  return replayed.restored + replayed.compared > 0
    ? ['same', trans.__('as recorded')]
    : ['not verified', trans.__('not checked')];
}

/** What stands behind the outcome. */
function said(replayed: Replayed, trans: TranslationBundle): string {
  const { restored, compared, seconds } = replayed;
  const words: string[] = [];
  if (replayed.divergences.length > 0) {
    words.push(trans.__('not everything is as it was'));
  }
  if (replayed.stopped) {
    words.push(trans.__('what was done is kept'));
  }
  if (restored > 0) {
    words.push(trans._n('%1 state restored', '%1 states restored', restored));
  }
  if (compared > 0) {
    words.push(
      trans._n(
        '%1 state compared with the record',
        '%1 states compared with the record',
        compared
      )
    );
  }
  if (words.length === 0 && replayed.failures.length === 0) {
    words.push(trans.__('no checkpoint to compare with'));
  }
  return `${words.join(', ')} (${duration(seconds)})`.trim();
}

function diverged(one: Divergence, trans: TranslationBundle): string {
  const names = one.names.join(', ');
  return one.iterations
    ? trans.__('%1 after iteration %2', names, one.iterations)
    : trans.__('%1 outside the loop', names);
}

function LogTable(props: {
  columns: readonly Column[];
  trans: TranslationBundle;
}): JSX.Element {
  const { columns, trans } = props;
  return (
    <div
      className="jp-Slicer-numbers"
      role="region"
      aria-label={trans.__('Table of logs')}
      tabIndex={0}
    >
      <table aria-label={trans.__('What was logged')}>
        <thead>
          <tr>
            {columns.map(column => (
              <th
                key={column.name}
                scope="col"
                className={column.numeric ? 'jp-Slicer-number' : ''}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns[0].cells.map((_, row) => (
            <tr key={row}>
              {columns.map(column => (
                <td
                  key={column.name}
                  className={column.numeric ? 'jp-Slicer-number' : ''}
                  title={column.cells[row]}
                >
                  {column.numeric ? briefText(column.cells[row]) : column.cells[row]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
