/**
 * @jest-environment node
 */

import { linesOf } from '../colours';
import { arranged, duration, share, size } from '../format';
import { fold } from '../graph/fold';
import { layoutOf, reduced, WIDTH } from '../graph/layout';
import { Execution, Graph } from '../messages';
import { linesNow } from '../lines';
import { example } from './examples';

describe('numbers', () => {
  it('are short', () => {
    expect([null, 0, 999, 1000, 85536, 1.5e9].map(size)).toEqual([
      '',
      '0 B',
      '999 B',
      '1.0 kB',
      '85.5 kB',
      '1.5 GB'
    ]);
    expect([0.0123, 1.25, 600].map(duration)).toEqual(['12 ms', '1.3 s', '10 min']);
    expect(share(0.05, 0.1)).toBe('');
    expect(share(0.1, 10.1)).toBe('1.0 %');
  });
});

describe('variables', () => {
  const { variables } = example('variables');
  const names = (filter: string, by: any, descending = false) =>
    arranged(variables, filter, { by, descending }, true).map(v => v.name);

  it('are sorted by what a column holds', () => {
    expect(names('', 'name')).toEqual(['df', 'name', 'old']);
    expect(names('', 'shape', true)).toEqual(['df', 'name', 'old']);
    expect(names('', 'bytes')).toEqual(['old', 'name', 'df']);
  });

  it('are found by type, name and mark', () => {
    expect(names('frame', 'name')).toEqual(['df']);
    expect(names('stale', 'name')).toEqual(['df']);
    expect(names('no code', 'name')).toEqual(['name']);
    expect(names('df strange', 'name')).toEqual([]);
  });
});

describe('lines that ran', () => {
  const ran = [
    { line: 1, text: 'x = 1' },
    { line: 3, text: 'z = x' }
  ];

  it('are where they were', () => {
    expect(linesNow('x = 1\ny = 2\nz = x', ran)).toEqual([1, 3]);
  });

  it('move with the text', () => {
    expect(linesNow('# new\nx = 1\ny = 2\n\nz = x', ran)).toEqual([2, 5]);
  });

  it('are nowhere when they were edited', () => {
    expect(linesNow('x = 5\ny = 2\nz = x', ran)).toEqual([3]);
    expect(linesNow('', ran)).toEqual([]);
  });
});

describe('coloured lines', () => {
  it('keep a string over several lines in its colour', () => {
    const tokens = [
      { text: 'x = ', style: '' },
      { text: '"""a\nb"""', style: 's' },
      { text: '\n', style: '' }
    ];
    expect(linesOf(tokens)).toEqual([
      [
        { text: 'x = ', style: '' },
        { text: '"""a', style: 's' }
      ],
      [{ text: 'b"""', style: 's' }],
      []
    ]);
  });
});

describe('the graph', () => {
  const step = (step: number, execution: number) => ({ step, execution, text: `s${step}` });
  const edge = (source: number, target: number, voucher = 'observed') => ({
    source,
    target,
    names: [`n${source}`],
    voucher
  });
  const graph: Graph = {
    kind: 'graph',
    name: 'x',
    selected: [3],
    left_out: 0,
    steps: [step(0, 0), step(1, 0), step(2, 1), step(3, 1)],
    edges: [
      edge(0, 1),
      edge(0, 2),
      edge(1, 2),
      edge(2, 3, 'assumed'),
      edge(1, 3, 'assumed')
    ]
  };
  const executions = new Map<number, Execution>();

  it('is folded into cells', () => {
    const { boxes, arrows } = fold(graph, executions, new Set());
    expect(boxes.map(b => [b.id, b.folded, b.selected])).toEqual([
      ['c0', 2, false],
      ['c1', 2, true]
    ]);
    expect(arrows.map(a => [a.id, a.names, a.assumed])).toEqual([
      ['c0-c1', ['n0', 'n1'], false]
    ]);
  });

  it('is unfolded cell by cell', () => {
    const { boxes, arrows } = fold(graph, executions, new Set([1]));
    expect(boxes.map(b => b.id)).toEqual(['c0', 's2', 's3']);
    expect(arrows.map(a => [a.id, a.assumed])).toEqual([
      ['c0-s2', false],
      ['s2-s3', true],
      ['c0-s3', true]
    ]);
  });

  it('loses arrows that a longer way implies', () => {
    const arrow = (source: string, target: string) => ({
      id: source + target,
      source,
      target,
      names: [],
      assumed: false
    });
    const arrows = [arrow('a', 'b'), arrow('a', 'c'), arrow('b', 'c'), arrow('a', 'd')];
    expect(reduced(arrows).map(a => a.id)).toEqual(['ab', 'bc', 'ad']);
    const chain = Array.from({ length: 3000 }, (_, i) => arrow(`n${i}`, `n${i + 1}`));
    expect(reduced(chain)).toHaveLength(3000);
  });

  it('is laid out without boxes on each other, 500 of them too', () => {
    const many: Graph = {
      ...graph,
      steps: Array.from({ length: 500 }, (_, i) => step(i, i)),
      edges: Array.from({ length: 499 }, (_, i) => edge(Math.floor(i / 2), i + 1))
    };
    const drawing = fold(many, executions, new Set());
    const places = Object.values(layoutOf(drawing).places);
    expect(places).toHaveLength(500);
    const rows = new Map<number, number[]>();
    for (const { x, y } of places) {
      rows.set(y, [...(rows.get(y) ?? []), x]);
    }
    for (const row of rows.values()) {
      row.sort((a, b) => a - b);
      row.slice(1).forEach((x, i) => expect(x - row[i]).toBeGreaterThanOrEqual(WIDTH));
    }
  });
});
