import { isRequest, readEnvelope, readMessage } from '../messages';
import { examples } from './examples';

describe('messages', () => {
  it.each(examples())('%s is a message', (_, told) => {
    expect(readMessage(told)).toEqual(told);
  });

  it.each(examples())('%s without one of its fields is none', (_, told) => {
    for (const name of Object.keys(told)) {
      const { [name]: left, ...rest } = told;
      expect(readMessage(rest)).toBeNull();
      void left;
    }
  });

  it.each(examples())('%s with a field of another type is none', (_, told) => {
    for (const name of Object.keys(told)) {
      expect(readMessage({ ...told, [name]: { other: 1 } })).toBeNull();
    }
  });

  it.each([null, 3, 'slice', [], {}, { kind: 'dance' }, { kind: 'toString' }])(
    '%p is none',
    told => {
      expect(readMessage(told)).toBeNull();
    }
  );

  it('comes in an envelope with the number of its question', () => {
    const message = { kind: 'progress', words: 'fresh run', workers: [] };
    expect(readEnvelope({ id: 7, message })).toEqual({ id: 7, message });
    expect(readEnvelope({ id: null, message })).toBeNull();
    expect(readEnvelope({ id: 7, message: {} })).toBeNull();
    expect(readEnvelope(null)).toBeNull();
  });
});

describe('requests', () => {
  it.each(examples('requests'))('%s is a request', (_, told) => {
    expect(isRequest(told)).toBe(true);
    const { request, ...rest } = told;
    expect(isRequest(rest)).toBe(false);
    expect(isRequest({ ...rest, request: `${request}s` })).toBe(false);
  });

  it('names every request once', () => {
    const names = examples('requests').map(([, told]) => told.request);
    expect(new Set(names).size).toBe(names.length);
  });
});
