/**
 * What a panel shows of one notebook's kernel. No DOM here: state in, signals out.
 */

import { ISignal, Signal } from '@lumino/signaling';

import { DISCONNECTED } from './link';
import { Looked } from './looked';
import {
  Document,
  Execution,
  Failure,
  Forward,
  Graph,
  Request,
  Slice,
  Statement,
  Status,
  Variable
} from './messages';
import { Executions, ILink, INotebook } from './tokens';

/** Milliseconds of rest after an edit or a run before the kernel is asked. */
const AFTER_EDIT = 400;
const AFTER_RUN = 15;
/** Statements that the graph is drawn of at most. */
const MOST_STEPS = 1500;
/** In place of a cell id when the slicer evaluated something itself. */
const EVALUATED = '%slice';

/** The extension was loaded and still nobody answers. */
const SILENT: Failure = {
  kind: 'failure',
  slug: 'slicer-error',
  message:
    'jupyter_slicer was loaded, but does not answer. Is an older version installed there?'
};

export type PanelState =
  | 'no-kernel'
  | 'connecting'
  | 'not-loaded'
  | 'loading'
  | 'not-installed'
  | 'other-version'
  | 'ready';

/** What the slice is of. */
export type Selection =
  | { kind: 'variable'; name: string }
  | { kind: 'cell'; cell: string }
  | { kind: 'expression'; expression: string };

/** What a text asks for: an expression is evaluated, which a variable is not. */
export function selectionOf(text: string): Selection {
  const name = text.trim();
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)
    ? { kind: 'variable', name }
    : { kind: 'expression', expression: name };
}

/** A cell that says something else than what the slice ran. */
export interface IDifference {
  readonly execution: number;
  readonly count: number | null;
  readonly cell: string;
  readonly ran: string;
  /** Null when the cell is gone. */
  readonly now: string | null;
}

/** Parts of the panel that cost a question of their own. */
export type Part = 'forward' | 'graph';

export interface IModelOptions {
  notebook: INotebook;
  link: ILink;
  settings: ISettings;
}

export interface ISettings {
  /** A fresh run is made at once if the cells of a slice took up to so many seconds. */
  readonly verifyUpTo: number;
  /** Parts that somebody looks at. */
  readonly wanted: ReadonlySet<Part>;
}

export class NotebookModel extends Looked {
  constructor(options: IModelOptions) {
    super();
    this.notebook = options.notebook;
    this.link = this._link = options.link;
    this._settings = options.settings;
    this.notebook.changed.connect(this._edited, this);
    this._link.stateChanged.connect(this._linkChanged, this);
    this._link.restarted.connect(this._forget, this);
    this._link.ran.connect(this._ran, this);
  }

  readonly link: ILink;
  readonly notebook: INotebook;

  /** The notebook was closed. */
  get disposed(): ISignal<this, void> {
    return this._disposed;
  }

  get state(): PanelState {
    const state = this._link.state;
    return state === 'not-loaded' ? this._loading : state;
  }

  /** Whether the kernel lets the panel wait. */
  get busy(): boolean {
    return this._link.waiting;
  }

  /** Whether a cell is running. */
  get running(): boolean {
    return this._running;
  }

  /** What went wrong, apart from the slice. */
  get failure(): Failure | null {
    return this._failure;
  }

  get status(): Status | null {
    return this._status;
  }

  /** Null until the kernel has told them. */
  get variables(): readonly Variable[] | null {
    return this._variables;
  }

  get executions(): Executions {
    return this._executions;
  }

  get selection(): Selection | null {
    return this._selection;
  }

  get slice(): Slice | null {
    return this._slice?.message ?? null;
  }

  /** Why there is no slice of what was selected. */
  get sliceFailure(): Failure | null {
    return this._sliceFailure;
  }

  /** How a fresh run goes on; null when none does. */
  get verifying(): string | null {
    return this._verifying?.words ?? null;
  }

  get forward(): Forward | Failure | null {
    return this._forward;
  }

  get graph(): Graph | Failure | null {
    return this._graph;
  }

