/**
 * A panel's way to a kernel: one comm, over a subshell where the kernel has them.
 */

import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';

import {
  Failure,
  Kind,
  Message,
  Progress,
  PROTOCOL,
  readEnvelope,
  Replies,
  Request,
  TARGET
} from './messages';
import { IAnswer, ILink, LinkState } from './tokens';

/** Milliseconds after which a question that is not answered means a busy kernel. */
const PATIENCE = 700;
/** Milliseconds for which a subshell may take to start before the main shell is used. */
const SUBSHELL = 3000;

interface IQuestion {
  kind: Kind;
  resolve: (answer: IAnswer<any>) => void;
  progress?: (told: Progress) => void;
  timer: number;
  late: boolean;
}

/** Comms of JupyterLab 4.4 and later may run on subshells; earlier ones do not say. */
interface IShellComm extends Kernel.IComm {
  readonly subshellStarted?: Promise<void>;
}

export class KernelLink implements ILink {
  constructor(session: ISessionContext, client: string) {
    this._session = session;
    this._client = client;
    session.kernelChanged.connect(this._kernelChanged, this);
    session.statusChanged.connect(this._statusChanged, this);
    session.connectionStatusChanged.connect(this._connectionChanged, this);
    session.iopubMessage.connect(this._heard, this);
    this._state = session.session?.kernel ? 'connecting' : 'no-kernel';
  }

  get state(): LinkState {
    return this._state;
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get restarted(): ISignal<this, void> {
    return this._restarted;
  }

  get ran(): ISignal<this, string | null> {
    return this._ran;
  }

  get waiting(): boolean {
    return [...this._questions.values()].some(question => question.late);
  }

  get next(): number {
    return this._last + 1;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._hangUp();
    Signal.clearData(this);
  }

  async connect(): Promise<void> {
    const kernel = this._session.session?.kernel;
    if (!kernel || this._comm || this._isDisposed) {
      return;
    }
    // The signal for a new kernel comes twice at the start: the last call wins.
    const attempt = ++this._attempt;
    await kernel.info;
    if (attempt !== this._attempt || this._isDisposed) {
      return;
    }
    const comm: IShellComm = kernel.createComm(TARGET);
    if (kernel.supportsSubshells && comm.commsOverSubshells !== 'disabled') {
      await Promise.race([comm.subshellStarted, pause(SUBSHELL)]);
    }
    if (attempt !== this._attempt || this._isDisposed) {
      comm.dispose();
      return;
    }
    this._comm = comm;
    comm.onMsg = message => this._told(message.content.data);
    comm.onClose = () => {
      if (this._comm === comm) {
        this._hangUp(true);
        this._become('not-loaded');
      }
    };
    comm.open({ client: this._client });
    const { message } = await this._asked('status', { request: 'status' });
    if (this._comm !== comm) {
      return;
    }
    // An error of the kernel's is told with the next answer.
    const known = message.kind === 'status' ? message.protocol === PROTOCOL : true;
    const read = message.kind === 'status' || message.slug !== UNREADABLE;
    this._become(known && read ? 'ready' : 'other-version');
  }

  ask<K extends Kind>(
    kind: K,
    request: Request,
    progress?: (told: Progress) => void
  ): Promise<IAnswer<Replies[K] | Failure>> {
    return this._asked(kind, request, progress);
  }

  async run(code: string): Promise<{ name: string; text: string } | null> {
    const kernel = this._session.session?.kernel;
    if (!kernel) {
      return null;
    }
    const future = kernel.requestExecute({
      code,
      silent: true,
      store_history: false
    });
    const reply = (await future.done)?.content;
    return reply?.status === 'error' ? { name: reply.ename, text: reply.evalue } : null;
  }

  private _asked<K extends Kind>(
    kind: K,
    request: Request,
    progress?: (told: Progress) => void
  ): Promise<IAnswer<Replies[K] | Failure>> {
    const id = ++this._last;
    const comm = this._comm;
    if (!comm) {
      return Promise.resolve({ id, message: GONE });
    }
    return new Promise(resolve => {
      const timer = window.setTimeout(() => {
        const question = this._questions.get(id);
        if (question) {
          question.late = true;
          this._stateChanged.emit();
        }
      }, PATIENCE);
      this._questions.set(id, { kind, resolve, progress, timer, late: false });
      comm.send({ id, ...request });
    });
  }

  private _told(data: unknown): void {
    const told = readEnvelope(data) ?? unreadable(data);
    if (!told) {
      return;
    }
    const question = this._questions.get(told.id);
    if (!question) {
      return;
    }
    const late = question.late;
    if (told.message.kind === 'progress') {
      window.clearTimeout(question.timer);
      question.late = false;
      question.progress?.(told.message);
    } else {
      this._questions.delete(told.id);
      window.clearTimeout(question.timer);
      question.resolve({
        id: told.id,
        message: expected(question.kind, told.message)
      });
    }
    if (late) {
      this._stateChanged.emit();
    }
  }

  private _heard(_: unknown, message: KernelMessage.IMessage): void {
    const parent = message.parent_header as { msg_type?: string };
    if (parent.msg_type !== 'execute_request') {
      return;
    }
    const content = message.content as {
      code?: string;
      execution_state?: string;
    };
    if (message.header.msg_type === 'execute_input') {
      this._ran.emit(content.code ?? '');
    } else if (message.header.msg_type === 'status' && content.execution_state === 'idle') {
      this._ran.emit(null);
    }
  }

  private _kernelChanged(): void {
    this._hangUp();
    this._restarted.emit();
    this._become(this._session.session?.kernel ? 'connecting' : 'no-kernel');
  }

  private _statusChanged(_: unknown, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting') {
      this._restarting = true;
      this._hangUp();
      this._restarted.emit();
      this._become('connecting');
    } else if (status === 'dead') {
      this._hangUp();
      this._become('no-kernel');
    }
  }

