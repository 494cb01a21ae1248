"""Files as carriers: written by one statement, read by another."""

import pytest

from tests.picture import check_slice

ROUND_TRIPS = {
    "json": (
        "import json",
        "json.dump({'a': 3}, open('f.json', 'w'))",
        "json.load(open('f.json'))['a']",
    ),
    "pickle": (
        "import pickle",
        "pickle.dump([1, 2], open('f.pkl', 'wb'))",
        "pickle.load(open('f.pkl', 'rb'))",
    ),
    "csv": (
        "import csv",
        "csv.writer(open('f.csv', 'w')).writerow([1, 2])",
        "next(csv.reader(open('f.csv')))",
    ),
    "pathlib bytes": (
        "from pathlib import Path",
        "Path('f.bin').write_bytes(b'ab')",
        "open('f.bin', 'rb').read()",
    ),
    "os.open": (
        "import os",
        "os.write(os.open('f.bin', os.O_CREAT | os.O_WRONLY), b'xy')",
        "open('f.bin', 'rb').read()",
    ),
    "gzip": (
        "import gzip",
        "gzip.open('f.gz', 'wt').write('deep')",
        "gzip.open('f.gz', 'rt').read()",
    ),
    "numpy npz": (
        "import numpy as np",
        "np.savez('f.npz', a=np.arange(3))",
        "np.load('f.npz')['a'].sum()",
    ),
    "numpy text": (
        "import numpy as np",
        "np.savetxt('f.txt', np.eye(2))",
        "np.loadtxt('f.txt').sum()",
    ),
    "numpy tofile": (
        "import numpy as np",
        "np.arange(4).tofile('f.raw')",
        "np.fromfile('f.raw', dtype=int).sum()",
    ),
    "pandas csv": (
        "import pandas as pd",
        "pd.DataFrame({'a': [1, 2]}).to_csv('f.csv', index=False)",
        "int(pd.read_csv('f.csv')['a'].sum())",
    ),
    "pandas pickle": (
        "import pandas as pd",
        "pd.Series([4, 5]).to_pickle('f.pkl')",
        "pd.read_pickle('f.pkl').tolist()",
    ),
    "pandas json": (
        "import pandas as pd",
        "pd.DataFrame({'a': [1]}).to_json('f.json')",
        "pd.read_json('f.json').shape",
    ),
    "joblib": (
        "import joblib",
        "joblib.dump({'w': 2}, 'f.joblib')",
        "joblib.load('f.joblib')['w']",
    ),
    "shell command": (
        "import os",
        "os.system('echo hello > f.txt')",
        "open('f.txt').read()",
    ),
    "subprocess": (
        "import subprocess",
        "subprocess.run('printf abc > f.txt', shell=True)",
        "open('f.txt').read()",
    ),
    "print to a file": (
        "import os",
        "print('line', file=open('f.txt', 'w'))",
        "os.path.getsize('f.txt')",
    ),
    "folder": ("import os", "os.mkdir('made')", "os.path.isdir('made')"),
    "symbolic link": ("import os", "os.symlink('nowhere', 'link')", "os.readlink('link')"),
    "figure": (
        "import matplotlib.pyplot as plt, os",
        "plt.figure().savefig('f.png')",
        "os.path.exists('f.png')",
    ),
}


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_carried_by(name):
    setup, write, read = ROUND_TRIPS[name]
    picture = (
        f"# %%\n{setup}  # keep\n# %%\nopen('other.txt', 'w').write('no')\n"
        f"# %%\n{write}  # keep\n# %%\nx = {read}  # keep\n"
    )
    check_slice(picture, of="x")


def test_appended_lines_all_count():
    check_slice(
        """
        # %%
        with open("log.txt", "w") as f:  # keep
            f.write("a\\n")  # keep
        # %%
        with open("log.txt", "a") as f:  # keep
            f.write("b\\n")  # keep
            print("appended")
        # %%
        with open("other.txt", "a") as f:
            f.write("c\\n")
        # %%
        x = open("log.txt").read().split()  # keep
        """,
        of="x",
    )


def test_an_overwritten_file_needs_no_earlier_write():
    check_slice(
        """
        # %%
        open("f.txt", "w").write("old")
        # %%
        open("f.txt", "w").write("new")  # keep
        # %%
        x = open("f.txt").read()  # keep
        """,
        of="x",
    )


def test_a_renamed_file():
    check_slice(
        """
        # %%
        import os  # keep
        open("a.txt", "w").write("q")  # keep
        # %%
        os.rename("a.txt", "b.txt")  # keep
        # %%
        x = open("b.txt").read()  # keep
        """,
        of="x",
    )


