use jackfield_model::Pointer;

use super::super::Format;
use super::locate;

/// Checks that each pointer is located at that line, with that text under the caret.
fn check(format: Format, text: &str, expect: &[(&str, usize, &str)]) {
    for (pointer, line, shown) in expect {
        let pointer = Pointer::from_escaped(*pointer);
        let position = locate(text, format, &[&pointer]).pop().flatten().unwrap();
        let at_caret: String = position.excerpt.chars().skip(position.caret).take(position.len).collect();
        assert_eq!((position.line, at_caret.as_str()), (*line, *shown), "{pointer} in\n{text}");
    }
}

fn yaml(text: &str, expect: &[(&str, usize, &str)]) {
    check(Format::Yaml, text, expect);
    check(Format::Yaml, &text.replace('\n', "\r\n"), expect);
    check(Format::Yaml, &text.replace('\n', "\r"), expect);
}

#[test]
fn keys_and_items_of_json_are_located() {
    let text = r#" {"a": {"b\u0062": [1, {"c": null}, "x,]y", [2]]},
        "a/b": "\\\"}", "é\ud83d\ude00": 1e5, "d": [], "e": {}, "f": [[], [[true]]]}"#;
    check(
        Format::Json,
        text,
        &[
            ("", 1, "{"),
            ("/a", 1, r#""a""#),
            ("/a/bb", 1, r#""b\u0062""#),
            ("/a/bb/0", 1, "1"),
            ("/a/bb/1", 1, "{"),
            ("/a/bb/1/c", 1, r#""c""#),
            ("/a/bb/2", 1, r#""x,]y""#),
            ("/a/bb/3/0", 1, "2"),
            ("/a~1b", 2, r#""a/b""#),
            ("/é\u{1F600}", 2, r#""é\ud83d\ude00""#),
            ("/f/1/0/0", 2, "true"),
        ],
    );
}

#[test]
fn duplicate_key_is_located_at_its_last_occurrence() {
    let text = "{\"a\": {\"x\": 1},\n\"b\": 2,\n\"a\": {\"y\": 3}}";
    check(Format::Json, text, &[("/a", 3, "\"a\""), ("/a/y/z/0", 3, "\"y\""), ("/b/1", 2, "\"b\"")]);
    yaml("a: {x: 1}\nb: 2\na: {y: 3}\n", &[("/a", 3, "a"), ("/a/y/z", 3, "y"), ("/c", 1, "a")]);
}

#[test]
fn many_pointers_are_located_in_one_scan() {
    let pointers = ["/b/0", "/a", "/b/1/c", "/a/x"].map(Pointer::from_escaped);
    let found = locate("a: 1\nb:\n- x\n- c: 2\n", Format::Yaml, &pointers.each_ref());
    let lines: Vec<usize> = found.into_iter().flatten().map(|position| position.line).collect();
    assert_eq!(lines, [3, 1, 4, 1]);
}

#[test]
fn items_of_block_lists_are_located() {
    yaml(
        "# first\n---\nsame:\n- a\n- b: 1\n  c: 2\n-\n  d: 3\ndeeper:\n  -   - x\n      - -1\n  - ? k\n    : v\nend: |\n  text\n",
        &[
            ("", 3, "s"),
            ("/same", 3, "same"),
            ("/same/0", 4, "a"),
            ("/same/1", 5, "b"),
            ("/same/1/c", 6, "c"),
            ("/same/2", 8, "d"),
            ("/same/2/d", 8, "d"),
            ("/deeper/0/1", 11, "-1"),
            ("/deeper/1/k", 12, "k"),
            ("/end", 14, "end"),
        ],
    );
}

#[test]
fn line_of_a_scalar_that_looks_like_a_key_is_not_taken_for_a_key() {
    yaml(
        "a: |\n  b: 1\n\n  c: 2\n # less\nd: >-\n  e: [\ng: \"x: y\n  h: z\"\ni: 'it''s\n  j: k'\nl: plain\n  \"m\n  - n\no: p # q: r\ns: http://t\nb: last\n- : -\n",
        &[
            ("/b", 17, "b"),
            ("/o", 15, "o"),
            ("/g/h", 8, "g"),
            ("/i", 10, "i"),
            ("/s", 16, "s"),
            ("/l", 12, "l"),
        ],
    );
}

#[test]
fn block_scalar_in_a_list_is_located_at_its_header() {
    yaml(
        "- a: |\n    b: 1\n  c: 2\n- |\n  - d\n- >2\n    e: f\n- g\n-\n- # h\n\n  i\n",
        &[("/0/c", 3, "c"), ("/1", 4, "|"), ("/2", 6, ">"), ("/3", 8, "g"), ("/4", 9, "-"), ("/5", 12, "i")],
    );
}

#[test]
fn quoted_keys_are_decoded() {
    yaml(
        "'a ''b''': 1\n\"c\\t\\u0064\": 2\n\"/e~f\" : {\"g\":3,'h': 4}\n200: x\ntrue: y\n",
        &[
            ("/a 'b'", 1, "'a ''b'''"),
            ("/c\td", 2, "\"c\\t\\u0064\""),
            ("/~1e~0f/h", 3, "'h'"),
            ("/~1e~0f/g", 3, "\"g\""),
            ("/200", 4, "200"),
            ("/true", 5, "true"),
        ],
    );
}

#[test]
fn flow_collection_over_several_lines_is_located() {
    yaml(
        "a: {b: [1, {c: d}, [e: f, g],\n  # comment: ]\n  \"h]\", i # }\n  ], j: , k:\n  l\n  \"}\nm: []\nn: [o]\n",
        &[
            ("/a/b/0", 1, "1"),
            ("/a/b/1/c", 1, "c"),
            ("/a/b/2/0/e", 1, "e"),
            ("/a/b/2/1", 1, "g"),
            ("/a/b/3", 3, "\"h]\""),
            ("/a/b/4", 3, "i"),
            ("/a/j", 4, "j"),
            ("/a/k", 4, "k"),
            ("/m", 7, "m"),
            ("/n/0", 8, "o"),
        ],
    );
}

#[test]
fn value_inside_a_yaml_alias_is_located_at_the_entry_with_the_alias() {
    yaml(
        "a: &x !t\n  b: 1\n&k c: *x\nd: !!str e\nf: [&y g, *y, !z {h: 1}]\n*y : 1\ni:\n  <<: *x\n  j: 2\n",
        &[
            ("/a/b", 2, "b"),
            ("/c", 3, "c"),
            ("/c/b", 3, "c"),
            ("/d", 4, "d"),
            ("/f/1", 5, "*y"),
            ("/f/2/h", 5, "h"),
            ("/i/j", 9, "j"),
            ("/i/b", 7, "i"),
        ],
    );
}

#[test]
fn explicit_and_empty_keys_are_located() {
    yaml(
        "? a\n: b: 1\n  c: 2\n? [d, e]\n: f\n? - g\n: h\n{i: j}: k\n: l\nm: 1\n",
        &[("/a", 1, "a"), ("/a/c", 3, "c"), ("/", 9, ":"), ("/m", 10, "m")],
    );
}

#[test]
fn only_the_first_yaml_document_of_a_file_is_searched() {
    yaml("%YAML 1.2\n---\na: 1\n...\n---\na: 2\n", &[("/a", 3, "a")]);
    yaml("--- {a: 1}\n---\na: 2\n", &[("/a", 1, "a")]);
}

#[test]
fn scanner_terminates_on_any_text() {
    let texts = [
        "{\"a\":[{\"b\":\"\\\"\\u00e9\"},[1,-2e3,tru]],\"c\":{}}",
        "? a\n: - b: |2\n     é\n  - 'c''d': \"\\xé\\\n\"\n\t- e\r\n--- &f !g *h # i\n[j: k, {l}, ?m]: n\n}]: >-\n",
    ];
    let pointer = Pointer::from_escaped("/a/0/b");
    for text in texts {
        for format in [Format::Json, Format::Yaml] {
            for at in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
                for part in [&text[..at], &text[at..]] {
                    locate(part, format, &[&pointer, &Pointer::root()]);
                }
            }
        }
    }
}
