/**
 * Lays out graphs while the page stays free for its user.
 */

import type { IDrawing } from './fold';
import { layoutOf } from './layout';

self.onmessage = (event: MessageEvent<IDrawing>) => {
  self.postMessage(layoutOf(event.data));
};