def test_a_replaced_file():
    check_slice(
        """
        # %%
        import os  # keep
        open("b.txt", "w").write("old")
        open("a.txt", "w").write("new")  # keep
        # %%
        os.replace("a.txt", "b.txt")  # keep
        # %%
        x = open("b.txt").read()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_removed_file():
    check_slice(
        """
        # %%
        import os  # keep
        open("a.txt", "w").write("q")  # keep
        # %%
        os.remove("a.txt")  # keep
        # %%
        x = os.path.exists("a.txt")  # keep
        """,
        of="x",
        minimal=False,
    )


def test_whether_a_file_exists_decides():
    check_slice(
        """
        # %%
        import os  # keep
        open("flag", "w").close()  # keep
        # %%
        if os.path.exists("flag"):  # keep
            mode = "warm"  # keep
        else:
            mode = "cold"  # may
        # %%
        x = mode  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_cache_file_that_is_made_by_the_first_run():
    check_slice(
        """
        # %%
        import json, os  # keep
        def load():  # keep
            if os.path.exists("cache.json"):  # keep
                return json.load(open("cache.json"))  # keep
            result = {"n": 1}  # keep
            with open("cache.json", "w") as f:  # keep
                json.dump({"n": 2}, f)  # keep
            return result  # keep
        # %%
        first = load()  # keep
        # %%
        x = load()["n"]  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_listing_sees_each_file():
    check_slice(
        """
        # %%
        import glob  # keep
        # %%
        for name in "ab":  # keep
            open(name + ".dat", "w").close()  # keep
            print(name)
        # %%
        open("c.dat", "w").close()  # keep
        open("c.log", "w").close()
        # %%
        x = sorted(glob.glob("*.dat"))  # keep
        """,
        of="x",
        extra=1,
    )


def test_listdir_sees_each_file():
    check_slice(
        """
        # %%
        import os  # keep
        os.mkdir("d")  # keep
        # %%
        open("d/a", "w").close()  # keep
        open("d/b", "w").close()  # keep
        open("elsewhere", "w").close()
        # %%
        x = sorted(os.listdir("d"))  # keep
        """,
        of="x",
        extra=1,
    )


def test_path_objects_make_folders_and_iterate():
    check_slice(
        """
        # %%
        from pathlib import Path, PurePath  # keep Path
        root = Path("runs")  # keep
        # %%
        (root / "a").mkdir(parents=True)  # keep
        (root / "a" / "log").touch()  # keep
        # %%
        x = [p.name for p in root.rglob("*")]  # keep
        """,
        of="x",
    )


def test_a_zip_archive():
    check_slice(
        """
        # %%
        import zipfile  # keep
        open("a.txt", "w").write("inside")  # keep
        # %%
        with zipfile.ZipFile("z.zip", "w") as z:  # keep
            z.write("a.txt")  # keep
        # %%
        with zipfile.ZipFile("z.zip") as z:  # keep
            text = z.read("a.txt")  # keep
            names = z.namelist()
        # %%
        x = text  # keep
        """,
        of="x",
    )


def test_a_tree_copied_and_edited():
    check_slice(
        """
        # %%
        import os, shutil  # keep
        os.mkdir("src")  # keep
        open("src/a", "w").write("1")  # keep
        # %%
        shutil.copytree("src", "dst")  # keep
        open("dst/a", "a").write("2")  # keep
        open("src/a", "a").write("3")
        # %%
        x = open("dst/a").read()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_database_file_written_by_one_connection_and_read_by_another():
    check_slice(
        """
        # %%
        import sqlite3  # keep
        con = sqlite3.connect("q.db")  # keep
        con.execute("create table t(a)")  # keep
        con.execute("insert into t values (5)")  # keep
        con.commit()  # keep
        con.close()
        # %%
        other = sqlite3.connect("q.db")  # keep
        # %%
        x = other.execute("select a from t").fetchall()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_shelf():
    check_slice(
        """
        # %%
        import shelve  # keep
        with shelve.open("s") as shelf:  # keep
            shelf["a"] = [1]  # keep
            shelf["b"] = [2]
        # %%
        with shelve.open("s") as shelf:  # keep
            value = shelf["a"]  # keep
        # %%
        x = value  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_temporary_folder():
    check_slice(
        """
        # %%
        import os, tempfile  # keep
        folder = tempfile.mkdtemp()  # keep
        # %%
        path = os.path.join(folder, "f.txt")  # keep
        with open(path, "w") as f:  # keep
            f.write("t")  # keep
        # %%
        x = open(path).read()  # keep
        """,
        of="x",
    )


def test_a_path_under_two_names():
    check_slice(
        """
        # %%
        import os  # keep
        # %%
        open("./f.txt", "w").write("same")  # keep
        # %%
        x = open(os.path.join(os.getcwd(), "f.txt")).read()  # keep
        """,
        of="x",
    )


def test_a_path_through_a_link():
    check_slice(
        """
        # %%
        import os  # keep
        os.mkdir("real")  # keep
        os.symlink("real", "alias")  # keep
        # %%
        open("real/f", "w").write("1")  # keep
        # %%
        x = open("alias/f").read()  # keep
        """,
        of="x",
    )


def test_a_file_open_over_two_cells():
    check_slice(
        """
        # %%
        out = open("f.txt", "w")  # keep
        # %%
        out.write("a")  # keep
        # %%
        out.write("b")  # keep
        out.close()  # keep
        # %%
        x = open("f.txt").read()  # keep
        """,
        of="x",
    )


def test_a_buffer_that_is_not_flushed_yet():
    check_slice(
        """
        # %%
        out = open("f.txt", "w")  # keep
        out.write("a")  # keep
        out.flush()  # keep
        out.write("b")
        # %%
        x = open("f.txt").read()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_memory_mapped_array():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        m = np.memmap("m.dat", dtype="int64", mode="w+", shape=4)  # keep
        # %%
        m[:] = 3  # keep
        m.flush()  # may
        # %%
        x = np.fromfile("m.dat", dtype="int64").tolist()  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_script_run_by_a_child_process():
    check_slice(
        """
        # %%
        import subprocess, sys  # keep
        open("gen.py", "w").write("open('data.txt', 'w').write('made')")  # keep
        # %%
        subprocess.run([sys.executable, "gen.py"], check=True)  # keep
        # %%
        x = open("data.txt").read()  # keep
        """,
        of="x",
    )


def test_output_of_a_child_process():
    check_slice(
        """
        # %%
        import subprocess  # keep
        open("in.txt", "w").write("b\\na\\n")  # keep
        # %%
        done = subprocess.run(["sort", "in.txt"], capture_output=True, text=True)  # keep
        # %%
        x = done.stdout.split()  # keep
        """,
        of="x",
    )


def test_a_fold_of_files_read_in_a_loop():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        # %%
        for i in range(3):  # keep
            pd.DataFrame({"a": [i]}).to_csv(f"part{i}.csv", index=False)  # keep
        # %%
        parts = []  # keep
        for i in range(3):  # keep
            part = pd.read_csv(f"part{i}.csv")  # keep
            print(part.shape)
            parts.append(part)  # keep
        # %%
        x = pd.concat(parts)["a"].tolist()  # keep
        """,
        of="x",
    )


def test_a_truncated_file():
    check_slice(
        """
        # %%
        import os  # keep
        open("f.txt", "w").write("abcdef")  # keep
        # %%
        os.truncate("f.txt", 2)  # keep
        # %%
        x = open("f.txt").read()  # keep
        """,
        of="x",
    )


def test_permissions_of_a_file():
    check_slice(
        """
        # %%
        import os, stat  # keep os
        open("f.txt", "w").close()  # keep
        # %%
        os.chmod("f.txt", 0o600)  # keep
        # %%
        x = oct(os.stat("f.txt").st_mode)  # keep
        """,
        of="x",
    )


def test_a_file_saved_only_for_people():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 2]})  # keep
        # %%
        df.to_csv("report.csv")
        df.describe().to_csv("stats.csv")
        # %%
        x = int(df["a"].sum())  # keep
        """,
        of="x",
    )


def test_what_is_printed_while_a_file_is_written():
    check_slice(
        """
        # %%
        with open("a.txt", "w") as f:  # keep
            for i in range(3):  # keep
                f.write(str(i))  # keep
                print("wrote", i)
        # %%
        x = open("a.txt").read()  # keep
        """,
        of="x",
    )


def test_what_is_printed_into_a_file():
    check_slice(
        """
        # %%
        import fileinput  # keep
        open("a.txt", "w").write("a")  # keep
        # %%
        for line in fileinput.input("a.txt", inplace=True):  # keep
            print(line.upper())  # keep
        # %%
        x = open("a.txt").read()  # keep
        """,
        of="x",
    )


def test_a_file_that_was_appended_to_is_not_written_with_the_next():
    check_slice(
        """
        # %%
        open("log.txt", "w").write("a")  # keep
        # %%
        open("log.txt", "a").write("b")  # keep
        # %%
        open("other.txt", "w").write("c")
        # %%
        x = open("log.txt").read()  # keep
        """,
        of="x",
    )


def test_a_new_file_makes_no_other_folder():
    check_slice(
        """
        # %%
        import os  # keep
        os.mkdir("data")  # keep
        open("data/a.txt", "w").write("a")  # keep
        # %%
        open("data/b.txt", "w").write("b")
        # %%
        x = open("data/a.txt").read()  # keep
        """,
        of="x",
    )


def test_a_pattern_sees_what_it_matches():
    check_slice(
        """
        # %%
        from pathlib import Path  # keep
        Path("a.csv").write_text("1")  # keep
        Path("b.txt").write_text("2")
        # %%
        x = [p.name for p in Path(".").glob("*.csv")]  # keep
        """,
        of="x",
    )
