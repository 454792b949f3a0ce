"""Sending mail behind one Protocol."""
