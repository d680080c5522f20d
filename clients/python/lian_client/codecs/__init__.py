"""How a frame becomes the content of one transport message."""
