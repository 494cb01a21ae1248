/**
 * What ran beside what the cell says now, by CodeMirror's merge view. In a chunk of its own.
 */

import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { jupyterTheme } from '@jupyterlab/codemirror';
import React, { useEffect, useRef } from 'react';

import { IDifference } from './model';

export function DifferenceView(props: { difference: IDifference }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const { ran, now } = props.difference;
  useEffect(() => {
    const view = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: now ?? '',
        extensions: [
          EditorView.editable.of(false),
          EditorState.readOnly.of(true),
          EditorView.lineWrapping,
          jupyterTheme,
          unifiedMergeView({ original: ran, mergeControls: false, gutter: false })
        ]
      })
    });
    return () => view.destroy();
  }, [ran, now]);
  return <div ref={host} className="jp-Slicer-merge" />;
}