  /** Bring everything up to date; calls that come meanwhile are answered by one more. */
  async refresh(): Promise<void> {
    if (!this.visible || this.isDisposed) {
      return;
    }
    const loaded = this._link.state === 'not-loaded' && this._mayHaveLoaded;
    if (this._link.state === 'connecting' || loaded) {
      this._mayHaveLoaded = false;
      await this._link.connect();
      return;
    }
    if (this._link.state !== 'ready') {
      return;
    }
    if (this._refreshing) {
      this._again = true;
      return;
    }
    this._refreshing = true;
    try {
      do {
        this._again = false;
        await this._askVariables();
      } while (this._again && this._link.state === 'ready');
    } finally {
      this._refreshing = false;
    }
    // An expression is evaluated when its user says so, not after each cell.
    if (
      this._selection &&
      this._selection.kind !== 'expression' &&
      this._link.state === 'ready'
    ) {
      await this._askSlice();
    }
  }

  /** Show what something came from. */
  async select(selection: Selection | null): Promise<void> {
    this._selection = selection;
    this._slice = null;
    this._sliceFailure = null;
    this._forward = null;
    this._graph = null;
    this._generation++;
    this.cancel();
    this.tell();
    if (selection) {
      await this._askSlice();
    }
  }

  protected ended(): void {
    this._disposed.emit();
    clearTimeout(this._afterEdit);
    clearTimeout(this._afterRun);
    this._link.dispose();
    this.notebook.dispose();
  }

  /** Run the slice in a fresh process; with `minimize` again and again without a line. */
  async verify(minimize = false): Promise<void> {
    const slice = this._slice;
    if (!slice) {
      return;
    }
    const mine = { words: '', id: this._link.next };
    this._verifying = mine;
    this.tell();
    const answer = await this._link.ask(
      'slice',
      { request: 'verify', of: slice.id, minimize },
      told => {
        if (this._verifying === mine) {
          mine.words = told.words;
          this.tell();
        }
      }
    );
    if (this._verifying !== mine) {
      return;
    }
    this._verifying = null;
    if (answer.message.kind === 'slice') {
      // It may have been asked for once more meanwhile, with the same result.
      if (this._slice && sameSteps(this._slice.message, slice.message)) {
        this._slice = { id: this._slice.id, message: answer.message };
      }
    } else if (answer.message.slug === 'forgotten-slice') {
      void this._askSlice();
    } else if (answer.message.slug !== 'cancelled') {
      this._sliceFailure = answer.message;
    }
    this.tell();
  }

  /** End the fresh run. */
  cancel(): void {
    const verifying = this._verifying;
    if (verifying) {
      this._verifying = null;
      this.tell();
      void this._link.ask('status', { request: 'cancel', of: verifying.id });
    }
  }

  /** The slice as the text of a file. */
  async document(format: 'script' | 'notebook'): Promise<Document | Failure> {
    if (!this._slice) {
      return { kind: 'failure', slug: 'forgotten-slice', message: '' };
    }
    const request = { request: 'document', of: this._slice.id, format } as const;
    const { message } = await this._link.ask('document', request);
    return message;
  }

  /** Turn recording on in the kernel. */
  async load(): Promise<void> {
    this._loading = 'loading';
    this._failure = null;
    this.tell();
    const error = await this._link.run('%load_ext jupyter_slicer');
    this._loading = 'not-loaded';
    if (error?.name === 'ModuleNotFoundError') {
      this._loading = 'not-installed';
    } else if (error) {
      const message = `${error.name}: ${error.text}`;
      this._failure = { kind: 'failure', slug: 'slicer-error', message };
    } else {
      await this._link.connect();
      if (this._link.state === 'not-loaded') {
        this._failure = SILENT;
      }
    }
    this.tell();
  }

  /** Pause recording, or go on. */
  async toggleRecording(): Promise<void> {
    const paused = this._status?.recording === 'paused';
    await this._link.run(`%slicer ${paused ? 'resume' : 'pause'}`);
    await this._askStatus();
  }

  /** The statement on a line of the slice's program. */
  statementAt(line: number): Statement | null {
    const statements = this.slice?.statements ?? [];
    return statements.find(s => s.line <= line && line <= s.end_line) ?? null;
  }

  /** Cells of the slice that say something else now. */
  differences(): IDifference[] {
    const cells = new Map(this.notebook.cells().map(c => [c.id, c.text]));
    const found = new Map<number, IDifference>();
    for (const { execution } of this.slice?.statements ?? []) {
      const ran = execution === null ? null : this._executions.get(execution);
      if (!ran || !isCell(ran.cell_id)) {
        continue;
      }
      const now = cells.get(ran.cell_id) ?? null;
      if (now !== ran.text) {
        const { count, text } = ran;
        const cell = ran.cell_id;
        found.set(ran.execution, {
          execution: ran.execution,
          count,
          cell,
          ran: text,
          now
        });
      }
    }
    return [...found.values()];
  }

