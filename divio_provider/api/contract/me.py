"""The account behind the token."""

from divio_provider.api.contract.types import SEEN, Call, parts

GET = Call(
    "me.get", "GET", "/iam/v3/me/", SEEN, "cli, openapi",
    reads=parts("uuid:id|null email|null"),
)  # fmt: skip
