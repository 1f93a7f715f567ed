//! Tests decisions by example.

use jackfield_recipe::Effect;
use serde_json::json;

use super::{caller, decided, listed, rights, tool};
use crate::engine::policy::permit::Permission;
use crate::engine::request::{Target, TargetKind};

#[test]
fn principal_sees_the_tools_of_all_its_rules_and_no_others() {
    let rights = rights(
        r#"
        [groups]
        staff = ["https://id.example.com#ada", "token:ci"]
        [[rule]]
        principals = ["*"]
        effects = "read"
        tools = ["list_*", "!list_orders"]
        [[rule]]
        principals = ["group:staff"]
        effects = "write"
        tags = ["orders"]
        [[rule]]
        principals = ["https://id.example.com#*"]
        effects = "destroy"
        tools = ["delete_book"]
        "#,
    );
    for (principal, tools) in [
        ("local", &["list_books"][..]),
        ("token:ci", &["list_books", "list_orders", "create_order"]),
        ("token:other", &["list_books"]),
        ("https://id.example.com#ada", &["list_books", "delete_book", "list_orders", "create_order"]),
        ("https://id.example.com#eve", &["list_books", "delete_book"]),
        ("https://other.example.com#ada", &["list_books"]),
    ] {
        assert_eq!(listed(&rights, &caller(principal, &[])), tools, "{principal}");
    }
}

#[test]
fn tool_is_listed_but_cannot_be_called_without_all_scopes_of_its_rule() {
    let rights = rights(
        r#"
        [[rule]]
        principals = ["*"]
        effects = "write"
        tools = ["create_order"]
        scopes = ["orders:read", "orders:write"]
        "#,
    );
    let half = caller("token:a", &["orders:read"]);
    assert_eq!(listed(&rights, &half), ["create_order"]);
    let needed = Permission::NeedsScopes(vec!["orders:read".to_owned(), "orders:write".to_owned()]);
    assert_eq!(decided(&rights, &half, "create_order", json!({})), needed);
    let whole = caller("token:a", &["orders:write", "orders:read"]);
    assert_eq!(decided(&rights, &whole, "create_order", json!({})), Permission::Allowed);
}

#[test]
fn condition_refuses_missing_and_different_arguments() {
    let rights = rights(
        r#"
        [[rule]]
        name = "small orders"
        principals = ["*"]
        effects = "write"
        tools = ["create_order"]
        arguments."order.region" = { one_of = ["eu", "us"] }
        arguments."order.lines.amount" = { at_most = 100 }
        arguments."/order/note" = { starts_with = "auto:", matches = "auto:*;" }
        arguments.draft = { equals = true }
        "#,
    );
    let caller = caller("token:a", &[]);
    let order = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut order = json!({
            "draft": true,
            "order": { "region": "eu", "lines": [{ "amount": 100 }, { "amount": 1.5 }], "note": "auto:x;" },
        });
        change(&mut order);
        decided(&rights, &caller, "create_order", order)
    };
    assert_eq!(order(&|_| {}), Permission::Allowed);
    let refused = order(&|it| it["order"]["region"] = json!("cn"));
    let why = "`order.region` has to be one of \"eu\", \"us\" (small orders)".to_owned();
    assert_eq!(refused, Permission::ArgumentsRefused(why));
    let changes: [fn(&mut serde_json::Value); 9] = [
        |it| it["order"]["lines"] = json!([]),
        |it| it["order"]["lines"][1]["amount"] = json!(100.5),
        |it| it["order"]["lines"][1]["amount"] = json!("5"),
        |it| it["order"]["lines"][1] = json!({}),
        |it| it["order"]["note"] = json!("auto:x"),
        |it| it["order"]["note"] = json!(null),
        |it| it["order"] = json!("{\"region\":\"eu\"}"),
        |it| it["draft"] = json!("true"),
        |it| it["draft"] = json!([]),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert!(matches!(order(&change), Permission::ArgumentsRefused(_)), "change {at}");
    }
    // An array of values passes if each item passes.
    assert_eq!(order(&|it| it["order"]["region"] = json!(["eu", "us"])), Permission::Allowed);
    assert_eq!(listed(&rights, &caller), ["create_order"]);
}

#[test]
fn condition_compares_large_integers_exactly() {
    let rights = rights(
        "[[rule]]\nprincipals = [\"*\"]\neffects = \"read\"\narguments = { id = { at_most = 9007199254740992 } }",
    );
    let caller = caller("local", &[]);
    let at_most = |id| decided(&rights, &caller, "get_book", json!({ "id": id })) == Permission::Allowed;
    assert!(at_most(9_007_199_254_740_992_u64));
    assert!(!at_most(9_007_199_254_740_993_u64));
    assert!(!at_most(u64::MAX));
}

