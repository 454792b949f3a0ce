"""The files of users: large ones stand in the store, once per user and content; docs/design/files.md says how."""
