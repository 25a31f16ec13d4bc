"""`/metrics`: figures about this server in the text format of Prometheus (docs/deploy.md, "Metrics").

No label holds an id, an address or a name: routes, methods and statuses alone, of which there are few.
"""
