"""A statement's words, taken one after the other."""

from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]  # its names are imported there

_TEXT = {TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.BYTE_STRING, TokenType.RAW_STRING}
_OPENS, _CLOSES = {"(", "["}, {")", "]"}


class Words:
    """The words from where one has read to.

    Args:
        tokens: one statement's.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def __bool__(self) -> bool:
        """Whether any are left."""
        return self._at < len(self._tokens)

    def peek(self, ahead: int = 0) -> str:
        """A keyword in capitals; empty for texts, names in quotes and behind the end."""
        at = self._at + ahead
        if at >= len(self._tokens) or self._tokens[at].token_type in {*_TEXT, TokenType.IDENTIFIER}:
            return ""
        return self._tokens[at].text.upper()

    def is_quoted(self) -> bool:
        """Whether a name in quotes comes next."""
        return bool(self) and self._tokens[self._at].token_type is TokenType.IDENTIFIER

    def take(self) -> str:
        """The next word as it is; empty behind the end."""
        if not self:
            return ""
        self._at += 1
        return self._tokens[self._at - 1].text

    def skip(self, *keywords: str) -> bool:
        """Pass all of these that come next, in any order; whether there was one."""
        passed = False
        while self.peek() in keywords:
            self._at += 1
            passed = True
        return passed

    def has(self, *keywords: str) -> bool:
        """Whether one of these is still to come outside of brackets."""
        return any(word in keywords for word in self.outside())

    def outside(self) -> list[str]:
        """The keywords still to come outside of brackets."""
        depth, found = 0, []
        for ahead in range(len(self._tokens) - self._at):
            word = self.peek(ahead)
            depth += (word in _OPENS) - (word in _CLOSES)
            if depth == 0:
                found.append(word)
        return found

    def name(self) -> str:
        """A table's, column's or other thing's name in lower case, without its schema."""
        found = self.take().lower()
        while self.peek() == ".":
            self.take()
            found = self.take().lower()
        return found

    def names(self) -> list[str]:
        """A list of names."""
        found: list[str] = []
        while self and self.peek() not in {"CASCADE", "RESTRICT", "RESTART", "CONTINUE", "ON"}:
            found.append(self.name())
            if self.peek() == "(":
                self._pass_brackets()
            if not self.skip(","):
                break
        return found

    def name_after(self, keyword: str) -> str:
        """The name behind a keyword; empty where there is no such keyword."""
        while self:
            if self.peek() == keyword:
                self.take()
                self.skip("ONLY")
                return self.name()
            self.take()
        return ""

    def columns(self) -> tuple[str, ...]:
        """The names in the next brackets; nothing where there is more than names in them."""
        while self and self.peek() != "(":
            self.take()
        self.take()
        found: list[str] = []
        while self and self.peek() != ")":
            found.append(self.take().lower())
            if self.peek() not in {",", ")", "ASC", "DESC"}:
                return ()
            self.skip("ASC", "DESC", ",")
        return tuple(found)

    def _pass_brackets(self) -> None:
        depth = 0
        while self:
            word = self.peek()
            self.take()
            depth += (word in _OPENS) - (word in _CLOSES)
            if depth == 0:
                return

    def parts(self) -> list["Words"]:
        """What is left, split at commas outside of brackets."""
        found: list[list[Token]] = [[]]
        depth = 0
        for token in self._tokens[self._at :]:
            plain = token.token_type not in {*_TEXT, TokenType.IDENTIFIER}
            depth += plain and ((token.text in _OPENS) - (token.text in _CLOSES))
            if plain and token.text == "," and depth == 0:
                found.append([])
            else:
                found[-1].append(token)
        return [Words(part) for part in found if part]

    def text(self) -> str:
        """What is left, as one text."""
        return " ".join(token.text for token in self._tokens[self._at :])

    def until(self, *keywords: str) -> str:
        """What comes before one of these, as one text."""
        found: list[str] = []
        while self and self.peek() not in keywords:
            found.append(self.take())
        return " ".join(found)
