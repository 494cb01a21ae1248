"""The state around the variables: environment, folder, options of libraries."""

import pytest

from tests.picture import check_slice

OPTIONS = {
    "decimal precision": (
        "import decimal",
        "decimal.getcontext().prec = 4",
        "str(decimal.Decimal(1) / 3)",
    ),
    "decimal rounding": (
        "import decimal",
        "decimal.getcontext().rounding = 'ROUND_UP'",
        "str(round(decimal.Decimal('1.11'), 1) + decimal.Decimal('1').quantize(decimal.Decimal('1')))"
        " + str(decimal.Decimal('1.11').quantize(decimal.Decimal('0.1')))",
    ),
    "decimal setcontext": (
        "import decimal",
        "decimal.setcontext(decimal.Context(prec=3))",
        "str(decimal.Decimal(2) / 3)",
    ),
    "numpy print precision": (
        "import numpy as np",
        "np.set_printoptions(precision=2)",
        "str(np.array([1 / 3]))",
    ),
    "numpy print threshold": (
        "import numpy as np",
        "np.set_printoptions(threshold=4, edgeitems=1)",
        "str(np.arange(20))",
    ),
    "numpy buffer size": ("import numpy as np", "np.setbufsize(16384)", "np.getbufsize()"),
    "pandas option as an attribute": (
        "import pandas as pd",
        "pd.options.display.max_rows = 7",
        "pd.get_option('display.max_rows')",
    ),
    "pandas float format": (
        "import pandas as pd",
        "pd.set_option('display.float_format', '{:.1f}'.format)",
        "str(pd.Series([1.2345]))",
    ),
    "pandas precision": (
        "import pandas as pd",
        "pd.options.display.precision = 2",
        "str(pd.DataFrame({'a': [1 / 3]}))",
    ),
    "matplotlib parameter": (
        "import matplotlib.pyplot as plt",
        "plt.rcParams['lines.linewidth'] = 7",
        "plt.plot([1, 2])[0].get_linewidth()",
    ),
    "matplotlib rc": (
        "import matplotlib.pyplot as plt",
        "plt.rc('figure', figsize=(3, 2))",
        "plt.figure().get_figwidth()",
    ),
    "matplotlib update": (
        "import matplotlib as mpl",
        "mpl.rcParams.update({'font.size': 21})",
        "mpl.rcParams['font.size']",
    ),
    "matplotlib style": (
        "import matplotlib.pyplot as plt",
        "plt.style.use('ggplot')",
        "plt.rcParams['axes.facecolor']",
    ),
    "sklearn config": (
        "import sklearn",
        "sklearn.set_config(assume_finite=True)",
        "sklearn.get_config()['assume_finite']",
    ),
    "sklearn output": (
        "import sklearn, pandas as pd\nfrom sklearn.preprocessing import StandardScaler",
        "sklearn.set_config(transform_output='pandas')",
        "type(StandardScaler().fit_transform(pd.DataFrame({'a': [1., 2.]}))).__name__",
    ),
    "environment": (
        "import os",
        "os.environ['LEVEL_Q'] = '3'",
        "os.getenv('LEVEL_Q')",
    ),
    "environment update": (
        "import os",
        "os.environ.update(LEVEL_Q='3', OTHER_Q='4')",
        "os.environ['LEVEL_Q']",
    ),
    "environment putting": (
        "import os",
        "os.environ.setdefault('LEVEL_Q', '8')",
        "os.environ['LEVEL_Q']",
    ),
    "environment of a child": (
        "import os, subprocess",
        "os.environ['LEVEL_Q'] = '3'",
        "subprocess.check_output('echo $LEVEL_Q', shell=True)",
    ),
    "time zone": (
        "import os, time",
        "os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()",
        "time.tzname[0]",
    ),
    "file mask": ("import os", "os.umask(0o077)", "os.umask(0o022)"),
    "working folder": (
        "import os; os.mkdir('deep')",
        "os.chdir('deep')",
        "os.path.basename(os.getcwd())",
    ),
    "working folder by contextlib": (
        "import contextlib, os; os.mkdir('deep')",
        "contextlib.chdir('deep').__enter__()",
        "os.path.basename(os.getcwd())",
    ),
    "logging level": (
        "import logging",
        "logging.getLogger('q').setLevel(logging.ERROR)",
        "logging.getLogger('q').getEffectiveLevel()",
    ),
    "logging handlers": (
        "import logging",
        "logging.getLogger('q').addHandler(logging.NullHandler())",
        "len(logging.getLogger('q').handlers)",
    ),
    "switch interval": ("import sys", "sys.setswitchinterval(0.25)", "sys.getswitchinterval()"),
    "digits limit": (
        "import sys",
        "sys.set_int_max_str_digits(5000)",
        "sys.get_int_max_str_digits()",
    ),
    "socket timeout": (
        "import socket",
        "socket.setdefaulttimeout(3.5)",
        "socket.getdefaulttimeout()",
    ),
    "csv dialect": (
        "import csv, io",
        "csv.register_dialect('semi_q', delimiter=';')",
        "next(csv.reader(io.StringIO('a;b'), 'semi_q'))",
    ),
    "csv limit": ("import csv", "csv.field_size_limit(4096)", "csv.field_size_limit()"),
    "codec registry": (
        "import codecs",
        "codecs.register_error('bang_q', lambda e: ('!', e.end))",
        "'é'.encode('ascii', 'bang_q')",
    ),
    "copyreg": (
        "import copy, copyreg; K = type('K', (), {})",
        "copyreg.pickle(K, lambda k: (int, (5,)))",
        "copy.copy(K())",
    ),
    "garbage threshold": ("import gc", "gc.set_threshold(701, 11, 12)", "gc.get_threshold()"),
    "temporary folder": (
        "import os, tempfile",
        "tempfile.tempdir = '.'",
        "tempfile.gettempdir()",
    ),
    "warning format": (
        "import warnings",
        "warnings.formatwarning = lambda *a, **k: 'W'",
        "warnings.formatwarning('x', Warning, 'f', 1)",
    ),
    "mime types": (
        "import mimetypes",
        "mimetypes.add_type('text/q', '.qqq')",
        "mimetypes.guess_type('a.qqq')[0]",
    ),
    "json encoder default": (
        "import json",
        "json.JSONEncoder.default = lambda self, v: 'odd'",
        "json.dumps({1j.real: 1j})",
    ),
    "attribute of a module": (
        "import re",
        "re.Q_FLAG = re.I",
        "bool(re.match('A', 'a', re.Q_FLAG))",
    ),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_is_kept(name):
    setup, change, read = OPTIONS[name]
    kept = "\n".join(f"{line}  # keep" for line in setup.split("\n"))
    picture = (
        f"# %%\n{kept}\n# %%\n{change}  # keep\n# %%\nunused = [1]\n# %%\nx = {read}  # keep\n"
    )
    check_slice(picture, of="x")


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_that_was_not_read_is_left_out(name):
    setup, change, _ = OPTIONS[name]
    picture = f"# %%\n{setup}\n# %%\n{change}\n# %%\na = 3  # keep\n# %%\nx = a * 2  # keep\n"
    # A tool may hold on to a change of the world that it cannot rule out.
    check_slice(picture, of="x", exact=False)


def test_warnings_as_errors_decide_a_branch():
    check_slice(
        """
        # %%
        import warnings  # keep
        # %%
        warnings.simplefilter("error")  # keep
        # %%
        try:  # keep
            warnings.warn("old")  # keep
            kind = "warned"  # may
        except UserWarning:
            kind = "raised"  # keep
        # %%
        x = kind  # keep
        """,
        of="x",
    )


def test_warnings_recorded_in_a_block():
    check_slice(
        """
        # %%
        import warnings  # keep
        # %%
        with warnings.catch_warnings(record=True) as seen:  # keep
            warnings.simplefilter("always")  # keep
            warnings.warn("old")  # keep
            print("quiet")
        # %%
        x = len(seen)  # keep
        """,
        of="x",
        minimal=False,
    )


def test_an_option_set_and_put_back():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        # %%
        np.set_printoptions(precision=2)
        print(np.array([1 / 3]))
        np.set_printoptions(precision=8)
        # %%
        x = str(np.array([1 / 3]))  # keep
        """,
        of="x",
        extra=2,
    )


def test_an_option_within_a_block():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        s = pd.Series(range(100))  # keep
        # %%
        with pd.option_context("display.max_rows", 4):  # keep
            text = str(s)  # keep
            print(text)
        # %%
        x = text  # keep
        """,
        of="x",
    )


