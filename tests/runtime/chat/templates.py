# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small templates, one construct each, that jinja_test.py renders twice."""

VARIABLES = {
    "bos_token": "<s>",
    "messages": [
        {"role": "system", "content": "  Be brief. \u2615 "},
        {"role": "user", "content": "Hi <b>\n there"},
        {"role": "assistant", "content": "A & B", "tool_calls": [
            {"name": "f", "arguments": {"x": 1.5, "y": [None, True]}}]},
    ],
    "add_generation_prompt": True,
    "d": {"b": 2, "a": 1, "C": 3, "items": "mine"},
    "l": [3, 1, 2, 1],
    "words": ["beta", "Alpha", "gamma", "alpha"],
    "s": "The quick  brown\tfox\n",
    "u": "na\u00efve \u0416\u0438\u0437\u043d\u044c \U0001f600!",
    "people": [{"n": "Ann", "a": {"age": 31}}, {"n": "bob", "a": {"age": 4}},
               {"n": "Cy", "a": {"age": 31}, "x": 1}],
    "i": 7, "f": 2.5, "neg": -7, "big": 1e22, "none": None, "t": True,
    "empty": [], "deep": {"a": {"b": [{"c": "found"}]}},
}

# Each of these is one "{{ … }}".
EXPRESSIONS = r"""
1 + 2 * 3 - 4 // 3 % 5
7 // -2, 7 % -2, -7 // 2, -7 % 2, 7 / 2
7.5 // 2, 7.5 % -2, -7.5 // 2, 2 ** 10, 2 ** -1, 2.0 ** 3, -2 ** 2
1e3, 1.5e-7, 1e16, 1e15, 123456789.125, 0.1 + 0.2, 1/3, 100000.0, 1e22, big, -0.0
1_000 + 1, 10 == 10.0, true == 1, "1" == 1
'a' "b" 'c\n\t\\\'\x41\u00e9\101\q'
"it's", ['it\'s', "say \"x\"", 'both \' and "', "tab\t", "\x7f\xa0"]
i ~ f ~ none ~ t ~ 's' ~ [1, 'x'] ~ {'k': (1,)} ~ missing
'ab' + 'cd', [1] + [2], (1,) + (2, 3), 'ab' * 3, 3 * [0], 'x' * -1, 'x' * true
not 1, not '', not none, not missing, not empty, not 0.0
1 and 2, 0 or 'x', '' or missing or 3, none and 1
1 < 2 < 3, 1 < 3 < 2, 1 == 1 != 2, 'a' < 'b' <= 'b', [1, 2] < [1, 3]
'a' in 'cat', 'x' not in 'cat', 2 in l, 9 in l, 'b' in d, 'z' in d, 1 in missing
'a' if t else 'b', 'a' if none else 'b', 'a' if none, 1 if 0 else 2 if 0 else 3
(), (1,), (1, 2), [], [1,], {}, {'a': 1, 2: 'b', none: 1.0, true: 0}
-i, +i, - -i, -f, not not i, -i|abs, (-i)|abs
l[0], l[-1], l[9], l[1:], l[:-1], l[::-1], l[::2], l[-3:-1], l[5:], l[2:0:-1]
s[0], s[4:9], s[::-1], s[-4:], u[2], u[::-1], u[1:4], u[-2:], ''[0]
d.a, d['a'], d.nope, d['nope'], d.get('a'), d.get('zz'), d.get('zz', 5), d.items is defined, d['items']
deep.a.b[0].c, deep['a']['b'][0]['c'], deep.a.b.0.c, messages[-1].tool_calls[0].arguments.x
d.keys()|list, d.values()|list, d.items()|list, d|length, d.keys()|length, d.items()|length
d|items|list, d|dictsort, d|dictsort(reverse=true), d|dictsort(true), {'b': 2, 'a': 3}|dictsort(by='value')
d, messages[2], [none, true, 1.0, 'x'], d.copy()
s.split(), s.split(' '), s.split(' ', 1), s.split(none, 1), s.split(maxsplit=2), s.rsplit(none, 1), s.rsplit(' ', 1)
'a,b,,c'.split(','), 'a,b,c'.rsplit(',', 1), ''.split(), ''.split(','), ' x '.split(none, 0)
'a\nb\r\nc\n'.splitlines(), 'a\nb'.splitlines(true), 'a=b=c'.partition('='), 'a=b=c'.rpartition('='), 'x'.partition('=')
'  x '.strip(), 'xxaxx'.strip('x'), 'xyaxy'.lstrip('yx'), 'xya'.rstrip('a'), '\u3000x\xa0'.strip() + '|'
s.startswith('The'), s.startswith(('x', 'The')), s.endswith('\n'), s.startswith('quick', 4), s.endswith('The', 0, 3)
s.upper(), s.lower(), s.title(), s.capitalize(), 'ab1c d-e'.title(), 'aB'.swapcase(), u.upper(), u.lower(), u.title(), u.capitalize()
s.find('quick'), s.find('zz'), u.find('!'), s.rfind('o'), s.index('b'), s.count('o'), s.count(''), u.count('\u0438')
s.replace(' ', '_'), s.replace('o', '0', 1), 'aaa'.replace('', '-'), 'aaa'.replace('a', ''), 'x'.replace('x', 'xx', -1)
'-'.join(words), '-'.join('abc'), ''.join([]), 'prefix-x'.removeprefix('prefix-'), 'x.py'.removesuffix('.py')
'12'.isdigit(), 'a1'.isalnum(), 'ab'.isalpha(), ' \n'.isspace(), ''.isspace(), 'AB'.isupper(), 'aB'.islower(), u.islower(), 'x'.isascii()
'{} and {}'.format(1, 'x'), '{0}{1}{0}'.format('a', 'b'), '{k}!'.format(k=2), '{{}}'.format()
'%s is %d, %5.2f|%-5d|%05d|%x|%%' % ('x', 3, 2.345, 4, 5, 255), '%s' % 'one', '%(a)s' % {'a': 1}, '%s' % [1]
'abc'.center(8, '*'), 'abc'.center(7), 'ab'.center(5, '.'), 'ab'|center(7)
s|trim, s|upper, s|lower, s|title, s|capitalize, s|length
'a-b (c) <d> e'|title, "it's o'clock"|title, u|title, u|upper, u|length
'  x  '|trim, 'xxax'|trim('x'), none|string, 1|string + '1', [1]|string, missing|string
none|default('x'), missing|default('x'), ''|default('x', true), missing|d('y'), 0|default(1), 0|default(1, boolean=true), missing|default
l|first, l|last, empty|first, empty|last, s|first, l|length, l|count, l|sum, l|min, l|max, words|min, words|max, empty|max
l|sort, l|sort(reverse=true), words|sort, words|sort(case_sensitive=true), people|sort(attribute='n')|map(attribute='n')|list
people|sort(attribute='a.age')|map(attribute='n')|join(','), people|map(attribute='a.age')|sum, people|sum(attribute='a.age')
people|max(attribute='a.age'), people|min(attribute='n'), people|map(attribute='x', default='-')|join
l|unique|list, words|unique|list, words|unique(case_sensitive=true)|list, people|unique(attribute='a.age')|map(attribute='n')|list
l|reverse|list, 'abc'|reverse, l|list, 'abc'|list, d|list, l|join, l|join(', '), words|join('-'), people|join(',', attribute='n')
l|map('string')|join('+'), words|map('upper')|list, words|map('replace', 'a', '4')|join(' '), l|map('abs')|list
l|select('odd')|list, l|reject('odd')|list, l|select('gt', 1)|list, l|select('in', [1, 3])|list, [0, 1, '', 'x']|select|list, l|select('==', 1)|list
people|selectattr('x')|list|length, people|selectattr('x', 'defined')|map(attribute='n')|list, people|rejectattr('a.age', 'equalto', 31)|map(attribute='n')|list
messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|first, messages|rejectattr('role', 'in', ['user', 'system'])|list|length
none|map('upper')|list, none|selectattr('x')|list, missing|select|list
l|batch(3)|list, l|batch(3, 0)|list, l|slice(3)|list, l|slice(3, 'x')|list
people|groupby('a.age')|length, [{'k': 'b', 'v': 1}, {'k': 'a', 'v': 2}, {'k': 'B', 'v': 3}]|groupby('k')
'3'|int, '3.7'|int, 'x'|int, 'x'|int(9), ' 12 '|int, 3.9|int, -3.9|int, true|int, '0x1f'|int(0, 16), 'ff'|int(base=16), none|int, '1_0'|int, [1]|int(5)
'3.5'|float, 'x'|float, 'x'|float(1.5), 3|float, '1e3'|float, none|float(2.0), ' 2 '|float
2.5|round, 3.5|round, 2.345|round(2), 2.1|round(0, 'ceil'), 2.9|round(method='floor'), 7|round, 1.005|round(2), 42.55|round|int
-3|abs, -2.5|abs, true|abs, 3|abs
s|replace('quick', 'slow'), 'aaa'|replace('a', 'b', 2), 'a1'|replace(1, 2)
'a\n\nb\nc'|indent, 'a\nb'|indent(2, true), 'a\n\nb'|indent(2, blank=true), 'a\nb\n'|indent('>> ', first=true), ''|indent
'The quick brown fox jumps'|truncate(12), 'The quick brown fox'|truncate(11, true), 'abc'|truncate(3), 'abcdefghijkl'|truncate(6, true, '~', 0)
'a b/c?d=\u00e9'|urlencode, '%s-%s'|format(1, 'x'), '%(a)s'|format(a=1)
d|tojson, messages|tojson, messages|tojson(indent=2), messages[2]|tojson(indent=4), []|tojson(indent=2), {}|tojson(indent=1)
'q"\\\n\t\u00e9\u2615\x01\x7f/<>&\''|tojson, u|tojson(ensure_ascii=true), (1, 2)|tojson, 1.0|tojson, 1e22|tojson, none|tojson, true|tojson
d|tojson(sort_keys=true), d|tojson(separators=(',', ':')), l|tojson(indent=0), l|tojson(indent='--'), {1: 2, none: 3, true: 4, 1.5: 5}|tojson
missing is defined, none is defined, missing is undefined, d.a is defined, d.zz is not defined
none is none, 0 is none, s is string, 1 is string, d is mapping, l is mapping, l is sequence, s is sequence, d is sequence, d.items() is sequence
l is iterable, 1 is iterable, missing is iterable, none is iterable, s is iterable, d.keys() is iterable
1 is number, 1.0 is number, true is number, '1' is number, 1 is integer, true is integer, 1.0 is float, 1 is float, true is boolean, 1 is boolean
true is true, 1 is true, false is false, 0 is false, 4 is even, 3 is odd, 9 is divisibleby 3, 9 is divisibleby(2)
1 is eq 1, 1 is equalto(2), 2 is gt 1, 2 is lessthan 1, 3 is ge 3, 'a' is in 'abc', 1 is in [2], none is sameas none, 2 is ne 3
'AB' is upper, 'ab' is lower, 'aB' is lower, 'upper' is filter, 'nope' is filter, 'odd' is test, range is callable, 1 is callable
l is defined and l is not string, not missing is defined, (1 if d is mapping else 2) is eq 1
range(3)|list, range(1, 4)|list, range(5, 0, -2)|list, range(3)[1], range(0)|length, range(4)[1:]|list, 2 in range(3)
dict(a=1, b='x'), dict({'a': 1}, b=2), dict([('k', 'v')]), namespace(a=1).a, namespace({'b': 2}).b
[1, 2].index(2), [1, 2, 1].count(1), (1, 2).index(1), l.copy()
messages|length > 2 and messages[0].role == 'system' and (messages[1]['content'] is string)
messages[0]['content']|trim + '|' + messages[1].content|trim ~ '|'
{'a': {'b': [1, {'c': none}]}}['a'].b[1].c is none
(l|select('odd')) and true, not (empty|select('odd')), (empty|map('upper')) is defined
[1, 2, 3][1:][0], 'abc'[1:][0], [[1, 2], [3]][0][1], 'a.b.c'.split('.')[-1].upper()
d == {'a': 1, 'b': 2, 'C': 3, 'items': 'mine'}, [1, [2]] == [1, [2]], (1,) == [1], missing == missing, none == missing
'\u00e9' < '\u4e00', 'Z' < 'a', '' < 'a', [] < [1]
"<think>a</think>b".split("</think>")[-1].lstrip("\n"), "x".split("</think>")[0].split("<think>")[-1]
f is number and f is not integer, f|int, i / 2, i // 2, i % 2 == 1, 10 % 3 ~ 'x'
s is not none and s|length > 3 or missing.foo
(('a', 1), ('b', 2))|list, dict((('a', 1),)), [('x', 'y')]|first|last
'x'|safe ~ '<', ('a' ~ 'b')|safe, '<b>'|safe|length, ('a'|safe) + 'b', 'ab'|safe|upper
caller is defined, loop is defined, varargs is defined
"%.3s" is string, "%d%%"|format(5), '%5s|' % 3 if false else ''
1 if t else 2 ~ 'x', (1 if t else 2) ~ 'x', l[1 if t else 0]
""".strip().split("\n")

