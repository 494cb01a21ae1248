/**
 * What the section shows of a notebook's training runs. No DOM here: state in, signals out.
 */

import { DISCONNECTED } from '../link';
import { Looked } from '../looked';
import type { Document, Failure, Progress, Replies } from '../messages';
import { ILink, INotebook } from '../tokens';
import type { Curves, Plan, Replayed, Run, Worker } from './wire';

/** Milliseconds of rest after a run before the kernel is asked. */
const AFTER_RUN = 30;
/** Milliseconds between two looks while something is going on, or more: */
const MEANWHILE = 1000;
/** so many times what a look takes, as the loop that runs pays for it. */
const REST = 50;

/** What a plan is asked for. */
export interface IWish {
  /** 0 for the newest run of `cell`. */
  readonly run: number;
  readonly cell: string;
  /** As `3,7:12`; empty for all. */
  readonly iterations: string;
  /** Replay an edit that does more than log. */
  readonly force: boolean;
  /** Processes; 0 for as many as the machine can run at once. */
  readonly workers: number;
  /** Only iterations that have not logged it yet. */
  readonly missing: boolean;
  /** Address of a Dask cluster; empty for the kernel's machine. */
  readonly on: string;
  /** Carry the lines to all runs that have not logged their names. */
  readonly others: boolean;
}

const WISH: IWish = {
  run: 0,
  cell: '',
  iterations: '',
  force: false,
  workers: 0,
  missing: false,
  on: '',
  others: false
};

/** Curves that lie over each other at most. */
export const COMPARED = 8;

/** One metric of several runs. */
export interface IComparison {
  /** Names that more than one run has logged. */
  readonly names: readonly string[];
  readonly name: string;
  /** Runs that have logged it, the newest first. */
  readonly runs: readonly Run[];
  /** Those that are drawn; null for one whose numbers have not come yet. */
  readonly chosen: ReadonlyMap<number, Curves | null>;
}

export interface IProposal {
  readonly wish: IWish;
  /** Null while it is being made. */
  readonly plan: Plan | Failure | null;
}

export interface IReplaying {
  readonly run: number;
  /** Which run it is at, where several are replayed. */
  readonly words: string;
  readonly workers: readonly Worker[];
  /** Whether it was asked to stop. */
  readonly stopping: boolean;
}

export class RunsModel extends Looked {
  constructor(options: { link: ILink; notebook: INotebook }) {
    super();
    this._link = options.link;
    this._notebook = options.notebook;
    this._link.stateChanged.connect(this._linkChanged, this);
    this._link.restarted.connect(this._forget, this);
    this._link.ran.connect(this._ran, this);
    this._wasReady = this._link.state === 'ready';
  }

  /** All runs that the kernel lists, the newest first; null until it has. */
  get runs(): readonly Run[] | null {
    return this._runs;
  }

  /** Those of this notebook. */
  get own(): readonly Run[] {
    const cells = new Set(this._notebook.cells().map(cell => cell.id));
    return (this._runs ?? []).filter(
      run => run.here || (run.cell_id !== null && cells.has(run.cell_id))
    );
  }

  /** Older runs that were not listed. */
  get leftOut(): number {
    return this._leftOut;
  }

  /** Why there is no list. */
  get failure(): Failure | null {
    return this._failure;
  }

  get selected(): Run | null {
    return this._runs?.find(run => run.run === this._selected) ?? null;
  }

  /** Of the selected run. */
  get curves(): Curves | Failure | null {
    return this._curves;
  }

  get proposal(): IProposal | null {
    return this._proposal;
  }

  get replaying(): IReplaying | null {
    return this._replaying;
  }

  /** What the last replay of the selected run has given. */
  get replayed(): Replayed | Failure | null {
    return this._replayed && this._replayed.run === this._selected
      ? this._replayed.message
      : null;
  }

