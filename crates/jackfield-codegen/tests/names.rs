//! What tools are called: without what frameworks put around it, and the same whatever stands beside it.

#![allow(clippy::unwrap_used, reason = "a failing test is a panic by design")]

use std::collections::BTreeMap;

use jackfield_codegen::{Renames, Surface};
use jackfield_model::ConnectorName;
use jackfield_openapi::{Choices, Limits, NoFiles, lower, read};
use serde_json::{Map, Value, json};

/// Method, path, operationId and tag.
type Given<'g> = (&'g str, &'g str, &'g str, &'g str);

/// The names of the tools, by route, in a document of these operations.
fn names(operations: &[Given<'_>]) -> BTreeMap<String, String> {
    let mut paths = Map::new();
    for (method, path, id, tag) in operations {
        let operation = json!({ "operationId": id, "tags": [tag], "responses": {} });
        let item = paths.entry((*path).to_owned()).or_insert_with(|| json!({}));
        item[method.to_lowercase()] = operation;
    }
    let document = json!({ "openapi": "3.0.3", "info": {}, "paths": Value::Object(paths) }).to_string();
    let document = read("names.json", document.as_bytes(), &mut NoFiles, &Limits::default()).unwrap();
    let name = ConnectorName::new("names").unwrap();
    let connector = lower(&document, &Choices::everything(name)).connector;
    let surface = Surface::new(&connector, &Renames::new());
    surface.tools().map(|tool| (tool.operation.route(), tool.name.to_string())).collect()
}

#[test]
fn what_frameworks_put_around_a_name_is_taken_off() {
    for (method, path, id, tag, name) in [
        ("GET", "/items/{item_id}", "read_item_items__item_id__get", "items", "read_item"),
        ("POST", "/login", "login_login_post", "", "login"),
        ("GET", "/users", "admin_users_get", "", "admin_users_get"),
        ("GET", "/tags", "TagsController_findAll", "tags", "tags_find_all"),
        ("GET", "/users", "users-users_list", "users", "users_list"),
        ("GET", "/api/v1/users", "api_v1_users_list", "users", "users_list"),
        ("GET", "/api/v1/users", "getApiV1Users", "users", "get_users"),
        ("GET", "/api-keys", "api_keys_list", "keys", "api_keys_list"),
        ("GET", "/books", "listBooksUsingGET_1", "book-controller", "list_books"),
        ("GET", "/books", "listUsingGET", "book-controller", "book_list"),
        ("GET", "/artifacts", "actions/list-artifacts", "actions", "actions_list_artifacts"),
        ("GET", "/books", "listBooks", "books", "list_books"),
    ] {
        let made = names(&[(method, path, id, tag)]);
        assert_eq!(made.values().next().unwrap(), name, "{id}");
    }
}

#[test]
fn a_name_that_two_could_have_is_nobodys() {
    let made = names(&[
        ("GET", "/a", "listUsingGET", "a-controller"),
        ("GET", "/b", "listUsingGET_1", "b-controller"),
        ("GET", "/items/{id}", "read_one_items__id__get", ""),
        ("GET", "/users/{id}", "read_one_users__id__get", ""),
        ("GET", "/c", "sameName", "c"),
        ("GET", "/d", "same_name", "d"),
    ]);
    let name = |route: &str| made[route].as_str();
    assert_eq!((name("GET /a"), name("GET /b")), ("a_list", "b_list"));
    assert_eq!(name("GET /items/{id}"), "read_one_items_id_get");
    assert_eq!(name("GET /users/{id}"), "read_one_users_id_get");
    assert!(name("GET /c").starts_with("same_name_") && name("GET /d").starts_with("same_name_"));
    assert_ne!(name("GET /c"), name("GET /d"));
}

/// Operations whose names meet as often as possible: few words, many frameworks.
fn crowd(seed: u64) -> Vec<(String, String, String, String)> {
    let mut state = seed;
    let mut pick = move |from: &[&str]| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from[(state >> 33) as usize % from.len()].to_owned()
    };
    let made = (0..24).map(|at| {
        let method = pick(&["GET", "POST"]);
        let noun = pick(&["items", "users"]);
        let path = format!("{}/{noun}/{at}", pick(&["", "/api/v1", "/v2"]));
        let verb = pick(&["list", "read", "list_all", "read_the_very_long_name_of_the_one_that_is_meant"]);
        let plain: String = path.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let id = match pick(&["fastapi", "spring", "nest", "drf", "tag", "plain"]).as_str() {
            "fastapi" => format!("{verb}_{noun}{plain}_{}", method.to_lowercase()),
            "spring" => format!("{verb}Using{method}_{}", pick(&["1", "2"])),
            "nest" => format!("{noun}Controller_{verb}"),
            "drf" => format!("api_v1_{noun}_{verb}"),
            "tag" => format!("{noun}/{noun}-{verb}"),
            _ => format!("{noun}_{verb}"),
        };
        (method, path, id, noun)
    });
    made.collect()
}

fn given(crowd: &[(String, String, String, String)]) -> Vec<Given<'_>> {
    crowd
        .iter()
        .map(|(method, path, id, tag)| (method.as_str(), path.as_str(), id.as_str(), tag.as_str()))
        .collect()
}

#[test]
fn names_are_unique_and_the_same_in_any_order() {
    for seed in 0..200 {
        let crowd = crowd(seed);
        let mut operations = given(&crowd);
        let made = names(&operations);
        let mut unique: Vec<&String> = made.values().collect();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), made.len(), "{made:?}");
        assert!(made.values().all(|name| (1..=40).contains(&name.len())), "{made:?}");
        operations.reverse();
        operations.rotate_left(seed as usize % 24);
        assert_eq!(names(&operations), made);
    }
}

#[test]
fn an_operation_that_joins_takes_no_name_from_another() {
    for seed in 0..200 {
        let crowd = crowd(seed);
        let operations = given(&crowd);
        let (newcomer, before) = operations.split_last().unwrap();
        let old = names(before);
        let new = names(&operations);
        let joined = format!("{} {}", newcomer.0, newcomer.1);
        let owners: BTreeMap<&String, &String> = old.iter().map(|(route, name)| (name, route)).collect();
        for (route, name) in &new {
            if let Some(owner) = owners.get(name) {
                assert_eq!(*owner, route, "`{name}` was another operation's; {joined} joined");
            }
        }
    }
}
