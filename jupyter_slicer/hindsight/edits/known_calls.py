"""What functions and methods of the usual libraries do, by name.

Only what training loops and log lines use; what is not here is not known.
"""

from __future__ import annotations

import sys

_words = str.split

# -- random numbers ----------------------------------------------------------------------

TORCH_DRAWS = frozenset(
    _words(
        "rand randn randint randperm normal bernoulli multinomial poisson binomial rand_like "
        "randn_like randint_like rrelu dropout alpha_dropout feature_dropout "
        "feature_alpha_dropout native_dropout random_split"
    )
)
FUNCTIONAL_DRAWS = frozenset(
    _words(
        "dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout rrelu "
        "gumbel_softmax fractional_max_pool2d scaled_dot_product_attention"
    )
)
ALWAYS_DRAWS = frozenset(_words("gumbel_softmax"))
TENSOR_DRAWS = frozenset(
    _words(
        "normal_ uniform_ random_ exponential_ geometric_ log_normal_ cauchy_ bernoulli_ "
        "bernoulli multinomial"
    )
)
DRAWING_LAYERS = (
    "Linear", "LazyLinear", "Bilinear", "Conv", "LazyConv", "Embedding", "RNN", "LSTM", "GRU",
    "MultiheadAttention", "Transformer", "PReLU_",
)  # fmt: skip
"""Beginnings of layers' names whose weights are drawn when they are made."""
MODE_LAYERS = (
    "Dropout", "AlphaDropout", "FeatureAlphaDropout", "BatchNorm", "LazyBatchNorm",
    "SyncBatchNorm", "InstanceNorm", "RReLU", "Transformer", "MultiheadAttention",
)  # fmt: skip
"""Beginnings of layers' names that do something else in training mode."""
DRAWING_METHODS = frozenset(
    _words(
        "random integers normal uniform choice choices permutation permuted shuffle "
        "standard_normal standard_exponential randint randrange gauss gammavariate "
        "betavariate expovariate sample rsample rvs rand randn random_sample exponential "
        "poisson binomial multivariate_normal beta gamma geometric triangular getrandbits "
        "randbytes dirichlet multinomial"
    )
)
GENERATOR_MAKERS = frozenset(
    _words("default_rng Generator RandomState Random SystemRandom PCG64 MT19937 Philox SFC64")
)
NOT_DRAWING = frozenset(
    _words(
        "get_state getstate SeedSequence get_rng_state initial_seed fork_rng get_rng_state_all"
    )
)
SAVES = {
    "torch.get_rng_state": "torch", "torch.random.get_rng_state": "torch",
    "torch.cuda.get_rng_state": "torch.cuda", "torch.cuda.get_rng_state_all": "torch.cuda",
    "random.getstate": "random", "numpy.random.get_state": "numpy",
}  # fmt: skip
RESTORES = {
    "torch.set_rng_state": "torch", "torch.random.set_rng_state": "torch",
    "torch.cuda.set_rng_state": "torch.cuda", "torch.cuda.set_rng_state_all": "torch.cuda",
    "random.setstate": "random", "numpy.random.set_state": "numpy",
}  # fmt: skip
GENERATOR_NAMES = {
    "torch": "torch's generator", "torch.cuda": "the GPU's generator",
    "random": "Python's generator (`random`)", "numpy": "NumPy's generator (`np.random`)",
}  # fmt: skip

# -- changes in place --------------------------------------------------------------------

MUTATORS = frozenset(
    _words(
        "append extend insert remove pop clear sort reverse update setdefault popitem add "
        "discard appendleft popleft extendleft rotate difference_update intersection_update "
        "symmetric_difference_update fill put itemset resize setflags set_ fit fit_transform "
        "partial_fit fit_predict load_state_dict load_parameters register_buffer "
        "register_parameter register_module add_module add_param_group register_forward_hook "
        "register_forward_pre_hook register_full_backward_hook register_backward_hook "
        "register_hook register_state_dict_pre_hook set_params requires_grad_ share_memory "
        "send throw close write writelines truncate seek read readline readlines seed "
        "manual_seed set_state setstate set_epoch set_postfix_state __setitem__ __setattr__ "
        "__delitem__ __delattr__ __iadd__ swapaxes_ setfield byteswap"
    )
)
"""Methods that change what they are called on."""
UPDATES = frozenset(_words("zero_grad backward step"))
IN_PLACE_WHEN_ALONE = frozenset(_words("add sort"))
"""Of a list or a set they change it and give None; of a tensor they give a new one."""
MODULE_CASTS = frozenset(_words("to cpu cuda half float double bfloat16 type to_empty"))
"""Of a tensor they give another one, of a module they change it."""

