use serde_json::{Value, json};

use super::Query;
use super::select::VisitLimitExceeded;

fn shop() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Shop", "x-logo": { "url": "a.svg" } },
        "servers": [{ "url": "https://a" }, { "url": "https://b", "description": "Test" }, { "url": "https://c" }],
        "paths": {
            "/books": {
                "get": {
                    "operationId": "listBooks",
                    "parameters": [
                        { "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 100 } },
                        { "name": "q", "in": "query", "schema": { "type": "string" } }
                    ],
                    "responses": { "200": {}, "500": {} }
                },
                "post": { "operationId": "addBook", "deprecated": false, "responses": { "201": {}, "500": {} } }
            },
            "/books/{id}": { "get": { "operationId": "getBook", "deprecated": true, "responses": { "200": {} } } }
        }
    })
}

fn selected(text: &str, document: &Value) -> Vec<String> {
    let query = Query::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    query.select(document, 10_000).unwrap().iter().map(|place| place.as_str().to_owned()).collect()
}

#[track_caller]
fn selects(text: &str, places: &[&str]) {
    assert_eq!(selected(text, &shop()), places, "{text}");
}

#[test]
fn each_jsonpath_selector_selects_its_nodes() {
    selects("$", &[""]);
    selects("$.info.title", &["/info/title"]);
    selects("$['info'][\"x-logo\"]", &["/info/x-logo"]);
    selects("$.paths['/books/{id}'].get", &["/paths/~1books~1{id}/get"]);
    selects("$.servers[0]", &["/servers/0"]);
    selects("$.servers[-1]", &["/servers/2"]);
    selects("$.servers[3]", &[]);
    selects("$.servers[-4]", &[]);
    selects("$.paths.*.get", &["/paths/~1books/get", "/paths/~1books~1{id}/get"]);
    selects("$.servers[*].description", &["/servers/1/description"]);
    selects("$..maximum", &["/paths/~1books/get/parameters/0/schema/maximum"]);
    selects("$..servers..[?@.description]", &["/servers/1"]);
    selects(
        "$.paths..responses['500']",
        &["/paths/~1books/get/responses/500", "/paths/~1books/post/responses/500"],
    );
    selects("$ .info\n['title']", &["/info/title"]);
    selects(" $.info ", &["/info"]);
}

#[test]
fn value_selected_twice_is_returned_once_in_document_order() {
    selects("$.servers[2, 0, -1, 0]", &["/servers/0", "/servers/2"]);
    selects("$['servers','info']", &["/info", "/servers"]);
    selects("$..['url', 'url']", &["/info/x-logo/url", "/servers/0/url", "/servers/1/url", "/servers/2/url"]);
    selects("$..*..description", &["/servers/1/description"]);
}

#[test]
fn items_of_a_slice_are_returned_in_list_order_for_every_step() {
    let document = json!([0, 1, 2, 3, 4]);
    for (slice, places) in [
        (":", vec![0, 1, 2, 3, 4]),
        ("1:3", vec![1, 2]),
        ("1:", vec![1, 2, 3, 4]),
        ("-2:", vec![3, 4]),
        (":-2", vec![0, 1, 2]),
        ("::2", vec![0, 2, 4]),
        ("1 : 5 : 3", vec![1, 4]),
        ("::-1", vec![0, 1, 2, 3, 4]),
        ("::-2", vec![0, 2, 4]),
        ("3::-2", vec![1, 3]),
        ("3:0:-2", vec![1, 3]),
        ("4:0:-2", vec![2, 4]),
        ("-1:-3:-1", vec![3, 4]),
        ("0:3:-1", vec![]),
        ("3:1", vec![]),
        ("::0", vec![]),
        ("-99:99:9007199254740991", vec![0]),
        ("99:-99:-9007199254740991", vec![4]),
    ] {
        let expected: Vec<String> = places.iter().map(|place| format!("/{place}")).collect();
        assert_eq!(selected(&format!("$[{slice}]"), &document), expected, "{slice}");
    }
    assert!(selected("$[::-1]", &json!([])).is_empty());
    assert!(selected("$[:]", &json!({ "a": 1 })).is_empty());
}

