"""All SQL of graphs: `heads` are the drafts, `versions` what was saved of them."""