  /** Bring the list and the curves up to date. */
  async refresh(): Promise<void> {
    if (!this.visible || this.isDisposed || this._link.state !== 'ready') {
      return;
    }
    clearTimeout(this._next);
    const began = Date.now();
    const told = await this._ask('runs', { request: 'runs' });
    if (!told) {
      return;
    }
    if (told.kind === 'failure') {
      this._failure = told;
      this.tell();
      return;
    }
    const before = this.selected;
    this._failure = null;
    this._runs = told.runs;
    this._leftOut = told.left_out;
    const newest = this.own[0] ?? null;
    // What has just begun is what its user looks for, unless there is something to read.
    const isNew = newest !== null && newest.run > this._newest;
    if (!this.selected || (isNew && !this._proposal && !this._replaying)) {
      this._choose(newest?.run ?? null);
    }
    this._newest = Math.max(this._newest, newest?.run ?? 0);
    this.tell();
    if (told.replay !== null && told.replay !== this._followed && !this._replaying) {
      void this._follow(told.replay, { request: 'follow' });
    }
    if (JSON.stringify(before) !== JSON.stringify(this.selected)) {
      await this._askCurves();
      await this._askCompared(true);
    }
    if (this.visible && (!told.settled || this._isRunning)) {
      clearTimeout(this._next);
      const pause = Math.max(MEANWHILE, REST * (Date.now() - began));
      this._next = setTimeout(() => void this.refresh(), pause);
    }
  }

  protected left(): void {
    clearTimeout(this._next);
  }

  protected ended(): void {
    clearTimeout(this._next);
  }

  /** Show a run. */
  async select(run: number): Promise<void> {
    this._choose(run);
    this.tell();
    await this._askCurves();
  }

  /** Ask what a replay with the cells as they are now would do. */
  async propose(wish: Partial<IWish>): Promise<void> {
    const whole: IWish = { ...WISH, ...wish };
    if (whole.run && whole.run !== this._selected) {
      this._choose(whole.run);
      void this._askCurves();
    }
    const mine: IProposal = { wish: whole, plan: null };
    this._proposal = mine;
    this.tell();
    const cells = Object.fromEntries(this._notebook.cells().map(c => [c.id, c.text]));
    const id = this._link.next;
    const told = await this._ask('plan', { request: 'plan', ...whole, cells });
    if (!told || this._proposal !== mine) {
      return;
    }
    this._planned = id;
    this._proposal = { wish: whole, plan: told };
    if (told.kind === 'plan' && told.run !== this._selected) {
      this._choose(told.run);
      this._proposal = { wish: { ...whole, run: told.run }, plan: told };
      void this._askCurves();
    }
    this.tell();
  }

  /** Put the plan aside. */
  dismiss(): void {
    this._proposal = null;
    this.tell();
  }

  /** Whether there is a plan that can be started. */
  get canStart(): boolean {
    const plan = this._proposal?.plan;
    return plan?.kind === 'plan' && plan.lines.length > 0 && this._replaying === null;
  }

  /** Do what the plan says. */
  async start(): Promise<void> {
    const plan = this._proposal?.plan;
    if (!this.canStart || plan?.kind !== 'plan') {
      return;
    }
    this._proposal = null;
    await this._follow(plan.run, { request: 'replay', of: this._planned });
  }

  /** End the replay; what is done by then is kept. */
  stop(): void {
    if (this._replaying) {
      this._replaying = { ...this._replaying, stopping: true };
      this.tell();
      void this._link.ask('status', { request: 'cancel', of: this._following });
    }
  }

  private async _follow(
    run: number,
    request: { request: 'replay'; of: number } | { request: 'follow' }
  ): Promise<void> {
    this._followed = run;
    this._following = this._link.next;
    this._replaying = { run, words: '', workers: [], stopping: false };
    if (this._replayed?.run === run) {
      this._replayed = null;
    }
    this.tell();
    const told = await this._ask('replayed', request, ({ words, workers }) => {
      if (this._replaying?.run === run) {
        this._replaying = { ...this._replaying, words, workers };
        this.tell();
      }
    });
    if (!told) {
      return;
    }
    this._replaying = null;
    this._replayed = { run, message: told };
    this.tell();
    await this._askCurves();
    await this.refresh();
    if (told.kind === 'replayed' && told.runs.length > 1) {
      await this.compare(told.names[0] ?? '', told.runs);
    }
  }

  /** All that a run has logged, as a file. */
  async logs(run: number): Promise<Document | Failure | null> {
    return this._ask('document', { request: 'logs', run });
  }

