/**
 * The wire: what the kernel tells and what it is asked.
 *
 * `jupyter_slicer/frontends/messages.py` and `requests.py` say the same; the examples in
 * `tests/messages/` are read by both test suites.
 */

import {
  flag,
  Guard,
  Guarded,
  list,
  literal,
  number,
  orNull,
  record,
  span,
  table,
  text
} from './shapes';
import * as wire from './runs/wire';

export const TARGET = 'jupyter_slicer';
export const PROTOCOL = 1;

const statement = record({
  line: number,
  end_line: number,
  step: number,
  execution: orNull(number),
  cell_id: orNull(text),
  count: orNull(number),
  reason: text,
  cell_lines: list(span)
});

const verdict = record({
  verdict: text,
  reason: text,
  seconds: number,
  runs: number,
  compared: text
});

const slice = record({
  kind: literal('slice'),
  criterion: text,
  program: text,
  facts: text,
  statements: list(statement),
  inputs: list(record({ path: text, sha256: orNull(text), size: orNull(number) })),
  notes: list(text),
  verdict,
  exported: orNull(text),
  notebook: orNull(text)
});

const failure = record({
  kind: literal('failure'),
  slug: text,
  message: text
});

const status = record({
  kind: literal('status'),
  protocol: number,
  version: text,
  recording: text,
  running: flag,
  executions: number,
  statements: number,
  spent: number,
  ran: number,
  history: text,
  incomplete: list(text)
});

const variable = record({
  name: text,
  type: text,
  shape: text,
  bytes: orNull(number),
  value: text,
  execution: orNull(number),
  stale: orNull(text),
  orphaned: orNull(text)
});

const execution = record({
  execution: number,
  cell_id: orNull(text),
  count: orNull(number),
  text,
  outcome: text,
  seconds: number
});

const variables = record({
  kind: literal('variables'),
  running: flag,
  variables: list(variable),
  executions: list(execution)
});

const place = record({
  execution: number,
  cell_id: orNull(text),
  count: orNull(number),
  cell_lines: list(span),
  text
});

const forward = record({
  kind: literal('forward'),
  name: text,
  variables: list(text),
  places: list(place)
});

const step = record({ step: number, execution: number, text });

const edge = record({
  source: number,
  target: number,
  names: list(text),
  voucher: text
});

const graph = record({
  kind: literal('graph'),
  name: text,
  selected: list(number),
  steps: list(step),
  edges: list(edge),
  left_out: number
});

const document = record({
  kind: literal('document'),
  format: text,
  name: text,
  text
});

const progress = record({
  kind: literal('progress'),
  words: text,
  workers: list(wire.worker)
});

export type Statement = Guarded<typeof statement>;
export type Verdict = Guarded<typeof verdict>;
export type Slice = Guarded<typeof slice>;
export type Failure = Guarded<typeof failure>;
export type Status = Guarded<typeof status>;
export type Variable = Guarded<typeof variable>;
export type Execution = Guarded<typeof execution>;
export type Variables = Guarded<typeof variables>;
export type Place = Guarded<typeof place>;
export type Forward = Guarded<typeof forward>;
export type Edge = Guarded<typeof edge>;
export type Step = Guarded<typeof step>;
export type Graph = Guarded<typeof graph>;
export type Document = Guarded<typeof document>;
export type Progress = Guarded<typeof progress>;

/** What answers a request, each by its kind. */
export type Replies = {
  slice: Slice;
  failure: Failure;
  status: Status;
  variables: Variables;
  forward: Forward;
  graph: Graph;
  document: Document;
  progress: Progress;
  runs: wire.Runs;
  curves: wire.Curves;
  plan: wire.Plan;
  replayed: wire.Replayed;
};

export type Kind = keyof Replies;
export type Message = Replies[Kind];

const GUARDS: { [K in Kind]: Guard<Replies[K]> } = {
  slice,
  failure,
  status,
  variables,
  forward,
  graph,
  document,
  progress,
  runs: wire.runs,
  curves: wire.curves,
  plan: wire.plan,
  replayed: wire.replayed
};

const kinded = record({ kind: text });

/** The message, if it is one. */
export function readMessage(value: unknown): Message | null {
  if (!kinded(value) || !Object.keys(GUARDS).includes(value.kind)) {
    return null;
  }
  const guard: Guard<Message> = GUARDS[value.kind as Kind];
  return guard(value) ? value : null;
}

const envelope = record({ id: number });

/** What the kernel sent: a message, and the request that it answers. */
export function readEnvelope(value: unknown): { id: number; message: Message } | null {
  const message = readMessage((value as { message?: unknown } | null)?.message);
  return envelope(value) && message ? { id: value.id, message } : null;
}

export type Request =
  | { request: 'status' }
  | {
      request: 'variables';
      known: number;
      edited: Record<string, string>;
      gone: string[];
    }
  | { request: 'slice'; name: string }
  | { request: 'slice-cell'; cell: string }
  | { request: 'slice-expression'; expression: string }
  | { request: 'verify'; of: number; minimize: boolean }
  | { request: 'cancel'; of: number }
  | { request: 'document'; of: number; format: 'script' | 'notebook' }
  | { request: 'forward'; name: string }
  | { request: 'graph'; name: string; most: number }
  | { request: 'runs' }
  | { request: 'curves'; run: number }
  | { request: 'logs'; run: number }
  | {
      request: 'plan';
      run: number;
      cell: string;
      cells: Record<string, string>;
      iterations: string;
      force: boolean;
      workers: number;
      missing: boolean;
      on: string;
      others: boolean;
    }
  | { request: 'replay'; of: number }
  | { request: 'follow' };

const REQUESTS: { [R in Request['request']]: Guard<any> } = {
  status: record({}),
  variables: record({ known: number, edited: table(text), gone: list(text) }),
  slice: record({ name: text }),
  'slice-cell': record({ cell: text }),
  'slice-expression': record({ expression: text }),
  verify: record({ of: number, minimize: flag }),
  cancel: record({ of: number }),
  document: record({ of: number, format: text }),
  forward: record({ name: text }),
  graph: record({ name: text, most: number }),
  runs: record({}),
  curves: record({ run: number }),
  logs: record({ run: number }),
  plan: record({
    run: number,
    cell: text,
    cells: table(text),
    iterations: text,
    force: flag,
    workers: number,
    missing: flag,
    on: text,
    others: flag
  }),
  replay: record({ of: number }),
  follow: record({})
};

/** Whether something is a request that this panel may send. */
export function isRequest(value: unknown): value is Request {
  const named = record({ request: text });
  return (
    named(value) &&
    Object.keys(REQUESTS).includes(value.request) &&
    REQUESTS[value.request as Request['request']](value)
  );
}
