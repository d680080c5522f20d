"""`python -m lian_client` is `lian-chat`."""

from __future__ import annotations

from lian_client.chat.main import main

if __name__ == "__main__":
    main()
