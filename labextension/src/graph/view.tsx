/**
 * The dependence graph around a selection. In a chunk of its own.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import {
  Background,
  Controls,
  Edge,
  FitViewOptions,
  Handle,
  MarkerType,
  Node,
  NodeProps,
  Position,
  ReactFlow,
  useReactFlow,
  useStore
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import React, { useEffect, useMemo, useState } from 'react';

import { Graph } from '../messages';
import { Executions } from '../tokens';
import { fold, IBox, IDrawing } from './fold';
import { HEIGHT, ILayout, Places, WIDTH } from './layout';

export interface IGraphProps {
  readonly graph: Graph;
  readonly executions: Executions;
  readonly trans: TranslationBundle;
  readonly onJump: (cell: string, line: number) => void;
}

type BoxNode = Node<{ box: IBox; onFold: (execution: number) => void; foldLabel: string }>;

export function GraphView(props: IGraphProps): JSX.Element {
  const { graph, executions, trans } = props;
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const drawing = useMemo(
    () => fold(graph, executions, unfolded),
    [graph, executions, unfolded]
  );
  const laid = useLayout(drawing);
  const turn = (execution: number) =>
    setUnfolded(before => {
      const after = new Set(before);
      if (!after.delete(execution)) {
        after.add(execution);
      }
      return after;
    });
  const nodes = useMemo(
    () => (laid ? nodesOf(laid.drawing, laid.layout.places, turn, trans) : []),
    [laid, trans]
  );
  const edges = useMemo(
    () => (laid ? edgesOf(laid.drawing, laid.layout.drawn) : []),
    [laid]
  );
  if (!laid) {
    return <p className="jp-Slicer-note">{trans.__('Drawing…')}</p>;
  }
  const fit = { maxZoom: 1, minZoom: 0.4, nodes: nearSelected(nodes, edges) };
  return (
    <div className="jp-Slicer-graph">
      <p className="jp-Slicer-facts">
        {trans._n(
          '%1 box around %2',
          '%1 boxes around %2',
          laid.drawing.boxes.length,
          graph.name
        )}
        {graph.left_out > 0 &&
          ' · ' + trans.__('%1 statements farther away are left out', graph.left_out)}
      </p>
      <div className="jp-Slicer-canvas">
        <ReactFlow
          key={graph.name}
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          nodesDraggable={false}
          nodesConnectable={false}
          onlyRenderVisibleElements={nodes.length > 150}
          fitView
          fitViewOptions={fit}
          minZoom={0.05}
          aria-label={trans.__('Dependence graph')}
          onNodeClick={(_, node) => jump(node as BoxNode, props.onJump)}
          proOptions={{ hideAttribution: true }}
        >
          <Refit options={fit} />
          <Background />
          <Controls showInteractive={false} />
        </ReactFlow>
      </div>
    </div>
  );
}

/** What is seen first is seen again when the section has another size. */
function Refit(props: { options: FitViewOptions<BoxNode> }): null {
  const { fitView } = useReactFlow<BoxNode>();
  const size = useStore(state => `${state.width} ${state.height}`);
  const [first] = useState(props.options);
  useEffect(() => {
    void fitView(first);
  }, [size, first, fitView]);
  return null;
}

function jump(node: BoxNode, onJump: IGraphProps['onJump']): void {
  if (node.data.box.cell) {
    onJump(node.data.box.cell, 1);
  }
}

interface ILaid {
  readonly drawing: IDrawing;
  readonly layout: ILayout;
}

/** A drawing and where its boxes are, once the worker has said it. */
function useLayout(drawing: IDrawing): ILaid | null {
  const [laid, setLaid] = useState<ILaid | null>(null);
  useEffect(() => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      type: 'module'
    });
    worker.onmessage = (event: MessageEvent<ILayout>) =>
      setLaid({ drawing, layout: event.data });
    worker.postMessage(drawing);
    return () => worker.terminate();
  }, [drawing]);
  return laid;
}

function nodesOf(
  drawing: IDrawing,
  places: Places,
  onFold: (execution: number) => void,
  trans: TranslationBundle
): BoxNode[] {
  return drawing.boxes.map(box => ({
    id: box.id,
    type: 'box',
    position: places[box.id],
    width: WIDTH,
    height: HEIGHT,
    data: { box, onFold, foldLabel: foldLabel(box, trans) },
    ariaLabel: `${box.title} ${box.text}`
  }));
}

function foldLabel(box: IBox, trans: TranslationBundle): string {
  return box.folded === 0
    ? trans.__('Fold into the cell')
    : trans.__('Unfold %1 statements', box.folded);
}

function edgesOf(drawing: IDrawing, drawn: readonly string[]): Edge[] {
  const few = drawn.length <= 60;
  const chosen = new Set(drawn);
  return drawing.arrows
    .filter(arrow => chosen.has(arrow.id))
    .map(arrow => ({
      id: arrow.id,
      source: arrow.source,
      target: arrow.target,
      label: few ? label(arrow.names) : undefined,
      className: arrow.assumed ? 'jp-mod-assumed' : '',
      markerEnd: { type: MarkerType.ArrowClosed },
      focusable: false
    }));
}

/** The variables among what an arrow carries: `df` for `df["age"]`. */
function label(names: readonly string[]): string {
  const roots = [...new Set(names.map(name => name.split(/[.[]/)[0]))];
  const shown = roots.slice(0, 2).join(', ');
  return roots.length > 2 ? `${shown}, …` : shown;
}

/** What is seen first: a small graph whole, of a large one the value and what is next to it. */
function nearSelected(nodes: readonly BoxNode[], edges: readonly Edge[]): BoxNode[] {
  if (nodes.length <= 12) {
    return [...nodes];
  }
  const last = [...nodes].reverse().find(node => node.data.box.selected)?.id;
  const near = new Set(
    edges
      .filter(e => e.source === last || e.target === last)
      .flatMap(e => [e.source, e.target])
  );
  return nodes.filter(node => node.id === last || near.has(node.id));
}

function Box(props: NodeProps<BoxNode>): JSX.Element {
  const { box, onFold, foldLabel: label } = props.data;
  const many = box.folded !== 1;
  return (
    <div
      className={`jp-Slicer-box ${box.selected ? 'jp-mod-selected' : ''}`}
      title={box.text}
    >
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <div>
        <span className="jp-Slicer-number">{box.title}</span>
        {many && (
          <button
            type="button"
            className="jp-Slicer-fold nodrag"
            title={label}
            aria-label={label}
            onClick={event => {
              event.stopPropagation();
              onFold(box.execution);
            }}
          >
            {box.folded === 0 ? '−' : `+${box.folded}`}
          </button>
        )}
      </div>
      <code>{box.text}</code>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

const NODE_TYPES = { box: Box };
