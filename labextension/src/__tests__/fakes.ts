/**
 * A kernel and a notebook that do what a test says.
 */

import { Signal } from '@lumino/signaling';

import { Kind, Message, Progress, Request } from '../messages';
import { ICell, IAnswer, ILink, INotebook, LinkState } from '../tokens';
import { example } from './examples';

/** A kernel that answers what the test says. */
export class FakeLink implements ILink {
  state: LinkState = 'ready';
  stateChanged = new Signal<this, void>(this);
  restarted = new Signal<this, void>(this);
  ran = new Signal<this, string | null>(this);
  waiting = false;
  isDisposed = false;
  asked: Request[] = [];
  code: string[] = [];
  error: { name: string; text: string } | null = null;
  answers: Partial<Record<Request['request'], (request: any) => Message>> = {};
  held: (() => void)[] | null = null;
  progress: ((told: Progress) => void)[] = [];

  get next(): number {
    return this.asked.length + 1;
  }

  async connect(): Promise<void> {
    this.become('ready');
  }

  become(state: LinkState): void {
    this.state = state;
    this.stateChanged.emit();
  }

  async ask<K extends Kind>(
    kind: K,
    request: Request,
    progress?: (told: Progress) => void
  ): Promise<IAnswer<any>> {
    this.asked.push(request);
    const id = this.asked.length;
    if (progress) {
      this.progress.push(progress);
    }
    if (this.held && ['verify', 'replay', 'follow'].includes(request.request)) {
      await new Promise<void>(go => this.held!.push(go));
    }
    const answer = this.answers[request.request];
    return { id, message: answer ? answer(request) : example(kind) };
  }

  async run(code: string): Promise<{ name: string; text: string } | null> {
    this.code.push(code);
    return this.error;
  }

  dispose(): void {
    this.isDisposed = true;
  }

  requests(kind: Request['request']): any[] {
    return this.asked.filter(r => r.request === kind);
  }
}

export class FakeNotebook implements INotebook {
  path = 'a.ipynb';
  changed = new Signal<this, void>(this);
  isDisposed = false;
  now: ICell[] = [];
  cells(): ICell[] {
    return this.now;
  }
  dispose(): void {
    this.isDisposed = true;
  }
}
