"""Descriptions of pandas and polars frames, series and indexes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_slicer.values.arrays import array_part
from jupyter_slicer.values.builtin import label_of, record
from jupyter_slicer.values.description import Description, Part, Walk
from jupyter_slicer.values.hashing import hash_parts
from jupyter_slicer.values.look import attributes, base_named, is_a, loaded

_ROWS = 65536
"""Rows of a text column turned into Python objects at a time."""


def _frame(value: Any, walk: Walk) -> Description:
    blocks = object.__getattribute__(value, "_mgr")
    columns, index = blocks.axes
    columns_of = [_column(blocks.iget_values(i), walk) for i in range(len(columns))]
    names = [f"[{str(label)!r}]" if type(label) is str else "[…]" for label in columns]
    return record(
        value,
        walk,
        columns=columns,
        index=index,
        content=Part(Description(b"columns", columns_of, names=names)),
        attrs=object.__getattribute__(value, "_attrs") or None,
    )


def _series(value: Any, walk: Walk) -> Description:
    blocks = object.__getattribute__(value, "_mgr")
    return record(
        value,
        walk,
        index=blocks.axes[0],
        content=_column(
            blocks.iget_values(0)
            if hasattr(blocks, "iget_values")
            else blocks.internal_values(),
            walk,
        ),
        name=object.__getattribute__(value, "_name"),
        attrs=object.__getattribute__(value, "_attrs") or None,
    )


def _index(value: Any, walk: Walk) -> Description:
    return Description(
        hash_parts([b"Index"]),
        [_column(value._data, walk), list(value.names)],
        names=["", ".names"],
    )


def _range_index(value: Any, walk: Walk) -> Description:
    """A range and the same numbers written out are the same index."""
    np = loaded("numpy")
    numbers = np.arange(value.start, value.stop, value.step, dtype="i8")
    return Description(
        hash_parts([b"Index"]),
        [array_part(numbers, walk), list(value.names)],
        names=["", ".names"],
    )


def _multi_index(value: Any, walk: Walk) -> Description:
    levels = [_column(value.get_level_values(i)._data, walk) for i in range(value.nlevels)]
    return Description(hash_parts([b"MultiIndex"]), [*levels, list(value.names)])


def _column(values: Any, walk: Walk) -> object:
    np = loaded("numpy")
    return array_part(values, walk) if type(values) is np.ndarray else values


def _extension(value: Any, walk: Walk) -> Description:
    """The user's own array types are instances like any other."""
    dtype = str(value.dtype)
    if base_named(value, "pandas.core.arrays.arrow.array.ArrowExtensionArray"):
        return _arrow(value, dtype, walk)
    if base_named(value, "pandas.core.arrays.categorical.Categorical") or base_named(
        value, "pandas.Categorical"
    ):
        return record(
            value,
            walk,
            categories=value.categories,
            ordered=value.ordered,
            codes=array_part(value.codes, walk),
        )
    if base_named(value, "pandas.core.arrays.masked.BaseMaskedArray"):
        return _masked(value, dtype, walk)
    if base_named(value, "pandas.core.arrays._mixins.NDArrayBackedExtensionArray"):
        return record(value, walk, dtype=dtype, content=array_part(value._ndarray, walk))
    return record(value, walk, dtype=dtype, content=array_part(value.astype(object), walk))


def _masked(value: Any, dtype: str, walk: Walk) -> Description:
    shown = value._data
    if value._mask.any():
        shown = shown.copy()
        shown[value._mask] = 0
    return record(
        value,
        walk,
        dtype=dtype,
        shown=array_part(shown, walk),
        mask=array_part(value._mask, walk),
    )


def _arrow(value: Any, dtype: str, walk: Walk) -> Description:
    """Chunks are an accident of how the column was made; bytes under nulls are noise."""
    column = value._pa_array
    pieces = [
        Part(Description(b"piece", [column.slice(start, _ROWS).to_pylist()]))
        for start in range(0, len(column), _ROWS)
    ]
    return record(value, walk, dtype=dtype, content=Part(Description(b"arrow", pieces)))


