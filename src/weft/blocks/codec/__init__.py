"""Blocks that read and write formats: JSON, CSV, XML, base64, and others."""
