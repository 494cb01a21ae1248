/**
 * The sidebar: sections that show the current model, or one sentence why they cannot.
 */

import {
  CommandToolbarButton,
  PanelWithToolbar,
  ReactWidget,
  SidePanel
} from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Message, MessageLoop } from '@lumino/messaging';
import { AccordionPanel, Widget } from '@lumino/widgets';
import React, { useEffect, useState } from 'react';

import { CommandIDs } from './ids';
import { ForwardView } from './components/forward';
import { IToken } from './components/program';
import { Action, SliceView } from './components/slice';
import { Named, StateView } from './components/state';
import { Variables } from './components/variables';
import type { Graph, Place, Statement } from './messages';
import type { IDifference, NotebookModel } from './model';
import { ISlicer } from './tokens';

/** What the panel cannot do itself. */
export interface IPanelActions {
  readonly act: (action: Action) => void;
  readonly mend: (state: Named) => void;
  readonly jump: (place: Statement | Place) => void;
  readonly jumpToCell: (cell: string, line: number) => void;
  readonly coloured: (program: string) => Promise<IToken[][]>;
}

export interface IPanelOptions {
  readonly commands: CommandRegistry;
  readonly slicer: ISlicer;
  readonly trans: TranslationBundle;
  readonly actions: IPanelActions;
}

export class SlicerPanel extends SidePanel {
  constructor(options: IPanelOptions) {
    super();
    this._slicer = options.slicer;
    this.addClass('jp-Slicer');
    const { trans } = options;
    this.title.caption = trans.__('Slicer: where the values of a notebook come from');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Slicer'));
    this._state = new Body(options, drawState);
    this._state.addClass('jp-Slicer-banner');
    this.header.addWidget(this._state);
    const add = (label: string, draw: Draw) => this._add(label, new Body(options, draw));
    add(trans.__('Variables'), drawVariables);
    const slice = add(trans.__('Slice'), drawSlice);
    const forward = add(trans.__('Depends on it'), drawForward);
    const graph = add(trans.__('Graph'), drawGraph);
    this._addButtons(slice, options, [
      CommandIDs.sliceVariable,
      CommandIDs.copy,
      CommandIDs.insert,
      CommandIDs.notebook,
      CommandIDs.script
    ]);
    this._addButtons(graph, options, [CommandIDs.openGraph]);
    const accordion = this.content as AccordionPanel;
    accordion.collapse(2);
    accordion.collapse(3);
    // Sections that are closed cost nothing.
    accordion.expansionToggled.connect(() => {
      this._tellParts();
      this._share();
    });
    this._share();
    this._parts = { forward, graph };
    // The banner comes and goes, and what is below it takes its room.
    this._room = new ResizeObserver(() =>
      MessageLoop.sendMessage(accordion, Widget.ResizeMessage.UnknownSize)
    );
    this._room.observe(accordion.node);
  }

  dispose(): void {
    this._room.disconnect();
    super.dispose();
  }

  /** Open the section that shows the slice. */
  showSlice(): void {
    (this.content as AccordionPanel).expand(1);
  }

  /** Add a section that is closed at first; gives what opens it. */
  addSection(label: string, body: Widget): () => void {
    const accordion = this.content as AccordionPanel;
    const section = this._add(label, body);
    const index = accordion.widgets.indexOf(section);
    accordion.collapse(index);
    this._share();
    return () => accordion.expand(index);
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._tellParts();
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._tellParts();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._tellParts();
  }

  private _addButtons(section: PanelWithToolbar, options: IPanelOptions, ids: string[]) {
    const { commands } = options;
    for (const id of ids) {
      section.toolbar.addItem(id, new CommandToolbarButton({ commands, id, label: '' }));
    }
  }

  private _add(label: string, body: Widget): PanelWithToolbar {
    const section = new PanelWithToolbar();
    section.title.label = label;
    section.addWidget(body);
    this.addWidget(section);
    return section;
  }

  /** A layout that was saved just after a section was opened leaves it without height. */
  mendLayout(): void {
    const accordion = this.content as AccordionPanel;
    const sizes = accordion.relativeSizes();
    if (accordion.widgets.some((w, index) => !w.isHidden && sizes[index] < FLAT)) {
      this._share();
    }
  }

  /** The sections that are open share the height. */
  private _share(): void {
    const accordion = this.content as AccordionPanel;
    accordion.setRelativeSizes(
      accordion.widgets.map((w, index) => (w.isHidden ? 0 : (HEIGHTS[index] ?? 3)))
    );
  }

  private _tellParts(): void {
    const { forward, graph } = this._parts;
    this._slicer.look('panel', [
      ...(this.isVisible ? ['slice' as const] : []),
      ...(forward.isVisible ? ['forward' as const] : []),
      ...(graph.isVisible ? ['graph' as const] : [])
    ]);
  }

  private _parts: { forward: Widget; graph: Widget };
  private _room: ResizeObserver;
  private _slicer: ISlicer;
  private _state: Widget;
}

/** The share of the height below which nothing is seen of a section. */
const FLAT = 0.03;
/** In which proportions. */
const HEIGHTS = [2, 3, 2, 3];

type Draw = (model: NotebookModel | null, options: IPanelOptions) => JSX.Element | null;

