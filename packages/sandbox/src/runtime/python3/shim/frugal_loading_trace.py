"""What loading a function involves: the modules with their files, in the order in which they are loaded, and the environment
variables that are read meanwhile."""

import csv
import glob
import os
import sys


def installed_files(task_root):
    """Files that an installer has put into the package, by what it wrote down."""
    files = set()
    for record in glob.iglob(os.path.join(glob.escape(task_root), "*.dist-info", "RECORD")):
        with open(record, newline="") as rows:
            files.update(os.path.normpath(os.path.join(task_root, row[0])) for row in csv.reader(rows) if row)
    return files


class ImportRecorder:
    """Finds nothing, but hears of every module before it is loaded; sys.modules has them in the order of their ends."""

    def __init__(self):
        self.names = []

    def find_spec(self, name, path=None, target=None):
        self.names.append(name)


class LookRecorder:
    """Paths in the package that are looked at other than by importing: files, folders and what is not there."""

    def __init__(self):
        self.root = os.environ["LAMBDA_TASK_ROOT"]
        self.paths = set()
        self.is_over = False
        self.patched = {name: getattr(os, name) for name in ("stat", "lstat", "access")}
        for name, original in self.patched.items():
            setattr(os, name, self.noting(original))
        # Stays for ever, as all of its kind.
        sys.addaudithook(self.hear)

    def hear(self, event, arguments):
        if self.is_over or event not in ("open", "os.listdir", "os.scandir"):
            return
        if not sys._getframe(1).f_code.co_filename.startswith("<frozen importlib"):
            self.note(arguments[0])

    def noting(self, original):
        def look(path, *arguments, **options):
            self.note(path)
            return original(path, *arguments, **options)

        return look

    def note(self, path):
        if self.is_over or not isinstance(path, (str, bytes, os.PathLike)):
            return
        path = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(path)))
        if path == self.root or path.startswith(self.root + os.sep):
            self.paths.add(path)

    def end(self):
        """Those that are there, and those that are not."""
        self.is_over = True
        for name, original in self.patched.items():
            setattr(os, name, original)
        there = {path for path in self.paths if os.path.lexists(path)}
        return sorted(there), self.paths - there


class LoadingTrace:
    """`are_shared`: what is loaded is to serve other functions, too."""

    def __init__(self, given, are_shared):
        self.looks = LookRecorder() if are_shared else None
        self.reads = reads = {}
        self.recorder = ImportRecorder()
        sys.meta_path.insert(0, self.recorder)
        self.environ_class = type(os.environ)

        class TracedEnviron(self.environ_class):
            def __getitem__(self, name):
                note(name)
                return super().__getitem__(name)

            def __iter__(self):
                for name in given:
                    note(name)
                return super().__iter__()

        def note(name):
            if isinstance(name, (str, bytes)):
                name = os.fsdecode(name)
                reads[name] = given.get(name)

        os.environ.__class__ = os.environb.__class__ = TracedEnviron

    def end(self):
        """The report, as channel/frame.ts has it."""
        looked, missed = self.looks.end() if self.looks else ([], set())
        os.environ.__class__ = os.environb.__class__ = self.environ_class
        sys.meta_path.remove(self.recorder)
        task_root = os.environ["LAMBDA_TASK_ROOT"]
        installed = installed_files(task_root)

        def is_dependency(path):
            return not path.startswith(task_root + os.sep) or "/site-packages/" in path or path in installed

        files = []
        for name in dict.fromkeys(self.recorder.names):
            path = getattr(sys.modules.get(name), "__file__", None)
            if isinstance(path, str):
                files.append({"module": name, "path": path, "isDependency": is_dependency(path)})
        files.extend({"module": path, "path": path, "isDependency": False} for path in looked)
        absences = sorted(self.absences(task_root) | missed)
        return {"files": files, "environmentReads": self.reads, "absences": absences}

    def absences(self, task_root):
        """Where in the package a module would have been found before the one that was, or at all."""
        places = set()
        for name in self.recorder.names:
            parent, _, last = name.rpartition(".")
            if not parent:
                path = getattr(sys.modules.get(name), "__file__", None)
                if not isinstance(path, str) or not path.startswith(task_root + os.sep):
                    places.add(os.path.join(task_root, last))
            elif name not in sys.modules:
                folders = getattr(sys.modules.get(parent), "__path__", ())
                places.update(os.path.join(folder, last) for folder in folders if folder.startswith(task_root + os.sep))
        return places
