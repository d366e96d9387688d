"""The rules of twins: pure, no I/O; the clock and new ids are arguments."""