#[test]
fn filter_supports_comparisons_existence_tests_and_boolean_operators() {
    let parameters = "/paths/~1books/get/parameters";
    let first: &str = &format!("{parameters}/0");
    let second: &str = &format!("{parameters}/1");
    for (filter, places) in [
        ("@.name == 'limit'", vec![first]),
        ("@['name'] != \"limit\"", vec![second]),
        ("(@.name=='limit'&&@.in=='query')", vec![first]),
        ("@.name == 'x' || @.name == 'q'", vec![second]),
        ("@.name == 'q' || @.name == 'limit' && @.in == 'path'", vec![second]),
        ("(@.name == 'q' || @.name == 'limit') && @.in == 'path'", vec![]),
        ("@.schema.maximum", vec![first]),
        ("!@.schema.maximum", vec![second]),
        ("! ( @.name == 'q' )", vec![first]),
        ("@.schema.maximum >= 1e2", vec![first]),
        ("@.schema.maximum < 100", vec![]),
        ("@.schema.maximum <= 100.0", vec![first]),
        ("100 > @.schema.maximum", vec![]),
        ("@.name < 'm'", vec![first]),
        ("@.name > 'm'", vec![second]),
        ("@.schema.maximum == @.nothing", vec![second]),
        ("$.info.title == 'Shop'", vec![first, second]),
        ("length(@.name) == 1", vec![second]),
        ("length(@) == 3 && count(@.*) == 3 && count(@..type) == 1", vec![first, second]),
        ("value(@..type) == 'string'", vec![second]),
        ("length(value(@..type)) > 6", vec![first]),
        ("@.schema[?@ == 'string']", vec![second]),
    ] {
        selects(&format!("$.paths['/books'].get.parameters[?{filter}]"), &places);
    }
    selects("$.paths.*[?@.deprecated == true]", &["/paths/~1books~1{id}/get"]);
    selects("$.paths.*[?@.deprecated]", &["/paths/~1books/post", "/paths/~1books~1{id}/get"]);
    selects("$.paths[?@.post, ?@.get.deprecated]", &["/paths/~1books", "/paths/~1books~1{id}"]);
}

#[test]
fn comparison_uses_json_equality_and_orders_only_equal_types() {
    let document = json!([1, 1.0, "1", null, true, [1], { "a": 1.0 }, 9_007_199_254_740_993_u64]);
    for (test, places) in [
        ("@ == 1", vec!["/0", "/1"]),
        ("@ == -0", vec![]),
        ("@ == null", vec!["/3"]),
        ("@ <= null", vec!["/3"]),
        ("@ < true", vec![]),
        ("@ == $[5]", vec!["/5"]),
        ("@ == $[6]", vec!["/6"]),
        ("@ == 9007199254740992", vec![]),
        ("@ == 9007199254740993", vec!["/7"]),
        ("@ != $.nothing", vec!["/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7"]),
        ("@.a == $[0]", vec!["/6"]),
    ] {
        assert_eq!(selected(&format!("$[?{test}]"), &document), places, "{test}");
    }
}

#[test]
fn escapes_in_quoted_names_are_decoded() {
    let document = json!({ "a'b": 1, "\"": 2, "\\": 3, "😀": 4, "\n": 5, "é": 6, "": 7 });
    for (text, place) in [
        ("$['a\\'b']", "/a'b"),
        ("$[\"a'b\"]", "/a'b"),
        ("$['\"']", "/\""),
        ("$['\\\\']", "/\\"),
        ("$['\\ud83d\\uDE00']", "/😀"),
        ("$['😀']", "/😀"),
        ("$['\\n']", "/\n"),
        ("$.é", "/é"),
        ("$['']", "/"),
    ] {
        assert_eq!(selected(text, &document), [place], "{text}");
    }
}

