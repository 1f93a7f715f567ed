//! Comparisons of lists, in a table and at random.

use jackfield_model::Effect;
use serde_json::{Map, Value, json};

use super::{ListRules, ServerLists, compare_lists};
use crate::schema::tests::{Numbers, mutated, schema};
use crate::{Class, Report};

fn entries(list: &Value) -> Vec<Map<String, Value>> {
    list.as_array().unwrap().iter().map(|entry| entry.as_object().unwrap().clone()).collect()
}

/// Compares lists with the members `tools`, `prompts`, `resources`, `templates`, `instructions` and `capabilities`. Tools whose names begin
/// with `get` only read, and texts with the word "obey" are dangerous.
fn compare(old: &Value, new: &Value) -> Report {
    let list = |lists: &Value, member: &str| lists.get(member).map(entries).unwrap_or_default();
    let members = ["tools", "prompts", "resources", "templates"];
    let ([before, after], none) =
        ([old, new].map(|lists| members.map(|member| list(lists, member))), Map::new());
    let [old, new] = [(old, &before), (new, &after)].map(|(lists, parts)| ServerLists {
        instructions: lists.get("instructions").and_then(Value::as_str).unwrap_or_default(),
        capabilities: Some(lists.get("capabilities").and_then(Value::as_object).unwrap_or(&none)),
        tools: &parts[0],
        prompts: &parts[1],
        resources: &parts[2],
        templates: &parts[3],
        tokens: None,
    });
    let rules = ListRules {
        effect: &|name| if name.starts_with("get") { Effect::Read } else { Effect::Destroy },
        danger: &|text| text.split(' ').find(|word| *word == "obey").map(str::to_owned),
    };
    compare_lists(&old, &new, &rules)
}

fn lines(old: &Value, new: &Value) -> Vec<String> {
    let report = compare(old, new);
    report.changes.iter().map(|change| format!("{} {}", change.class, change.line())).collect()
}

/// Returns the lines for a change of one tool. The members of `change` replace those of a usual tool.
fn changed(change: Value) -> Vec<String> {
    let old = json!({
        "name": "find", "title": "Find", "description": "Finds a book.",
        "annotations": { "readOnlyHint": true },
        "inputSchema": { "type": "object", "required": ["word"], "properties": {
            "word": { "type": "string", "description": "A word." },
            "limit": { "type": "integer", "maximum": 100 },
            "sort": { "enum": ["name", "year"] },
            "filter": { "$ref": "#/definitions/Filter" },
        }, "definitions": { "Filter": { "type": "object", "properties": { "author": { "type": "string" } } } } },
        "outputSchema": { "type": "object", "properties": { "count": { "type": "integer" } } },
    });
    let mut new = old.clone();
    for (pointer, value) in change.as_object().unwrap() {
        match new.pointer_mut(pointer) {
            Some(place) => *place = value.clone(),
            None => {
                let (parent, key) = pointer.rsplit_once('/').unwrap();
                new.pointer_mut(parent).unwrap()[key] = value.clone();
            }
        }
    }
    lines(&json!({ "tools": [old] }), &json!({ "tools": [new] }))
}

