/**
 * The plugins. Each can be disabled by itself.
 */

import {
  ILabShell,
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry, IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { launchIcon } from '@jupyterlab/ui-components';

import { coloured } from './colours';
import { addCommands } from './commands';
import type { Named } from './components/state';
import { Files } from './files';
import { Highlights, register } from './highlights';
import { slicerIcon } from './icon';
import { COMMAND_OF, CommandIDs } from './ids';
import { jumpTo } from './jump';
import type { Place, Statement } from './messages';
import { Body, drawGraph, IPanelOptions, SlicerPanel } from './panel';
import { addRunsCommands } from './runs/commands';
import { RunsSection } from './runs/section';
import { Slicer } from './slicer';
import { StatusItem } from './status';
import { ISlicer, ISlicerPanel } from './tokens';

const DOMAIN = 'jupyter-slicer';
const SETTINGS = 'jupyter-slicer:slicer';

const slicer: JupyterFrontEndPlugin<ISlicer> = {
  id: SETTINGS,
  description: 'Asks the kernel of the active notebook what its values came from.',
  autoStart: true,
  provides: ISlicer,
  requires: [INotebookTracker],
  optional: [ISettingRegistry],
  activate: (app, tracker: INotebookTracker, settings: ISettingRegistry | null) => {
    const made = new Slicer(tracker);
    void settings?.load(SETTINGS).then(loaded => {
      const obey = () => {
        const seconds = loaded.get('verifyUpTo').composite;
        made.verifyUpTo = typeof seconds === 'number' ? seconds : made.verifyUpTo;
      };
      loaded.changed.connect(obey);
      obey();
    });
    return made;
  }
};

const panel: JupyterFrontEndPlugin<ISlicerPanel> = {
  id: 'jupyter-slicer:panel',
  description: 'The sidebar with variables, slices and the dependence graph.',
  autoStart: true,
  provides: ISlicerPanel,
  requires: [ISlicer, INotebookTracker, IEditorLanguageRegistry],
  optional: [ILayoutRestorer, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    slicer: ISlicer,
    tracker: INotebookTracker,
    languages: IEditorLanguageRegistry,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const execute = (id: string) => {
      if (app.commands.hasCommand(id)) {
        void app.commands.execute(id);
      }
    };
    const jumpToCell = (cell: string, line: number) =>
      void jumpTo(tracker, id => app.shell.activateById(id), cell, line);
    const options: IPanelOptions = {
      commands: app.commands,
      slicer,
      trans,
      actions: {
        act: action => execute(COMMAND_OF[action]),
        mend: state => mend(state, app, slicer),
        jump: (place: Statement | Place) => {
          if (place.cell_id) {
            jumpToCell(place.cell_id, place.cell_lines[0]?.[0] ?? 1);
          }
        },
        jumpToCell,
        coloured: program => coloured(languages, program)
      }
    };
    const sidebar = new SlicerPanel(options);
    sidebar.id = 'jupyter-slicer-panel';
    sidebar.title.icon = slicerIcon;
    restorer?.add(sidebar, sidebar.id);
    app.shell.add(sidebar, 'right', { rank: 900, type: 'Slicer' });
    void app.restored.then(() => sidebar.mendLayout());
    app.commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Show the Slicer'),
      caption: trans.__('Show where the values of this notebook come from'),
      icon: slicerIcon,
      execute: () => {
        app.shell.activateById(sidebar.id);
        sidebar.showSlice();
      }
    });
    app.commands.addCommand(CommandIDs.openGraph, {
      label: trans.__('Show the Dependence Graph'),
      caption: trans.__('Show the dependence graph in the main area'),
      icon: launchIcon,
      execute: () => openGraph(app, options)
    });
    for (const command of [CommandIDs.openPanel, CommandIDs.openGraph]) {
      palette?.addItem({ command, category: trans.__('Slicer') });
    }
    return {
      addSection: (label, body) => {
        const open = sidebar.addSection(label, body);
        return () => {
          app.shell.activateById(sidebar.id);
          open();
        };
      }
    };
  }
};