def _polars_frame(value: Any, walk: Walk) -> Description:
    return record(value, walk, content=Part(Description(b"columns", value.get_columns())))


def _polars_series(value: Any, walk: Walk) -> Description:
    kind = str(value.dtype)
    physical = value.to_physical()
    content: object
    if physical.dtype.is_numeric() and not physical.null_count():
        content = array_part(physical.rechunk().to_numpy(), walk)
    else:
        content = tuple(
            Part(Description(b"piece", [value.slice(start, _ROWS).to_list()]))
            for start in range(0, len(value), _ROWS)
        )
    return record(value, walk, name=value.name, dtype=kind, content=content)


def _polars_lazy(value: Any, walk: Walk) -> Description:
    return record(value, walk, plan=value.explain(optimized=False))


def _arrow_table(value: Any, walk: Walk) -> Description:
    return record(value, walk, schema=str(value.schema), content=value.to_pydict())


def _offset(value: Any, walk: Walk) -> Description:
    return Description(label_of(value, repr(value).encode()))


def _timestamp(value: Any, walk: Walk) -> Description:
    return Description(label_of(value, repr(value).encode()))


def _plain_dtype(value: Any, walk: Walk) -> Description:
    if base_named(value, "pandas.core.dtypes.dtypes.CategoricalDtype"):
        return record(value, walk, categories=value.categories, ordered=value.ordered)
    return Description(label_of(value, repr(value).encode()))


def _grouped(value: Any, walk: Walk) -> Description:
    """What is grouped and by what; the caches of earlier questions are left out."""
    state = attributes(value) or {}
    kept = ("obj", "keys", "level", "as_index", "sort", "dropna", "observed", "_selection")
    return record(value, walk, **{name: state.get(name) for name in kept})


def _both(names: str, describer: Callable[[Any, Walk], Description]) -> dict[str, Any]:
    return dict.fromkeys(names.split(), describer)


DESCRIBERS: dict[str, Callable[[Any, Walk], Description]] = {
    **_both("pandas.DataFrame pandas.core.frame.DataFrame", _frame),
    **_both("pandas.Series pandas.core.series.Series", _series),
    **_both("pandas.MultiIndex pandas.core.indexes.multi.MultiIndex", _multi_index),
    **_both("pandas.RangeIndex pandas.core.indexes.range.RangeIndex", _range_index),
    **_both("pandas.Index pandas.core.indexes.base.Index", _index),
    **_both(
        "pandas.api.extensions.ExtensionArray pandas.core.arrays.base.ExtensionArray",
        _extension,
    ),
    **_both(
        "pandas.api.extensions.ExtensionDtype pandas.core.dtypes.base.ExtensionDtype",
        _plain_dtype,
    ),
    "pandas._libs.tslibs.offsets.BaseOffset": _offset,
    **_both(
        "pandas.Timestamp pandas._libs.tslibs.timestamps.Timestamp "
        "pandas.Timedelta pandas._libs.tslibs.timedeltas.Timedelta "
        "pandas.Period pandas._libs.tslibs.period.Period "
        "pandas._libs.tslibs.nattype.NaTType",
        _timestamp,
    ),
    **_both("pandas.core.groupby.groupby.BaseGroupBy pandas.api.typing.GroupBy", _grouped),
    "polars.dataframe.frame.DataFrame": _polars_frame,
    "polars.series.series.Series": _polars_series,
    "polars.lazyframe.frame.LazyFrame": _polars_lazy,
    **_both("pyarrow.lib.Table pyarrow.lib.RecordBatch", _arrow_table),
}


def is_pandas(value: object) -> bool:
    pandas = loaded("pandas")
    return pandas is not None and is_a(value, pandas.DataFrame)
