/**
 * A replay: what it would do, how it goes on, what it has given.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Judged } from '../components/verdict';
import { duration } from '../format';
import type { Failure } from '../messages';
import { Chart } from './chart';
import { briefText } from './curve';
import type { IProposal, IReplaying, IWish } from './model';
import { Options } from './options';
import type { Carried, Column, Line, Plan, Replayed } from './wire';

export interface IProposalProps {
  readonly proposal: IProposal;
  readonly replaying: IReplaying | null;
  readonly trans: TranslationBundle;
  readonly onPropose: (wish: Partial<IWish>) => void;
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
      {(plan.kind === 'plan' ? plan.lines.length > 0 : isChosen(proposal.wish)) && (
        <Options
          key={JSON.stringify(proposal.wish)}
          wish={proposal.wish}
          trans={trans}
          onWish={changed => props.onPropose({ ...proposal.wish, ...changed })}
        />
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

/** Whether something was chosen that may be what is wrong. */
function isChosen(wish: IWish): boolean {
  return wish.iterations !== '' || wish.workers > 0 || wish.missing || wish.on !== '';
}

type IPlannedProps = IProposalProps & { plan: Plan };

function Planned(props: IPlannedProps): JSX.Element {
  const { plan, trans, onJump } = props;
  if (plan.carried.length > 0) {
    return <CarriedRuns plan={plan} trans={trans} />;
  }
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
    </>
  );
}

/** What the lines are in each run's own version of the cell. */
function CarriedRuns(props: { plan: Plan; trans: TranslationBundle }): JSX.Element {
  const { plan, trans } = props;
  return (
    <>
      <p role="status">
        {plan.lines.length > 0
          ? trans.__(
              'A replay of these runs would log %1: %2.',
              plan.names.join(', '),
              plan.lines[0]
            )
          : trans.__('None of these runs can log %1:', plan.names.join(', '))}
      </p>
      {plan.carried.map(one => (
        <CarriedRun key={one.run} carried={one} trans={trans} />
      ))}
      {plan.left_out > 0 && (
        <p>
          {trans.__(
            '%1 older runs come after these, in a replay of their own.',
            plan.left_out
          )}
        </p>
      )}
    </>
  );
}

function CarriedRun(props: { carried: Carried; trans: TranslationBundle }): JSX.Element {
  const { carried, trans } = props;
  return (
    <section
      className="jp-Slicer-carried"
      data-run={carried.run}
      aria-label={trans.__('Run %1', carried.run)}
    >
      <b>{trans.__('Run %1', carried.run)}</b>{' '}
      {carried.why
        ? trans.__('is not replayed: %1', carried.why)
        : carried.diff
          ? ''
          : trans.__('ran the cell as it was before the lines were added')}
      {carried.diff && (
        <pre tabIndex={0} aria-label={trans.__('What is added to run %1', carried.run)}>
          {carried.diff.split('\n').map((line, index) => (
            <code key={index} className={kindOf(line)}>
              {`${line}\n`}
            </code>
          ))}
        </pre>
      )}
      <ul className="jp-Slicer-notes">
        {carried.lines.slice(1).map(line => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

function kindOf(line: string): string {
  if (/^(@@|\+\+\+ |--- )/.test(line)) {
    return 'jp-mod-place';
  }
  return line.startsWith('+')
    ? 'jp-mod-added'
    : line.startsWith('-')
      ? 'jp-mod-removed'
      : '';
}

function Go(props: IPlannedProps): JSX.Element | null {
  const { plan, trans, proposal } = props;
  const { wish } = proposal;
  if (plan.lines.length === 0 && plan.carried.length > 0) {
    return null;
  }
  if (plan.lines.length === 0) {
    return (
      <button
        type="button"
        className="jp-mod-styled"
        onClick={() => props.onPropose({ ...wish, run: plan.run, force: true })}
      >
        {trans.__('Replay all the same')}
      </button>
    );
  }
  return (
    <>
      <button
        type="button"
        className="jp-mod-styled jp-mod-accept"
        disabled={props.replaying !== null}
        onClick={props.onStart}
      >
        {trans.__('Start')}
      </button>
      {plan.names.length > 0 && !wish.others && (
        <button
          type="button"
          className="jp-mod-styled"
          title={trans.__(
            'See what the lines would be in the older versions of the cell, and replay their runs too'
          )}
          onClick={() => props.onPropose({ ...wish, run: plan.run, others: true })}
        >
          {trans.__('Older versions too…')}
        </button>
      )}
    </>
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
            : replaying.words
              ? trans.__('replaying %1…', replaying.words)
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
  const ofRun = (run: number) =>
    replayed.runs.length > 1 ? `${trans.__('run %1', run)}: ` : '';
  const [kind, name] = outcome(replayed, trans);
  return (
    <>
      <Judged kind={kind}>
        <b>{name}</b> {said(replayed, trans)}
        {(divergences.length > 0 || failures.length > 0) && (
          <ul className="jp-Slicer-notes" aria-label={trans.__('Divergences')}>
            {failures.map((one, index) => (
              <li key={`f${index}`}>
                {ofRun(one.run)}
                {one.iterations
                  ? trans.__('in iteration %1: %2', one.iterations, one.why)
                  : one.why}
              </li>
            ))}
            {divergences.map((one, index) => (
              <li key={`d${index}`}>
                {ofRun(one.run)}
                {diverged(one, trans)}
              </li>
            ))}
          </ul>
        )}
      </Judged>
      {columns.length > 0 && <LogTable columns={columns} trans={trans} />}
      {replayed.left_out > 0 && (
        <p className="jp-Slicer-facts">
          {trans.__(
            'The first %1 of %2 rows are shown: the exported file has them all.',
            columns[0]?.cells.length ?? 0,
            (columns[0]?.cells.length ?? 0) + replayed.left_out
          )}
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

function diverged(one: Replayed['divergences'][number], trans: TranslationBundle): string {
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
