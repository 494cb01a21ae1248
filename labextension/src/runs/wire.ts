/**
 * The part of the wire that is about training runs; `run_messages.py` says the same.
 */

import {
  flag,
  Guarded,
  list,
  literal,
  number,
  orNull,
  pair,
  record,
  text
} from '../shapes';

const run = record({
  run: number,
  here: flag,
  cell_id: orNull(text),
  count: orNull(number),
  notebook: orNull(text),
  loop: text,
  parameters: list(pair(text, text)),
  names: list(text),
  iterations: number,
  checkpoints: number,
  written: number,
  seconds: number,
  cost: number,
  started: number,
  state: text,
  divergent: text,
  notes: list(text)
});

export const runs = record({
  kind: literal('runs'),
  runs: list(run),
  left_out: number,
  settled: flag,
  replay: orNull(number)
});

const series = record({
  name: text,
  points: list(pair(number, orNull(number))),
  total: number
});

export const curves = record({
  kind: literal('curves'),
  run: number,
  series: list(series)
});

const line = record({ cell_id: orNull(text), line: number, text, why: text });

const carried = record({ run: number, diff: text, lines: list(text), why: text });

export const plan = record({
  kind: literal('plan'),
  run: number,
  lines: list(text),
  refused: list(line),
  watched: list(line),
  names: list(text),
  seconds: number,
  carried: list(carried),
  left_out: number
});

export const worker = record({
  number,
  iterations: number,
  of: number,
  state: text
});

const divergence = record({ run: number, iterations: text, names: list(text) });

const column = record({ name: text, cells: list(text), numeric: flag });

export const replayed = record({
  kind: literal('replayed'),
  run: number,
  runs: list(number),
  names: list(text),
  stopped: flag,
  divergences: list(divergence),
  failures: list(record({ run: number, iterations: text, why: text })),
  restored: number,
  compared: number,
  seconds: number,
  notes: list(text),
  printed: list(text),
  columns: list(column),
  left_out: number,
  series: list(series)
});

export type Run = Guarded<typeof run>;
export type Runs = Guarded<typeof runs>;
export type Series = Guarded<typeof series>;
export type Curves = Guarded<typeof curves>;
export type Line = Guarded<typeof line>;
export type Carried = Guarded<typeof carried>;
export type Plan = Guarded<typeof plan>;
export type Worker = Guarded<typeof worker>;
export type Divergence = Guarded<typeof divergence>;
export type Column = Guarded<typeof column>;
export type Replayed = Guarded<typeof replayed>;
