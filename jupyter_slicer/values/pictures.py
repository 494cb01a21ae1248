"""Descriptions of figures, by the pixels that Agg draws, and of images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_slicer.values.builtin import label_of, record
from jupyter_slicer.values.description import Description, Walk
from jupyter_slicer.values.hashing import hash_buffers
from jupyter_slicer.values.look import attributes, qualified_name

_DPI = 50.0


def _figure(value: Any, walk: Walk) -> Description:
    """Drawn once, with the canvas, the resolution and the listeners left as they were."""
    from matplotlib.backends import backend_agg

    make_renderer: Any = backend_agg.RendererAgg
    width, height = value.get_size_inches()
    dpi, canvas = value.dpi, value.canvas
    try:
        with value._canvas_callbacks.blocked():
            value._set_dpi(_DPI, forward=False)
            renderer = make_renderer(width * _DPI, height * _DPI, _DPI)
            value.draw(renderer)
            pixels = memoryview(renderer.buffer_rgba()).cast("B")
            return Description(label_of(value, hash_buffers([pixels])))
    except Exception as error:  # a font, a user's own artist
        return walk.hide(qualified_name(type(value)), type(error).__name__)
    finally:
        with value._canvas_callbacks.blocked():
            value._set_dpi(dpi, forward=False)
            value.canvas = canvas


def _artist(value: Any, walk: Walk) -> Description:
    """Its kind, and the picture that it is part of."""
    state = attributes(value) or {}
    figure = state.get("_parent_figure") or state.get("figure")
    if figure is None:
        return walk.hide(qualified_name(type(value)))
    return record(value, walk, figure=figure)


def _image(value: Any, walk: Walk) -> Description:
    palette = value.getpalette() if value.mode == "P" else None
    pixels = hash_buffers([value.tobytes()])
    return record(value, walk, mode=value.mode, size=value.size, pixels=pixels, palette=palette)


DESCRIBERS: dict[str, Callable[[Any, Walk], Description]] = {
    "matplotlib.figure.Figure": _figure,
    "matplotlib.artist.Artist": _artist,
    "PIL.Image.Image": _image,
}
