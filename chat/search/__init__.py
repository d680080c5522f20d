"""What a text is found by: pure text analysis, the same for the index, for queries and for highlights.

`fold` makes equal what people take for the same, `index_tokens` is what an index keeps of a text, and `parse_query`
reads what somebody looks for. A term is found where it stands in the text *and* begins at the beginning of a word; in
scripts that are written without spaces every character begins one. So “上海” finds 我家在上海东边, “12306” finds
铁路12306, and “sta” finds station, but “tion” does not.

The index answers with candidates (all tokens are there); `Query.spans` decides, on the text itself.
"""

from __future__ import annotations

from chat.search.folding import Folded, fold
from chat.search.query import Query, parse_query
from chat.search.tokens import index_tokens

__all__ = ["Folded", "Query", "fold", "index_tokens", "parse_query"]
