/**
 * Training runs: the list, the chosen one with its curves, and its replay.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { choosable, Mark, moveFocus } from '../components/variables';
import { duration, share, size } from '../format';
import type { Failure } from '../messages';
import { Chart } from './chart';
import { Compare } from './compare';
import type { IComparison, IProposal, IReplaying, IWish } from './model';
import { Progress, Proposal, Result } from './replay';
import type { Curves, Line, Replayed, Run } from './wire';

export interface IRunsProps {
  /** All that are known, the newest first. */
  readonly runs: readonly Run[];
  /** Those of this notebook. */
  readonly own: readonly Run[];
  readonly leftOut: number;
  readonly selected: Run | null;
  readonly curves: Curves | Failure | null;
  readonly proposal: IProposal | null;
  readonly replaying: IReplaying | null;
  readonly replayed: Replayed | Failure | null;
  readonly comparison: IComparison | null;
  readonly trans: TranslationBundle;
  readonly onSelect: (run: number) => void;
  readonly onPropose: (wish: Partial<IWish>) => void;
  readonly onDismiss: () => void;
  readonly onStart: () => void;
  readonly onStop: () => void;
  readonly onCompare: (name: string, runs: readonly number[]) => void;
  readonly onExport: (run: number) => void;
  readonly onJump: (line: Line) => void;
  readonly onJumpToCell: (cell: string) => void;
}

export function RunsView(props: IRunsProps): JSX.Element {
  const { trans, runs, own, selected } = props;
  const [all, setAll] = useState(false);
  const others = runs.length - own.length;
  const shown = all ? runs : own;
  return (
    <div className="jp-Slicer-runs">
      {others > 0 && (
        <div className="jp-Slicer-filter">
          <label>
            <input
              type="checkbox"
              checked={all}
              onChange={event => setAll(event.target.checked)}
            />
            {trans.__('runs of other notebooks (%1)', others + props.leftOut)}
          </label>
        </div>
      )}
      {shown.length === 0 ? (
        <p className="jp-Slicer-note">
          {trans.__(
            'No training run yet. A loop that runs for half a second or longer is recorded by itself.'
          )}
        </p>
      ) : (
        <List
          runs={shown}
          selected={selected?.run ?? null}
          trans={trans}
          onSelect={props.onSelect}
        />
      )}
      {all && props.leftOut > 0 && (
        <p className="jp-Slicer-note">
          {trans.__(
            '%1 older runs are not shown: %hindsight runs lists them all.',
            props.leftOut
          )}
        </p>
      )}
      {props.comparison && (
        <Compare comparison={props.comparison} trans={trans} onCompare={props.onCompare} />
      )}
      {selected && <Detail {...props} run={selected} />}
    </div>
  );
}

interface IListProps {
  readonly runs: readonly Run[];
  readonly selected: number | null;
  readonly trans: TranslationBundle;
  readonly onSelect: (run: number) => void;
}

