"""What happened to applications."""

from divio_provider.api.contract.types import INFERRED, Call, parts

LIST = Call(
    "activities.list", "GET", "/apps/v3/application-activities/", INFERRED,
    "openapi names the operation, its filters and fields; the path is inferred",
    filters=parts("application:id organisation:id type user_name"),
    reads=parts("uuid:id application:id|null created_at:time|null type|null description|null user_name|null"),
)  # fmt: skip
