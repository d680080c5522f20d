"""Static files under names that hold a hash of their content, so that browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites what ES modules import from each other: there is no bundler that would."""

    support_js_module_import_aggregation = True
