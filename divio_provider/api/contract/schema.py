"""The API's own schema (OpenAPI), in three documents."""

from divio_provider.api.contract.types import INFERRED, SEEN, Call

APPS = Call("schema.read", "GET", "/apps/v3/schema.json", SEEN, "docs")
IAM = Call("schema.iam", "GET", "/iam/v3/schema.json", INFERRED, "by analogy; openapi renders it")
BILLING = Call("schema.billing", "GET", "/billing/v3/schema.json", INFERRED, "by analogy; openapi renders it")
