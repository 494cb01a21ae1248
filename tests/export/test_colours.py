"""Colours that are read on light and on dark pages, by the formula of WCAG 2.1."""

from __future__ import annotations

import pytest

from jupyter_slicer.export import highlight
from jupyter_slicer.frontends import display

COLOURS = {colour for _, colour in highlight._COLOURS} | set(display._COLOURS.values())


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", sorted(COLOURS))
@pytest.mark.parametrize("page", ["#ffffff", "#000000"])
def test_contrast_is_enough_to_read(colour, page):
    dark, light = sorted((luminance(colour), luminance(page)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
