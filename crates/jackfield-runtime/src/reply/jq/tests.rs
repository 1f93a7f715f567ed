//! Tests with useful and hostile programs.

use super::*;

fn run(program: &str, input: &str) -> Result<String, String> {
    let run = |filter: JqFilter| filter.run(input).unwrap_or_else(|| Err(JqError::new("no JSON")));
    JqFilter::compile(program).and_then(run).map_err(|error| error.to_string())
}

#[test]
fn jq_program_selects_and_computes() {
    let books = r#"{"items":[{"id":2,"title":"Moss","tags":["a","b"],"price":1.50},{"id":1,"title":"Fern","tags":[],"price":null}],"total":12345678901234567890123}"#;
    for (program, output) in [
        (".items[] | {id, title}", r#"[{"id":2,"title":"Moss"},{"id":1,"title":"Fern"}]"#),
        (".items | map(.title)", r#"["Moss","Fern"]"#),
        (".items | sort_by(.id) | .[0].title", r#""Fern""#),
        ("{n: (.items | length), total}", r#"{"n":2,"total":12345678901234567890123}"#),
        (".items[] | select(.price) | .price", "[1.5]"),
        ("[.items[].tags[]] | join(\"-\")", r#""a-b""#),
        (".items | map({(.title): .id}) | add", r#"{"Moss":2,"Fern":1}"#),
        ("del(.items)", r#"{"total":12345678901234567890123}"#),
        ("[.items[] | .title | ascii_downcase | startswith(\"m\")]", "[true,false]"),
        ("def double: . * 2; [.items[].id | double] | add", "6"),
        ("[limit(3; range(10))]", "[0,1,2]"),
        ("reduce .items[] as $b (0; . + $b.id)", "3"),
        ("[.items[] | if .id > 1 then \"big\" else \"small\" end]", r#"["big","small"]"#),
        ("\"\\(.items[0].title) (\\(.items | length))\"", r#""Moss (2)""#),
        ("[.items[] | .price // 0]", "[1.5,0]"),
        ("with_entries(select(.key == \"total\"))", r#"{"total":12345678901234567890123}"#),
        (".items |= map(.id)", r#"{"items":[2,1],"total":12345678901234567890123}"#),
        ("[.items[] | has(\"price\"), (.tags | contains([\"a\"]))]", "[true,true,true,false]"),
        ("[.items[].title | test_absent?]", ""),
        (".items | group_by(.price == null) | map(length)", "[1,1]"),
        ("[.. | numbers] | length", "4"),
        ("{a: 1, b: [1, 2]} | tojson | fromjson", r#"{"a":1,"b":[1,2]}"#),
        ("[\"1.5\", \"2\"] | map(tonumber)", "[1.5,2]"),
        ("empty", "[]"),
        ("1, 2", "[1,2]"),
    ] {
        match run(program, books) {
            Ok(text) => assert_eq!(text, output, "{program}"),
            Err(why) => assert!(output.is_empty() && why.contains("test_absent"), "{program}: {why}"),
        }
    }
}

#[test]
fn error_about_an_invalid_jq_program_names_the_fault() {
    for (program, fault) in [
        ("", "term is missing at the end"),
        (".a |", "term is missing at the end"),
        ("{a", "closing brace is missing"),
        (".a)", "at `)`"),
        (".a | nothing", "there is no filter `nothing` with 0 arguments"),
        ("$x", "there is no variable `$x`"),
        ("env", "there is no filter `env`"),
        ("$ENV", "there is no variable"),
        ("now", "there is no filter `now`"),
        ("input", "there is no filter `input`"),
        ("halt", "there is no filter `halt`"),
        ("halt_error", "there is no filter `halt_error`"),
        ("test(\"a\")", "there is no filter `test`"),
        ("import \"a\" as a; .", ""),
        ("!step", ""),
    ] {
        let error = JqFilter::compile(program).unwrap_err().to_string();
        assert!(error.contains(fault), "{program}: {error}");
    }
    assert!(JqFilter::compile(&"(".repeat(100)).unwrap_err().to_string().contains("brackets"));
    assert!(JqFilter::compile(&".|".repeat(4000)).unwrap_err().to_string().contains("longer than"));
    assert!(JqFilter::compile(&format!("{}1", "-".repeat(3900))).is_ok());
    for deep in ["if . then ", "def f: ", "label $a | ", "1 as $a | ", "try "] {
        _ = JqFilter::compile(&deep.repeat(3900 / deep.len()));
    }
}

#[test]
fn error_about_a_failed_jq_program_names_the_value() {
    let error = run(".a.b", r#"{"a":[1,2,3]}"#).unwrap_err();
    assert_eq!(error, "cannot index [1,2,3] with \"b\"");
    let error = run(".[] + 1", &format!("[\"{}\"]", "x".repeat(10_000))).unwrap_err();
    assert!(error.len() < 200, "{error}");
    assert_eq!(run("error(\"no\")", "1").unwrap_err(), "\"no\"");
}

#[test]
fn hostile_jq_program_stops_at_a_limit() {
    let mut ended = Vec::new();
    for program in [
        // Endless recursion, with and without growth of the stack.
        "def f: f; f",
        "def f: 1 + f; f",
        "def f: [f]; f",
        "def f: f | f; f",
        "def f: f, f; f",
        "def f: try f catch f; f",
        "def f: (f // f); f",
        "def f($n): f($n + 1); f(0)",
        "def f(g): f(g | g); f(.)",
        "def f: def g: f; g; f",
        "[repeat(1)]",
        "last(repeat(1))",
        "until(false; .)",
        "[while(true; .)]",
        "label $out | foreach repeat(1) as $x (0; . + 1; empty)",
        "[recurse([.])]",
        "reduce repeat(1) as $x (0; . + 1)",
        "isempty(repeat(empty))",
        "first(repeat(empty))",
        // Loops over numbers.
        "[range(1e9)]",
        "reduce range(1e12) as $x (0; .)",
        "[range(0; 1; 0)]",
        "last(range(1e12))",
        "[limit(1e12; repeat(1))]",
        "[skip(1e12; repeat(1))]",
        "[combinations(30)]",
        "[range(1e5) as $a | range(1e5) as $b | select(false)]",
        "[range(1e9) | try error catch empty]",
        // Values that grow to an enormous size.
        "\"x\" * 1e12",
        "reduce range(60) as $x (\"x\"; . + .)",
        "reduce range(60) as $x (\"x\"; \"\\(.)\\(.)\")",
        "reduce range(60) as $x ([1]; . + .)",
        "reduce range(60) as $x (1; [., .])",
        "reduce range(60) as $x (1; {a: ., b: .})",
        "reduce range(60) as $x (1; [., .]) | . == .",
        "reduce range(60) as $x (1; [., .]) | tojson",
        "reduce range(60) as $x (1; [., .]) | [..]",
        "reduce range(60) as $x (1; [., .]) | flatten",
        "reduce range(1e6) as $x (1; [.])",
        "reduce range(60) as $x (\"\\\"\"; tojson)",
        "[range(1e5)] | [.[] as $a | .[] as $b | $a == $b]",
        "[range(3e4)] as $a | [$a[] | $a - [.]]",
        "[range(1e5)] | [.[] as $a | index_absent?]",
        ".[0:1e12] | [., .] | combinations | [repeat(.)]",
        "[[range(2000)], [range(2000)], [range(2000)]] | [combinations]",
        "[range(2e5)] | sort_by([range(1000)])",
        "[range(2e5)] | group_by([range(1000)])",
        "[range(2e5)] | map([range(1000)] | max_by(repeat(1)))",
        "[range(1e6)] | walk([., .])",
        ".. |= [., .] | .. |= [., .] | .. |= [., .] | .. |= [., .] | .. |= [., .] | .. |= [., .] | [paths] | [paths] | [paths] | [paths] | [paths]",
        "path(repeat(.))",
        "[path(range(1e9))]",
        "repeat(.) |= .",
        "(repeat(.) | .a) = 1",
        "(repeat(.), .) |= 1",
        "to_entries | repeat(.) |= 1",
        "\"x\" * 1e6 | [explode, explode] | [repeat(.)]",
        "\"x\" * 5e6 | . / \"\" | . / \"\"",
    ] {
        if let Ok(output) = run(program, "[1,[2,[3]],{\"a\":[1]}]") {
            ended.push(format!("{program}: {} bytes", output.len()));
        }
    }
    assert!(ended.is_empty(), "{ended:#?}");
}

#[test]
fn jq_program_with_exponentially_many_outputs_stops_at_a_limit() {
    let mut ended = Vec::new();
    let alternatives = vec!["(1,2)"; 60].join("|");
    for program in [
        format!("[{alternatives}]"),
        format!("[{alternatives}|empty]"),
        format!("first({alternatives}|empty)"),
        format!("last({alternatives})"),
        format!("{{a: ({alternatives})}}"),
        format!("isempty({alternatives}|empty)"),
        format!("[{}]", vec!["(.[0],.[0])"; 40].join("+")),
        format!("[{}]", vec!["(true,true)"; 60].join(" and ")),
        format!("[{}]", vec!["(1,2)"; 60].join(" == ")),
        format!("[\"{}\"]", "\\(1,2)".repeat(60)),
        format!("[.[{}]]", vec!["(0,0)"; 60].join("][")),
    ] {
        if let Ok(output) = run(&program, "[[[1]]]") {
            ended.push(format!("{program}: {} bytes", output.len()));
        }
    }
    assert!(ended.is_empty(), "{ended:#?}");
}

#[test]
fn useful_jq_program_runs_on_a_large_reply() {
    let items: Vec<String> = (0..5_000)
        .map(|id| format!(r#"{{"id":{id},"title":"A title of some length","tags":["a","b"]}}"#))
        .collect();
    let text = format!("{{\"items\":[{}]}}", items.join(","));
    let output = run("[.items[] | select(.id % 1000 == 0) | {id, n: (.tags | length)}]", &text).unwrap();
    assert!(output.starts_with(r#"[{"id":0,"n":2},{"id":1000,"n":2}"#), "{}", &output[..100]);
    assert_eq!(run(".items | sort_by(-.id) | map(.id) | .[0:2]", &text).unwrap(), "[4999,4998]");
}
