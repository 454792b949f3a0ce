"""Templates that try to leave the sandbox or to exhaust it, as data.

`CANARY_FILE` in a payload stands for the path of a file, `CANARY_ENV` for the name of a variable of the
parent; what they hold must never be seen.
"""

ESCAPES: tuple[tuple[str, str], ...] = (
    ("class", "{{ ''.__class__ }}"),
    ("mro", "{{ ''.__class__.__mro__[1].__subclasses__() }}"),
    ("class_item", "{{ ''['__class__']['__base__']['__subclasses__']() }}"),
    ("class_of_data", "{{ user.__class__.__init__.__globals__ }}"),
    ("attr_filter", "{{ ''|attr('__class__') }}"),
    ("attr_filter_parts", "{{ user|attr(['__','class','__']|join) }}"),
    ("map_attribute", "{{ ['a']|map(attribute='__class__')|list }}"),
    ("map_attribute_path", "{{ ['a']|map(attribute='__class__.__base__')|list }}"),
    ("map_attr_filter", "{{ ['a']|map('attr', '__class__')|list }}"),
    ("sort_attribute", "{{ ['a', 'b']|sort(attribute='__class__') }}"),
    ("groupby_attribute", "{{ ['a']|groupby('__class__') }}"),
    ("lipsum", "{{ lipsum.__globals__['os'].environ['CANARY_ENV'] }}"),
    ("lipsum_popen", "{{ lipsum.__globals__.os.popen('cat CANARY_FILE').read() }}"),
    ("cycler", "{{ cycler.__init__.__globals__.os.popen('cat CANARY_FILE').read() }}"),
    ("joiner", "{{ joiner.__init__.__globals__.os.environ }}"),
    ("namespace", "{{ namespace.__init__.__globals__.os.environ }}"),
    ("namespace_instance", "{{ namespace(a=1)._Namespace__attrs.__class__ }}"),
    ("range", "{{ range.__class__.__subclasses__(range) }}"),
    ("dict_type", "{{ dict.__base__.__subclasses__() }}"),
    ("self", "{{ self._TemplateReference__context.environment.loader }}"),
    ("self_globals", "{{ self.__init__.__globals__.__builtins__.open('CANARY_FILE').read() }}"),
    ("macro", "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}"),
    ("macro_environment", "{% macro m() %}{% endmacro %}{{ m._environment.globals }}"),
    ("loop", "{% for a in [1] %}{{ loop._iterator.__class__ }}{{ loop.__init__.__globals__ }}{% endfor %}"),
    ("format_method", "{{ '{0.__class__.__init__.__globals__}'.format(user) }}"),
    ("format_indirect", "{% set f = '{0.__class__}'.format %}{{ f(user) }}"),
    (
        "format_by_map",
        "{{ ['{0.__class__}']|map('format', user)|list }}{{ '{a.__class__}'.format_map(user) }}",
    ),
    ("undefined", "{{ nothing.__class__.__init__.__globals__ }}"),
    ("include", "{% include 'CANARY_FILE' %}"),
    ("import", "{% import 'os' as os %}{{ os.environ }}"),
)

RESOURCES: tuple[tuple[str, str], ...] = (
    (
        "nested_loops",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    ),
    ("repetition", "{{ 'a' * 10**9 }}{{ ['a'|center(10**9), 10**9] }}"),
    ("range", "{{ range(10**9)|list }}"),
    ("recursion", "{% macro m(x) %}{{ m(x ~ x) }}{% endmacro %}{{ m('a' * 1000) }}"),
    (
        "growing_text",
        "{% set n = namespace(t='x' * 999) %}{% for a in range(999) %}{% set n.t = n.t ~ n.t %}{% endfor %}",
    ),
    ("power", "{{ 9 ** (9 ** 9) }}{{ 7 ** (10 ** 7) }}"),
)

MORE_RESOURCES: tuple[tuple[str, str], ...] = (
    (
        "growing_number",
        "{% set n = namespace(x=9) %}{% for a in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
    ),
    ("center", "{{ 'a'|center(10**9) }}"),
    ("indent", "{{ ('a\n' * 9999)|indent(10**7) }}"),
    ("join", "{{ range(99999)|join('x' * 999999) }}"),
    ("ljust", "{{ 'a'.ljust(10**9) }}"),
    ("format_width", "{{ '%999999999d'|format(1) }}"),
    ("percent_width", "{{ '%999999999d' % 1 }}"),
    ("replace", "{{ ('a' * 999999)|replace('a', 'b' * 999999) }}"),
    ("wordwrap", "{{ ('a ' * 400000)|wordwrap(1) }}"),
    ("many_filters", "{{ " + "[" * 150 + "]" * 150 + "|pprint }}"),
    ("nested_brackets", "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}"),
    ("nested_blocks", "{% if 1 %}" * 5_000 + "{% endif %}" * 5_000),
    ("long_sum", "{{ " + "1+" * 60_000 + "1 }}"),
    ("recursive_loop", "{% for a in [[[]]] recursive %}{{ loop([[[]]]) }}{% endfor %}"),
    ("batch", "{{ range(10)|batch(10**9, 'x')|list }}"),
    ("slice", "{{ range(10)|slice(10**9)|list }}"),
    ("output", "{% for a in range(99999) %}0123456789012345678901234567890{% endfor %}"),
)