# -- harmless ------------------------------------------------------------------------------

STEPS_OVER = frozenset(
    _words(
        "parameters named_parameters buffers named_buffers modules named_modules children "
        "named_children items keys values split splitlines iterrows itertuples groupby "
        "state_dict param_groups columns index shape tolist unique range"
    )
)
"""Methods and attributes that give something new to step over each time."""
FRESH_METHODS = frozenset(
    _words(
        "item mean sum std var min max argmin argmax norm clone tolist abs exp log sqrt softmax "
        "log_softmax sigmoid tanh relu sign square pow add sub mul div matmul mm bmm dot outer "
        "round floor ceil clamp clip cumsum cumprod prod any all eq ne gt lt ge le isnan isinf "
        "isfinite topk sort argsort median quantile count_nonzero nonzero histc bincount unique "
        "numel nelement element_size size dim ndimension format join strip lstrip rstrip lower "
        "upper title startswith endswith replace split rsplit splitlines encode decode count "
        "index find isoformat strftime total_seconds zfill ljust rjust center hexdigest digest "
        "data_ptr get_device predict predict_proba score decision_function get_last_lr "
        "memory_usage nunique value_counts describe corr cov hex bit_length is_integer "
        "as_integer_ratio type_as lerp logsumexp cross_entropy mode diff isna isnull notna "
        "elapsed_time named_steps bernoulli multinomial"
    )
)
"""Methods that give something new and change nothing."""
SHARING_METHODS = frozenset(
    _words(
        "detach numpy cpu view view_as reshape reshape_as flatten ravel permute transpose t "
        "expand expand_as repeat unsqueeze squeeze contiguous float double half long int bool "
        "to astype type copy values keys items get state_dict parameters named_parameters "
        "buffers named_buffers modules named_modules children named_children narrow select "
        "chunk unbind diagonal swapaxes swapdims movedim masked_select index_select gather head "
        "tail to_numpy get_params coefs data storage untyped_storage flip roll tril triu diag "
        "loc iloc groupby agg dropna fillna rename assign sort_values sort_index reset_index "
        "set_index to_frame to_dict transform round_ cuda bfloat16 is_contiguous stride numpy_ "
        "compute named_children get_submodule get_parameter get_buffer __len__ most_common "
        "get_booster get_score feature_importances copy_to_host"
    )
)
"""Methods that change nothing and may give what training has."""
PLOTTING_METHODS = frozenset(
    _words(
        "plot scatter bar barh hist hist2d imshow errorbar fill_between axhline axvline text "
        "annotate legend grid set_title set_xlabel set_ylabel set_xlim set_ylim set_xscale "
        "set_yscale semilogy semilogx loglog boxplot violinplot contour contourf"
    )
)
"""Methods of a figure or its parts."""
READ_LIBRARIES = frozenset(
    "numpy pandas torch torchvision sklearn scipy matplotlib tqdm xgboost lightgbm jupyter_slicer "
    "PIL pyarrow polars plotly networkx joblib psutil IPython".split()
)
"""Libraries whose import changes nothing that computes."""
_LOUD_MODULES = frozenset(("antigravity", "this", "idlelib", "turtle", "__main__", "site"))
HARMLESS_MODULES = (READ_LIBRARIES | sys.stdlib_module_names) - _LOUD_MODULES

