"""Pages for people: server-made HTML, good on a phone, whole without JavaScript."""