#[test]
fn error_about_an_invalid_expression_has_the_column_of_the_fault() {
    for (text, column, problem) in [
        ("", 1, "begins with `$`"),
        ("info", 1, "begins with `$`"),
        ("$.", 3, "a name or `*`"),
        ("$..", 4, "a name or `*`"),
        ("$.info.x-logo", 8, "['x-logo']"),
        ("$.paths./books/{id}.get", 9, "['/books/{id}']"),
        ("$.0a", 3, "['0a']"),
        ("$info", 2, "`.`, `[` or the end"),
        ("$.é.@", 5, "a name or `*`"),
        ("$[", 3, "a quoted name"),
        ("$[]", 3, "a quoted name"),
        ("$[info]", 3, "needs quotes"),
        ("$['info'", 9, "`,` or `]`"),
        ("$['info]", 3, "no closing quote"),
        ("$['a\nb']", 5, "control character"),
        ("$['a\\'", 3, "no closing quote"),
        ("$['\\x']", 5, "unknown escape"),
        ("$[\"\\'\"]", 5, "unknown escape"),
        ("$['\\ud800']", 5, "hexadecimal"),
        ("$['\\udc00']", 5, "hexadecimal"),
        ("$['\\u00é0']", 5, "hexadecimal"),
        ("$[01]", 3, "not a valid index"),
        ("$[-0]", 3, "not a valid index"),
        ("$[-]", 3, "not a valid index"),
        ("$[9007199254740992]", 3, "not a valid index"),
        ("$[1.5]", 4, "`,` or `]`"),
        ("$[?]", 4, "a path, a quoted string"),
        ("$[?@.a", 7, "`,` or `]`"),
        ("$[?(@.a]", 8, "or `)`"),
        ("$[?@.a == {}]", 11, "a path, a quoted string"),
        ("$[?@.a == ]", 11, "a path, a quoted string"),
        ("$[?@.a = 1]", 8, "`,` or `]`"),
        ("$[?@.a == b]", 11, "quote a string"),
        ("$[?'a']", 4, "not a condition"),
        ("$[?length(@.a)]", 4, "not a condition"),
        ("$[?@.* == 1]", 4, "path to one value"),
        ("$[?1 == @..a]", 9, "path to one value"),
        ("$[?length(@.*) == 1]", 11, "path to one value"),
        ("$[?!@.a == 1]", 4, "parentheses"),
        ("$[?count(1) == 1]", 10, "expected a path"),
        ("$[?count(@.a == 1]", 14, "expected `)`"),
        ("$[?match(@.a, 'x')]", 4, "regular expression"),
        ("$[?size(@.a) == 1]", 4, "unknown function `size`"),
        ("$[?@.a == 1.]", 11, "not a number"),
        ("$[?@.a == 01]", 11, "not a number"),
        ("$[?@.a == 1 &&]", 15, "a path, a quoted string"),
        ("$@", 2, "only in a filter"),
    ] {
        let fault = Query::parse(text).expect_err(text);
        assert!(fault.problem.contains(problem), "{text}: {}", fault.problem);
        assert_eq!(fault.column, column, "{text}: {}", fault.problem);
    }
}

#[test]
fn deeply_nested_expression_is_refused_without_stack_overflow() {
    for (open, close) in [("(", ")"), ("!(", ")"), ("@[?", "]"), ("length(", ")"), ("value(@[?", "])")] {
        let text = format!("$[?{}@.a{}]", open.repeat(100_000), close.repeat(100_000));
        let fault = Query::parse(&text).unwrap_err();
        assert!(fault.problem.contains("nested"), "{}", fault.problem);
    }
}

#[test]
fn evaluation_of_an_exponential_expression_ends_at_the_visit_limit() {
    let mut document = json!({});
    for _ in 0..100 {
        document = json!({ "a": document, "b": [1, 2, 3] });
    }
    let query = Query::parse("$..[?@..[?@..[?@..[?@.c]]]]").unwrap();
    assert_eq!(query.select(&document, 1_000_000), Err(VisitLimitExceeded));
    let query = Query::parse("$..*..*..*..*..*..*").unwrap();
    assert_eq!(query.select(&document, 1_000_000), Err(VisitLimitExceeded));
}

#[test]
fn longest_matching_prefix_of_an_unmatched_expression_is_found() {
    let document = shop();
    for (text, reach) in [
        ("$.nothing.at.all", "$"),
        ("$.paths['/book'].get", "$.paths"),
        ("$.paths.*.get.parameters[?@.name == 'x'].schema", "$.paths.*.get.parameters"),
    ] {
        let query = Query::parse(text).unwrap();
        assert_eq!(query.select(&document, 1000), Ok(Vec::new()));
        assert_eq!(query.reach(text, &document, 1000), reach);
    }
}