/** A part of the panel, drawn again when the model has changed and somebody looks. */
export class Body extends ReactWidget {
  constructor(options: IPanelOptions, draw: Draw) {
    super();
    this._options = options;
    this._draw = draw;
    this.addClass('jp-Slicer-body');
    options.slicer.changed.connect(this._changed, this);
  }

  protected render(): JSX.Element | null {
    return this._draw(this._options.slicer.current, this._options);
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  private _changed(): void {
    if (this.isVisible || this.node.childElementCount === 0) {
      this.update();
    }
  }

  private _draw: Draw;
  private _options: IPanelOptions;
}

/** Why there is nothing to show, or what is to be known beside it. */
function drawState(model: NotebookModel | null, options: IPanelOptions): JSX.Element {
  const { trans, actions } = options;
  const failed = model?.state === 'ready' && model.failure !== null;
  const state: Named = !model ? 'no-notebook' : failed ? 'error' : model.state;
  return (
    <>
      <StateView
        state={state}
        message={model?.failure?.message ?? ''}
        trans={trans}
        onAct={actions.mend}
      />
      {model?.busy && (
        <div className="jp-Slicer-state" role="status" data-state="busy">
          <p>
            {trans.__(
              'The kernel is busy. What you see is from before; it is brought up to date when the kernel answers.'
            )}
          </p>
        </div>
      )}
      {model?.state === 'ready' && model.status?.recording === 'paused' && (
        <div className="jp-Slicer-state" role="status" data-state="paused">
          <p>{trans.__('Recording is paused: what cells do now is not known.')}</p>
          <button
            type="button"
            className="jp-mod-styled jp-mod-accept"
            onClick={() => void model.toggleRecording()}
          >
            {trans.__('Record again')}
          </button>
        </div>
      )}
    </>
  );
}

function drawVariables(
  model: NotebookModel | null,
  { trans }: IPanelOptions
): JSX.Element | null {
  if (model?.state !== 'ready' || model.variables === null) {
    return null;
  }
  const { selection } = model;
  return (
    <Variables
      variables={model.variables}
      executions={model.executions}
      selected={selection?.kind === 'variable' ? selection.name : null}
      running={model.running}
      trans={trans}
      onSelect={name => void model.select({ kind: 'variable', name })}
    />
  );
}

function drawSlice(
  model: NotebookModel | null,
  options: IPanelOptions
): JSX.Element | null {
  return model?.state === 'ready' ? (
    <ColouredSlice model={model} options={options} />
  ) : null;
}

/** The slice, at first without colours: those come a moment later. */
function ColouredSlice(props: {
  model: NotebookModel;
  options: IPanelOptions;
}): JSX.Element {
  const { model, options } = props;
  const { actions, trans } = options;
  const program = model.slice?.program ?? '';
  const [colours, setColours] = useState<{ of: string; tokens: IToken[][] } | null>(null);
  useEffect(() => {
    let wanted = true;
    if (program) {
      void actions.coloured(program).then(tokens => {
        if (wanted) {
          setColours({ of: program, tokens });
        }
      });
    }
    return () => {
      wanted = false;
    };
  }, [program]);
  return (
    <SliceView
      slice={model.slice}
      failure={model.sliceFailure}
      selected={model.selection !== null}
      verifying={model.verifying}
      differences={model.differences()}
      tokens={colours?.of === program ? colours.tokens : null}
      trans={trans}
      onAction={actions.act}
      onJump={actions.jump}
      onJumpToCell={cell => actions.jumpToCell(cell, 1)}
      Difference={LazyDifference}
    />
  );
}

const Loaded = React.lazy(async () => ({
  default: (await import('./difference')).DifferenceView
}));

function LazyDifference(props: { difference: IDifference }): JSX.Element {
  return (
    <React.Suspense fallback={<pre>{props.difference.ran}</pre>}>
      <Loaded difference={props.difference} />
    </React.Suspense>
  );
}

function drawForward(
  model: NotebookModel | null,
  options: IPanelOptions
): JSX.Element | null {
  if (model?.state !== 'ready') {
    return null;
  }
  return (
    <ForwardView
      forward={model.forward}
      trans={options.trans}
      onSelect={name => void model.select({ kind: 'variable', name })}
      onJump={options.actions.jump}
    />
  );
}

const LazyGraph = React.lazy(async () => ({
  default: (await import('./graph/view')).GraphView
}));

/** The graph of a model; also in the main area. */
export function drawGraph(
  model: NotebookModel | null,
  options: IPanelOptions
): JSX.Element | null {
  const { trans, actions } = options;
  if (model?.state !== 'ready') {
    return null;
  }
  const graph = model.graph;
  if (!graph) {
    return (
      <p className="jp-Slicer-note">
        {trans.__('Choose a variable to see the graph around it.')}
      </p>
    );
  }
  if (graph.kind === 'failure') {
    return <p className="jp-Slicer-note">{graph.message}</p>;
  }
  return (
    <React.Suspense fallback={<p className="jp-Slicer-note">{trans.__('Drawing…')}</p>}>
      <LazyGraph
        graph={graph as Graph}
        executions={model.executions}
        trans={trans}
        onJump={actions.jumpToCell}
      />
    </React.Suspense>
  );
}
