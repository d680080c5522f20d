"""What nobody polite sends: packets at random and mutated, by the million, and everything RFC 6455 forbids."""
