"""The digital twin of every physical label."""
