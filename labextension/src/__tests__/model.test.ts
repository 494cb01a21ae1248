import { Failure, Slice, Variables } from '../messages';
import { NotebookModel, selectionOf } from '../model';
import { example } from './examples';
import { FakeLink, FakeNotebook } from './fakes';

const RAN: Variables = {
  kind: 'variables',
  running: false,
  variables: [],
  executions: [
    {
      execution: 0,
      cell_id: 'a',
      count: 1,
      text: 'x = 1\ny = 2',
      outcome: 'done',
      seconds: 1
    },
    { execution: 1, cell_id: 'b', count: 2, text: 'z = x', outcome: 'done', seconds: 2 },
    {
      execution: 2,
      cell_id: '%slice',
      count: null,
      text: 'z + 1',
      outcome: 'done',
      seconds: 0
    }
  ]
};

const SLICE: Slice = {
  ...example('slice'),
  criterion: 'z',
  program: 'x = 1\n\nz = x\n',
  statements: [
    {
      line: 1,
      end_line: 1,
      step: 0,
      execution: 0,
      cell_id: 'a',
      count: 1,
      reason: 'x',
      cell_lines: [[1, 1]]
    },
    {
      line: 3,
      end_line: 3,
      step: 2,
      execution: 1,
      cell_id: 'b',
      count: 2,
      reason: 'z',
      cell_lines: [[1, 1]]
    }
  ],
  verdict: { verdict: 'not verified', reason: '', seconds: 0, runs: 0, compared: 'value' }
};

function made(verifyUpTo = 20, wanted: any[] = []) {
  const link = new FakeLink();
  const notebook = new FakeNotebook();
  notebook.now = [
    { id: 'a', text: 'x = 1\ny = 2' },
    { id: 'b', text: 'z = x' }
  ];
  link.answers.variables = request => ({
    ...RAN,
    executions: RAN.executions.slice(request.known)
  });
  link.answers.slice = () => SLICE;
  link.answers.verify = () => ({
    ...SLICE,
    verdict: { verdict: 'same', reason: '', seconds: 1, runs: 1, compared: 'value' }
  });
  const settings = { verifyUpTo, wanted: new Set(wanted) };
  const model = new NotebookModel({ link, notebook, settings });
  return { link, notebook, model };
}

const settle = () => new Promise(resolve => setTimeout(resolve, 0));

async function shown(verifyUpTo = 20, wanted: any[] = []) {
  const all = made(verifyUpTo, wanted);
  all.model.visible = true;
  await settle();
  return all;
}

