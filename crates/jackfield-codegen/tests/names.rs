//! The names of tools: without prefixes and suffixes of frameworks, and independent of the order of
//! operations.

#![allow(clippy::unwrap_used, reason = "a failing test is a panic by design")]

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{ConnectorName, ToolName};
use jackfield_openapi::{Choices, Limits, NoFiles, lower, read};
use jackfield_surface::{Names, Surface};
use serde_json::{Map, Value, json};

/// Returns the names of the tools, by route, for a document with these operations. Each operation is a line
/// of method, path, operationId and, if any, tag.
fn names(operations: &[impl AsRef<str>]) -> BTreeMap<String, String> {
    names_with(operations, &Names::default())
}

fn names_with(operations: &[impl AsRef<str>], given: &Names) -> BTreeMap<String, String> {
    let mut paths = Map::new();
    for line in operations {
        let parts: Vec<&str> = line.as_ref().splitn(4, ' ').collect();
        let operation = json!({ "operationId": parts[2], "tags": parts[3..], "responses": {} });
        let item = paths.entry(parts[1]).or_insert_with(|| json!({}));
        item[parts[0].to_lowercase()] = operation;
    }
    let document = json!({ "openapi": "3.0.3", "info": {}, "paths": Value::Object(paths) }).to_string();
    let document = read("names.json", document.as_bytes(), &mut NoFiles, &Limits::default()).unwrap();
    let name = ConnectorName::new("names").unwrap();
    let connector = lower(&document, &Choices::everything(name)).connector;
    let surface = Surface::new(&connector, given);
    surface.tools().map(|tool| (tool.operation.route(), tool.name.to_string())).collect()
}

#[test]
fn framework_prefixes_and_suffixes_are_removed_from_tool_names() {
    for (operation, name) in [
        ("GET /items/{item_id} read_item_items__item_id__get items", "read_item"),
        ("POST /login login_login_post", "login"),
        ("GET /users admin_users_get", "admin_users_get"),
        ("GET /tags TagsController_findAll tags", "tags_find_all"),
        ("GET /users users-users_list users", "users_list"),
        ("GET /api/v1/users api_v1_users_list users", "users_list"),
        ("GET /api/v1/users getApiV1Users users", "list_users"),
        ("GET /api-keys api_keys_list keys", "api_keys_list"),
        ("GET /books listBooksUsingGET_1 book-controller", "list_books"),
        ("GET /books listUsingGET book-controller", "book_list"),
        ("GET /artifacts actions/list-artifacts actions", "actions_list_artifacts"),
        ("GET /books listBooks books", "list_books"),
    ] {
        let made = names(&[operation]);
        assert_eq!(made.values().next().unwrap(), name, "{operation}");
    }
}

#[test]
fn short_tool_name_that_fits_two_operations_is_given_to_neither_operation() {
    let made = names(&[
        "GET /a listUsingGET a-controller",
        "GET /b listUsingGET_1 b-controller",
        "GET /items/{id} read_one_items__id__get",
        "GET /users/{id} read_one_users__id__get",
        "GET /c sameName c",
        "GET /d same_name d",
    ]);
    let name = |route: &str| made[route].as_str();
    assert_eq!((name("GET /a"), name("GET /b")), ("a_list", "b_list"));
    assert_eq!(name("GET /items/{id}"), "read_one_items_id_get");
    assert_eq!(name("GET /users/{id}"), "read_one_users_id_get");
    assert_eq!((name("GET /c"), name("GET /d")), ("c_get_same_name", "d_get_same_name"));
}

#[test]
fn long_tool_name_is_shortened_by_words_before_a_hash_is_added() {
    let made = names(&[
        "DELETE /apps/{id} access-applications-delete-an-access-application Access applications",
        "POST /revisions createAppsV1NamespacedControllerRevision apps_v1",
        "PUT /user/star activity/star-repo-for-authenticated-user-by-anyone activity",
    ]);
    assert_eq!(made["DELETE /apps/{id}"], "delete_access_application");
    assert_eq!(made["POST /revisions"], "create_apps_v1_controller_revision");
    assert_eq!(made["PUT /user/star"], "activity_star_repo_user_anyone");
}

#[test]
fn shortened_tool_name_is_never_the_full_name_of_another_operation() {
    // Without the check, the first operation could get a short form that equals the name of the second operation (without `group`), or of
    // the third operation (without link words such as `by`).
    let made = names(&[
        "GET /a radar-get-dns-timeseries-group-by-ip-version",
        "GET /b radar-get-dns-timeseries-by-ip-version",
        "GET /c get-dns-timeseries-group-of-ip-version",
    ]);
    let name = |route: &str| made[route].as_str();
    assert_eq!(name("GET /b"), "radar_get_dns_timeseries_by_ip_version");
    assert_eq!(name("GET /c"), "get_dns_timeseries_group_of_ip_version");
    let words: Vec<&str> = name("GET /a").split('_').collect();
    assert!(words.contains(&"radar") || words.last().is_some_and(|word| word.len() == 6), "{words:?}");
    assert!(
        !["radar_get_dns_timeseries_ip_version", "get_dns_timeseries_group_ip_version"]
            .contains(&name("GET /a"))
    );
}

