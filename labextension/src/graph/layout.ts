/**
 * Places for boxes, in layers from top to bottom. Runs in a worker.
 */

import { Graph, layout } from '@dagrejs/dagre';

import type { IDrawing } from './fold';

export const WIDTH = 190;
export const HEIGHT = 46;

export type Places = Record<string, { x: number; y: number }>;

export function placesOf(drawing: IDrawing): Places {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 34 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of drawing.boxes) {
    graph.setNode(id, { width: WIDTH, height: HEIGHT });
  }
  for (const { source, target } of drawing.arrows) {
    graph.setEdge(source, target);
  }
  layout(graph);
  const places: Places = {};
  for (const { id } of drawing.boxes) {
    const { x, y } = graph.node(id);
    places[id] = { x: x - WIDTH / 2, y: y - HEIGHT / 2 };
  }
  return places;
}