#[test]
fn resources_and_prompts_are_matched_only_by_their_own_patterns() {
    let rights = rights(
        r#"
        [[rule]]
        principals = ["token:a"]
        effects = "read"
        resources = ["shop://shelves/*"]
        [[rule]]
        principals = ["token:a"]
        effects = "read"
        prompts = ["recommend"]
        [[rule]]
        principals = ["token:b"]
        effects = "read"
        tools = ["*"]
        [[rule]]
        principals = ["token:c"]
        effects = "read"
        "#,
    );
    let decide = |principal: &str, kind, name| {
        let target = Target { kind, name, effect: Effect::Read };
        rights.decide(&caller(principal, &[]), target, None) == Permission::Allowed
    };
    for (uri, a) in [
        ("shop://shelves/1", true),
        ("shop://shelves/{shelf}", true),
        ("shop://secrets/1", false),
        ("shop://shelves/../secrets/1", false),
        ("shop://shelves/%2e%2E/secrets/1", false),
        ("shop://shelves/..%2Fsecrets/1", false),
    ] {
        assert_eq!(decide("token:a", TargetKind::Resource, uri), a, "{uri}");
        assert!(!decide("token:b", TargetKind::Resource, uri), "{uri}");
        assert!(decide("token:c", TargetKind::Resource, uri), "{uri}");
    }
    assert!(decide("token:a", TargetKind::Prompt, "recommend"));
    assert!(!decide("token:a", TargetKind::Prompt, "other"));
    assert!(!decide("token:b", TargetKind::Prompt, "recommend"));
    assert!(decide("token:c", TargetKind::Prompt, "recommend"));
    assert_eq!(rights.decide(&caller("token:a", &[]), tool("list_books"), None), Permission::Hidden);
}

#[test]
fn exception_for_a_resource_in_a_rule_applies_to_every_spelling_of_its_uri() {
    let rights = rights(
        r#"
        [[rule]]
        principals = ["token:a"]
        effects = "read"
        resources = ["*", "!shop://books/secret", "!shop://caf%C3%A9/*"]
        [[rule]]
        principals = ["token:b"]
        effects = "read"
        resources = ["shop://books/a%20b", "shop://shelves/*"]
        "#,
    );
    for (principal, uri, is_allowed) in [
        ("token:a", "shop://books/1", true),
        ("token:a", "shop://books/secret", false),
        ("token:a", "shop://books/%73ecret", false),
        ("token:a", "shop://books/s%65cre%74", false),
        ("token:a", "shop://books%2Fsecret", false),
        ("token:a", "shop://books/x/../secret", false),
        ("token:a", "shop://books/x%2f..%5csecret", false),
        ("token:a", "shop://caf\u{e9}/1", false),
        ("token:a", "shop://caf%c3%a9/1", false),
        ("token:a", "shop://books/%ff", false),
        ("token:b", "shop://books/a%20b", true),
        ("token:b", "shop://shelves/%61", true),
        ("token:b", "shop://shelves/..%5cbooks", false),
        ("token:b", "shop://books/b", false),
    ] {
        let target = Target { kind: TargetKind::Resource, name: uri, effect: Effect::Read };
        let permission = rights.decide(&caller(principal, &[]), target, None);
        assert_eq!(permission == Permission::Allowed, is_allowed, "{principal} {uri}");
    }
}

#[test]
fn rights_key_of_a_rule_permits_the_approval_of_calls() {
    let rights = rights(
        r#"
        [[rule]]
        principals = ["token:boss"]
        rights = ["approve"]
        [[rule]]
        principals = ["token:self"]
        effects = "destroy"
        rights = ["approve-own"]
        "#,
    );
    let rights_of = |principal: &str| {
        let caller = caller(principal, &[]);
        (rights.may_approve(&caller), rights.may_approve_own(&caller))
    };
    assert_eq!(rights_of("token:boss"), (true, false));
    assert_eq!(rights_of("token:self"), (false, true));
    assert_eq!(rights_of("token:other"), (false, false));
    assert_eq!(listed(&rights, &caller("token:boss", &[])), [""; 0]);
}

#[test]
fn policy_version_of_a_caller_changes_only_with_rules_for_that_caller() {
    let first = "[[rule]]\nprincipals = [\"token:a\"]\neffects = \"read\"\n";
    let other = "[[rule]]\nprincipals = [\"token:b\"]\neffects = \"read\"\n";
    let (one, two) = (rights(first), rights(&format!("# edited\n{first}{other}")));
    let of = |principal: &str| caller(principal, &[]);
    assert_eq!(one.version(&of("token:a")), two.version(&of("token:a")));
    assert_ne!(one.version(&of("token:b")), two.version(&of("token:b")));
}

#[test]
fn rule_with_claims_applies_only_to_tokens_with_all_of_these_claims() {
    let rights = rights(
        r#"
        [[rule]]
        principals = ["https://id.example.com#*"]
        claims = { client_id = "ci", groups = "staff" }
        effects = "read"
        tools = ["list_books"]
        "#,
    );
    let with = |claims: &[(&str, &str)]| {
        let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        caller("https://id.example.com#a", &[]).with_claims(claims.collect())
    };
    let whole = with(&[("client_id", "ci"), ("groups", "admins"), ("groups", "staff"), ("x", "y")]);
    assert_eq!(listed(&rights, &whole), ["list_books"]);
    for lacking in [
        &[][..],
        &[("client_id", "ci")],
        &[("client_id", "ci"), ("groups", "admins")],
        &[("client_id", "staff"), ("groups", "ci")],
    ] {
        let caller = with(lacking);
        assert_eq!(listed(&rights, &caller), [""; 0], "{lacking:?}");
        // Two tokens of one subject can see different lists.
        assert_ne!(rights.version(&caller), rights.version(&whole));
    }
    let other = caller("token:ci", &[]).with_claims(vec![("client_id".to_owned(), "ci".to_owned())]);
    assert_eq!(listed(&rights, &other), [""; 0]);
}
