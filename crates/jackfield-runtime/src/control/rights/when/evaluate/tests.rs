use std::time::{Duration, Instant};

use jackfield_recipe::Effect;
use serde_json::{Value, json};

use super::super::{When, WhenCall};
use crate::common::caller::{Caller, Channel, Principal};
use crate::engine::request::{Target, TargetKind};

fn broken(text: &str, arguments: &Value) -> Option<String> {
    let caller =
        Caller::new(Principal::Token("ci".to_owned()), Channel::Http).with_scopes(vec!["pay".to_owned()]);
    let target = Target { kind: TargetKind::Tool, name: "shop_order", effect: Effect::Write };
    let call = WhenCall { caller: &caller, target, arguments: arguments.as_object().unwrap() };
    When::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).broken(call)
}

#[test]
fn cel_condition_of_a_rule_is_evaluated_with_the_arguments_of_the_call() {
    let order = json!({
        "amount": 100, "limit": 100.5, "region": "eu", "items": [{ "price": 5 }, { "price": 7 }], "tags": [], "big": u64::MAX,
    });
    for text in [
        "arguments.amount <= 100",
        "arguments.amount < arguments.limit",
        "arguments.big > arguments.amount",
        "arguments.region in ['eu', 'us'] && arguments.amount < 1000",
        "arguments.items.all(item, item.price < 10)",
        "arguments.items.exists(item, item.price == 7)",
        "!has(arguments.coupon)",
        "!has(arguments.coupon) || arguments.coupon.startsWith('A')",
        "size(arguments.tags) == 0",
        "arguments.items[0].price + arguments.items[1].price == 12",
        "tool == 'shop_order' && effect == 'write' && size(arguments) > 0",
        "principal == 'token:ci' && 'pay' in scopes && arguments.amount > 0",
        "arguments.amount > 50 ? 'pay' in scopes : true",
    ] {
        assert_eq!(broken(text, &order), None, "{text}");
    }
    for (text, expected) in [
        ("arguments.amount < 100", "`arguments.amount < 100` does not hold"),
        ("arguments.coupon == 'A'", "`arguments.coupon == 'A'` cannot be evaluated: "),
        ("arguments.amount.contains('x')", "cannot be evaluated: "),
        ("arguments.amount", "cannot be evaluated: its value is not a boolean"),
        ("arguments.items[5].price == 1", "cannot be evaluated: "),
        ("arguments.items[-1].price == 1", "cannot be evaluated: "),
        ("arguments.region == 5", "does not hold"),
        ("arguments.big + arguments.big > arguments.big", "cannot be evaluated: "),
        ("arguments.amount - 9223372036854775807 - 9223372036854775807 < 0", "cannot be evaluated: "),
        ("-(arguments.amount - 9223372036854775807 - 101) > 0", "cannot be evaluated: "),
        ("int(arguments.region) == 1", "cannot be evaluated: "),
    ] {
        let why = broken(text, &order).unwrap_or_else(|| panic!("{text} holds"));
        assert!(why.contains(expected), "{text}: {why}");
    }
}

#[test]
fn error_about_an_invalid_condition_names_the_position_and_a_remedy() {
    let nested = format!("arguments.a == {}1{}", "(".repeat(25), ")".repeat(25));
    let long = format!("arguments.a == '{}'", "x".repeat(1000));
    let sum = format!("arguments.a{} == 1", " + 1".repeat(60));
    for (text, at, expected) in [
        ("arguments.a <=", 14, "the condition is not CEL: "),
        ("arguments.a == 5 5", 17, "the condition is not CEL: "),
        ("argments.a == 5", 0, "a condition has no variable `argments`"),
        ("true", 0, "the condition does not use `arguments`"),
        ("principal == 'token:ci'", 0, "the condition does not use `arguments`"),
        ("arguments.a.matches('x*')", 0, "a condition cannot use `matches`"),
        ("arguments.a * 2 == 1", 0, "a condition cannot use `*`"),
        ("timestamp(arguments.a) == 1", 0, "a condition cannot use `timestamp`"),
        ("{'a': arguments.a}.a == 1", 0, "a condition cannot create a map"),
        ("arguments.a.all(x, arguments.a.all(y, x + y > 0))", 0, "the condition could need "),
        ("arguments.a.all(x, arguments.b.exists(y, y == x))", 0, "the condition could need "),
        (&*nested, 0, "too many nested brackets, or too many `?` (limit 24)"),
        (&*long, 0, "(limit 1000)"),
        (&*sum, 0, "nested too deeply (limit 32)"),
    ] {
        let error = When::parse(text).unwrap_err();
        assert!(error.problem.contains(expected), "{text}: {error:?}");
        assert!(!error.remedy.is_empty());
        assert!(at == 0 || error.at.abs_diff(at) <= 2, "{text}: {error:?}");
    }
}

#[test]
fn condition_is_not_evaluated_for_arguments_above_the_limits() {
    let text = "arguments.a.all(x, arguments.a.size() > 0 && x.contains('b') == false && x.startsWith('c') == false)";
    let most = json!({ "a": vec!["a"; 900] });
    let began = Instant::now();
    assert_eq!(broken(text, &most), None);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    for arguments in [
        json!({ "a": vec!["a"; 1001] }),
        json!({ "a": ["a".repeat(20_000)] }),
        json!({ "a": [], "x".repeat(20_000): 1 }),
    ] {
        let why = broken(text, &arguments).unwrap();
        assert!(why.contains("the arguments have more than 1000 values, or more than 16384 bytes"), "{why}");
    }
    let mut deep = json!(1);
    (0..400).for_each(|_| deep = json!([deep]));
    assert!(broken("arguments.a == 1", &json!({ "a": deep })).is_some());
}

#[test]
fn error_about_a_condition_names_the_line_and_column_in_the_rights_file() {
    let of = |when: &str| {
        let text = format!("[[rule]]\nprincipals = [\"local\"]\neffects = \"write\"\nwhen = {when}\n");
        crate::control::rights::RightsDocument::parse(&text).unwrap_err().to_string()
    };
    let told = of("\"argments.a == 5\"");
    assert_eq!(told, "4:9: a condition has no variable `argments`; did you mean `arguments`?");
    let told = of("\"arguments.a <=\"");
    assert!(told.starts_with("4:23: the condition is not CEL: "), "{told}");
    assert!(of("\"\"").starts_with("4:8: the string is empty"));
    let several = of("'''\narguments.a == 1 &&\n  x == 2'''");
    assert!(several.starts_with("6:3: a condition has no variable `x`"), "{several}");
}
