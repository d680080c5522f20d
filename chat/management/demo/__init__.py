"""The demo: people and conversations for a first start. Data in modules of its own, and one builder that plays it."""
