/**
 * One metric of a run as a curve.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo, useState } from 'react';

import { brief, curveOf, nearest, Point } from './curve';
import type { Series } from './wire';

export interface IChartProps {
  readonly series: Series;
  readonly trans: TranslationBundle;
}

/** The numbers themselves are below it, for who does not look at curves. */
export function Chart(props: IChartProps): JSX.Element {
  const { series, trans } = props;
  const curve = useMemo(() => curveOf(series.points), [series]);
  const [at, setAt] = useState<Point | null>(null);
  const last = series.points[series.points.length - 1];
  const look = (event: React.MouseEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(nearest(series.points, box.width ? (event.clientX - box.left) / box.width : 0));
  };
  return (
    <figure className="jp-Slicer-chart">
      <figcaption>
        <b>{series.name}</b>
        <span className="jp-Slicer-number">{at ? reading(at, trans) : value(last)}</span>
      </figcaption>
      {curve && (
        <div className="jp-Slicer-plot">
          <span className="jp-Slicer-scale">
            <span>{brief(curve.top, 4)}</span>
            <span>{curve.top > curve.bottom ? brief(curve.bottom, 4) : ''}</span>
          </span>
          <svg
            role="img"
            aria-label={summary(series, trans)}
            viewBox="0 0 1 1"
            preserveAspectRatio="none"
            onMouseMove={look}
            onMouseLeave={() => setAt(null)}
          >
            {at && curve.right > curve.left && (
              <path
                className="jp-mod-at"
                d={`M${(at[0] - curve.left) / (curve.right - curve.left)} 0v1`}
              />
            )}
            <path className="jp-mod-line" d={curve.line} />
            <path className="jp-mod-dots" d={curve.dots} />
          </svg>
          <span className="jp-Slicer-scale">
            <span>{Math.floor(curve.left)}</span>
            <span>{trans.__('iteration')}</span>
            <span>{curve.right > curve.left ? Math.floor(curve.right) : ''}</span>
          </span>
        </div>
      )}
      <details>
        <summary>{numbersOf(series, trans)}</summary>
        <div
          className="jp-Slicer-numbers"
          role="region"
          aria-label={trans.__('Numbers of %1', series.name)}
          tabIndex={0}
        >
          <table aria-label={series.name}>
            <thead>
              <tr>
                <th scope="col">{trans.__('iteration')}</th>
                <th scope="col">{series.name}</th>
              </tr>
            </thead>
            <tbody>
              {series.points.map((point, index) => (
                <tr key={index}>
                  <td>{brief(point[0])}</td>
                  <td>{point[1] === null ? trans.__('no number') : String(point[1])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function value(point: Point | undefined): string {
  return point && point[1] !== null ? brief(point[1]) : '';
}

function reading(point: Point, trans: TranslationBundle): string {
  const [x, y] = point;
  return trans.__('%1: %2', brief(x), y === null ? trans.__('no number') : brief(y));
}

function numbersOf(series: Series, trans: TranslationBundle): string {
  return series.total > series.points.length
    ? trans.__('%1 of %2 numbers', series.points.length, series.total)
    : trans._n('%1 number', '%1 numbers', series.total);
}

/** What is read aloud in place of the curve. */
function summary(series: Series, trans: TranslationBundle): string {
  const curve = curveOf(series.points);
  const known = series.points.filter(p => p[1] !== null);
  if (!curve) {
    return trans.__('%1: no numbers', series.name);
  }
  return trans.__(
    '%1 from %2 to %3 over iterations %4 to %5; least %6, greatest %7',
    series.name,
    value(known[0]),
    value(known[known.length - 1]),
    Math.floor(curve.left),
    Math.floor(curve.right),
    brief(curve.bottom),
    brief(curve.top)
  );
}
