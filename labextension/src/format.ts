/**
 * Numbers and marks as a reader sees them.
 */

import { Variable } from './messages';

/** Such as `14.2 kB`; nothing for what is not known. */
export function size(bytes: number | null): string {
  if (bytes === null) {
    return '';
  }
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Such as `1.2 s` or `3 min`. */
export function duration(seconds: number): string {
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  return seconds < 90 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}

/** The share of a cell's time that recording took; nothing where that says nothing. */
export function share(spent: number, ran: number): string {
  const theirs = ran - spent;
  return theirs < 0.1 ? '' : `${((100 * spent) / theirs).toFixed(1)} %`;
}

export type Column = 'name' | 'type' | 'shape' | 'bytes' | 'execution';

export interface ISort {
  readonly by: Column;
  readonly descending: boolean;
}

const SUPPORT = ['module', 'function', 'class', 'builtin_function_or_method'];

/** Whether a variable is a tool rather than a value: an import, a function, a class. */
export function isSupport(variable: Variable): boolean {
  return SUPPORT.includes(variable.type);
}

/** Those that a filter's words are all found in, in the order that was chosen. */
export function arranged(
  variables: readonly Variable[],
  filter: string,
  sort: ISort,
  support: boolean
): Variable[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = variables.filter(v => {
    const marks = (v.stale ? ' stale' : '') + (v.orphaned ? ' no code' : '');
    const text = `${v.name} ${v.type} ${v.shape}${marks}`.toLowerCase();
    return (support || !isSupport(v)) && words.every(word => text.includes(word));
  });
  const sign = sort.descending ? -1 : 1;
  return found.sort(
    (a, b) => sign * compare(a, b, sort.by) || a.name.localeCompare(b.name)
  );
}

function compare(a: Variable, b: Variable, by: Column): number {
  if (by === 'shape') {
    return elements(a.shape) - elements(b.shape);
  }
  const [one, other] = [a[by], b[by]];
  if (typeof one === 'string' && typeof other === 'string') {
    return one.localeCompare(other);
  }
  return Number(one ?? -1) - Number(other ?? -1);
}

/** Of a shape such as `891×12`. */
function elements(shape: string): number {
  return shape ? shape.split('×').reduce((n, part) => n * Number(part), 1) : -1;
}
