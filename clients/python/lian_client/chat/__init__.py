"""A chat for the terminal, which is also the example of how to use the client."""
