"""Static files under names that hold a hash of their content, so that browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

#: `import … from "./x.js"`, `import "./x.js"` and `export … from "./x.js"` at the beginning of a line. Django's own
#: pattern also takes the `import("./x.js")` of type comments, which go round in circles and would never end.
STATIC_IMPORT = (
    r"""(?m)^(?P<matched>(?P<what>(?:import|export)\b[^;'"]*)["'](?P<url>\.{1,2}/[^'"]+)["'])""",
    """%(what)s"%(url)s\"""",
)
#: `await import("./x.js")`: what is loaded on first use.
DYNAMIC_IMPORT = (
    r"""(?P<matched>\bawait\s+import\(["'](?P<url>\.{1,2}/[^'"]+)["']\))""",
    """await import("%(url)s")""",
)


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites what our ES modules import from each other: there is no bundler that would."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("chat/js/*.js", (STATIC_IMPORT, DYNAMIC_IMPORT)),
    )
    # One pass more than the longest chain of imports; more than any that a person could follow.
    max_post_process_passes = 20
