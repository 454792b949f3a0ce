"""The engines beside which Weft is measured. Each file runs in its own process, most of them in `.bench`."""