# Each of these has to fail here and there.
FAILING = r"""
missing.attribute
missing + 1
missing()
missing[0]
1 + 'a'
'a' + 1
'a' + none
[1] + (2,)
1 < 'a'
none < 1
1 / 0
1 % 0
none|length
5|length
none|first
1 in 5
'a' in none
1 in 'a'
raise_exception('no')
'x'.nope()
l.append(4)
d.update({})
l.remove(1)
l.sort()
''.__class__.__mro__
d.get()
range(1000000)
range(0)[0].x
s.split('')
'abc'.index('z')
'%d' % 'x'
'%s %s' % 'x'
'%s' % (1, 2)
'{}{}'.format(1)
missing|tojson
range(2)|tojson
d.items()|tojson
[missing]|tojson
(l|select('odd'))|length
(l|select('odd'))[0].x
l|map('upper')|first|tojson|nope
l|sort(attribute='x.y')
['a', 1]|sort
5|list
[1, 2]|join(1, 2, 3)
'x'|upper(1)
'x'|nope
1 is nope
{[]: 1}
d[1:]
l['a':]
l[::0]
'x' * missing
-'x'
d()
s()
dict(1)
cycler()
5|items|list
l|dictsort
none|dictsort
5|abs|abs(1)
1.5.x.y
""".strip().split("\n")

