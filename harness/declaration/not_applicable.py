"""What an implementation says when it lacks what a claim examines."""


class NotApplicableError(Exception):
    """The implementation cannot do this at all: a dtype, a gradient, a mode, an option.

    Raise it in an adapter with a sentence that names what is missing. The trial at that setting
    is then set aside as NOT APPLICABLE: neither a pass nor a refutation.
    """
