/**
 * Places for boxes, in layers from top to bottom. Runs in a worker.
 */

import { Graph, layout } from '@dagrejs/dagre';

import type { IArrow, IDrawing } from './fold';

export const WIDTH = 190;
export const HEIGHT = 46;

export type Places = Record<string, { x: number; y: number }>;

export interface ILayout {
  readonly places: Places;
  /** Arrows that are drawn: those that a longer way implies are left out of a dense graph. */
  readonly drawn: readonly string[];
}

export function layoutOf(drawing: IDrawing): ILayout {
  const drawn = readable(drawing);
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 46 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of drawing.boxes) {
    graph.setNode(id, { width: WIDTH, height: HEIGHT });
  }
  for (const { source, target } of drawn) {
    graph.setEdge(source, target);
  }
  layout(graph);
  const places: Places = {};
  for (const { id } of drawing.boxes) {
    const { x, y } = graph.node(id);
    places[id] = { x: x - WIDTH / 2, y: y - HEIGHT / 2 };
  }
  return { places, drawn: drawn.map(arrow => arrow.id) };
}

/** Arrows that show as well what led to what, where there are too many to see. */
function readable({ boxes, arrows }: IDrawing): readonly IArrow[] {
  return arrows.length <= 1.5 * boxes.length ? arrows : reduced(arrows);
}

/**
 * The transitive reduction: an arrow goes when its target is reached by way of others.
 * Arrows lead from earlier to later, so there are no circles.
 */
export function reduced(arrows: readonly IArrow[]): IArrow[] {
  const next = new Map<string, string[]>();
  for (const { source, target } of arrows) {
    next.set(source, [...(next.get(source) ?? []), target]);
  }
  const known = new Map<string, Set<string>>();
  const reached = (box: string): Set<string> => {
    let found = known.get(box);
    if (!found) {
      found = new Set();
      known.set(box, found);
      for (const target of next.get(box) ?? []) {
        found.add(target);
        reached(target).forEach(beyond => found!.add(beyond));
      }
    }
    return found;
  };
  // From the end, so that a long chain does not need a deep stack.
  for (const { source } of [...arrows].reverse()) {
    reached(source);
  }
  return arrows.filter(
    ({ source, target }) =>
      !(next.get(source) ?? []).some(
        other => other !== target && reached(other).has(target)
      )
  );
}