#[test]
fn colliding_tool_names_keep_verb_and_object() {
    let made = names(&[
        "DELETE /a deleteAdmissionregistrationV1MutatingAdmissionPolicyBinding",
        "DELETE /a/ deleteAdmissionregistrationV1MutatingAdmissionPolicyBinding",
    ]);
    for name in made.values() {
        assert!(name.starts_with("delete_") && name.contains("policy_binding"), "{name}");
    }
}

/// Operations whose names collide as often as possible: few words, and names of many frameworks.
fn crowd(seed: u64) -> Vec<String> {
    let mut state = seed;
    let mut pick = move |from: &[&str]| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from[(state >> 33) as usize % from.len()].to_owned()
    };
    let made = (0..24).map(|at| {
        let method = pick(&["GET", "POST"]);
        let noun = pick(&["items", "users"]);
        let path = format!("{}/{noun}/{at}", pick(&["", "/api/v1", "/v2"]));
        let long = pick(&["a_very_long_name", "the_long_name_of_a_very_long_name", "the_names"]);
        let long =
            format!("read_{long}_of_the_one_that_is_meant_{}", pick(&["for_all", "by_id", "of_the_ones"]));
        let verb =
            pick(&["list", "read", "list_all", "read_long_name_one", "read_very_long_name_meant_all", &long]);
        let plain: String = path.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let id = match pick(&["fastapi", "spring", "nest", "drf", "tag", "plain"]).as_str() {
            "fastapi" => format!("{verb}_{noun}{plain}_{}", method.to_lowercase()),
            "spring" => format!("{verb}Using{method}_{}", pick(&["1", "2"])),
            "nest" => format!("{noun}Controller_{verb}"),
            "drf" => format!("api_v1_{noun}_{verb}"),
            "tag" => format!("{noun}/{noun}-{verb}"),
            _ => format!("{noun}_{verb}"),
        };
        format!("{method} {path} {id} {noun}")
    });
    made.collect()
}

#[test]
fn tool_names_are_unique_and_independent_of_operation_order() {
    for seed in 0..60 {
        let mut operations = crowd(seed);
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
fn added_operation_does_not_change_tool_names_in_the_lock() {
    for seed in 0..50 {
        let operations = crowd(seed);
        let (_, before) = operations.split_last().unwrap();
        let old = names(before);
        let kept = old.iter().map(|(route, name)| (route.clone(), ToolName::new(name).unwrap())).collect();
        let new = names_with(&operations, &Names { kept, ..Names::default() });
        for (route, name) in &old {
            assert_eq!(new[route], *name, "{route}");
        }
        assert_eq!(new.values().collect::<BTreeSet<_>>().len(), new.len());
    }
}

#[test]
fn tool_name_set_by_the_user_overrides_the_name_in_the_lock() {
    let name = |text: &str| ToolName::new(text).unwrap();
    let given = Names {
        renames: BTreeMap::from([("GET /a".to_owned(), name("find"))]),
        kept: BTreeMap::from([("GET /a".to_owned(), name("old")), ("GET /b".to_owned(), name("find"))]),
        ..Names::default()
    };
    let made = names_with(&["GET /a one", "GET /b two"], &given);
    assert_eq!((made["GET /a"].as_str(), made["GET /b"].as_str()), ("find", "two"));
}

#[test]
fn tool_name_comes_from_the_resource_if_operation_id_repeats_the_route() {
    for line in [
        "POST /v1/customers/{customer} PostCustomersCustomer update_customer",
        "GET /v1/customers GetCustomers list_customers",
        "POST /v1/customers/{customer}/sources PostCustomersCustomerSources create_customer_source",
        "GET /v1/charges/search GetChargesSearch search_charges",
        "DELETE /v1/coupons/{coupon} DeleteCouponsCoupon delete_coupon",
        "GET /v1/products/{id} GetProductsId get_product",
        "PUT /shops/{shop} putShop replace_shop",
        "PATCH /shops/{shop} patchShopById update_shop",
        "GET /v1/balance GetBalance get_balance",
        "GET /users users list_users",
        "GET /disks/{disk} disk_view_v1 disk_view_v1",
        "GET /v1/disks/{disk} disk_view_v1 disk_view",
        "GET /pages/{id} retrieve-a-page retrieve_page",
        "GET /chats/{id}/completions/{id}/messages getChatCompletionMessages list_chat_completion_messages",
        "POST /images/load ImageLoad image_load",
        // These operationIds contain more information than the route.
        "GET /flows getFlow get_flow",
        "POST /analyze-location AnalyzeLocation analyze_location",
        "POST /geocode-reverse ReverseGeocode reverse_geocode",
        "GET /pets/{id} getPetById get_pet_by_id",
        "GET /search search search",
        "DELETE /queues/{id} deleteQueue delete_queue",
    ] {
        let (operation, name) = line.rsplit_once(' ').unwrap();
        let made = names(&[operation]);
        assert_eq!(made.values().next().unwrap(), name, "{operation}");
    }
}

#[test]
fn tool_name_contains_the_api_version_only_if_the_version_is_older() {
    let made = names(&["GET /v1/disks disk_list_v1 disks", "GET /v2/disks disk_list_v2 disks"]);
    assert_eq!(
        (made["GET /v1/disks"].as_str(), made["GET /v2/disks"].as_str()),
        ("disk_list_v1", "disk_list")
    );
    let made = names(&["GET /v1/disks disk_list_v1 disks", "GET /disks disk_list disks"]);
    assert_eq!((made["GET /v1/disks"].as_str(), made["GET /disks"].as_str()), ("disk_list_v1", "disk_list"));
}
