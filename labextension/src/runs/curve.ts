/**
 * From points to lines on a unit square: 0 to 1 in both directions, y downwards.
 */

import type { Series } from './wire';

export type Point = Series['points'][number];

/** What an axis goes over. */
export interface IFrame {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

export interface ICurve extends IFrame {
  /** Path of an SVG in a square of 1 by 1. */
  readonly line: string;
  /** The same points as dots; empty where there are too many to tell apart. */
  readonly dots: string;
}

const FEW = 40;

/** That of several curves at once; null where there is no number at all. */
export function frameOf(curves: readonly (readonly Point[])[]): IFrame | null {
  const points = curves.flat();
  const known = points.filter((p): p is [number, number] => p[1] !== null);
  if (known.length === 0) {
    return null;
  }
  // Not by spreading: there may be more points than arguments.
  const least = (numbers: number[]) => numbers.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (numbers: number[]) => numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  const [xs, ys] = [points.map(p => p[0]), known.map(p => p[1])];
  return { left: least(xs), right: most(xs), bottom: least(ys), top: most(ys) };
}

/** Null where there is no number at all. */
export function curveOf(
  points: readonly Point[],
  frame: IFrame | null = frameOf([points])
): ICurve | null {
  const known = points.filter((p): p is [number, number] => p[1] !== null);
  if (known.length === 0 || frame === null) {
    return null;
  }
  const { left, right, bottom, top } = frame;
  const place = ([x, y]: readonly [number, number]) => {
    const across = right > left ? (x - left) / (right - left) : 0.5;
    const up = top > bottom ? (y - bottom) / (top - bottom) : 0.5;
    return `${short(across)} ${short(1 - up)}`;
  };
  let line = '';
  let pen = 'M';
  for (const [x, y] of points) {
    if (y === null) {
      pen = 'M'; // a gap
      continue;
    }
    line += `${pen}${place([x, y])}`;
    pen = 'L';
  }
  const dots =
    points.length <= FEW ? known.map(point => `M${place(point)}h0`).join('') : '';
  return { line, dots, left, right, bottom, top };
}

function short(part: number): string {
  return String(Math.round(part * 10000) / 10000);
}

/** The point that is nearest to a place from 0 to 1 along the axis. */
export function nearest(points: readonly Point[], across: number): Point | null {
  if (points.length === 0) {
    return null;
  }
  const left = points[0][0];
  const x = left + across * (points[points.length - 1][0] - left);
  return points.reduce((best, p) =>
    Math.abs(p[0] - x) < Math.abs(best[0] - x) ? p : best
  );
}

/** A number as it is read: only so many digits that count. */
export function brief(value: number, digits = 6): string {
  return Number.isInteger(value) && Math.abs(value) < 1e9
    ? String(value)
    : String(Number(value.toPrecision(digits)));
}

/** The same for a cell of a table, which may hold another text. */
export function briefText(text: string): string {
  return /^-?\d+\.\d{7,}(e[+-]?\d+)?$/.test(text) ? brief(Number(text)) : text;
}