def test_numpy_errors_within_a_block():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        # %%
        caught = False  # keep
        with np.errstate(divide="raise"):  # keep
            try:  # keep
                np.array([1.0]) / 0  # keep
            except FloatingPointError:
                caught = True  # keep
        # %%
        x = caught  # keep
        """,
        of="x",
        minimal=False,
    )


def test_an_environment_variable_removed():
    check_slice(
        """
        # %%
        import os  # keep
        os.environ["A_Q"] = "1"  # keep
        os.environ["B_Q"] = "1"
        # %%
        del os.environ["A_Q"]  # keep
        # %%
        x = "A_Q" in os.environ  # keep
        """,
        of="x",
        minimal=False,
    )


def test_an_environment_variable_that_nobody_reads():
    check_slice(
        """
        # %%
        import os  # keep
        os.environ["A_Q"] = "1"  # keep
        os.environ["B_Q"] = "2"
        # %%
        x = os.environ["A_Q"]  # keep
        """,
        of="x",
        extra=1,
    )


def test_two_folders_deep_and_back():
    check_slice(
        """
        # %%
        import os  # keep
        os.makedirs("a/b")  # keep
        # %%
        os.chdir("a")  # keep
        os.chdir("b")  # keep
        open("f.txt", "w").write("deep")  # keep
        os.chdir("..")  # keep
        # %%
        x = open("b/f.txt").read()  # keep
        """,
        of="x",
        minimal=False,
    )


def test_logging_into_a_list():
    check_slice(
        """
        # %%
        import logging  # keep
        lines = []  # keep
        class Keep(logging.Handler):  # keep
            def emit(self, record):  # keep all
                lines.append(record.getMessage())
        # %%
        log = logging.getLogger("pictures")  # keep
        log.addHandler(Keep())  # keep
        log.setLevel("INFO")  # keep
        # %%
        log.info("start")  # keep
        log.debug("hidden")
        # %%
        x = list(lines)  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_signal_handler():
    check_slice(
        """
        # %%
        import os, signal  # keep
        got = []  # keep
        # %%
        old = signal.signal(signal.SIGCHLD, lambda *a: got.append(1))  # keep
        # %%
        os.kill(os.getpid(), signal.SIGCHLD)  # keep
        # %%
        x = got  # keep
        """,
        of="x",
    )


def test_an_attribute_hung_on_sys():
    check_slice(
        """
        # %%
        import sys  # keep
        hook = sys.excepthook
        # %%
        sys.ps1_q = ">> "  # keep
        # %%
        x = sys.ps1_q  # keep
        """,
        of="x",
    )


def test_the_number_of_what_a_library_has_made_goes_into_a_name():
    check_slice(
        """
        # %%
        from multiprocessing import Process     # keep
        first = Process(target=print)           # keep
        noise = 3
        # %%
        second = Process(target=print)          # keep
        # %%
        x = second.name                         # keep
        """,
        of="x",
    )


def test_what_a_library_numbers_does_not_come_with_what_it_was_given():
    check_slice(
        """
        # %%
        from multiprocessing import Process
        first = Process(target=print)
        data = [1, 2]                           # keep
        # %%
        second = Process(target=print, args=(data,))
        # %%
        x = sum(data)                           # keep
        """,
        of="x",
    )
