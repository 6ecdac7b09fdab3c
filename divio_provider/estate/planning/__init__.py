"""What to do, and why: a declaration and what was there before become ids, variables, waves and decisions.

* ``site_ids``, ``pins``: which `SITE_ID` belongs to which site, for ever, and which of them git does not know yet.
* ``variables``, ``variable_diff``, ``built_ins``: what an environment is given, and what changes there.
* ``wiring``: what mirrors share with the original.
* ``waves``, ``releases``, ``deployment_decision``: who is deployed together, and whether at all.
* ``connections``: whether the shared database takes the connections of all sites.
"""
