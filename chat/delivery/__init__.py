"""From a committed change to the bytes in every member's socket.

Rules: nothing here queries models (what delivery must know comes in events or through
`ports.LogReader`), and nothing here may fail a request: a push is a hint, the log is the record.
"""
