"""The files of a git repository at a revision, or as they are on disk. Read only: no work tree is touched."""

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

BASES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
"""What a change is compared with where nobody says it: the first of these that there is."""


class UnreadableError(Exception):
    """A repository, revision or folder cannot be read. Its text is one sentence for the person who named it."""


@dataclass(frozen=True)
class Tree:
    """The Python files below a folder at one revision.

    Args:
        revision: as it was asked for; "the work tree" where the files are those on disk.
        commit: the full hash; empty for the work tree.
        files: a text for each path, relative to the repository's root.
        unreadable: paths that are not UTF-8 text.
    """

    revision: str
    commit: str
    files: Mapping[str, str]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Repository:
    """A git repository, and the folder of the project in it.

    Args:
        root: the repository's root.
        project: the project's folder, relative to it, with `/`; empty for the root itself.
    """

    root: Path
    project: str = ""
    _blobs: dict[str, str | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def holding(cls, folder: Path) -> "Repository":
        """The repository that holds a folder. Raises UnreadableError."""
        if not folder.is_dir():
            raise UnreadableError(f"{folder}: there is no such folder; --project names the one with the Django project")
        try:
            told = _git(folder, "rev-parse", "--show-toplevel", "--show-prefix")
        except FileNotFoundError:
            raise UnreadableError("git is not on PATH; install it, or put its folder there") from None
        if told.returncode:
            said = told.stderr.decode(errors="replace").splitlines()
            why = next(
                (line.removeprefix("fatal: ") for line in said if line.startswith("fatal: ")), "git cannot read it"
            )
            raise UnreadableError(f"{folder}: is in no git repository that can be read ({why})")
        root, prefix = [*told.stdout.decode().splitlines(), ""][:2]
        return cls(Path(root), prefix.strip("/"))

    def usual_base(self) -> str:
        """What a change is compared with where nobody says it. Raises UnreadableError where none is there."""
        for name in BASES:
            if self._commit_of(name):
                return name
        raise UnreadableError(f"none of {', '.join(BASES)} is there to compare with; name the revision: --base REV")

    def commit(self, revision: str, option: str) -> str:
        """The full hash of a revision. Raises UnreadableError, which names the option that it came from."""
        found = self._commit_of(revision)
        if found:
            return found
        hint = "git fetch it first; a shallow clone needs its history (actions/checkout: fetch-depth: 0)"
        raise UnreadableError(f"{option} {revision}: there is no such revision here; {hint}")

    def common(self, one: str, other: str) -> str:
        """The commit that two have in common, the first one itself where git knows of none (a shallow clone)."""
        told = _git(self.root, "merge-base", one, other)
        return told.stdout.decode().strip() or one

    def tree(self, revision: str, commit: str) -> Tree:
        """The project's Python files at a commit."""
        listed = _git(self.root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *self._below())
        blobs: dict[str, str] = {}
        for entry in listed.stdout.decode(errors="replace").split("\0"):
            about, _, path = entry.partition("\t")
            words = about.split()
            # 120000 is a link and 160000 a submodule: neither holds a migration's text.
            if path.endswith(".py") and words[0] in {"100644", "100755"}:
                blobs[path] = words[2]
        self._read(set(blobs.values()) - self._blobs.keys())
        texts = {path: self._blobs.get(blob) for path, blob in blobs.items()}
        return Tree(
            revision,
            commit,
            {path: text for path, text in texts.items() if text is not None},
            tuple(path for path, text in texts.items() if text is None),
        )

    def work_tree(self) -> Tree:
        """The project's Python files as they are on disk, also those that git does not know yet and does not ignore."""
        below = self._below()
        listed = _git(self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *below)
        texts: dict[str, str | None] = {}
        for path in sorted(set(listed.stdout.decode(errors="replace").split("\0"))):
            file = self.root / path
            if path.endswith(".py") and file.is_file() and not file.is_symlink():
                texts[path] = _text(file.read_bytes())
        return Tree(
            "the work tree",
            "",
            {path: text for path, text in texts.items() if text is not None},
            tuple(path for path, text in texts.items() if text is None),
        )

    def changed(self, base: str, head: str) -> tuple[str, ...]:
        """Paths in the whole repository that differ between two commits; an empty `head` means the work tree."""
        told = _git(self.root, "diff", "--name-only", "--no-renames", "-z", base, *([head] if head else []), "--")
        return tuple(path for path in told.stdout.decode(errors="replace").split("\0") if path)

    def has(self, commit: str) -> bool:
        """Whether the project's folder is there at a commit."""
        return not self.project or not _git(self.root, "cat-file", "-e", f"{commit}:{self.project}").returncode

    def _below(self) -> list[str]:
        return [f":(literal){self.project}"] if self.project else []

    def _commit_of(self, revision: str) -> str:
        # The end of options: a revision may not be taken for one.
        told = _git(self.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return "" if told.returncode else told.stdout.decode().strip()

    def _read(self, blobs: Iterable[str]) -> None:
        """Many files by one call of git: a process for each would take a second for every hundred."""
        wanted = sorted(blobs)
        if not wanted:
            return
        told = _git(self.root, "cat-file", "--batch", told="\n".join(wanted).encode() + b"\n").stdout
        at = 0
        for blob in wanted:
            end = told.index(b"\n", at)
            about = told[at:end].split()
            if len(about) < 3:
                # A partial clone may lack it.
                self._blobs[blob], at = None, end + 1
                continue
            size = int(about[2])
            self._blobs[blob] = _text(told[end + 1 : end + 1 + size])
            at = end + 1 + size + 1


def _text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _git(folder: Path, *arguments: str, told: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, input=told, capture_output=True, check=False)  # noqa: S603 - by name from PATH