function List(props: IListProps): JSX.Element {
  const { runs, selected, trans, onSelect } = props;
  const reachable = runs.some(run => run.run === selected) ? selected : runs[0].run;
  return (
    <div className="jp-Slicer-table">
      <table role="grid" aria-label={trans.__('Training runs')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Run')}</th>
            <th scope="col">{trans.__('In')}</th>
            <th scope="col">{trans.__('Parameters')}</th>
            <th scope="col">{trans.__('Iterations')}</th>
            <th scope="col">{trans.__('Checkpoints')}</th>
            <th scope="col">{trans.__('Cost')}</th>
            <th scope="col">{trans.__('Loop')}</th>
          </tr>
        </thead>
        <tbody onKeyDown={moveFocus}>
          {runs.map(run => (
            <Row
              key={run.run}
              run={run}
              selected={run.run === selected}
              reachable={run.run === reachable}
              trans={trans}
              onSelect={onSelect}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Row = React.memo(function Row(props: {
  run: Run;
  selected: boolean;
  reachable: boolean;
  trans: TranslationBundle;
  onSelect: (run: number) => void;
}): JSX.Element {
  const { run, selected, trans } = props;
  return (
    <tr
      data-run={run.run}
      {...choosable(selected, props.reachable, () => props.onSelect(run.run))}
    >
      <th scope="row">
        {run.run}
        {marks(run, trans).map(([kind, label, why]) => (
          <Mark key={label} kind={kind} label={label} why={why} />
        ))}
      </th>
      <td className="jp-Slicer-number">{run.count === null ? '' : `[${run.count}]`}</td>
      <td title={parameters(run)}>{parameters(run)}</td>
      <td className="jp-Slicer-number">{run.iterations}</td>
      <td className="jp-Slicer-number">
        {run.checkpoints > 0 ? `${run.checkpoints} · ${size(run.written)}` : ''}
      </td>
      <td className="jp-Slicer-number">{share(run.cost, run.seconds)}</td>
      <td className="jp-Slicer-value" title={run.loop}>
        {run.loop}
      </td>
    </tr>
  );
});

function parameters(run: Run): string {
  return run.parameters.map(([name, value]) => `${name}=${value}`).join(', ');
}

/** What is to be known of a run: kind, word, and the sentence behind it. */
function marks(run: Run, trans: TranslationBundle): [string, string, string][] {
  const found: [string, string, string][] = [];
  if (run.state === 'running') {
    found.push(['running', trans.__('running'), trans.__('Its cell is running.')]);
  }
  if (run.state === 'left') {
    const why = trans.__('The loop was left early: by break, an error or an interrupt.');
    found.push(['stale', trans.__('left'), why]);
  }
  if (run.state === 'lost') {
    const why = trans.__('It never came to its end, or another kernel still runs it.');
    found.push(['stale', trans.__('unfinished'), why]);
  }
  if (run.divergent) {
    const why = trans.__('A replay gave something else in iterations %1.', run.divergent);
    found.push(['orphaned', trans.__('diverged'), why]);
  }
  return found;
}

function Detail(props: IRunsProps & { run: Run }): JSX.Element {
  const { run, trans, curves, replaying, proposal, replayed } = props;
  const cell = run.cell_id;
  const result = proposal || replaying ? null : replayed;
  // A replay's own curves are in its result.
  const shown = new Set(result?.kind === 'replayed' ? result.series.map(s => s.name) : []);
  const others =
    curves?.kind === 'curves' ? curves.series.filter(s => !shown.has(s.name)) : [];
  return (
    <section
      className="jp-Slicer-slice"
      aria-label={trans.__('Run %1', run.run)}
      data-run={run.run}
    >
      <div className="jp-Slicer-buttons" role="toolbar" aria-label={trans.__('Replay')}>
        <span className="jp-Slicer-criterion">{trans.__('Run %1', run.run)}</span>
        {cell !== null && props.own.includes(run) && (
          <button
            type="button"
            className="jp-mod-styled"
            onClick={() => props.onJumpToCell(cell)}
          >
            {trans.__('Go to the cell')}
          </button>
        )}
        {replaying === null && proposal === null && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-accept"
            disabled={run.state === 'running'}
            title={trans.__(
              'Add lines such as log("name", value) to the cell, and get what they would have logged'
            )}
            onClick={() => props.onPropose({ run: run.run })}
          >
            {trans.__('Replay with the cell as it is now')}
          </button>
        )}
        {run.names.length > 0 && (
          <button
            type="button"
            className="jp-mod-styled"
            title={trans.__(
              'Write all that the run and its replays have logged to a CSV file'
            )}
            onClick={() => props.onExport(run.run)}
          >
            {trans.__('Export…')}
          </button>
        )}
      </div>
      <p className="jp-Slicer-facts">
        <code>{run.loop}</code>
      </p>
      <p className="jp-Slicer-facts">{facts(run, trans)}</p>
      {run.parameters.length > 0 && (
        <dl className="jp-Slicer-parameters" aria-label={trans.__('Parameters')}>
          {run.parameters.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {proposal && <Proposal {...props} proposal={proposal} />}
      {replaying && <Progress replaying={replaying} trans={trans} onStop={props.onStop} />}
      {result && <Result replayed={result} trans={trans} />}
      {curves?.kind === 'failure' && <p className="jp-Slicer-note">{curves.message}</p>}
      {others.map(series => (
        <Chart key={series.name} series={series} trans={trans} />
      ))}
      {run.names.length === 0 && (
        <p className="jp-Slicer-facts">
          {trans.__('Nothing was logged: log("loss", loss) in the loop makes a curve.')}
        </p>
      )}
      {run.notes.length > 0 && (
        <ul className="jp-Slicer-notes" aria-label={trans.__('Notes')}>
          {run.notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function facts(run: Run, trans: TranslationBundle): string {
  const when = new Date(run.started * 1000).toLocaleString([], {
    dateStyle: 'short',
    timeStyle: 'short'
  });
  const cost = share(run.cost, run.seconds);
  return [
    when,
    trans._n(
      '%1 iteration in %2',
      '%1 iterations in %2',
      run.iterations,
      duration(run.seconds)
    ),
    trans._n('%1 checkpoint, %2', '%1 checkpoints, %2', run.checkpoints, size(run.written)),
    ...(cost ? [trans.__('recording took %1', cost)] : [])
  ].join('\u00a0· ');
}
