import { fireEvent, render, screen, within } from '@testing-library/react';
import React from 'react';

import { ForwardView } from '../components/forward';
import { Program } from '../components/program';
import { SliceView } from '../components/slice';
import { StateView } from '../components/state';
import { Variables } from '../components/variables';
import { VerdictLine } from '../components/verdict';
import { Execution } from '../messages';
import { example, trans } from './examples';

const executions = new Map<number, Execution>(
  example('variables').executions.map(e => [e.execution, e])
);

function variables(props: object = {}) {
  return render(
    <Variables
      variables={example('variables').variables}
      executions={executions}
      selected={null}
      running={false}
      trans={trans}
      onSelect={() => undefined}
      {...props}
    />
  );
}

describe('Variables', () => {
  it('shows text as text', () => {
    const { container } = variables();
    expect(screen.getByText("'<img src=x onerror=alert(1)>'")).toBeTruthy();
    expect(container.querySelector('img')).toBeNull();
  });

  it('marks what is stale and what has no code, each with its reason', () => {
    variables();
    expect(screen.getByText('stale').title).toContain('was run again as In[9]');
    expect(screen.getByText('no code').getAttribute('aria-label')).toContain('deleted');
  });

  it('is selected by click and by key', () => {
    const onSelect = jest.fn();
    const { container } = variables({ onSelect });
    fireEvent.click(container.querySelector('[data-name="df"]')!);
    fireEvent.keyDown(container.querySelector('[data-name="old"]')!, { key: 'Enter' });
    expect(onSelect.mock.calls).toEqual([['df'], ['old']]);
  });

  it('moves among rows with the arrows', () => {
    const { container } = variables();
    const row = (name: string) =>
      container.querySelector<HTMLElement>(`[data-name="${name}"]`)!;
    row('df').focus();
    fireEvent.keyDown(row('df'), { key: 'ArrowDown' });
    expect(document.activeElement).toBe(row('name'));
    fireEvent.keyDown(row('name'), { key: 'Home' });
    expect(document.activeElement).toBe(row('df'));
  });

  it('says how it is sorted', () => {
    variables();
    fireEvent.click(screen.getByRole('button', { name: 'Size' }));
    const header = screen.getByRole('columnheader', { name: /Size/ });
    expect(header.getAttribute('aria-sort')).toBe('ascending');
  });

  it('says what to do when there are none', () => {
    variables({ variables: [] });
    expect(screen.getByText(/Run a cell that defines one/)).toBeTruthy();
  });
});

describe('Program', () => {
  it('says why a line is kept and leads to its cell', () => {
    const onJump = jest.fn();
    const slice = example('slice');
    const { container } = render(
      <Program slice={slice} tokens={null} trans={trans} onJump={onJump} />
    );
    const line = container.querySelector<HTMLElement>('[data-line="3"]')!;
    fireEvent.focus(line);
    expect(container.querySelector('.jp-Slicer-reason')!.textContent).toBe(
      'In[3]: df is used by In[9]'
    );
    fireEvent.keyDown(line, { key: 'Enter' });
    expect(onJump).toHaveBeenCalledWith(slice.statements[1]);
  });

  it('shows the lines of one statement together', () => {
    const { container } = render(
      <Program
        slice={example('slice')}
        tokens={null}
        trans={trans}
        onJump={() => undefined}
      />
    );
    fireEvent.mouseEnter(container.querySelector('[data-line="5"]')!);
    expect(container.querySelectorAll('.jp-mod-together')).toHaveLength(3);
  });
});

