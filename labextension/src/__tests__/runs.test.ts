/**
 * @jest-environment node
 */

import { Failure } from '../messages';
import { brief, briefText, curveOf, nearest } from '../runs/curve';
import { RunsModel } from '../runs/model';
import type { Run } from '../runs/wire';
import { example } from './examples';
import { FakeLink, FakeNotebook } from './fakes';

const [FIRST, LOST] = example('runs').runs;
const OWN: Run = { ...FIRST, cell_id: 'a' };
const RUNS = { ...example('runs'), runs: [OWN, LOST], replay: null };
const settle = () => new Promise(resolve => setTimeout(resolve, 0));

async function shown(told: object = {}) {
  const link = new FakeLink();
  const notebook = new FakeNotebook();
  notebook.now = [
    { id: 'a', text: 'for epoch in range(20): pass' },
    { id: 'b', text: 'x = 1' }
  ];
  link.answers.runs = () => ({ ...RUNS, ...told });
  const model = new RunsModel({ link, notebook });
  model.visible = true;
  await settle();
  return { link, notebook, model };
}

describe('a model of training runs', () => {
  it('asks nothing while nobody looks', async () => {
    const { link, model } = await shown();
    model.visible = false;
    const before = link.asked.length;
    link.ran.emit(null);
    link.stateChanged.emit();
    await new Promise(resolve => setTimeout(resolve, 60));
    expect(link.asked).toHaveLength(before);
  });

  it('chooses the newest run of this notebook and asks for its curves', async () => {
    const { link, model } = await shown();
    expect(model.own).toEqual([OWN]);
    expect(model.selected).toEqual(OWN);
    expect(link.requests('curves')).toEqual([{ request: 'curves', run: 7 }]);
    expect(model.curves).toEqual(example('curves'));
    expect(model.leftOut).toBe(3);
  });

  it('knows runs of its cells by other kernels', async () => {
    const old = { ...LOST, run: 5, cell_id: 'b' };
    const { model } = await shown({ runs: [OWN, LOST, old] });
    expect(model.own.map(run => run.run)).toEqual([7, 5]);
  });

  it('looks again when a cell has ended, and goes to the run that has just begun', async () => {
    const { link, model } = await shown();
    await model.select(6);
    const begin = async (run: number) => {
      link.answers.runs = () => ({ ...RUNS, runs: [{ ...OWN, run }, OWN] });
      link.ran.emit(null);
      await new Promise(resolve => setTimeout(resolve, 60));
    };
    await begin(8);
    expect(model.selected?.run).toBe(8);
    await model.select(7);
    await begin(8);
    expect(model.selected?.run).toBe(7);
    await model.propose({ run: 7 });
    await begin(9);
    expect(model.selected?.run).toBe(7);
  });

  it('sends the cells as they are now, and the plan comes before anything runs', async () => {
    const { link, notebook, model } = await shown();
    notebook.now = [{ id: 'a', text: 'edited' }];
    const planned = model.propose({ run: 7 });
    expect(model.proposal?.plan).toBeNull();
    await planned;
    expect(link.requests('plan')).toEqual([
      {
        request: 'plan',
        run: 7,
        cell: '',
        cells: { a: 'edited' },
        iterations: '',
        force: false,
        workers: 0,
        missing: false,
        on: '',
        others: false
      }
    ]);
    expect(model.proposal?.plan).toEqual(example('plan'));
    expect(link.requests('replay')).toEqual([]);
    expect(model.canStart).toBe(true);
    model.dismiss();
    expect(model.canStart).toBe(false);
  });

  it('starts what was shown, tells how it goes on, and shows what it gave', async () => {
    const { link, model } = await shown();
    await model.propose({ run: 7 });
    const number = link.asked.length;
    link.held = [];
    const replayed = model.start();
    expect(link.requests('replay')).toEqual([{ request: 'replay', of: number }]);
    expect(model.proposal).toBeNull();
    const { workers } = example('progress', 'progress_replay');
    link.progress[link.progress.length - 1]({ kind: 'progress', words: '', workers });
    expect(model.replaying?.workers).toEqual(workers);
    link.held[0]();
    await replayed;
    expect(model.replaying).toBeNull();
    expect(model.replayed).toEqual(example('replayed'));
    expect(link.requests('curves')).toHaveLength(2);
    await model.select(6);
    expect(model.replayed).toBeNull();
  });

  it('compares runs that have logged the same', async () => {
    const other = { ...LOST, run: 5, cell_id: 'b', names: OWN.names };
    const { link, model } = await shown({ runs: [OWN, LOST, other] });
    expect(model.comparison).toMatchObject({ name: OWN.names[0], names: OWN.names });
    expect(model.comparison?.chosen.size).toBe(0);
    await model.compare(OWN.names[0], [7, 5]);
    expect(link.requests('curves').slice(1)).toEqual([
      { request: 'curves', run: 7 },
      { request: 'curves', run: 5 }
    ]);
    expect(
      [...(model.comparison?.chosen ?? [])].map(([run, told]) => [run, !!told])
    ).toEqual([
      [7, true],
      [5, true]
    ]);
    await model.compare(OWN.names[0], [5]);
    expect(link.requests('curves')).toHaveLength(3);
  });

  it('compares nothing that one run alone has logged', async () => {
    const { model } = await shown();
    expect(model.comparison).toBeNull();
  });

  it('lays the curves over each other when lines were carried to other runs', async () => {
    const other = { ...LOST, run: 5, cell_id: 'b', names: ['norm'] };
    const { link, model } = await shown({ runs: [{ ...OWN, names: ['norm'] }, other] });
    link.answers.replay = () => ({ ...example('replayed'), runs: [7, 5] });
    await model.propose({ run: 7, others: true });
    await model.start();
    expect([...(model.comparison?.chosen.keys() ?? [])]).toEqual([7, 5]);
  });

  it('starts nothing that was refused', async () => {
    const { link, model } = await shown();
    link.answers.plan = () => example('plan', 'plan_refused');
    await model.propose({ run: 7 });
    expect(model.canStart).toBe(false);
    await model.start();
    expect(link.requests('replay')).toEqual([]);
  });

  it('stops a replay and still shows what was done', async () => {
    const { link, model } = await shown();
    await model.propose({ run: 7 });
    link.held = [];
    const number = link.next;
    const replayed = model.start();
    model.stop();
    expect(model.replaying?.stopping).toBe(true);
    expect(link.requests('cancel')).toEqual([{ request: 'cancel', of: number }]);
    link.held[0]();
    await replayed;
    expect(model.replayed).toEqual(example('replayed'));
  });

  it('finds the replay again that went on while the page was loaded anew', async () => {
    const { link, model } = await shown({ replay: 7 });
    await settle();
    expect(link.requests('follow')).toHaveLength(1);
    expect(model.replayed).toEqual(example('replayed'));
    await model.refresh();
    expect(link.requests('follow')).toHaveLength(1);
  });

  it('shows why there is no plan, and drops one that nobody waits for', async () => {
    const { link, model } = await shown();
    const failure: Failure = { kind: 'failure', slug: 'usage-error', message: 'Nothing.' };
    link.answers.plan = () => failure;
    await model.propose({ run: 7 });
    expect(model.proposal?.plan).toEqual(failure);
    expect(model.canStart).toBe(false);
    link.answers.plan = () => example('plan');
    const planned = model.propose({ run: 7 });
    model.dismiss();
    await planned;
    expect(model.proposal).toBeNull();
  });

  it('goes to the run that the plan is for', async () => {
    const { link, model } = await shown();
    link.answers.plan = () => ({ ...example('plan'), run: 6 });
    await model.propose({ cell: 'b' });
    expect(link.requests('plan')[0]).toMatchObject({ run: 0, cell: 'b' });
    expect(model.selected?.run).toBe(6);
    expect(model.proposal?.plan).toMatchObject({ run: 6 });
  });

  it('says of the run that was asked for why it has no plan', async () => {
    const { link, model } = await shown();
    link.answers.plan = () => ({ kind: 'failure', slug: 'usage-error', message: 'No.' });
    await model.propose({ run: 6 });
    expect(model.selected?.run).toBe(6);
    expect(model.proposal?.plan).toMatchObject({ message: 'No.' });
  });

  it('forgets everything when the kernel begins anew', async () => {
    const { link, model } = await shown();
    await model.propose({ run: 7 });
    link.held = [];
    void model.start();
    link.restarted.emit();
    expect([model.runs, model.replaying, model.proposal]).toEqual([null, null, null]);
    link.held[0]();
    await settle();
    expect(model.replayed).toBeNull();
    link.become('connecting');
    link.become('ready');
    await settle();
    expect(model.runs).toEqual([OWN, LOST]);
  });

  it('lets go of everything when its notebook is closed', async () => {
    const { link, model } = await shown({ settled: false });
    model.dispose();
    const before = link.asked.length;
    link.ran.emit(null);
    await new Promise(resolve => setTimeout(resolve, 60));
    expect(link.asked).toHaveLength(before);
  });
});

