"""Where keys stand, against `tomllib`'s reading of the same text."""

import json
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stationd.config.toml_lines import key_lines, line_of

EXAMPLE = '''\
# a comment with [brackets] and "quotes
title = "a # b [c]"   # 2
[clock]
text = """
[not.a.table]
key = 1 ""\\"""""
lines = [ # 7
  1, "]", # ]
  { a = 1 },
]
a."b.c".d = 'x"[' # 11
"quo\\u0074ed" = 1

[[station]]
id = "one"
  [station.source] # 16
  kind = "tcp"
[[station]]
id = "two" # 19
[[station.part]]
x = 1
[[station.part]]
x = 2 # 23
[ "sp aced" . x ]
y = {p = {q = 1}} # 25
raw = \'\'\'
[no]
\'\'\'\'
last = 1979-05-27T07:32:00Z # 29'''


def test_keys_of_every_kind_are_found_on_their_lines():
    lines = key_lines(EXAMPLE)
    tomllib.loads(EXAMPLE)
    assert lines == {
        ("title",): 2,
        ("clock",): 3,
        ("clock", "text"): 4,
        ("clock", "lines"): 7,
        ("clock", "a"): 11,
        ("clock", "a", "b.c"): 11,
        ("clock", "a", "b.c", "d"): 11,
        ("clock", "quoted"): 12,
        ("station",): 14,
        ("station", 0): 14,
        ("station", 0, "id"): 15,
        ("station", 0, "source"): 16,
        ("station", 0, "source", "kind"): 17,
        ("station", 1): 18,
        ("station", 1, "id"): 19,
        ("station", 1, "part"): 20,
        ("station", 1, "part", 0): 20,
        ("station", 1, "part", 0, "x"): 21,
        ("station", 1, "part", 1): 22,
        ("station", 1, "part", 1, "x"): 23,
        ("sp aced",): 24,
        ("sp aced", "x"): 24,
        ("sp aced", "x", "y"): 25,
        ("sp aced", "x", "raw"): 26,
        ("sp aced", "x", "last"): 29,
    }


def test_a_key_inside_an_inline_table_stands_on_the_line_of_its_key():
    assert line_of(key_lines(EXAMPLE), ("sp aced", "x", "y", "p", "q")) == 25
    assert line_of({}, ("nothing",)) == 1


texts = st.text(st.sampled_from("ab.\"'#[]{}=\\ \t,€"), max_size=6)
values = st.recursive(
    st.integers() | st.booleans() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
documents = st.dictionaries(texts, st.dictionaries(texts, values, max_size=4), max_size=4)


def written(value: Any, spread: str) -> str:
    """TOML of a value; `spread` goes between the items of arrays (newlines, comments)."""
    match value:
        case dict():
            items = (f"{json.dumps(k)} = {written(v, spread)}" for k, v in value.items())
            return "{ " + ", ".join(items) + " }"
        case list():
            return f"[{spread}" + f",{spread}".join(written(v, spread) for v in value) + "]"
        case str() if "'" not in value and "\t" not in value and len(value) % 2:
            return f"'{value}'"
        case str() if len(value) % 3 == 0:
            return f'"""\n{json.dumps(value)[1:-1]}"""'
        case _:
            return json.dumps(value)


@given(documents, st.sampled_from(["", " ", "\n", ' # "[\n\n']))
def test_every_key_of_a_random_document_stands_where_it_was_written(document, spread):
    text, expected = "", {}
    for name, table in document.items():
        expected[name,] = text.count("\n") + 1
        text += f"[{json.dumps(name)}]  # header\n\n"
        for key, value in table.items():
            expected[name, key] = text.count("\n") + 1
            text += f"{json.dumps(key)} = {written(value, spread)} # ]\n"
    assert tomllib.loads(text) == document
    assert key_lines(text) == expected
