"""Payload to symbol to drawing to bytes; knows nothing of twins."""