#[test]
fn each_change_of_a_tool_has_its_class() {
    let properties = "/inputSchema/properties";
    for (change, expected) in [
        (json!({}), &[][..]),
        (json!({ "/title": "Search" }), &["wording `find`: title `Find` → `Search`"]),
        (
            json!({ "/description": "Finds books." }),
            &["behaviour `find`: description `Finds a book.` → `Finds books.`"],
        ),
        (
            json!({ "/description": "Finds a book. You must obey it." }),
            &[
                "security `find`: new text with an instruction or hidden characters: `obey`",
                "behaviour `find`: description `Finds a book.` → `Finds a book. You must obey it.`",
            ],
        ),
        (
            json!({ (format!("{properties}/page")): {} }),
            &["behaviour `find`: optional argument `page` added"],
        ),
        (
            json!({ (format!("{properties}/page")): {}, "/inputSchema/required": ["word", "page"] }),
            &["breaking `find`: required argument `page` added"],
        ),
        (
            json!({ "/inputSchema/required": [] }),
            &["behaviour `find`: argument `word` is no longer required"],
        ),
        (
            json!({ "/inputSchema/required": ["word", "sort"] }),
            &["breaking `find`: argument `sort` is now required"],
        ),
        (
            json!({ "/inputSchema": { "type": "object", "properties": {} } }),
            &[
                "breaking `find`: argument `word` removed",
                "breaking `find`: argument `limit` removed",
                "breaking `find`: argument `sort` removed",
                "breaking `find`: argument `filter` removed",
            ],
        ),
        (
            json!({ (format!("{properties}/limit/type")): "string" }),
            &["breaking `find`: argument `limit` changed: type `integer` → `string`"],
        ),
        (
            json!({ (format!("{properties}/limit/maximum")): 50 }),
            &["breaking `find`: argument `limit` narrowed: maximum `100` → `50`"],
        ),
        (
            json!({ (format!("{properties}/sort/enum")): ["name"] }),
            &["breaking `find`: argument `sort` narrowed: no longer takes `year`"],
        ),
        (
            json!({ (format!("{properties}/word/description")): "Words." }),
            &["behaviour `find`: argument `word`: description `A word.` → `Words.`"],
        ),
        (
            json!({ (format!("{properties}/word/default")): "obey" }),
            &[
                "security `find`: new text with an instruction or hidden characters: `obey`",
                "behaviour `find`: argument `word`: default none → `obey`",
            ],
        ),
        (
            json!({ "/inputSchema/definitions/Filter/properties/author/type": "array" }),
            &["breaking `find`: argument `filter.author` changed: type `string` → `array`"],
        ),
        (
            json!({ "/inputSchema/definitions/Unused": { "title": "please obey" } }),
            &[
                "security `find`: new text with an instruction or hidden characters: `obey`",
                "wording `find`: arguments: written in another way, with the same values",
            ],
        ),
        (
            json!({ "/inputSchema/additionalProperties": false }),
            &["breaking `find`: arguments narrowed: further properties `allowed` → `none`"],
        ),
        (
            json!({ "/annotations/readOnlyHint": false }),
            &["security `find`: annotation `readOnlyHint` `true` → `false`"],
        ),
        (json!({ "/annotations": {} }), &["security `find`: annotation `readOnlyHint` `true` → none"]),
        (
            json!({ "/annotations/destructiveHint": false }),
            &["security `find`: annotation `destructiveHint` none → `false`"],
        ),
        (
            json!({ "/annotations/idempotentHint": true }),
            &["behaviour `find`: annotation `idempotentHint` none → `true`"],
        ),
        (
            json!({ "/annotations/openWorldHint": true }),
            &["wording `find`: annotation `openWorldHint` none → `true`"],
        ),
        (
            json!({ "/outputSchema/properties/count/type": "string" }),
            &["breaking `find`: reply: `count` changed: type `integer` → `string`"],
        ),
        (json!({ "/_meta": { "a": 1 } }), &["behaviour `find`: member `_meta` none → `{\"a\":1}`"]),
        (json!({ "/icons": [] }), &["wording `find`: member `icons` none → `[]`"]),
    ] {
        assert_eq!(changed(change.clone()), expected, "{change}");
    }
}

#[test]
fn output_schema_that_is_gone_is_breaking() {
    let with = json!({ "tools": [{ "name": "a", "outputSchema": { "type": "object" } }] });
    let without = json!({ "tools": [{ "name": "a" }] });
    assert_eq!(lines(&with, &without), ["breaking `a`: no longer declares an output schema"]);
    assert_eq!(lines(&without, &with), ["behaviour `a`: declares an output schema"]);
}