  /** What can be compared; null where no two runs have logged the same. */
  get comparison(): IComparison | null {
    const own = this.own;
    const counts = new Map<string, number>();
    for (const name of own.flatMap(run => run.names)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const names = [...counts].filter(([, count]) => count > 1).map(([name]) => name);
    if (names.length === 0) {
      return null;
    }
    const name = names.includes(this._metric) ? this._metric : names[0];
    const runs = own.filter(run => run.names.includes(name));
    const drawn = runs.filter(run => this._compared.has(run.run)).slice(0, COMPARED);
    const chosen = new Map(
      drawn.map(run => [run.run, this._compared.get(run.run) ?? null] as const)
    );
    return { names, name, runs, chosen };
  }

  /** Draw one metric of some runs over each other. */
  async compare(name: string, runs: readonly number[]): Promise<void> {
    this._metric = name;
    const known = this._compared;
    this._compared = new Map(runs.map(run => [run, known.get(run) ?? null]));
    this.tell();
    await this._askCompared();
  }

  private async _askCompared(all = false): Promise<void> {
    const runs = [...this._compared].filter(([, curves]) => all || curves === null);
    for (const [run] of runs) {
      const told = this.visible
        ? await this._ask('curves', { request: 'curves', run })
        : null;
      if (told?.kind === 'curves' && this._compared.has(run)) {
        this._compared.set(run, told);
        this.tell();
      }
    }
  }

  private async _askCurves(): Promise<void> {
    const run = this._selected;
    if (run === null || !this.visible) {
      return;
    }
    const told = await this._ask('curves', { request: 'curves', run });
    if (told && run === this._selected) {
      this._curves = told;
      this.tell();
    }
  }

  /** The answer; null when it is of no use any more. */
  private async _ask<K extends 'runs' | 'curves' | 'plan' | 'replayed' | 'document'>(
    kind: K,
    request: Parameters<ILink['ask']>[1],
    progress: (told: Progress) => void = () => undefined
  ): Promise<Replies[K] | Failure | null> {
    const kernel = this._kernel;
    const still = () => !this.isDisposed && kernel === this._kernel;
    const { message } = await this._link.ask(kind, request, told => {
      if (still()) {
        progress(told);
      }
    });
    const gone = message.kind === 'failure' && message.slug === DISCONNECTED;
    return still() && !gone ? (message as Replies[K] | Failure) : null;
  }

  private _choose(run: number | null): void {
    if (run !== this._selected) {
      this._selected = run;
      this._curves = null;
      this._proposal = null;
    }
  }

  private _ran(_: unknown, code: string | null): void {
    this._isRunning = code !== null;
    if (this.visible) {
      clearTimeout(this._next);
      const pause = this._isRunning ? MEANWHILE : AFTER_RUN;
      this._next = setTimeout(() => void this.refresh(), pause);
    }
  }

  private _linkChanged(): void {
    const ready = this._link.state === 'ready';
    if (ready && !this._wasReady) {
      void this.refresh();
    }
    if (!ready && this._wasReady) {
      this._forget();
    }
    this._wasReady = ready;
  }

  /** The kernel began anew, or lets go of the panel. */
  private _forget(): void {
    this._kernel++;
    clearTimeout(this._next);
    this._runs = null;
    this._failure = null;
    this._compared.clear();
    this._curves = null;
    this._proposal = null;
    this._replaying = null;
    this._replayed = null;
    this._followed = null;
    this._isRunning = false;
    this.tell();
  }

  private _compared = new Map<number, Curves | null>();
  private _curves: Curves | Failure | null = null;
  private _failure: Failure | null = null;
  private _followed: number | null = null;
  private _following = 0;
  private _isRunning = false;
  private _kernel = 0;
  private _leftOut = 0;
  private _link: ILink;
  private _metric = '';
  private _newest = 0;
  private _next: ReturnType<typeof setTimeout> | undefined;
  private _notebook: INotebook;
  private _planned = 0;
  private _proposal: IProposal | null = null;
  private _replayed: { run: number; message: Replayed | Failure } | null = null;
  private _replaying: IReplaying | null = null;
  private _runs: readonly Run[] | null = null;
  private _selected: number | null = null;
  private _wasReady = false;
}
