import { fireEvent, render, screen, within } from '@testing-library/react';
import React from 'react';

import { Chart } from '../runs/chart';
import { Compare } from '../runs/compare';
import { Progress, Proposal, Result } from '../runs/replay';
import { IRunsProps, RunsView } from '../runs/view';
import { example, trans } from './examples';

const { runs } = example('runs');
const nothing = () => undefined;
const PROPS: IRunsProps = {
  runs,
  own: [runs[0]],
  leftOut: 0,
  selected: runs[0],
  curves: example('curves'),
  proposal: null,
  replaying: null,
  replayed: null,
  comparison: null,
  trans,
  onSelect: nothing,
  onCompare: nothing,
  onExport: nothing,
  onPropose: nothing,
  onDismiss: nothing,
  onStart: nothing,
  onStop: nothing,
  onJump: nothing,
  onJumpToCell: nothing
};
const WISH = {
  run: 7,
  cell: '',
  iterations: '',
  force: false,
  workers: 0,
  missing: false,
  on: '',
  others: false
};

describe('RunsView', () => {
  it('lists what a run took and gave', () => {
    render(<RunsView {...PROPS} />);
    const row = within(screen.getByRole('grid')).getAllByRole('row')[1];
    expect(row.textContent).toContain('[12]');
    expect(row.textContent).toContain('lr=0.1');
    expect(row.textContent).toContain('9 · 14.2 MB');
    expect(screen.getByText('diverged').title).toContain('in iterations 3, 7-12');
    expect(screen.getByText(/20 iterations in 61.5 s/).textContent).toContain(
      'recording took 0.7 %'
    );
  });

  it('shows runs of other notebooks when asked to', () => {
    render(<RunsView {...PROPS} leftOut={3} />);
    expect(screen.queryByText('unfinished')).toBeNull();
    fireEvent.click(screen.getByLabelText('runs of other notebooks (4)'));
    expect(screen.getByText('unfinished')).toBeTruthy();
    expect(screen.getByText(/3 older runs are not shown/)).toBeTruthy();
  });

  it('shows text as text', () => {
    const { container } = render(
      <RunsView {...PROPS} replayed={example('replayed')} replaying={null} />
    );
    expect(screen.getAllByText('<img src=x onerror=alert(1)>').length).toBeGreaterThan(1);
    expect(screen.getAllByText('<b>acc</b>').length).toBeGreaterThan(0);
    expect(container.querySelector('img')).toBeNull();
  });

  it('is used by keyboard', () => {
    const onSelect = jest.fn();
    const { container } = render(<RunsView {...PROPS} own={runs} onSelect={onSelect} />);
    const row = (run: number) =>
      container.querySelector<HTMLElement>(`tr[data-run="${run}"]`)!;
    row(7).focus();
    fireEvent.keyDown(row(7), { key: 'ArrowDown' });
    expect(document.activeElement).toBe(row(6));
    fireEvent.keyDown(row(6), { key: 'Enter' });
    expect(onSelect).toHaveBeenCalledWith(6);
  });

  it('asks for a replay, and leads to the cell', () => {
    const [onPropose, onJumpToCell] = [jest.fn(), jest.fn()];
    render(<RunsView {...PROPS} onPropose={onPropose} onJumpToCell={onJumpToCell} />);
    fireEvent.click(
      screen.getByRole('button', { name: 'Replay with the cell as it is now' })
    );
    expect(onPropose).toHaveBeenCalledWith({ run: 7 });
    fireEvent.click(screen.getByRole('button', { name: 'Go to the cell' }));
    expect(onJumpToCell).toHaveBeenCalledWith('e5f6');
  });

  it('says what to do when there is no run', () => {
    render(<RunsView {...PROPS} runs={[]} own={[]} selected={null} />);
    expect(screen.getByText(/half a second or longer is recorded by itself/)).toBeTruthy();
  });
});

describe('Chart', () => {
  it('has words and numbers in place of the picture', () => {
    render(<Chart series={example('curves').series[0]} trans={trans} />);
    expect(screen.getByRole('img').getAttribute('aria-label')).toBe(
      'loss from 2.5 to 0.75 over iterations 0 to 3; least 0.75, greatest 2.5'
    );
    const rows = screen.getAllByRole('row', { hidden: true }).map(row => row.textContent);
    expect(rows).toEqual(['iterationloss', '02.5', '11.25', '2no number', '30.75']);
  });

  it('says how many numbers stand behind few points', () => {
    const series = { ...example('curves').series[0], total: 5000 };
    render(<Chart series={series} trans={trans} />);
    expect(screen.getByText('4 of 5000 numbers')).toBeTruthy();
  });
});

