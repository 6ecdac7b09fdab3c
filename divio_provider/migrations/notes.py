"""What a person says of an operation that cannot be judged by reading: `# estate: expand, REASON`."""

import io
import re
import tokenize
from dataclasses import dataclass

from divio_provider.migrations.verdict import Phase

_SAID = re.compile(r"#\s*estate:\s*(?P<phase>\w*)\s*[,:;.\u2013\u2014-]*\s*(?P<reason>.*)", re.IGNORECASE)


@dataclass
class Note:
    """A comment about an operation.

    Args:
        phase: what it is said to be; None where the comment names neither.
        reason: why; empty where none is given.
        line: where the comment is.
        used: whether an operation was found for it.
    """

    phase: Phase | None
    reason: str
    line: int
    used: bool = False

    @property
    def counts(self) -> bool:
        """Whether it says all that it has to."""
        return self.phase is not None and bool(self.reason)


def notes_in(text: str) -> dict[int, Note]:
    """The notes of a file by line. One that stands alone also counts for the code below it: as minus that line."""
    if "estate:" not in text.lower():
        # Nearly all files: splitting one into words takes longer than parsing it.
        return {}
    found: dict[int, Note] = {}
    waiting: Note | None = None
    more = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                said = _SAID.match(token.string)
                alone = not token.line[: token.start[1]].strip()
                if said:
                    note = Note(_phase(said["phase"]), said["reason"].strip(), token.start[0])
                    if alone:
                        waiting, more = note, True
                    else:
                        found[note.line] = note
                elif alone and waiting and more:
                    waiting.reason = f"{waiting.reason} {token.string.lstrip('# ').strip()}".strip()
            elif token.type not in _BLANK:
                if waiting is not None:
                    found[-token.start[0]] = waiting
                waiting, more = None, False
    except (tokenize.TokenError, SyntaxError):
        pass
    if waiting is not None:
        found[waiting.line] = waiting
    return found


def _phase(word: str) -> Phase | None:
    return {"expand": Phase.EXPAND, "contract": Phase.CONTRACT}.get(word.lower())


_BLANK = frozenset({tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT})
