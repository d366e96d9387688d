"""Other systems: documents in and out, pure."""
