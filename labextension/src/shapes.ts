/**
 * Guards for data that comes from elsewhere: what passes one has the type that it names.
 */

export type Guard<T> = (value: unknown) => value is T;
export type Guarded<G> = G extends Guard<infer T> ? T : never;

export const text = (value: unknown): value is string => typeof value === 'string';

export const number = (value: unknown): value is number => typeof value === 'number';

export const flag = (value: unknown): value is boolean => typeof value === 'boolean';

export function literal<T extends string>(wanted: T): Guard<T> {
  return (value): value is T => value === wanted;
}

export function orNull<T>(inner: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || inner(value);
}

export function list<T>(inner: Guard<T>): Guard<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every(inner);
}

/** A pair of numbers, such as the first and the last line of something. */
export const span = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(number);

/** Two values, each of its own kind. */
export function pair<A, B>(first: Guard<A>, second: Guard<B>): Guard<[A, B]> {
  return (value): value is [A, B] =>
    Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1]);
}

type Fields<S> = { [K in keyof S]: Guarded<S[K]> };

/** An object with at least these fields; a newer kernel may say more. */
export function record<S extends Record<string, Guard<any>>>(shape: S): Guard<Fields<S>> {
  const names = Object.keys(shape);
  return (value): value is Fields<S> =>
    typeof value === 'object' &&
    value !== null &&
    names.every(name => shape[name]((value as Record<string, unknown>)[name]));
}

export function table<T>(inner: Guard<T>): Guard<Record<string, T>> {
  return (value): value is Record<string, T> =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(inner);
}