# Whole templates.
TEMPLATES = [
    # White space around tags.
    "a\n{% if true %}\nb\n{% endif %}\nc\n",
    "  {% if true %}  \n  b\n  {%- endif %}\n\n c\n\n",
    "x {{- 1 -}} y {{ 2 }}\n{{ 3 -}}\n\n z",
    "a\n   {%+ if true %}b{% endif +%}\nc",
    "a {# comment #}\n  {# another\n #}b {#- c -#} d",
    "  {{ 1 }}\n  {{ 2 }}  \n",
    "a\r\nb\rc\n",
    "{% raw %}{{ x }} {% if %}{% endraw %}\nafter",
    "x\n  {%- raw -%}\n {{ y }} \n{%- endraw %}\n z",
    "{% if true %}a{% endif %}\n{% if true -%}\n  b\n{%- endif -%}\n c",
    "\n\n{% set x = 1 %}\n\n{{ x }}\n\n\n",
    "  {% set x = 1 %}  {{ x }}",
    "text {% if true %}\n  inner\n{% endif %} tail\n",
    "{%- for m in messages %}\n{{- m.role }}\n{% endfor -%}\n end",
    "{{ '{{' }} {{ '%}' }} {% raw %}{%{% endraw %}",
    "{{ {'a': {'b': 1}}.a.b }}{{ {} }}",
    "\t{% if true %}\t\n\tx\t{% endif %}\u3000{%- if true %}y{% endif %}",
    "a\n\n\n{%- if true %}b{% endif -%}\n\n\nc",
    "{#- only -#}",
    "",
    "\n",
    # Loops.
    "{% for m in messages %}{{ loop.index }}/{{ loop.length }} {{ m.role }}"
    "{{ ',' if not loop.last }}{% endfor %}",
    "{% for x in l %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}"
    "{{ loop.first }}{{ loop.last }}{{ loop.depth }}{{ loop.previtem }}"
    "{{ loop.nextitem }};{% endfor %}",
    "{% for x in empty %}x{% else %}none{% endfor %}"
    "{% for x in missing %}x{% else %}none{% endfor %}",
    "{% for x in l if x > 1 %}{{ x }}{{ loop.length }}{% else %}-{% endfor %}"
    "{% for x in l if x > 9 %}{{ x }}{% else %}-{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in d|dictsort %}{{ k }}={{ v }};{% endfor %}",
    "{% for a, (b, c) in [(1, (2, 3)), (4, (5, 6))] %}{{ a }}{{ b }}{{ c }} "
    "{% endfor %}",
    "{% for c in 'a\u00efb' %}[{{ c }}]{% endfor %}",
    "{% for k in d %}{{ k }}{% endfor %}",
    "{% for a in [1, 2] %}{% for b in 'xy' %}{{ loop.depth }}{{ a }}{{ b }}"
    "{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}"
    "{% endfor %}|{% for x in l %}{% if x == 2 %}{% break %}{% endif %}{{ x }}"
    "{% endfor %}",
    "{% for x in [1, [2, [3]]] recursive %}{% if x is iterable %}"
    "({{ loop(x) }}){% else %}{{ x }}@{{ loop.depth0 }}{% endif %}"
    "{% endfor %}",
    "{% for x in l %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x) }}"
    "{% endfor %}",
    "{% for x in 1, 2, 3 %}{{ x }}{% endfor %}",
    "{% for x in range(3) %}{% set y = x %}{{ y }}{% endfor %}{{ y }}",
    "{% set x = 0 %}{% for i in l %}{{ x }}{% set x = x + i %}{{ x }} "
    "{% endfor %}{{ x }}",
    "{% set loop_messages = messages %}{% for m in loop_messages[1:] %}"
    "{{ m.role }}{% endfor %}",
    "{% for x in l|unique %}{{ x }}{{ loop.last }}{% endfor %}",
    "{% set g = l|map('string') %}{% for x in g %}{{ x }}{% endfor %}|"
    "{% for x in g %}{{ x }}{% endfor %}",
    "{% set g = l|select('odd') %}{{ g|first }}{{ g|list }}",
    "{% for m in messages if m.role != 'system' %}{{ loop.index0 }}"
    "{{ m.role }}{% endfor %}",
    "{% for x in [1] %}{% else %}{{ loop }}{% endfor %}",
    "{% for x in l %}{% for y in l if y == x %}{{ y }}{% endfor %}{% endfor %}",
    "{% for group in people|groupby('a.age') %}{{ group.grouper }}:"
    "{{ group.list|length }}{{ group[0] }} {% endfor %}",
    "{% for x in [] %}a{% elif %}{% endfor %}",
    # Conditions.
    "{% if none %}a{% elif 0 %}b{% elif 'x' %}c{% else %}d{% endif %}",
    "{% if missing %}a{% endif %}{% if not missing %}b{% endif %}",
    "{% if messages[0]['role'] == 'system' %}S{% else %}N{% endif %}",
    "{% if true %}{% set x = 5 %}{% endif %}{{ x }}",
    "{% if false %}{% set x = 5 %}{% endif %}{{ x is defined }}",
    "{% if 1, 2 %}tuple{% endif %}",
    # Variables.
    "{% set x = 1 %}{% set y, z = 2, [3] %}{{ x }}{{ y }}{{ z }}",
    "{% set a, b = 'xy' %}{{ b }}{{ a }}{% set (c, d2) = (1, 2) %}{{ c }}",
    "{% set x = 1, 2 %}{{ x }}{% set x = () %}{{ x }}",
    "{% set x %}in {{ i }}\n{% endset %}[{{ x }}]{{ x is string }}",
    "{% set x | upper | trim %} in {{ i }} {% endset %}[{{ x }}]",
    "{% set x %}{% set y = 1 %}{% endset %}{{ y is defined }}",
    "{% set ns = namespace(a=1, b=[]) %}{% for x in l %}"
    "{% set ns.a = ns.a + x %}{% set ns.b = ns.b + [x] %}{% endfor %}"
    "{{ ns.a }}{{ ns.b }}{{ ns.c is defined }}",
    "{% set ns = namespace(x='') %}{% set ns.x %}block{% endset %}{{ ns.x }}",
    "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}",
    "{% with a = 1, b = i %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}",
    "{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% filter upper %}a {{ s }}{% endfilter %}",
    "{% filter replace('a', 'b')|trim %} aa {% endfilter %}",
    "{% generation %}x{{ i }}{% endgeneration %}\ny",
    "{% print i, 'x' %}",
    "{% set d2 = dict(d, z=1) %}{{ d2|length }}{{ d|length }}",
    # Macros.
    "{% macro f(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}"
    "{{ f(1) }}|{{ f(1, 3) }}|{{ f(a=1, c=5) }}|{{ f() }}|{{ f(1, c=2) }}",
    "{% macro f(x) -%}\n  <{{ x }}>\n{%- endmacro %}\n{{ f(f('y')) }}",
    "{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}"
    "{{ f(1, 2, k=3) }}{{ f() }}",
    "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}"
    "{% endmacro %}{{ f(5) }}",
    "{% macro f(n) %}<{{ caller() }}{{ n }}>{% endmacro %}"
    "{% call f(1) %}body {{ i }}{% endcall %}",
    "{% macro f(n) %}{% for x in n %}{{ caller(x, loop.index) }}{% endfor %}"
    "{% endmacro %}{% call(v, k=1) f(l) %}[{{ v }}{{ k }}]{% endcall %}",
    "{% set g = 1 %}{% macro f() %}{{ g }}{% set g = 5 %}{{ g }}{% endmacro %}"
    "{% set g = 2 %}{{ f() }}{{ g }}",
    "{% macro f() %}{{ i }}{{ late }}{% endmacro %}{% set late = 'L' %}"
    "{{ f() }}",
    "{% for x in l %}{% macro f() %}{{ x }}{% endmacro %}{{ f() }}{% endfor %}"
    "{{ f is defined }}",
    "{% macro f(x) %}{{ x }}{% endmacro %}{{ f('a') + f('b') }}"
    "{{ f('<')|length }}{{ f.name }}",
    "{% macro f(x) %}{{ x is defined }}{% endmacro %}{{ f() }}{{ f(none) }}",
    "{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}",
    "{% macro f(a) %}{% endmacro %}{{ f(b=2) }}",
    "{% macro f(a) %}{% endmacro %}{% call f(1) %}{% endcall %}",
    "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(*[1]) }}{{ f(**{'a': 2}) }}",
    "{% macro f(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ f(*l[:2]) }}"
    "{{ f(1, **{'b': 2}) }}",
    "{% macro tool(t) %}{{ t.name }}({{ t.arguments|tojson }}){% endmacro %}"
    "{% for m in messages if m.tool_calls %}{{ tool(m.tool_calls[0]) }}"
    "{% endfor %}",
    # Functions.
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.current }}{{ c.next() }}"
    "{{ c.next() }}{{ c.reset() }}{{ c.next() }}",
    "{% set j = joiner('; ') %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}",
    "{{ strftime_now('%Y-%m-%d') }}{{ strftime_now('') }}",
    "{% if strftime_now is defined %}{% set d1 = strftime_now('%d %b %Y') %}"
    "{{ d1 }}{% endif %}",
    "{{ raise_exception('bad ' ~ i) }}",
    "{% set f = messages[0].content.strip %}{{ f() }}|",
    # Names that Jinja finds out about only when it comes there.
    "{% if false %}{{ i|from_json }}{% endif %}x",
    "{{ i|from_json if false else 'y' }}",
    "{% if true %}{{ i|from_json }}{% endif %}x",
    "{% if false %}{{ i is nonsense }}{% endif %}x",
    # What is no template.
    "{% if %}", "{{", "{%", "{{ 1", "{% endif %}", "{% for x in l %}",
    "{{ 1 + }}", "{{ (1 }}", "{{ [1, }}", "{% set 1 = 2 %}", "{% set = 1 %}",
    "{% break %}", "{% unknown %}", "{# open", "{{ 'open }}", "{{ a b }}",
    "{% macro f(a=1, b) %}{% endmacro %}", "{{ f(a=1, 2) }}", "{{ 1 is is }}",
    "{% set true = 1 %}", "{{ x.'y' }}", "{% if true %}{% else %}{% else %}"
    "{% endif %}", "{{ ) }}", "{% raw %}x", "{{ 'x' is }}", "{{ $ }}",
    "{% for x %}{% endfor %}", "{% call 1 %}{% endcall %}", "{{ a..b }}",
    # A whole one.
    "{%- if messages[0]['role'] == 'system' -%}\n"
    "  {%- set system = messages[0]['content'] | trim -%}\n"
    "  {%- set rest = messages[1:] -%}\n"
    "{%- else -%}\n  {%- set rest = messages -%}\n{%- endif -%}\n"
    "{{ bos_token }}\n{%- for message in rest %}\n"
    "  {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}\n"
    "    {{- raise_exception('roles must alternate') }}\n  {%- endif %}\n"
    "  {{- '<|' + message['role'] + '|>\\n' + message.content | trim "
    "+ '<|end|>\\n' }}\n"
    "{%- endfor %}\n{%- if add_generation_prompt %}\n"
    "  {{- '<|assistant|>\\n' }}\n{%- endif %}\n",
]