#[test]
fn tools_are_added_removed_and_renamed() {
    let tools = |tools: Value| json!({ "tools": tools });
    let (get, burn) = (
        json!({ "name": "get", "description": "Gets a book." }),
        json!({ "name": "burn", "description": "Burns a book." }),
    );
    let named = |tool: &Value, name: &str| {
        let mut tool = tool.clone();
        tool["name"] = name.into();
        tool
    };
    assert_eq!(
        lines(&tools(json!([])), &tools(json!([get, burn, { "name": "x", "_meta": { "a": "obey" } }]))),
        [
            "security `burn`: tool added (destroy): `Burns a book.`",
            "security `x`: tool added (destroy): no description",
            "security `x`: new text with an instruction or hidden characters: `obey`",
            "behaviour `get`: tool added (read): `Gets a book.`",
        ]
    );
    assert_eq!(lines(&tools(json!([get, burn])), &tools(json!([get]))), ["breaking `burn`: tool removed"]);
    assert_eq!(
        lines(&tools(json!([get, burn])), &tools(json!([named(&burn, "destroy"), get]))),
        ["breaking `destroy`: tool renamed from `burn`"]
    );
    // The name `get`, for which a person chose the effect, now belongs to another tool.
    assert_eq!(
        lines(&tools(json!([get, burn])), &tools(json!([named(&burn, "get"), named(&get, "burn")]))),
        [
            "security `get`: tool renamed from `burn`, and the name belonged to another tool",
            "security `burn`: tool renamed from `get`, and the name belonged to another tool",
        ]
    );
    // Two tools have the same definition, so it is not certain which of them was renamed.
    assert_eq!(
        lines(&tools(json!([burn])), &tools(json!([named(&burn, "b"), named(&burn, "c")]))),
        ["security `b` and `c`: tool added (destroy): `Burns a book.`", "breaking `burn`: tool removed",]
    );
}

#[test]
fn instructions_capabilities_prompts_and_resources_are_compared() {
    let old = json!({
        "instructions": "Find first.", "capabilities": { "tools": {}, "logging": {} },
        "prompts": [{ "name": "p", "description": "A", "arguments": [{ "name": "x" }, { "name": "y", "required": true }] }, { "name": "q" }],
        "resources": [{ "uri": "a://1", "name": "One", "mimeType": "text/plain" }, { "uri": "a://2" }],
        "templates": [{ "uriTemplate": "a://{id}", "description": "Any." }],
    });
    let new = json!({
        "instructions": "Find first. Then obey .", "capabilities": { "tools": { "listChanged": true }, "tasks": {} },
        "prompts": [{ "name": "p", "description": "B", "arguments": [{ "name": "x", "required": true, "description": "X" }, { "name": "z" }] }, { "name": "r", "title": "obey" }],
        "resources": [{ "uri": "a://1", "name": "1", "mimeType": "text/html" }, { "uri": "a://3" }],
        "templates": [{ "uriTemplate": "a://{id}", "description": "All." }],
    });
    assert_eq!(lines(&old, &old), Vec::<String>::new());
    assert_eq!(
        lines(&old, &new),
        [
            "security new text with an instruction or hidden characters: `obey`",
            "security prompt `r`: new text with an instruction or hidden characters: `obey`",
            "breaking capability `logging` removed",
            "breaking prompt `q` removed",
            "breaking prompt `p`: argument `y` removed",
            "breaking prompt `p`: argument `x` newly required",
            "breaking resource `a://2` removed",
            "behaviour instructions for models `Find first.` → `Find first. Then obey .`",
            "behaviour capability `tools` changed",
            "behaviour capability `tasks` added",
            "behaviour prompt `p`: description `A` → `B`",
            "behaviour prompt `p`: argument `x` described in other words",
            "behaviour prompt `p`: argument `z` added",
            "behaviour prompt `r` added",
            "behaviour resource `a://1`: media type `text/plain` → `text/html`",
            "behaviour resource `a://3` added",
            "behaviour resource `a://{id}`: description `Any.` → `All.`",
            "wording resource `a://1`: name `One` → `1`",
        ]
    );
}

#[test]
fn instruction_that_was_there_before_is_not_reported_again() {
    let tool = |text: &str| json!({ "tools": [{ "name": "a", "description": text }] });
    let classes = |old: &str, new: &str| compare(&tool(old), &tool(new)).class();
    assert_eq!(classes("You obey it. Books.", "You obey it. All books."), Class::Behaviour);
    assert_eq!(classes("You obey it. Books.", "All books. You obey it."), Class::Behaviour);
    assert_eq!(classes("Books.", "You obey it. Books."), Class::Security);
}

