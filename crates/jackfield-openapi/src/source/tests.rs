use jackfield_model::{Code, Diagnostic};
use serde_json::{Value, json};

use super::{Format, Limits, Parsed, parse};

fn parsed(text: &str) -> Parsed {
    parse("api.yaml", text.as_bytes(), &Limits::default())
        .unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

fn refused(name: &str, text: &str, limits: &Limits) -> Diagnostic {
    *parse(name, text.as_bytes(), limits).expect_err(text)
}

fn check(text: &str, root: &Value) {
    let parsed = parsed(text);
    // Compared as text, so that the order of keys counts.
    assert_eq!(parsed.root.to_string(), root.to_string(), "{text}");
    assert_eq!(parsed.findings, [], "{text}");
}

/// Returns the findings, each as `code#pointer`.
fn findings(text: &str) -> Vec<String> {
    let place = |found: &Diagnostic| found.place.clone().unwrap().pointer.as_str().to_owned();
    parsed(text).findings.iter().map(|found| format!("{}#{}", found.code, place(found))).collect()
}

#[test]
fn plain_scalars_have_the_types_of_yaml_1_2() {
    check(
        "{a: NO, b: on, c: 2020-01-01, d: 012, e: 0x10, f: ~, g: .inf, h: -.nan, i: 1.5, j: 1_000}",
        &json!({"a": "NO", "b": "on", "c": "2020-01-01", "d": "012", "e": 16, "f": null, "g": null,
            "h": "-.nan", "i": 1.5, "j": "1_000"}),
    );
}

#[test]
fn integers_of_64_bits_are_exact_and_larger_integers_are_floats() {
    let root = json!({"a": u64::MAX, "b": i64::MIN, "c": 340282366920938463463374607431768211455_f64});
    check(
        "a: 18446744073709551615\nb: -9223372036854775808\nc: 340282366920938463463374607431768211455\n",
        &root,
    );
}

#[test]
fn yaml_keys_that_are_not_strings_keep_their_spelling() {
    check(
        "{200: a, 1.10: b, True: c, null: d, on: e, ~: f, 0x10: g}",
        &json!({"200": "a", "1.10": "b", "True": "c", "null": "d", "on": "e", "~": "f", "0x10": "g"}),
    );
}

#[test]
fn entry_with_a_collection_as_key_is_ignored() {
    let text = "a: {[b]: 1, {c: d}: 2, 200: 3, !t true: 4}\n";
    assert_eq!(parsed(text).root, json!({"a": {"200": 3, "true": 4}}));
    assert_eq!(findings(text), ["syntax#/a", "syntax#/a"]);
}

#[test]
fn yaml_tags_are_ignored() {
    check(
        "{a: !Ref b, c: !!str 1, d: !x [!y {e: !z 1}], f: !!binary aGk=, g: !q \"1\"}",
        &json!({"a": "b", "c": "1", "d": [{"e": 1}], "f": "aGk=", "g": "1"}),
    );
}

#[test]
fn yaml_merge_keys_are_applied() {
    check(
        "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*b, *a], z: 5}\nd: {<<: *a, <<: *b}\ne: {<<: f}\n",
        &json!({"a": {"x": 1, "y": 2}, "b": {"y": 3, "z": 4}, "c": {"z": 5, "y": 3, "x": 1},
            "d": {"x": 1, "y": 2, "z": 4}, "e": {"<<": "f"}}),
    );
    let json = parsed(r#"{"<<": {"a": 1}}"#);
    assert_eq!(json.root, json!({"<<": {"a": 1}}));
}

#[test]
fn duplicate_keys_are_reported_at_their_place() {
    assert_eq!(findings(r#"{"a/b": [0, {"c": 1, "c": 2, "c": 3}]}"#), ["duplicate-key#/a~1b/1/c"; 2]);
    assert_eq!(findings("a:\n  200: x\n  '200': y\n"), ["duplicate-key#/a/200"]);
    assert_eq!(parsed("{a: 1, b: 2, a: 3}").root.to_string(), r#"{"a":3,"b":2}"#);
}

#[test]
fn duplicate_keys_beyond_a_hundred_are_only_counted() {
    let text = format!("{{{}}}", vec!["\"a\": 1"; 1001].join(","));
    let found = parsed(&text).findings;
    assert_eq!(found.len(), 101);
    assert!(found[100].problem.starts_with("900 more"), "{}", found[100].problem);
}

#[test]
fn additional_yaml_documents_are_reported() {
    assert_eq!(findings("a: 1\n---\nb: 2\n"), ["syntax#"]);
    assert_eq!(findings("---\na: 1\n...\n---\n"), Vec::<String>::new());
}

#[test]
fn json_with_comments_is_parsed_as_yaml_unless_the_file_name_ends_in_json() {
    let text = "{\"a\": 1, # comment\n \"b\": [2,],}";
    let parsed = parsed(text);
    assert_eq!((parsed.source.format(), parsed.root), (Format::Yaml, json!({"a": 1, "b": [2]})));
    let strict = refused("https://example.com/API.JSON?v=1", text, &Limits::default());
    assert!(strict.problem.starts_with("invalid JSON: ") && strict.problem.contains("line 1, column 10"));
    let neither = refused("api", "{\"a\": 1", &Limits::default());
    assert!(neither.problem.starts_with("invalid JSON: "), "{}", neither.problem);
}

#[test]
fn parse_error_shows_the_line() {
    for (text, shows) in [
        ("a: 1\nb: [\n", "line 3, column 1"),
        ("a:\n\tb: 1\n", "line 2 is indented with a tab"),
        ("é: 'x\u{1}'\n", "control characters are not allowed at line 1, column 6: `é: 'x"),
        ("a: 1\r\n b: 2\r\n", "mapping values are not allowed in this context at line 2, column 3: `b: 2`"),
        ("a: *b\n", "unknown anchor at line 1, column 4"),
    ] {
        let error = refused("a.yaml", text, &Limits::default());
        assert_eq!(error.code, Code::Syntax);
        assert!(error.problem.contains(shows), "{}", error.problem);
    }
}

#[test]
fn error_about_a_root_that_is_not_a_mapping_describes_the_root() {
    for (text, shows) in [
        ("", "empty"),
        (" \n", "empty"),
        ("# only\n", "comments"),
        ("null", "empty"),
        ("[]", "a list"),
        ("- a\n", "a list"),
        ("text", "`text`"),
        ("<!DOCTYPE html>", "HTML"),
    ] {
        let error = refused("a.yaml", text, &Limits::default());
        assert!(error.code == Code::Syntax && error.problem.contains(shows), "{}", error.problem);
    }
}

#[test]
fn error_about_an_exceeded_limit_names_the_limit() {
    let small = Limits { bytes: 40, depth: 3, nodes: 8 };
    for (text, name) in [
        ("a: 0123456789012345678901234567890123456789", "bytes"),
        ("{a: [[[]]]}", "depth"),
        ("{\"a\": [[[]]]}", "depth"),
        ("a: &a [*a]", "depth"),
        ("a: [1,2,3,4,5,6,7]", "nodes"),
        ("a: &a [1,2]\nb: [*a,*a]", "nodes"),
    ] {
        let error = refused("a.yaml", text, &small);
        assert_eq!(error.code, Code::Limit, "{text}");
        assert!(error.problem.contains(&format!("`{name}`")), "{}", error.problem);
        assert!(error.remedy.contains(&format!("raise `{name}` under `[limits]`")), "{}", error.remedy);
    }
}

#[test]
fn deep_nesting_is_refused_without_stack_overflow() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("- ", "")] {
        for depth in [127, 128, 129, 1_000, 20_000] {
            let text = format!("{{\"x\": {}1{}}}", open.repeat(depth - 1), close.repeat(depth - 1));
            let text = if close.is_empty() { format!("x:\n{}1", open.repeat(depth - 1)) } else { text };
            let result = parse("a.yaml", text.as_bytes(), &Limits::default());
            assert_eq!(
                result.map_err(|error| error.code).err(),
                (depth > 127).then_some(Code::Limit),
                "{open} {depth}"
            );
        }
    }
}

#[test]
fn exponential_aliases_are_refused() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..40 {
        text += &format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1);
    }
    assert_eq!(refused("a.yaml", &text, &Limits::default()).code, Code::Limit);
}

#[test]
fn quoted_brackets_cannot_hide_deep_nesting() {
    for text in ["[".repeat(200_000), "a\n---\n".to_owned() + &"[\"]\",".repeat(200_000)] {
        assert_eq!(refused("a.yaml", &format!("b: {text}"), &Limits::default()).code, Code::Limit);
    }
}
