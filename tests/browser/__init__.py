"""The sidebar in a real JupyterLab, with a real kernel, in Chromium.

These need what ``pip install -e '.[browser]'`` brings, a built sidebar and a Chromium. Where
one is missing they are left out, unless ``JUPYTER_SLICER_BROWSER`` is set, as ``.ci/run`` does.
"""
