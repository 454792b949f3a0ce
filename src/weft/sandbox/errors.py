"""What the sandbox raises. Each message can be shown to the author of the template, pattern or expression.

InvalidInput
├── TemplateError       the template is wrong, or does what a template may not
├── PatternError        the regular expression is wrong, or takes too long
└── ExpressionError     the expression is wrong, or its value is no plain JSON
LimitExceeded
└── SandboxTimeout      a template or expression took too long and was stopped
WeftError
└── SandboxUnavailable  no worker could take the request; trying again may help
"""

from weft.errors import InvalidInput, LimitExceeded, WeftError


class TemplateError(InvalidInput):
    """The template is wrong, or does what a template may not.

    `details` holds `line` (from 1, or None) and `name` (the unknown name, or None).
    """

    code = "TEMPLATE_ERROR"


class PatternError(InvalidInput):
    """The regular expression is wrong, or takes too long on this text.

    `details` holds `position`, the index in the pattern, or None.
    """

    code = "PATTERN_ERROR"


class ExpressionError(InvalidInput):
    """The expression is wrong, or its value is no plain JSON within the limits."""

    code = "EXPRESSION_ERROR"


class SandboxTimeout(LimitExceeded):
    """A template or expression took too long and was stopped; nothing was produced."""

    code = "SANDBOX_TIMEOUT"


class SandboxUnavailable(WeftError):
    """No sandbox worker could take the request; nothing was run, and trying again may help."""

    code = "SANDBOX_UNAVAILABLE"
