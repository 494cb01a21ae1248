/**
 * The list of variables.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo, useState } from 'react';

import { arranged, Column, ISort, isSupport, size } from '../format';
import { Executions } from '../tokens';
import { Variable } from '../messages';

export interface IVariablesProps {
  readonly variables: readonly Variable[];
  readonly executions: Executions;
  readonly selected: string | null;
  readonly running: boolean;
  readonly trans: TranslationBundle;
  readonly onSelect: (name: string) => void;
}

export function Variables(props: IVariablesProps): JSX.Element {
  const { trans, variables, selected } = props;
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState<ISort>({ by: 'name', descending: false });
  const [support, setSupport] = useState(false);
  const shown = useMemo(
    () => arranged(variables, filter, sort, support),
    [variables, filter, sort, support]
  );
  const hidden = useMemo(() => variables.filter(isSupport).length, [variables]);
  const heading = (by: Column, label: string) => (
    <Heading by={by} label={label} sort={sort} onSort={setSort} />
  );
  return (
    <div className="jp-Slicer-variables">
      <div className="jp-Slicer-filter">
        <input
          type="search"
          className="jp-mod-styled"
          placeholder={trans.__('Filter variables')}
          aria-label={trans.__('Filter variables')}
          value={filter}
          onChange={event => setFilter(event.target.value)}
        />
        <label>
          <input
            type="checkbox"
            checked={support}
            onChange={event => setSupport(event.target.checked)}
          />
          {trans.__('imports and functions (%1)', hidden)}
        </label>
      </div>
      <div className="jp-Slicer-table">
        <table role="grid" aria-label={trans.__('Variables')}>
          <thead>
            <tr>
              {heading('name', trans.__('Name'))}
              {heading('type', trans.__('Type'))}
              {heading('shape', trans.__('Shape'))}
              <th scope="col">{trans.__('Value')}</th>
              {heading('bytes', trans.__('Size'))}
              {heading('execution', trans.__('In'))}
            </tr>
          </thead>
          <tbody onKeyDown={moveFocus}>
            {shown.map((variable, index) => (
              <Row
                key={variable.name}
                variable={variable}
                count={countOf(variable, props.executions)}
                selected={variable.name === selected}
                reachable={
                  variable.name === selected ||
                  (index === 0 && !shown.some(v => v.name === selected))
                }
                trans={trans}
                onSelect={props.onSelect}
              />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && (
          <p className="jp-Slicer-note">
            {variables.length === 0
              ? trans.__('No variables yet. Run a cell that defines one.')
              : trans.__('No variable matches.')}
          </p>
        )}
      </div>
      {props.running && (
        <p className="jp-Slicer-note" role="status">
          {trans.__('A cell is running: what it does is shown when it has ended.')}
        </p>
      )}
    </div>
  );
}

function Heading(props: {
  by: Column;
  label: string;
  sort: ISort;
  onSort: (sort: ISort) => void;
}): JSX.Element {
  const { by, label, sort } = props;
  const active = sort.by === by;
  const order = sort.descending ? 'descending' : 'ascending';
  const turn = () => props.onSort({ by, descending: active ? !sort.descending : false });
  return (
    <th scope="col" aria-sort={active ? order : 'none'}>
      <button type="button" onClick={turn}>
        {label}
        <span aria-hidden="true">{active ? (sort.descending ? ' ▾' : ' ▴') : ''}</span>
      </button>
    </th>
  );
}

interface IRowProps {
  readonly variable: Variable;
  readonly count: number | null;
  readonly selected: boolean;
  readonly reachable: boolean;
  readonly trans: TranslationBundle;
  readonly onSelect: (name: string) => void;
}

/** What makes a row one that is chosen by a click, by Enter and by the space bar. */
export function choosable(
  selected: boolean,
  reachable: boolean,
  choose: () => void
): React.HTMLAttributes<HTMLTableRowElement> {
  return {
    tabIndex: reachable ? 0 : -1,
    'aria-selected': selected,
    className: selected ? 'jp-mod-selected' : '',
    onClick: choose,
    onKeyDown: event => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        choose();
      }
    }
  };
}

const Row = React.memo(function Row(props: IRowProps): JSX.Element {
  const { variable, trans, selected } = props;
  return (
    <tr
      data-name={variable.name}
      {...choosable(selected, props.reachable, () => props.onSelect(variable.name))}
    >
      <th scope="row">
        {variable.name}
        {variable.stale !== null && (
          <Mark kind="stale" label={trans.__('stale')} why={variable.stale} />
        )}
        {variable.orphaned !== null && (
          <Mark kind="orphaned" label={trans.__('no code')} why={variable.orphaned} />
        )}
      </th>
      <td className="jp-Slicer-type" title={variable.type}>
        {variable.type}
      </td>
      <td>{variable.shape}</td>
      <td className="jp-Slicer-value" title={variable.value}>
        {variable.value}
      </td>
      <td className="jp-Slicer-number">{size(variable.bytes)}</td>
      <td className="jp-Slicer-number">{props.count === null ? '' : `[${props.count}]`}</td>
    </tr>
  );
});

/** A word beside a name; pointed at, it says why. */
export function Mark(props: { kind: string; label: string; why: string }): JSX.Element {
  return (
    <span
      className={`jp-Slicer-mark jp-mod-${props.kind}`}
      title={props.why}
      aria-label={`${props.label}: ${props.why}`}
    >
      {props.label}
    </span>
  );
}

function countOf(variable: Variable, executions: Executions): number | null {
  return variable.execution === null
    ? null
    : (executions.get(variable.execution)?.count ?? null);
}

/** Arrows, Home and End move among the rows. */
export function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  const rows = [...event.currentTarget.children].filter(
    (child): child is HTMLElement =>
      child instanceof HTMLElement && child.tabIndex >= -1 && child.hasAttribute('tabindex')
  );
  const at = rows.findIndex(row => row.contains(document.activeElement));
  const to = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: rows.length - 1
  }[event.key];
  if (to !== undefined && rows[to]) {
    event.preventDefault();
    rows[to].focus();
  }
}
