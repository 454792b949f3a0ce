"""What runs inside a sandbox worker. Imports the standard library and Jinja2, and nothing of ours from outside."""