describe('VerdictLine', () => {
  const verdict = { verdict: 'same', reason: '', seconds: 1.2, runs: 1, compared: 'value' };

  it.each([
    'different',
    'did not run',
    'nondeterministic',
    'not comparable',
    'not verified'
  ])('says of %s why, and what to do', name => {
    const { container } = render(
      <VerdictLine
        verdict={{ ...verdict, verdict: name, reason: 'because' }}
        verifying={null}
        trans={trans}
      />
    );
    expect(container.textContent).toContain(name);
    expect(container.textContent).toContain('because');
    expect(container.querySelector('p')!.textContent).not.toBe('');
  });

  it('says of the good one how long it took', () => {
    render(<VerdictLine verdict={verdict} verifying={null} trans={trans} />);
    expect(screen.getByRole('status').textContent).toContain('same value (1.2 s)');
  });

  it('says what was the same where that is no value', () => {
    const error = { ...verdict, compared: 'error' };
    render(<VerdictLine verdict={error} verifying={null} trans={trans} />);
    expect(screen.getByRole('status').textContent).toContain('same error (1.2 s)');
  });

  it('says how a fresh run goes on', () => {
    render(<VerdictLine verdict={verdict} verifying="fresh run, 3 s" trans={trans} />);
    expect(screen.getByRole('status').textContent).toBe('verifying… fresh run, 3 s');
  });
});

describe('SliceView', () => {
  const props = {
    slice: example('slice'),
    failure: null,
    selected: true,
    verifying: null,
    differences: [],
    tokens: null,
    trans,
    onAction: () => undefined,
    onJump: () => undefined,
    onJumpToCell: () => undefined,
    Difference: () => <pre>difference</pre>
  };

  it('has facts, notes and buttons', () => {
    const onAction = jest.fn();
    render(<SliceView {...props} onAction={onAction} />);
    expect(screen.getByText(/3 of 96 statements/)).toBeTruthy();
    expect(screen.getByText(/In\[3\] was run with a text/)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Verify' }));
    fireEvent.click(screen.getByRole('button', { name: 'Minimise' }));
    expect(onAction.mock.calls).toEqual([['verify'], ['minimize']]);
  });

  it('lets a fresh run be stopped', () => {
    render(<SliceView {...props} verifying="" />);
    expect(screen.getByRole('button', { name: 'Stop' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Verify' })).toBeNull();
  });

  it('says why there is none', () => {
    render(<SliceView {...props} slice={null} failure={example('failure')} />);
    expect(screen.getByRole('alert').textContent).toContain("Did you mean 'model'?");
  });

  it('offers what ran beside what the cell says now', () => {
    const differences = [
      { execution: 2, count: 3, cell: 'a', ran: 'x = 1', now: 'x = 2' },
      { execution: 3, count: 4, cell: 'b', ran: 'y = 1', now: null }
    ];
    render(<SliceView {...props} differences={differences} />);
    expect(screen.getByText('In[3] says something else now')).toBeTruthy();
    expect(screen.getByText('In[4] is no longer in the notebook')).toBeTruthy();
    expect(screen.getAllByText('difference')).toHaveLength(2);
  });
});

describe('ForwardView', () => {
  it('lists what depends on a variable', () => {
    const [onSelect, onJump] = [jest.fn(), jest.fn()];
    const forward = example('forward');
    render(
      <ForwardView forward={forward} trans={trans} onSelect={onSelect} onJump={onJump} />
    );
    fireEvent.click(screen.getByRole('button', { name: 'scores' }));
    expect(onSelect).toHaveBeenCalledWith('scores');
    fireEvent.keyDown(within(screen.getByRole('list')).getByRole('listitem'), {
      key: 'Enter'
    });
    expect(onJump).toHaveBeenCalledWith(forward.places[0]);
  });

  it('says that nothing does', () => {
    const forward = { ...example('forward'), places: [], variables: [] };
    const nothing = () => undefined;
    render(
      <ForwardView forward={forward} trans={trans} onSelect={nothing} onJump={nothing} />
    );
    expect(screen.getByText(/Nothing that ran has used this value of df/)).toBeTruthy();
  });
});

describe('StateView', () => {
  it.each([
    'no-notebook',
    'no-kernel',
    'not-loaded',
    'not-installed',
    'other-version',
    'error'
  ] as const)('has one sentence and one action for %s', state => {
    const onAct = jest.fn();
    render(<StateView state={state} message="" trans={trans} onAct={onAct} />);
    expect(screen.getByRole('status').querySelectorAll('p')).toHaveLength(1);
    fireEvent.click(screen.getByRole('button'));
    expect(onAct).toHaveBeenCalledWith(state);
  });

  it('is not there when all is well', () => {
    const { container } = render(
      <StateView state="ready" message="" trans={trans} onAct={() => undefined} />
    );
    expect(container.childElementCount).toBe(0);
  });
});
