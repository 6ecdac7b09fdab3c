"""The control panel: a page at `/`, and its own API, `/_panel/`.

For persons: to watch deployments, and to do what the API cannot when mirrors are made by hand (`--mirrors none`). Like the
control API it asks for no token, meets no faults and stays out of the record of calls, so watching changes nothing. It
invents no rules either: every change is the API's own, and a refusal is shown in the API's words.

`GET overview`
    Organisations, plan groups, and every application with its environments and how far their deployments are (views.py).
`GET applications/SLUG`
    One application: variables, deployments, service instances, domains.
`GET deployments/UUID/log`
    What a deployment has written.
`POST`, `PATCH`, `DELETE do/…`
    The same call on the API, or on `/_emulator/mirrors`, such as `DELETE do/apps/v3/domains/UUID/`; its `status` and, in the
    API's own words, why it was `refused` (routes.py).

Nothing that it answers holds a sensitive value or the credentials of a DSN (redaction.py).
"""