describe('Proposal', () => {
  const props = {
    replaying: null,
    trans,
    onPropose: nothing,
    onDismiss: nothing,
    onStart: nothing,
    onJump: nothing
  };

  it('is read before anything is started', () => {
    const [onStart, onDismiss] = [jest.fn(), jest.fn()];
    render(
      <Proposal
        {...props}
        proposal={{ wish: WISH, plan: example('plan') }}
        onStart={onStart}
        onDismiss={onDismiss}
      />
    );
    expect(screen.getByText('A replay would log norm:')).toBeTruthy();
    expect(screen.getByText('runs 20 iterations again, from 9 checkpoints')).toBeTruthy();
    expect(screen.getByText(/it calls norm/)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Start' }));
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect([onStart.mock.calls.length, onDismiss.mock.calls.length]).toEqual([1, 1]);
  });

  it('names the lines that do more than log, and leads to them', () => {
    const [onPropose, onJump] = [jest.fn(), jest.fn()];
    const plan = example('plan', 'plan_refused');
    const [line] = plan.refused;
    const here = { ...plan, refused: [{ ...line, cell_id: 'a' }] };
    render(
      <Proposal
        {...props}
        proposal={{ wish: WISH, plan: here }}
        onPropose={onPropose}
        onJump={onJump}
      />
    );
    expect(screen.getByText(/it assigns to lr/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Start' })).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'line 3' }));
    expect(onJump).toHaveBeenCalledWith(here.refused[0]);
    fireEvent.click(screen.getByRole('button', { name: 'Replay all the same' }));
    expect(onPropose).toHaveBeenCalledWith({ ...WISH, force: true });
  });

  it('is made again for other iterations', () => {
    const onPropose = jest.fn();
    render(
      <Proposal
        {...props}
        proposal={{ wish: WISH, plan: example('plan') }}
        onPropose={onPropose}
      />
    );
    const field = screen.getByLabelText('Iterations');
    fireEvent.change(field, { target: { value: '3,7:12' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(onPropose).toHaveBeenCalledWith({ ...WISH, iterations: '3,7:12' });
  });

  it('is made again for other options', () => {
    const onPropose = jest.fn();
    render(
      <Proposal
        {...props}
        proposal={{ wish: WISH, plan: example('plan') }}
        onPropose={onPropose}
      />
    );
    const workers = screen.getByLabelText<HTMLInputElement>('Workers');
    fireEvent.change(workers, { target: { value: 'many' } });
    expect(workers.value).toBe('');
    fireEvent.change(workers, { target: { value: '3' } });
    fireEvent.blur(workers);
    expect(onPropose).toHaveBeenLastCalledWith({ ...WISH, workers: 3 });
    const cluster = screen.getByLabelText('Dask cluster');
    fireEvent.change(cluster, { target: { value: 'tcp://a:1' } });
    fireEvent.keyDown(cluster, { key: 'Enter' });
    expect(onPropose).toHaveBeenLastCalledWith({ ...WISH, on: 'tcp://a:1' });
    fireEvent.click(screen.getByLabelText('only where it has not been logged yet'));
    expect(onPropose).toHaveBeenLastCalledWith({ ...WISH, missing: true });
  });

  it('keeps the options that may be what is wrong', () => {
    const wish = { ...WISH, iterations: 'x' };
    render(<Proposal {...props} proposal={{ wish, plan: example('failure') }} />);
    expect(screen.getByLabelText<HTMLInputElement>('Iterations').value).toBe('x');
  });

  it('shows what the lines are in older versions before anything is started', () => {
    const onPropose = jest.fn();
    const { rerender } = render(
      <Proposal
        {...props}
        proposal={{ wish: WISH, plan: example('plan') }}
        onPropose={onPropose}
      />
    );
    fireEvent.click(screen.getByRole('button', { name: 'Older versions too…' }));
    expect(onPropose).toHaveBeenCalledWith({ ...WISH, others: true });
    const wish = { ...WISH, others: true };
    const plan = example('plan', 'plan_carried');
    rerender(<Proposal {...props} proposal={{ wish, plan }} />);
    expect(screen.getByText(/2 runs, about 40 s/)).toBeTruthy();
    expect(screen.getByLabelText('What is added to run 6').textContent).toContain(
      '+    log("norm", norm(net))'
    );
    expect(screen.getByLabelText('Run 2').textContent).toContain('is not replayed');
    expect(screen.getByText(/3 older runs/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Start' })).toBeTruthy();
    const none = { ...plan, lines: [], carried: [plan.carried[2]] };
    rerender(<Proposal {...props} proposal={{ wish, plan: none }} />);
    expect(screen.queryByRole('button', { name: 'Start' })).toBeNull();
  });

  it('says why there is none', () => {
    render(<Proposal {...props} proposal={{ wish: WISH, plan: example('failure') }} />);
    expect(screen.getByRole('alert').textContent).toContain('No recorded cell');
    expect(screen.getByRole('button', { name: 'Cancel' })).toBeTruthy();
  });
});

describe('Progress', () => {
  it('shows each worker, and can be stopped', () => {
    const onStop = jest.fn();
    const { workers } = example('progress', 'progress_replay');
    render(
      <Progress
        replaying={{ run: 7, words: '', workers, stopping: false }}
        trans={trans}
        onStop={onStop}
      />
    );
    expect(screen.getByLabelText(/worker 1/).getAttribute('value')).toBe('4');
    expect(screen.getByText('4 of 10')).toBeTruthy();
    expect(screen.getByText('done')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(onStop).toHaveBeenCalled();
  });
});

describe('Result', () => {
  const replayed = example('replayed');
  const good = { ...replayed, divergences: [], failures: [] };

  it('names divergences and failures plainly, above the table', () => {
    render(<Result replayed={{ ...replayed, failures: [] }} trans={trans} />);
    const list = screen.getByRole('list', { name: 'Divergences' });
    expect(
      within(list)
        .getAllByRole('listitem')
        .map(item => item.textContent)
    ).toEqual(['scaler outside the loop', 'w, log loss after iteration 3, 7-12']);
    expect(screen.getByText('diverged')).toBeTruthy();
    const table = screen.getByRole('table', { name: 'What was logged' });
    expect(within(table).getAllByRole('row')).toHaveLength(4);
    expect(
      screen.getByText('The first 3 of 15 rows are shown: the exported file has them all.')
    ).toBeTruthy();
    expect(screen.getByText('[0] norm 2.5')).toBeTruthy();
  });

  it.each([
    [{}, 'as recorded'],
    [{ stopped: true }, 'stopped'],
    [{ restored: 0, compared: 0 }, 'not checked'],
    [{ failures: replayed.failures }, 'failed']
  ])('with %p says %s', (changed, words) => {
    render(<Result replayed={{ ...good, ...changed }} trans={trans} />);
    expect(screen.getByRole('status').textContent).toContain(words);
  });
});

describe('Compare', () => {
  const names = ['loss'];
  const two = [
    runs[0],
    { ...runs[0], run: 5, parameters: [['lr', '0.2']] as [string, string][] }
  ];
  const comparison = {
    names,
    name: 'loss',
    runs: two,
    chosen: new Map([
      [7, example('curves')],
      [5, example('curves')]
    ])
  };

  it('draws a curve for each run, each with its dashes and its name', () => {
    const onCompare = jest.fn();
    const { container } = render(
      <Compare comparison={comparison} trans={trans} onCompare={onCompare} />
    );
    expect(screen.getByRole('img').getAttribute('aria-label')).toBe(
      'loss: run 7 from 2.5 to 0.75; run 5 from 2.5 to 0.75'
    );
    const drawn = [...container.querySelectorAll('path[data-run]')];
    expect(drawn.map(path => path.getAttribute('class'))).toEqual([
      'jp-mod-curve-0',
      'jp-mod-curve-1'
    ]);
    fireEvent.click(screen.getByLabelText(/run 5 lr=0.2/));
    expect(onCompare).toHaveBeenCalledWith('loss', [7]);
  });

  it('draws no more than can be told apart', () => {
    const many = Array.from({ length: 9 }, (_, run) => ({ ...runs[0], run }));
    const chosen = new Map(many.slice(0, 8).map(run => [run.run, null]));
    render(
      <Compare
        comparison={{ names, name: 'loss', runs: many, chosen }}
        trans={trans}
        onCompare={nothing}
      />
    );
    expect(screen.getByLabelText<HTMLInputElement>('run 8').disabled).toBe(true);
    expect(screen.getByText('8 curves are drawn at most.')).toBeTruthy();
  });
});