  /** Lines of each cell that the slice is made of, with their text as it ran. */
  contributions(): Map<string, { line: number; text: string }[]> {
    const found = new Map<string, { line: number; text: string }[]>();
    for (const statement of this.slice?.statements ?? []) {
      const ran =
        statement.execution === null ? null : this._executions.get(statement.execution);
      if (!ran || !isCell(ran.cell_id)) {
        continue;
      }
      const lines = ran.text.split('\n');
      const known = found.get(ran.cell_id) ?? [];
      for (const [first, last] of statement.cell_lines) {
        for (let line = first; line <= last; line++) {
          known.push({ line, text: lines[line - 1] ?? '' });
        }
      }
      found.set(ran.cell_id, known);
    }
    return found;
  }

  private async _askVariables(): Promise<void> {
    const generation = this._kernel;
    const difference = this._difference();
    const { message } = await this._link.ask('variables', {
      request: 'variables',
      known: this._executions.size,
      ...difference
    });
    if (this.isDisposed || generation !== this._kernel) {
      return;
    }
    if (message.kind === 'failure') {
      this._failure = message.slug === DISCONNECTED ? this._failure : message;
      this.tell();
      return;
    }
    this._failure = null;
    for (const execution of message.executions) {
      this._executions.set(execution.execution, execution);
    }
    this._variables = message.variables;
    this._running = message.running;
    this._told = JSON.stringify(difference);
    if (JSON.stringify(this._difference()) !== this._told) {
      this._again = true; // only now it is known which cells ran
    }
    this.tell();
    await this._askStatus();
  }

  private async _askStatus(): Promise<void> {
    const { message } = await this._link.ask('status', { request: 'status' });
    if (message.kind === 'status' && !this.isDisposed) {
      this._status = message;
      this.tell();
    }
  }

  private async _askSlice(): Promise<void> {
    const selection = this._selection;
    if (!selection || !this.visible) {
      return;
    }
    const generation = ++this._generation;
    const { id, message } = await this._link.ask('slice', requestOf(selection));
    if (this.isDisposed || generation !== this._generation) {
      return;
    }
    if (message.kind === 'failure') {
      if (message.slug !== DISCONNECTED) {
        this._slice = null;
        this._sliceFailure = message;
        this.tell();
      }
      return;
    }
    const same = this._slice && sameSteps(this._slice.message, message);
    this._sliceFailure = null;
    this._slice = { id, message };
    if (!same && this._verifying) {
      this.cancel();
    }
    this.tell();
    void this.askParts();
    if (!this._verifying && !same && this._verifiesAtOnce(message)) {
      await this.verify();
    }
  }

  /** Fresh runs that take long are made when they are asked for. */
  private _verifiesAtOnce(slice: Slice): boolean {
    const ran = new Set(slice.statements.map(s => s.execution));
    const seconds = [...ran]
      .map(id => (id === null ? 0 : (this._executions.get(id)?.seconds ?? 0)))
      .reduce((a, b) => a + b, 0);
    return (
      slice.verdict.verdict === 'not verified' &&
      slice.verdict.runs === 0 &&
      seconds <= this._settings.verifyUpTo
    );
  }

  /** Ask for the parts that somebody looks at. */
  async askParts(): Promise<void> {
    const selection = this._selection;
    if (!selection || !this.visible || this._link.state !== 'ready') {
      return;
    }
    const name = this._nameOf(selection);
    const generation = this._generation;
    if (!name) {
      return;
    }
    if (this._settings.wanted.has('forward')) {
      const { message } = await this._link.ask('forward', {
        request: 'forward',
        name
      });
      if (generation === this._generation && !isGone(message)) {
        this._forward = message;
        this.tell();
      }
    }
    if (this._settings.wanted.has('graph')) {
      const { message } = await this._link.ask('graph', {
        request: 'graph',
        name,
        most: MOST_STEPS
      });
      if (generation === this._generation && !isGone(message)) {
        this._graph = message;
        this.tell();
      }
    }
  }

  /** The variable whose surroundings are shown. */
  private _nameOf(selection: Selection): string | undefined {
    if (selection.kind === 'variable') {
      return selection.name;
    }
    if (selection.kind === 'cell') {
      return this.slice?.criterion.split(', ')[0];
    }
    const words = selection.expression.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? [];
    return words.find(word => this._variables?.some(one => one.name === word));
  }

