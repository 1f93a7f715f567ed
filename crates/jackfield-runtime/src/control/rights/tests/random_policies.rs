//! Compares the decisions about random policies with a reference evaluator that is as simple as the documentation.

use jackfield_recipe::Effect;
use serde_json::{Map, Value, json};

use super::super::compiled::CompiledRights;
use super::super::document::RightsDocument;
use super::{TOOLS, caller, tool, tools};
use crate::engine::policy::permit::Permission;

const PRINCIPALS: [&str; 4] = ["local", "token:a", "token:b", "https://id.example.com#ada"];
const WRITTEN: [&str; 7] =
    ["*", "local", "token:a", "token:*", "https://id.example.com#*", "https://id.example.com#ada", "token:c"];
const PATTERNS: [&str; 9] =
    ["*", "list_*", "*_book", "create_order", "get_book", "nothing", "!list_*", "!*_order", "!create_book"];
const SCOPES: [&str; 2] = ["read", "write"];
const VALUES: [&str; 3] = ["eu", "us", "eu-west"];

/// Pseudo-random numbers, which are the same in each run.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    fn some<'a>(&mut self, of: &[&'a str], most: usize) -> Vec<&'a str> {
        (0..=self.next(most)).map(|_| of[self.next(of.len())]).collect()
    }
}

/// A generated rule.
pub(super) struct Plain {
    principals: Vec<&'static str>,
    effect: Effect,
    tools: Option<Vec<&'static str>>,
    tags: Option<Vec<&'static str>>,
    scopes: Vec<&'static str>,
    /// The operator and its operand.
    condition: Option<(&'static str, &'static str)>,
}

pub(super) fn policy(random: &mut Random) -> Vec<Plain> {
    let rule = |random: &mut Random| Plain {
        principals: random.some(&WRITTEN, 2),
        effect: [Effect::Read, Effect::Write, Effect::Destroy][random.next(3)],
        tools: (random.next(3) > 0).then(|| random.some(&PATTERNS, 3)),
        tags: (random.next(3) == 0).then(|| random.some(&["books", "orders", "!books", "o*"], 2)),
        scopes: if random.next(3) == 0 { random.some(&SCOPES, 2) } else { Vec::new() },
        condition: (random.next(3) == 0).then(|| {
            (["equals", "starts_with", "matches", "one_of"][random.next(4)], VALUES[random.next(3)])
        }),
    };
    (0..=random.next(3)).map(|_| rule(random)).collect()
}

pub(super) fn written(policy: &[Plain]) -> String {
    let rule = |rule: &Plain| {
        let mut text =
            format!("[[rule]]\nprincipals = {:?}\neffects = \"{}\"\n", rule.principals, rule.effect.as_str());
        for (key, names) in [("tools", &rule.tools), ("tags", &rule.tags)] {
            text += &names.as_ref().map_or_else(String::new, |names| format!("{key} = {names:?}\n"));
        }
        if !rule.scopes.is_empty() {
            text += &format!("scopes = {:?}\n", rule.scopes);
        }
        match rule.condition {
            Some(("one_of", value)) => {
                text + &format!("arguments.region = {{ one_of = [\"x\", {value:?}] }}\n")
            }
            Some((operator, value)) => text + &format!("arguments.region = {{ {operator} = {value:?} }}\n"),
            None => text,
        }
    };
    policy.iter().map(rule).collect()
}

/// Whether a name matches a pattern. Tries every length for each `*`.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|from| fits(rest, &name[from..])),
        Some((first, rest)) => {
            name.split_first().is_some_and(|(it, others)| it == first && fits(rest, others))
        }
    }
}

fn chosen(patterns: Option<&Vec<&str>>, name: &str) -> bool {
    let Some(patterns) = patterns else { return true };
    let (excepted, plain): (Vec<&str>, Vec<&str>) =
        patterns.iter().copied().partition(|it| it.starts_with('!'));
    let fits = |pattern: &str| fits(pattern.as_bytes(), name.as_bytes());
    (plain.is_empty() || plain.iter().any(|it| fits(it))) && !excepted.iter().any(|it| fits(&it[1..]))
}

