"""What runs inside a sandbox worker. Imports the standard library, Jinja2 and itself."""