/** The graph in the main area, where there is room for it. */
function openGraph(app: JupyterFrontEnd, options: IPanelOptions): void {
  const { slicer, trans } = options;
  const content = new Body(options, drawGraph);
  content.addClass('jp-Slicer');
  content.addClass('jp-Slicer-mainGraph');
  const widget = new MainAreaWidget({ content });
  const viewer = `graph-${Date.now()}`;
  widget.id = `jupyter-slicer-${viewer}`;
  widget.title.label = trans.__('Dependence graph');
  widget.title.icon = slicerIcon;
  widget.title.closable = true;
  widget.disposed.connect(() => slicer.look(viewer, []));
  slicer.look(viewer, ['graph']);
  app.shell.add(widget, 'main', { mode: 'split-bottom' });
  app.shell.activateById(widget.id);
}

/** What the button of a state does. */
function mend(state: Named, app: JupyterFrontEnd, slicer: ISlicer): void {
  const { commands } = app;
  if (state === 'no-notebook') {
    void commands.execute('notebook:create-new');
  } else if (state === 'no-kernel') {
    void commands.execute('notebook:change-kernel');
  } else if (state === 'other-version') {
    void commands.execute('notebook:restart-kernel');
  } else if (state === 'error') {
    void slicer.current?.refresh();
  } else {
    void slicer.current?.load();
  }
}

const highlights: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-slicer:highlights',
  description: 'Marks the lines of a slice in the notebook’s own cells.',
  autoStart: true,
  requires: [ISlicer, IEditorExtensionRegistry],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    slicer: ISlicer,
    extensions: IEditorExtensionRegistry,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const marks = new Highlights(slicer);
    register(extensions, marks);
    const command = CommandIDs.toggleHighlights;
    app.commands.addCommand(command, {
      label: trans.__('Mark the Slice’s Lines in the Notebook'),
      isToggled: () => marks.shown,
      execute: () => {
        marks.shown = !marks.shown;
        app.commands.notifyCommandChanged(command);
      }
    });
    palette?.addItem({ command, category: trans.__('Slicer') });
  }
};

const commands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-slicer:commands',
  description: 'Commands for slices, in the palette, the cell’s menu and its toolbar.',
  autoStart: true,
  requires: [ISlicer, INotebookTracker],
  optional: [IDefaultFileBrowser, ICommandPalette, ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    slicer: ISlicer,
    tracker: INotebookTracker,
    browser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { contents } = app.serviceManager;
    const files = new Files({ contents, browser, commands: app.commands, trans });
    addCommands({ app, slicer, tracker, files, palette, trans });
  }
};

const runs: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-slicer:runs',
  description: 'The section with training runs, their curves and their replays.',
  autoStart: true,
  requires: [ISlicer, ISlicerPanel, INotebookTracker],
  optional: [IDefaultFileBrowser, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    slicer: ISlicer,
    panel: ISlicerPanel,
    tracker: INotebookTracker,
    browser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { contents } = app.serviceManager;
    const files = new Files({ contents, browser, commands: app.commands, trans });
    const section = new RunsSection({
      slicer,
      trans,
      exportLogs: run => void app.commands.execute(CommandIDs.exportLogs, { run }),
      jumpToCell: (cell, line) =>
        void jumpTo(tracker, id => app.shell.activateById(id), cell, line)
    });
    const show = panel.addSection(trans.__('Training runs'), section);
    addRunsCommands({ app, slicer, files, section, show, tracker, palette, trans });
  }
};

const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-slicer:status',
  description: 'Says in the status bar whether the kernel records.',
  autoStart: true,
  requires: [ISlicer, IStatusBar],
  optional: [ILabShell, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    slicer: ISlicer,
    bar: IStatusBar,
    shell: ILabShell | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const open = () => {
      if (app.commands.hasCommand(CommandIDs.openPanel)) {
        void app.commands.execute(CommandIDs.openPanel);
      }
    };
    bar.registerStatusItem('jupyter-slicer:status', {
      item: new StatusItem({ slicer, trans, open }),
      align: 'left',
      rank: 20,
      isActive: () => slicer.current !== null,
      activeStateChanged: slicer.currentChanged
    });
  }
};

export { ISlicer, ISlicerPanel } from './tokens';
export default [slicer, panel, highlights, commands, runs, status];
