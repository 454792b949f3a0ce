"""Templates, regular expressions and expressions of users, run where they can do no harm.

`service.Sandbox` is what others use; `limits.SandboxLimits` bounds it, `errors` says what it raises. This
file imports
nothing: the worker processes load `weft.sandbox.child` through it, and each module more makes their start
slower.
"""
