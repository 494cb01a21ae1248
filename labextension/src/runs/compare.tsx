/**
 * One metric of several runs, drawn over each other.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useState } from 'react';

import { brief, curveOf, frameOf, Point } from './curve';
import { COMPARED, IComparison } from './model';
import type { Curves, Run } from './wire';

export interface ICompareProps {
  readonly comparison: IComparison;
  readonly trans: TranslationBundle;
  readonly onCompare: (name: string, runs: readonly number[]) => void;
}

export function Compare(props: ICompareProps): JSX.Element {
  const { comparison, trans, onCompare } = props;
  const { name, names, runs, chosen } = comparison;
  const [open, setOpen] = useState(chosen.size > 0);
  const any = chosen.size > 0;
  useEffect(() => {
    if (any) {
      setOpen(true);
    }
  }, [any]);
  const full = chosen.size >= COMPARED;
  const toggle = (run: number) => {
    const now = [...chosen.keys()];
    onCompare(name, now.includes(run) ? now.filter(n => n !== run) : [...now, run]);
  };
  const drawn = runs.filter(run => chosen.has(run.run));
  return (
    <details
      className="jp-Slicer-compare"
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>{trans.__('Compare runs')}</summary>
      <label className="jp-Slicer-iterations">
        <span>{trans.__('Metric')}</span>
        <select
          value={name}
          onChange={event => onCompare(event.target.value, [...chosen.keys()])}
        >
          {names.map(one => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <div
        className="jp-Slicer-legend"
        role="group"
        aria-label={trans.__('Runs that are compared')}
      >
        {runs.map(run => (
          <label
            key={run.run}
            title={run.parameters.map(pair => pair.join('=')).join(', ')}
          >
            <input
              type="checkbox"
              checked={chosen.has(run.run)}
              disabled={full && !chosen.has(run.run)}
              onChange={() => toggle(run.run)}
            />
            <Sample number={drawn.indexOf(run)} />
            <span>{legend(run, runs, trans)}</span>
            <span className="jp-Slicer-number">{last(chosen.get(run.run), name)}</span>
          </label>
        ))}
      </div>
      {full && (
        <p className="jp-Slicer-facts">
          {trans.__('%1 curves are drawn at most.', COMPARED)}
        </p>
      )}
      <Overlay name={name} runs={drawn} chosen={chosen} trans={trans} />
    </details>
  );
}

/** Colours and dashes together: each curve is known without its colour. */
function Sample(props: { number: number }): JSX.Element {
  return (
    <svg className="jp-Slicer-sample" viewBox="0 0 28 8" aria-hidden="true">
      {props.number >= 0 && <path className={`jp-mod-curve-${props.number}`} d="M0 4h28" />}
    </svg>
  );
}

function Overlay(props: {
  name: string;
  runs: readonly Run[];
  chosen: IComparison['chosen'];
  trans: TranslationBundle;
}): JSX.Element | null {
  const { name, runs, trans } = props;
  const points = runs.map(run => pointsOf(props.chosen.get(run.run), name));
  const frame = frameOf(points);
  if (!frame) {
    return null;
  }
  return (
    <div className="jp-Slicer-plot jp-mod-tall">
      <span className="jp-Slicer-scale">
        <span>{brief(frame.top, 4)}</span>
        <span>{frame.top > frame.bottom ? brief(frame.bottom, 4) : ''}</span>
      </span>
      <svg
        role="img"
        aria-label={summary(name, runs, points, trans)}
        viewBox="0 0 1 1"
        preserveAspectRatio="none"
      >
        {points.map((one, number) => {
          const curve = curveOf(one, frame);
          return (
            curve && (
              <path
                key={runs[number].run}
                data-run={runs[number].run}
                className={`jp-mod-curve-${number}`}
                d={curve.line}
              />
            )
          );
        })}
      </svg>
      <span className="jp-Slicer-scale">
        <span>{Math.floor(frame.left)}</span>
        <span>{trans.__('iteration')}</span>
        <span>{frame.right > frame.left ? Math.floor(frame.right) : ''}</span>
      </span>
    </div>
  );
}

function pointsOf(curves: Curves | null | undefined, name: string): readonly Point[] {
  return curves?.series.find(series => series.name === name)?.points ?? [];
}

function last(curves: Curves | null | undefined, name: string): string {
  const known = pointsOf(curves, name).filter(point => point[1] !== null);
  const value = known[known.length - 1]?.[1] ?? null;
  return value === null ? '' : brief(value);
}

/** A run with the parameters in which it is not like the others. */
function legend(run: Run, runs: readonly Run[], trans: TranslationBundle): string {
  const same = ([name, value]: [string, string]) =>
    runs.every(other => other.parameters.some(p => p[0] === name && p[1] === value));
  const own = run.parameters.filter(pair => !same(pair)).map(pair => pair.join('='));
  return [trans.__('run %1', run.run), ...own].join(' ');
}

/** What is read aloud in place of the curves. */
function summary(
  name: string,
  runs: readonly Run[],
  points: readonly (readonly Point[])[],
  trans: TranslationBundle
): string {
  const words = runs.map((run, number) => {
    const known = points[number].filter(point => point[1] !== null);
    const [first, end] = [known[0]?.[1], known[known.length - 1]?.[1]];
    return first == null || end == null
      ? trans.__('run %1: no numbers', run.run)
      : trans.__('run %1 from %2 to %3', run.run, brief(first), brief(end));
  });
  return `${name}: ${words.join('; ')}`;
}