HARMLESS_PATHS = (
    "statistics", "operator", "itertools", "collections", "functools", "re", "fnmatch",
    "bisect.bisect", "bisect.bisect_left", "bisect.bisect_right", "dataclasses.asdict",
    "dataclasses.astuple", "dataclasses.replace", "dataclasses.field", "decimal.Decimal",
    "fractions.Fraction", "pathlib.Path", "pathlib.PurePath", "contextlib.nullcontext",
    "contextlib.suppress", "contextlib.contextmanager", "contextlib.redirect_stdout",
    "contextlib.closing", "contextlib.ExitStack", "io.StringIO", "io.BytesIO", "hashlib",
    "zlib.crc32", "zlib.adler32", "pickle.dumps", "json.dumps", "json.loads", "inspect",
    "sys.getsizeof", "sys.getrefcount", "sys.stdout", "sys.stderr", "os.getpid", "os.getcwd",
    "os.cpu_count", "os.getloadavg", "os.environ.get", "os.getenv", "os.path", "os.listdir",
    "gc.get_count", "gc.collect", "tracemalloc.get_traced_memory", "resource.getrusage",
    "platform", "socket.gethostname", "threading.active_count", "threading.get_ident",
    "scipy.linalg", "scipy.special", "scipy.spatial.distance", "scipy.stats.entropy",
    "scipy.stats.pearsonr", "scipy.stats.spearmanr", "scipy.stats.kurtosis", "scipy.stats.skew",
    "pandas.DataFrame", "pandas.Series", "pandas.concat", "pandas.isna", "pandas.to_numeric",
    "pandas.cut", "pandas.qcut", "pandas.Timestamp", "uuid", "secrets", "typing", "types",
    "warnings.catch_warnings", "dis", "traceback", "numbers", "jupyter_slicer", "time.sleep",
    "weakref.ref", "enum", "abc", "struct.pack", "base64", "heapq.nlargest", "heapq.nsmallest",
    "tqdm", "os.fspath", "math", "cmath", "time", "copy", "datetime", "pprint", "IPython.display",
)  # fmt: skip

NUMPY_IN_PLACE = frozenset(
    _words("copyto place putmask put fill_diagonal put_along_axis shuffle")
)
NUMPY_THREE = frozenset(
    _words(
        "where interp linspace geomspace logspace arange full isclose allclose percentile "
        "quantile insert select piecewise einsum cross histogram2d searchsorted"
    )
)
"""Functions of NumPy whose third argument is only read."""
TORCH_SAFE = frozenset(
    _words(
        "no_grad enable_grad inference_mode autocast is_tensor is_grad_enabled synchronize "
        "memory_allocated max_memory_allocated memory_reserved max_memory_reserved is_available "
        "device_count current_device empty_cache get_device_name get_num_threads device dtype "
        "get_default_dtype set_printoptions load Generator Size finfo iinfo"
    )
)
TORCH_SETS = ("set_", "use_", "seed", "manual_seed")
TORCH_UNKNOWN = ("torch.distributed", "torch.jit", "torch.multiprocessing", "torch.hub")
TORCH_VIEWS = frozenset(
    _words(
        "from_numpy as_tensor asarray reshape flatten ravel squeeze unsqueeze transpose permute "
        "t narrow select chunk split unbind diagonal view_as_real view_as_complex movedim "
        "swapaxes broadcast_to expand_copy detach real imag"
    )
)
WRITERS = frozenset(
    _words(
        "save savez savez_compressed savetxt savefig to_csv to_parquet to_pickle to_json "
        "to_excel to_feather to_hdf write_text write_bytes write_parquet write_csv save_model "
        "save_pretrained dump_model imsave tofile write_html write_image touch mkdir makedirs "
        "unlink rename rmdir rmtree remove copyfile copytree move symlink replace_file"
    )
)
"""Functions and methods that write files or change folders."""
ITERATORS = frozenset(
    _words("iter map filter zip enumerate reversed open reader DictReader scandir iterdir")
)
"""Calls that give something that can be stepped over once."""
STEPPABLE = frozenset(
    _words(
        "list tuple dict set frozenset sorted range str bytes array arange linspace zeros ones "
        "full tensor DataFrame Series defaultdict Counter OrderedDict deque split keys values "
        "items tolist rand randn randint glob"
    )
)
"""Calls that give something that can be stepped over again and again."""
MODULE_METHODS = frozenset(
    _words(
        "train eval forward parameters named_parameters modules named_modules children "
        "named_children buffers named_buffers zero_grad state_dict load_state_dict to cpu cuda "
        "half float double apply register_buffer register_parameter add_module training "
        "requires_grad_ type share_memory extra_repr get_extra_state set_extra_state compile"
    )
)
"""Names that every ``nn.Module`` has."""