describe('a model', () => {
  it('asks nothing while nobody looks', async () => {
    const { link, notebook, model } = made();
    link.ran.emit(null);
    notebook.changed.emit();
    await settle();
    expect(link.asked).toEqual([]);
    model.visible = true;
    await settle();
    expect(model.executions.size).toBe(3);
  });

  it('asks only for executions that it does not know', async () => {
    const { link, model } = await shown();
    await model.refresh();
    expect(link.requests('variables').map(r => r.known)).toEqual([0, 3]);
  });

  it('tells the kernel which cells were edited and which are gone', async () => {
    const { link, notebook, model } = await shown();
    notebook.now = [{ id: 'a', text: 'x = 5' }];
    await model.refresh();
    const last = link.requests('variables').pop();
    expect(last.edited).toEqual({ a: 'x = 5' });
    expect(last.gone).toEqual(['b']);
  });

  it('asks once more when the first answer shows that cells differ', async () => {
    const { link, notebook, model } = made();
    notebook.now = [
      { id: 'a', text: 'x = 5' },
      { id: 'b', text: 'z = x' }
    ];
    model.visible = true;
    await settle();
    expect(link.requests('variables').map(r => r.edited)).toEqual([{}, { a: 'x = 5' }]);
  });

  it('verifies a slice at once when its cells were quick', async () => {
    const { link, model } = await shown(3);
    await model.select({ kind: 'variable', name: 'z' });
    expect(link.requests('verify')).toHaveLength(1);
    expect(model.slice?.verdict.verdict).toBe('same');
  });

  it('waits for the button when they were slow', async () => {
    const { link, model } = await shown(2.5);
    await model.select({ kind: 'variable', name: 'z' });
    expect(link.requests('verify')).toHaveLength(0);
    await model.verify();
    expect(model.slice?.verdict.verdict).toBe('same');
  });

  it('shows how a fresh run goes on and can end it', async () => {
    const { link, model } = await shown(0);
    await model.select({ kind: 'variable', name: 'z' });
    link.held = [];
    void model.verify();
    link.progress[0]({ kind: 'progress', words: 'fresh run, 3 s' });
    expect(model.verifying).toBe('fresh run, 3 s');
    model.cancel();
    expect(model.verifying).toBeNull();
    const [verify] = link.requests('verify');
    const number = link.asked.indexOf(verify) + 1;
    expect(link.requests('cancel')).toEqual([{ request: 'cancel', of: number }]);
    link.held[0]();
    await settle();
    expect(model.slice?.verdict.verdict).toBe('not verified');
  });

  it('takes the verdict of a slice that was asked for again meanwhile', async () => {
    const { link, model } = await shown(0);
    await model.select({ kind: 'variable', name: 'z' });
    link.held = [];
    const verified = model.verify();
    await model.refresh();
    expect(model.verifying).not.toBeNull();
    link.held[0]();
    await verified;
    expect(model.slice?.verdict.verdict).toBe('same');
  });

  it('drops the answer to a question that is no longer asked', async () => {
    const { link, model } = await shown(0);
    const first = model.select({ kind: 'variable', name: 'x' });
    link.answers.slice = () => ({ ...SLICE, criterion: 'second' });
    await model.select({ kind: 'variable', name: 'second' });
    await first;
    expect(model.slice?.criterion).toBe('second');
  });

  it('keeps showing a slice while it is asked again after a run', async () => {
    const { link, model } = await shown(0);
    await model.select({ kind: 'variable', name: 'z' });
    let blank = false;
    model.changed.connect(() => {
      blank ||= model.slice === null;
    });
    link.ran.emit(null);
    await new Promise(resolve => setTimeout(resolve, 40));
    expect(link.requests('slice')).toHaveLength(2);
    expect(blank).toBe(false);
  });

  it('is brought up to date after a run whose outputs change the notebook', async () => {
    const { link, notebook } = await shown();
    link.ran.emit(null);
    notebook.changed.emit();
    await new Promise(resolve => setTimeout(resolve, 40));
    expect(link.requests('variables')).toHaveLength(2);
  });

  it('says why there is no slice', async () => {
    const { link, model } = await shown();
    const failure: Failure = { kind: 'failure', slug: 'unknown-variable', message: 'No.' };
    link.answers.slice = () => failure;
    await model.select({ kind: 'variable', name: 'q' });
    expect(model.sliceFailure).toEqual(failure);
    expect(model.slice).toBeNull();
  });

  it('names the cells that say something else now', async () => {
    const { notebook, model } = await shown(0);
    await model.select({ kind: 'variable', name: 'z' });
    expect(model.differences()).toEqual([]);
    notebook.now = [{ id: 'a', text: 'x = 5' }];
    expect(model.differences().map(d => [d.cell, d.now])).toEqual([
      ['a', 'x = 5'],
      ['b', null]
    ]);
  });

  it('knows the lines that the slice is made of', async () => {
    const { model } = await shown(0);
    await model.select({ kind: 'variable', name: 'z' });
    expect([...model.contributions()]).toEqual([
      ['a', [{ line: 1, text: 'x = 1' }]],
      ['b', [{ line: 1, text: 'z = x' }]]
    ]);
  });

  it('forgets what a kernel said that was started again', async () => {
    const { link, model } = await shown(0);
    await model.select({ kind: 'variable', name: 'z' });
    link.restarted.emit();
    link.become('not-loaded');
    expect(model.slice).toBeNull();
    expect(model.variables).toBeNull();
    expect(model.state).toBe('not-loaded');
    link.become('ready');
    await settle();
    expect(link.requests('variables').pop().known).toBe(0);
    expect(model.slice?.criterion).toBe('z');
  });

  it('loads the extension, and says when it is not there', async () => {
    const { link, model } = await shown();
    link.become('not-loaded');
    link.error = { name: 'ModuleNotFoundError', text: "No module named 'jupyter_slicer'" };
    await model.load();
    expect(model.state).toBe('not-installed');
    link.error = { name: 'OSError', text: 'disk' };
    await model.load();
    expect(model.failure?.message).toBe('OSError: disk');
    link.error = null;
    await model.load();
    expect(model.state).toBe('ready');
    expect(new Set(link.code)).toEqual(new Set(['%load_ext jupyter_slicer']));
  });

  it('notices that a cell has loaded the extension', async () => {
    const { link, model } = await shown();
    link.become('not-loaded');
    link.ran.emit('x = 1');
    link.ran.emit(null);
    await new Promise(resolve => setTimeout(resolve, 40));
    expect(model.state).toBe('not-loaded');
    link.ran.emit('%load_ext jupyter_slicer');
    link.ran.emit(null);
    await new Promise(resolve => setTimeout(resolve, 40));
    expect(model.state).toBe('ready');
  });

  it('asks for the parts that somebody looks at, and no others', async () => {
    const { link, model } = await shown(0, ['forward']);
    await model.select({ kind: 'variable', name: 'df' });
    await settle();
    expect(link.requests('forward')).toEqual([{ request: 'forward', name: 'df' }]);
    expect(link.requests('graph')).toEqual([]);
    expect(model.forward).toEqual(example('forward'));
  });

  it('asks again for a slice that the kernel has forgotten', async () => {
    const { link, model } = await shown(0);
    await model.select({ kind: 'variable', name: 'z' });
    link.answers.verify = () => ({ kind: 'failure', slug: 'forgotten-slice', message: '' });
    await model.verify();
    await settle();
    expect(link.requests('slice')).toHaveLength(2);
  });

  it('asks nothing of a kernel that has another version', async () => {
    const { link, model } = made();
    link.state = 'other-version';
    model.visible = true;
    await settle();
    expect(model.state).toBe('other-version');
    expect(link.asked).toEqual([]);
  });

  it('pauses recording by a magic, as a user would', async () => {
    const { link, model } = await shown();
    await model.toggleRecording();
    expect(link.code).toEqual(['%slicer pause']);
  });

  it('lets go of everything when its notebook is closed', async () => {
    const { link, notebook, model } = await shown();
    model.dispose();
    const before = link.asked.length;
    link.ran.emit(null);
    notebook.changed.emit();
    await new Promise(resolve => setTimeout(resolve, 40));
    expect(link.asked.length).toBe(before);
    expect([link.isDisposed, notebook.isDisposed]).toEqual([true, true]);
  });

  it('evaluates an expression once, when it is asked for', async () => {
    expect(selectionOf(' größe_2 ')).toEqual({ kind: 'variable', name: 'größe_2' });
    const { link, model } = await shown(0);
    await model.select(selectionOf('df["age"].mean()'));
    const asked = [{ request: 'slice-expression', expression: 'df["age"].mean()' }];
    expect(link.requests('slice-expression')).toEqual(asked);
    expect(model.slice).not.toBeNull();
    await model.refresh();
    expect(link.requests('slice-expression')).toEqual(asked);
    link.restarted.emit();
    expect(model.selection).toBeNull();
  });
});