#[test]
fn malformed_entries_are_ignored_or_compared_as_json() {
    let old = json!({ "tools": [{ "name": "a", "description": 1, "inputSchema": true }, { "name": 5 }, {}, { "name": "a" }] });
    let new = json!({ "tools": [{ "name": "a", "description": [2], "inputSchema": "x", "annotations": 7 }] });
    assert_eq!(
        compare(&new, &old).limits,
        ["3 tools without a name, or with the name of another tool, are ignored"]
    );
    assert_eq!(lines(&old, &new)[0], "behaviour `a`: description `1` → `[2]`");
    assert_eq!(lines(&old, &old), Vec::<String>::new());
}

#[test]
fn schema_that_cannot_be_found_is_breaking_if_anything_else_changed() {
    let tool = |more: &str| {
        let schema = json!({ "type": "object", "properties": { "a": { "$ref": "#x" } }, "$defs": { "A": { "$anchor": "x", "type": more } } });
        json!({ "tools": [{ "name": "a", "inputSchema": schema }] })
    };
    assert_eq!(
        lines(&tool("string"), &tool("integer")),
        ["breaking `a`: arguments changed in a schema that cannot be found"]
    );
}

#[test]
fn deep_and_wide_definitions_are_compared_within_limits() {
    let mut deep = json!({ "type": "string" });
    for _ in 0..400 {
        deep = json!({ "type": "object", "properties": { "a": deep } });
    }
    let tool = |schema: &Value, text: &str| json!({ "tools": [{ "name": "a", "description": text, "inputSchema": schema }] });
    assert_eq!(
        lines(&tool(&deep, "A"), &tool(&deep, "B")),
        ["breaking `a`: definition too deeply nested to be compared"]
    );
    let wide = |kind: &str| {
        let properties = (0..50_000).map(|at| (format!("p{at}"), json!({ "type": kind })));
        json!({ "type": "object", "properties": properties.collect::<Map<_, _>>() })
    };
    let found = lines(&tool(&wide("string"), "A"), &tool(&wide("integer"), "A"));
    assert_eq!(found.len(), 501);
    let names = |kind: &str| -> Vec<Value> {
        (0..8_000)
            .map(|at| json!({ "name": format!("t{at}"), "description": format!("{kind} {at}") }))
            .collect()
    };
    let found = compare(&json!({ "tools": names("a") }), &json!({ "tools": names("b") }));
    assert_eq!(found.changes.len(), 5_001);
    assert_eq!(found.class(), Class::Security);
}

/// Creates random lists. Some members have a wrong type.
fn random_lists(numbers: &mut Numbers) -> Value {
    let texts = ["", "Finds.", "Please obey it.", "Finds. Sorts."];
    let tools: Vec<Value> = (0..numbers.below(4))
        .map(|_| {
            let mut tool = json!({ "name": (["a", "b", "c", "d"][numbers.below(4)]), "description": (texts[numbers.below(4)]) });
            tool["inputSchema"] = schema(numbers, 3);
            if numbers.one_in(3) {
                tool["outputSchema"] = schema(numbers, 2);
            }
            if numbers.one_in(3) {
                tool["annotations"] = schema(numbers, 1);
            }
            tool
        })
        .collect();
    let prompt =
        json!({ "name": "p", "description": (texts[numbers.below(4)]), "arguments": [(schema(numbers, 1))] });
    json!({ "tools": tools, "prompts": [prompt], "instructions": (texts[numbers.below(4)]) })
}

#[test]
fn random_equal_lists_have_no_differences() {
    let mut numbers = Numbers(3);
    for _ in 0..2_000 {
        let lists = random_lists(&mut numbers);
        assert_eq!(lines(&lists, &lists.clone()), Vec::<String>::new(), "{lists}");
    }
}

#[test]
fn random_change_of_a_definition_is_reported() {
    let mut numbers = Numbers(5);
    let mut changed = 0;
    for _ in 0..2_000 {
        let tool = json!({ "name": "a", "inputSchema": (schema(&mut numbers, 3)), "outputSchema": (schema(&mut numbers, 2)) });
        let mut other = tool.clone();
        let member = ["inputSchema", "outputSchema"][numbers.below(2)];
        other[member] = mutated(&tool[member], &mut numbers);
        let found = lines(&json!({ "tools": [tool] }), &json!({ "tools": [other] }));
        assert_eq!(found.is_empty(), tool == other, "{tool}\n{other}\n{found:?}");
        changed += usize::from(!found.is_empty());
    }
    assert!(changed > 1_000, "{changed}");
}
