/**
 * What the section shows of a notebook's training runs. No DOM here: state in, signals out.
 */

import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { DISCONNECTED } from '../link';
import type { Failure, Replies } from '../messages';
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
}

export interface IProposal {
  readonly wish: IWish;
  /** Null while it is being made. */
  readonly plan: Plan | Failure | null;
}

export interface IReplaying {
  readonly run: number;
  readonly workers: readonly Worker[];
  /** Whether it was asked to stop. */
  readonly stopping: boolean;
}

export class RunsModel implements IDisposable {
  constructor(options: { link: ILink; notebook: INotebook }) {
    this._link = options.link;
    this._notebook = options.notebook;
    this._link.stateChanged.connect(this._linkChanged, this);
    this._link.restarted.connect(this._forget, this);
    this._link.ran.connect(this._ran, this);
    this._wasReady = this._link.state === 'ready';
  }

  get changed(): ISignal<this, void> {
    return this._changed;
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

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get visible(): boolean {
    return this._visible;
  }

  /** Nothing is asked while nobody looks. */
  set visible(visible: boolean) {
    if (visible !== this._visible) {
      this._visible = visible;
      if (visible) {
        void this.refresh();
      } else {
        clearTimeout(this._next);
      }
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._next);
      Signal.disconnectReceiver(this);
      Signal.clearData(this);
    }
  }

  /** Bring the list and the curves up to date. */
  async refresh(): Promise<void> {
    if (!this._visible || this._isDisposed || this._link.state !== 'ready') {
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
      this._changed.emit();
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
    this._changed.emit();
    if (told.replay !== null && told.replay !== this._followed && !this._replaying) {
      void this._follow(told.replay, { request: 'follow' });
    }
    if (JSON.stringify(before) !== JSON.stringify(this.selected)) {
      await this._askCurves();
    }
    if (this._visible && (!told.settled || this._isRunning)) {
      clearTimeout(this._next);
      const pause = Math.max(MEANWHILE, REST * (Date.now() - began));
      this._next = setTimeout(() => void this.refresh(), pause);
    }
  }

  /** Show a run. */
  async select(run: number): Promise<void> {
    this._choose(run);
    this._changed.emit();
    await this._askCurves();
  }

  /** Ask what a replay with the cells as they are now would do. */
  async propose(wish: Partial<IWish>): Promise<void> {
    const whole: IWish = { run: 0, cell: '', iterations: '', force: false, ...wish };
    if (whole.run && whole.run !== this._selected) {
      this._choose(whole.run);
      void this._askCurves();
    }
    const mine: IProposal = { wish: whole, plan: null };
    this._proposal = mine;
    this._changed.emit();
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
    this._changed.emit();
  }

  /** Put the plan aside. */
  dismiss(): void {
    this._proposal = null;
    this._changed.emit();
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
      this._changed.emit();
      void this._link.ask('status', { request: 'cancel', of: this._following });
    }
  }

  private async _follow(
    run: number,
    request: { request: 'replay'; of: number } | { request: 'follow' }
  ): Promise<void> {
    this._followed = run;
    this._following = this._link.next;
    this._replaying = { run, workers: [], stopping: false };
    if (this._replayed?.run === run) {
      this._replayed = null;
    }
    this._changed.emit();
    const told = await this._ask('replayed', request, workers => {
      if (this._replaying?.run === run) {
        this._replaying = { ...this._replaying, workers };
        this._changed.emit();
      }
    });
    if (!told) {
      return;
    }
    this._replaying = null;
    this._replayed = { run, message: told };
    this._changed.emit();
    await this._askCurves();
    await this.refresh();
  }

  private async _askCurves(): Promise<void> {
    const run = this._selected;
    if (run === null || !this._visible) {
      return;
    }
    const told = await this._ask('curves', { request: 'curves', run });
    if (told && run === this._selected) {
      this._curves = told;
      this._changed.emit();
    }
  }

  /** The answer; null when it is of no use any more. */
  private async _ask<K extends 'runs' | 'curves' | 'plan' | 'replayed'>(
    kind: K,
    request: Parameters<ILink['ask']>[1],
    progress: (workers: Worker[]) => void = () => undefined
  ): Promise<Replies[K] | Failure | null> {
    const kernel = this._kernel;
    const still = () => !this._isDisposed && kernel === this._kernel;
    const { message } = await this._link.ask(kind, request, told => {
      if (still()) {
        progress(told.workers);
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
    if (this._visible) {
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
    this._curves = null;
    this._proposal = null;
    this._replaying = null;
    this._replayed = null;
    this._followed = null;
    this._isRunning = false;
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _curves: Curves | Failure | null = null;
  private _failure: Failure | null = null;
  private _followed: number | null = null;
  private _following = 0;
  private _isDisposed = false;
  private _isRunning = false;
  private _kernel = 0;
  private _leftOut = 0;
  private _link: ILink;
  private _newest = 0;
  private _next: ReturnType<typeof setTimeout> | undefined;
  private _notebook: INotebook;
  private _planned = 0;
  private _proposal: IProposal | null = null;
  private _replayed: { run: number; message: Replayed | Failure } | null = null;
  private _replaying: IReplaying | null = null;
  private _runs: readonly Run[] | null = null;
  private _selected: number | null = null;
  private _visible = false;
  private _wasReady = false;
}