describe('a curve', () => {
  it('fills its square, with gaps where there is no number', () => {
    const curve = curveOf([
      [0, 2],
      [1, 1],
      [2, null],
      [4, 0]
    ]);
    expect(curve).toEqual({
      line: 'M0 0L0.25 0.5M1 1',
      dots: 'M0 0h0M0.25 0.5h0M1 1h0',
      left: 0,
      right: 4,
      bottom: 0,
      top: 2
    });
  });

  it('of one number, or of equal ones, is in the middle', () => {
    expect(curveOf([[3, 7]])?.line).toBe('M0.5 0.5');
    expect(
      curveOf([
        [0, 7],
        [1, 7]
      ])?.line
    ).toBe('M0 0.5L1 0.5');
    expect(curveOf([[0, null]])).toBeNull();
    expect(curveOf([])).toBeNull();
  });

  it('is read at the nearest point', () => {
    const points: [number, number][] = [
      [0, 5],
      [1, 6],
      [2, 7]
    ];
    expect([0, 0.4, 0.9].map(x => nearest(points, x)?.[1])).toEqual([5, 6, 7]);
  });

  it('has short numbers', () => {
    expect([12, 0.123456789, 1e-9, 1234567.891].map(n => brief(n))).toEqual([
      '12',
      '0.123457',
      '1e-9',
      '1234570'
    ]);
    expect(['0.12345678901', '<b>', '3', '1.25'].map(briefText)).toEqual([
      '0.123457',
      '<b>',
      '3',
      '1.25'
    ]);
  });
});
