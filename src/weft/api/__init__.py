"""HTTP only: parse, authorise, call one domain function, shape the reply."""
