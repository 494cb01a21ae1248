/**
 * The graph as boxes and arrows: a box for each cell execution, or for each of its
 * statements where it is unfolded.
 */

import { Graph } from '../messages';
import { Executions } from '../tokens';

export interface IBox {
  readonly id: string;
  readonly execution: number;
  /** In[count] of a cell, empty for a statement. */
  readonly title: string;
  readonly text: string;
  readonly cell: string | null;
  readonly selected: boolean;
  /** How many statements it stands for; 0 when it is one of them. */
  readonly folded: number;
}

export interface IArrow {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly names: readonly string[];
  readonly assumed: boolean;
}

export interface IDrawing {
  readonly boxes: readonly IBox[];
  readonly arrows: readonly IArrow[];
}

export function fold(
  graph: Graph,
  executions: Executions,
  unfolded: ReadonlySet<number>
): IDrawing {
  const boxes = new Map<string, IBox>();
  const boxOf = new Map<number, string>();
  const selected = new Set(graph.selected);
  for (const { step, execution, text } of graph.steps) {
    const ran = executions.get(execution);
    const open = unfolded.has(execution);
    const id = open ? `s${step}` : `c${execution}`;
    const known = boxes.get(id);
    const count = ran?.count ?? null;
    boxOf.set(step, id);
    boxes.set(id, {
      id,
      execution,
      title: count === null ? '' : `In[${count}]`,
      text: known ? known.text : text,
      cell: ran?.cell_id ?? null,
      selected: (known?.selected ?? false) || selected.has(step),
      folded: open ? 0 : (known?.folded ?? 0) + 1
    });
  }
  const arrows = new Map<
    string,
    { source: string; target: string; names: Set<string>; assumed: boolean }
  >();
  for (const edge of graph.edges) {
    const source = boxOf.get(edge.source);
    const target = boxOf.get(edge.target);
    if (!source || !target || source === target) {
      continue;
    }
    const id = `${source}-${target}`;
    const known = arrows.get(id);
    const names = known?.names ?? new Set<string>();
    edge.names.forEach(name => names.add(name));
    const assumed = (known?.assumed ?? true) && edge.voucher === 'assumed';
    arrows.set(id, { source, target, names, assumed });
  }
  return {
    boxes: [...boxes.values()],
    arrows: [...arrows].map(([id, { source, target, names, assumed }]) => ({
      id,
      source,
      target,
      names: [...names],
      assumed
    }))
  };
}
