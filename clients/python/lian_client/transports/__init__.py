"""What carries frames. A transport opens, sends, receives and closes, and knows nothing of logins or retries."""
