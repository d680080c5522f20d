"""Message text to safe HTML, once on the server, for every client. Pure: no Django here.

`render` is the only way from what people write to HTML; its result may be put into a page as it is.
"""

from chat.markup.preview import plain_preview, whole_characters
from chat.markup.rendering import render

__all__ = ["plain_preview", "render", "whole_characters"]
