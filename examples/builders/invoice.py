"""Static inputs and a stream meet in the blanks of a template; what they make is gathered into one text.

A static link lends its last value to every firing: the currency is given once and used for each line.
"""

from pathlib import Path

from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder

LINE = "{{ item.count }} x {{ item.name }} at {{ item.price }} {{ currency }}"
INVOICE = """\
Invoice {{ number }} for {{ customer }}
{% for line in lines %}- {{ line }}
{% endfor %}Total: {{ total }} {{ currency }}"""
TOTAL = (
    "{% set sum = namespace(value=0) %}"
    "{% for item in items %}{% set sum.value = sum.value + item.count * item.price %}{% endfor %}"
    "{{ sum.value }}"
)


def build() -> GraphBuilder:
    """Return an agent that writes an invoice line by line."""
    g = GraphBuilder("Invoice", "Writes an invoice from its items", catalog=Catalog.load())
    customer = g.input("customer", str)
    number = g.input("number", int)
    currency = g.input("currency", "dropdown", value="EUR", options=["EUR", "USD", "CNY"])
    items = g.input("items", list)

    each = g.add("flow.for_each", "Each item")
    line = g.add("text.fill_template", "Line", format=LINE)
    lines = g.add("flow.collect", "All lines")
    g.link(items, each)
    g.link(each["item"], line["values"]["item"])
    g.link(currency, line["values"]["currency"], static=True)
    g.link(line, lines["values"])

    total = g.add("text.fill_template", "Sum", format=TOTAL)
    g.link(items, total["values"]["items"])

    invoice = g.add("text.fill_template", "Write", format=INVOICE)
    for name, source in (("customer", customer), ("number", number), ("currency", currency)):
        g.link(source, invoice["values"][name], static=True)
    g.link(lines["list"], invoice["values"]["lines"])
    g.link(total, invoice["values"]["total"])
    g.output("invoice", invoice)
    return g


if __name__ == "__main__":
    build().write(Path(__file__).parents[1] / "invoice.json")
