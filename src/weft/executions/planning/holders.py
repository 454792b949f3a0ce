"""Who still needs a value: a count per emission, so that values leave memory once nobody will ask again."""

from weft.executions.planning.refs import Collected, Inputs, Ref, emission_of


class Holders:
    """Counts the queues, slots and firings that hold each emission; one holder is the rule, not stored."""

    __slots__ = ("released", "shared")

    def __init__(self) -> None:
        self.shared: dict[Ref, int] = {}
        self.released: list[Ref] = []

    def share(self, ref: Ref, holders: int) -> None:
        """Begin with this many holders; an emission that nobody takes is released at once."""
        if holders:
            self.shared[ref] = holders
        else:
            self.released.append(ref)

    def retain(self, ref: Ref) -> None:
        """Add a holder."""
        ref = emission_of(ref)
        self.shared[ref] = self.shared.get(ref, 1) + 1

    def drop(self, ref: Ref) -> None:
        """Take a holder away; the last one releases the value."""
        ref = emission_of(ref)
        holders = self.shared.get(ref)
        if holders is None:
            self.released.append(ref)
        elif holders == 1:
            del self.shared[ref]
            self.released.append(ref)
        else:
            self.shared[ref] = holders - 1

    def drop_inputs(self, inputs: Inputs) -> None:
        """Take the holder of an ended firing away from each of its inputs."""
        for item in inputs:
            if type(item) is int:
                self.drop(item)
            elif isinstance(item, Collected):
                for ref in item:
                    self.drop(ref)
