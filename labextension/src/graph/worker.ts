/**
 * Lays out graphs while the page stays free for its user.
 */

import type { IDrawing } from './fold';
import { placesOf } from './layout';

self.onmessage = (event: MessageEvent<IDrawing>) => {
  self.postMessage(placesOf(event.data));
};
