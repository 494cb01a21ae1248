/**
 * The JSON examples that the Python tests read too, and models made of them.
 */

import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';

import type { TranslationBundle } from '@jupyterlab/translation';

import { Message, readMessage, Replies, Kind } from '../messages';

const FOLDER = join(__dirname, '..', '..', '..', 'tests', 'messages');

export function examples(folder = ''): [string, any][] {
  const where = join(FOLDER, folder);
  return readdirSync(where)
    .filter(name => name.endsWith('.json'))
    .map(name => [name, JSON.parse(readFileSync(join(where, name), 'utf-8'))]);
}

export function example<K extends Kind>(kind: K, name: string = kind): Replies[K] {
  const [, found] = examples().find(([file]) => file === `${name}.json`)!;
  return readMessage(found) as Message as Replies[K];
}

/** Texts as they stand in the source, with their arguments put in. */
const put = (text: string, ...values: unknown[]) =>
  text.replace(/%(\d)/g, (_, number) => String(values[Number(number) - 1]));
export const trans = {
  __: put,
  _n: (one: string, many: string, count: number, ...values: unknown[]) =>
    put(count === 1 ? one : many, count, ...values)
} as unknown as TranslationBundle;
