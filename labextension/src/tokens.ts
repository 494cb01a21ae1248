/**
 * What the plugins of this extension know of each other.
 */

import { Token } from '@lumino/coreutils';
import { IDisposable } from '@lumino/disposable';
import { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import { Execution, Kind, Message, Progress, Replies, Request } from './messages';
import type { NotebookModel, Part } from './model';

/** A cell of a notebook as it stands there now. */
export interface ICell {
  readonly id: string;
  readonly text: string;
}

/** A notebook without its widget. */
export interface INotebook extends IDisposable {
  /** Path of the file; another one after a rename. */
  readonly path: string;
  /** All code cells of notebooks that use the same kernel. */
  cells(): ICell[];
  /** A cell was edited, added or removed. */
  readonly changed: ISignal<INotebook, void>;
}

/** How a panel and a kernel stand to each other. */
export type LinkState =
  /** The notebook has no kernel. */
  | 'no-kernel'
  /** The kernel is starting, or the panel has not asked it yet. */
  | 'connecting'
  /** `%load_ext jupyter_slicer` has not been run there. */
  | 'not-loaded'
  /** The kernel's package and this panel do not speak the same. */
  | 'other-version'
  | 'ready';

/** What a kernel answered, and under which number it knows the question. */
export interface IAnswer<M extends Message = Message> {
  readonly id: number;
  readonly message: M;
}

/** The way to one notebook's kernel. */
export interface ILink extends IDisposable {
  readonly state: LinkState;
  readonly stateChanged: ISignal<ILink, void>;
  /** The kernel was started again: what it knew is gone. */
  readonly restarted: ISignal<ILink, void>;
  /** A cell began or ended; with the code that begins, null at the end. */
  readonly ran: ISignal<ILink, string | null>;
  /** Whether a question has been waiting so long that the kernel must be busy. */
  readonly waiting: boolean;
  /** Connect, if there is something to connect to. */
  connect(): Promise<void>;
  /** Ask; the answer has one of two kinds: that which was hoped for, or a failure. */
  ask<K extends Kind>(
    kind: K,
    request: Request,
    progress?: (told: Progress) => void
  ): Promise<IAnswer<Replies[K] | Replies['failure']>>;
  /** Run code that is not part of the notebook; gives an error's name and text. */
  run(code: string): Promise<{ name: string; text: string } | null>;
  /** The number that the next question will have. */
  readonly next: number;
}

/** The extension's state: the notebook that the panel follows. */
export interface ISlicer {
  /** The model of the active notebook; null when there is none. */
  readonly current: NotebookModel | null;
  readonly currentChanged: ISignal<ISlicer, void>;
  /** The current model, or another one took its place. */
  readonly changed: ISignal<ISlicer, void>;
  /** Whether anybody looks: nothing is asked while nobody does. */
  readonly visible: boolean;
  /** A viewer looks at some parts from now on, at none if there are none. */
  look(viewer: string, parts: readonly (Part | 'slice')[]): void;
}

/** The sidebar, for plugins that have a section of their own in it. */
export interface ISlicerPanel {
  /** Add a section, closed at first; gives what opens it, and the sidebar with it. */
  addSection(label: string, body: Widget): () => void;
}

export const ISlicerPanel = new Token<ISlicerPanel>(
  'jupyter-slicer:ISlicerPanel',
  'The sidebar that shows where values come from: sections can be added to it.'
);

export const ISlicer = new Token<ISlicer>(
  'jupyter-slicer:ISlicer',
  'What the kernel of the active notebook says of its variables and their slices.'
);

export type Executions = ReadonlyMap<number, Execution>;