/// The expected kind of a decision.
#[derive(Debug, PartialEq)]
pub(super) enum Expected {
    Allowed,
    NeedsScopes,
    Refused,
    Hidden,
}

pub(super) fn expected(
    policy: &[Plain],
    principal: &str,
    scopes: &[&str],
    name: &str,
    arguments: Option<&Map<String, Value>>,
) -> Expected {
    let (_, tag, effect) = TOOLS.iter().find(|(known, ..)| *known == name).unwrap();
    let mut best = Expected::Hidden;
    for rule in policy {
        let is_for = rule.principals.iter().any(|it| fits(it.as_bytes(), principal.as_bytes()));
        let covers =
            *effect <= rule.effect && chosen(rule.tools.as_ref(), name) && chosen(rule.tags.as_ref(), tag);
        if !is_for || !covers {
            continue;
        }
        let region = arguments.and_then(|arguments| arguments.get("region")).and_then(Value::as_str);
        let holds = arguments.is_none()
            || match rule.condition {
                None => true,
                Some(("starts_with", value)) => region.is_some_and(|region| region.starts_with(value)),
                Some(("one_of", value)) => region == Some("x") || region == Some(value),
                Some((_, value)) => region == Some(value),
            };
        let has_scopes = rule.scopes.iter().all(|scope| scopes.contains(scope));
        let found = match (holds, has_scopes) {
            (true, true) => Expected::Allowed,
            (true, false) => Expected::NeedsScopes,
            (false, _) => Expected::Refused,
        };
        let rank = |it: &Expected| match it {
            Expected::Hidden => 0,
            Expected::Refused => 1,
            Expected::NeedsScopes => 2,
            Expected::Allowed => 3,
        };
        if rank(&found) > rank(&best) {
            best = found;
        }
    }
    best
}

pub(super) fn class_of(permission: &Permission) -> Expected {
    match permission {
        Permission::Allowed => Expected::Allowed,
        Permission::NeedsScopes(scopes) => {
            assert!(!scopes.is_empty());
            Expected::NeedsScopes
        }
        Permission::ArgumentsRefused(_) => Expected::Refused,
        Permission::Hidden => Expected::Hidden,
    }
}

pub(super) fn some_scopes(random: &mut Random) -> Vec<&'static str> {
    SCOPES.into_iter().filter(|_| random.next(2) == 0).collect()
}

pub(super) fn some_arguments(random: &mut Random) -> Value {
    match random.next(6) {
        0 => json!({}),
        1 => json!({ "region": 5 }),
        2 => json!({ "region": "x" }),
        _ => json!({ "region": VALUES[random.next(3)] }),
    }
}

pub(super) fn some_principal(random: &mut Random) -> &'static str {
    PRINCIPALS[random.next(PRINCIPALS.len())]
}

#[test]
fn decisions_about_random_policies_agree_with_the_reference() {
    let tools = tools();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut counts = [0_usize; 4];
    for number in 0..100_000 {
        let policy = policy(&mut random);
        let text = written(&policy);
        let rights = CompiledRights::new(RightsDocument::parse(&text).unwrap(), &tools);
        for _ in 0..3 {
            let (principal, scopes) = (some_principal(&mut random), some_scopes(&mut random));
            let (arguments, name) = (some_arguments(&mut random), TOOLS[random.next(TOOLS.len())].0);
            let caller = caller(principal, &scopes);
            for arguments in [None, arguments.as_object()] {
                let decided = class_of(&rights.decide(&caller, tool(name), arguments));
                let expected = expected(&policy, principal, &scopes, name, arguments);
                counts[match expected {
                    Expected::Allowed => 0,
                    Expected::NeedsScopes => 1,
                    Expected::Refused => 2,
                    Expected::Hidden => 3,
                }] += 1;
                assert_eq!(
                    decided, expected,
                    "policy {number}: {principal} {scopes:?} {name} {arguments:?}\n{text}"
                );
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 10_000), "{counts:?}");
}