  /** How the notebook differs from what ran. */
  private _difference(): { edited: Record<string, string>; gone: string[] } {
    const last = new Map<string, string>();
    for (const execution of this._executions.values()) {
      if (isCell(execution.cell_id)) {
        last.set(execution.cell_id, execution.text);
      }
    }
    const now = new Map(this.notebook.cells().map(c => [c.id, c.text]));
    const edited: Record<string, string> = {};
    const gone: string[] = [];
    for (const [id, ran] of last) {
      const text = now.get(id);
      if (text === undefined) {
        gone.push(id);
      } else if (text !== ran) {
        edited[id] = text;
      }
    }
    return { edited, gone };
  }

  private _edited(): void {
    if (!this.visible || this._link.state !== 'ready') {
      return;
    }
    clearTimeout(this._afterEdit);
    this._afterEdit = this._soon(() => {
      this.tell();
      if (JSON.stringify(this._difference()) !== this._told) {
        void this.refresh();
      }
    }, AFTER_EDIT);
  }

  private _ran(_: unknown, code: string | null): void {
    if (code !== null) {
      this._running = true;
      this._mayHaveLoaded ||= code.includes('jupyter_slicer');
      this.tell();
      return;
    }
    this._running = false;
    clearTimeout(this._afterRun);
    this._afterRun = this._soon(() => void this.refresh(), AFTER_RUN);
  }

  /** Later, unless the model is gone by then. */
  private _soon(act: () => void, milliseconds: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      if (!this.isDisposed) {
        act();
      }
    }, milliseconds);
  }

  private _linkChanged(): void {
    const state = this._link.state;
    if (state === 'ready' || state === 'connecting') {
      this._loading = 'not-loaded';
      this._failure = null;
    }
    if (state !== this._before || state === 'connecting') {
      this._before = state;
      void this.refresh();
    }
    this.tell();
  }

  /** The kernel began anew: what was selected is asked for again when it is there. */
  private _forget(): void {
    this._kernel++;
    this._generation++;
    this._executions.clear();
    this._variables = null;
    if (this._selection?.kind === 'expression') {
      this._selection = null;
    }
    this._slice = null;
    this._sliceFailure = null;
    this._forward = null;
    this._graph = null;
    this._verifying = null;
    this._status = null;
    this._failure = null;
    this._running = false;
    this._told = '';
    this.tell();
  }

  // Apart: the outputs of a run are changes of the notebook too.
  private _afterEdit: ReturnType<typeof setTimeout> | undefined;
  private _afterRun: ReturnType<typeof setTimeout> | undefined;
  private _again = false;
  private _before = '';
  private _disposed = new Signal<this, void>(this);
  private _executions = new Map<number, Execution>();
  private _failure: Failure | null = null;
  private _forward: Forward | Failure | null = null;
  private _generation = 0;
  private _graph: Graph | Failure | null = null;
  private _kernel = 0;
  private _link: ILink;
  private _loading: 'not-loaded' | 'loading' | 'not-installed' = 'not-loaded';
  private _mayHaveLoaded = false;
  private _refreshing = false;
  private _running = false;
  private _selection: Selection | null = null;
  private _settings: ISettings;
  private _slice: { id: number; message: Slice } | null = null;
  private _sliceFailure: Failure | null = null;
  private _status: Status | null = null;
  private _told = '';
  private _variables: Variable[] | null = null;
  private _verifying: { words: string; id: number } | null = null;
}

function requestOf(selection: Selection): Request {
  switch (selection.kind) {
    case 'variable':
      return { request: 'slice', name: selection.name };
    case 'cell':
      return { request: 'slice-cell', cell: selection.cell };
    case 'expression':
      return { request: 'slice-expression', expression: selection.expression };
  }
}

function isCell(id: string | null): id is string {
  return id !== null && id !== EVALUATED;
}

function isGone(message: { kind: string; slug?: string }): boolean {
  return message.kind === 'failure' && message.slug === DISCONNECTED;
}

function sameSteps(one: Slice, other: Slice): boolean {
  return (
    one.program === other.program &&
    one.verdict.verdict === other.verdict.verdict &&
    JSON.stringify(one.statements.map(s => s.step)) ===
      JSON.stringify(other.statements.map(s => s.step))
  );
}
