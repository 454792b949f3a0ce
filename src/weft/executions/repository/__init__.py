"""All SQL of the engine, by what it serves: dispatch, the journal, starting, and looking."""
