"""Pictures of graphs, as SVG and as Mermaid, with the state of a run or without: values in, text out."""