  private _connectionChanged(_: unknown, to: Kernel.ConnectionStatus): void {
    // After a restart nothing becomes idle before something runs.
    if (to === 'connected' && this._restarting) {
      this._restarting = false;
      this._stateChanged.emit();
    }
  }

  /** Let go of the comm; questions that wait are answered that it is gone. */
  private _hangUp(closed = false): void {
    this._attempt++;
    const comm = this._comm;
    this._comm = null;
    if (comm && !comm.isDisposed) {
      if (!closed && this._session.session?.kernel?.status !== 'restarting') {
        try {
          comm.close();
        } catch {
          // The kernel is gone, and the comm with it.
        }
      }
      comm.dispose();
    }
    const questions = [...this._questions];
    this._questions.clear();
    for (const [id, question] of questions) {
      window.clearTimeout(question.timer);
      question.resolve({ id, message: GONE });
    }
  }

  private _become(state: LinkState): void {
    this._state = state;
    this._stateChanged.emit();
  }

  private _attempt = 0;
  private _client: string;
  private _comm: IShellComm | null = null;
  private _isDisposed = false;
  private _last = 0;
  private _questions = new Map<number, IQuestion>();
  private _ran = new Signal<this, string | null>(this);
  private _restarted = new Signal<this, void>(this);
  private _restarting = false;
  private _session: ISessionContext;
  private _state: LinkState;
  private _stateChanged = new Signal<this, void>(this);
}

/** The slug of a question that nobody will answer; not shown, the state says it. */
export const DISCONNECTED = 'disconnected';

const GONE: Failure = {
  kind: 'failure',
  slug: DISCONNECTED,
  message: ''
};

/** The slug of an answer that is none of those that this sidebar knows. */
const UNREADABLE = 'unreadable';

function unreadable(data: unknown): { id: number; message: Failure } | null {
  const id = (data as { id?: unknown } | null)?.id;
  const message =
    'The kernel answered something that this sidebar does not know. Is another version of jupyter_slicer installed there?';
  return typeof id === 'number'
    ? { id, message: { kind: 'failure', slug: UNREADABLE, message } }
    : null;
}

function expected(kind: Kind, message: Message): Message {
  if (message.kind === kind || message.kind === 'failure') {
    return message;
  }
  return {
    kind: 'failure',
    slug: 'slicer-error',
    message: `The kernel answered ${message.kind}, not ${kind}.`
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => window.setTimeout(resolve, milliseconds));
}
